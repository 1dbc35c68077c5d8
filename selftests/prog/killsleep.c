// SPDX-License-Identifier: GPL-2.0-only
/*
 * killsleep: a process is killed in a call that then writes how long it had to sleep, while
 * the one that kills it computes: in one lane it dies without another turn.
 */
#include "prog.h"
#include <time.h>

int main(void)
{
	int status;

	for (int i = 0; i < 3; i++) {
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (!pid) {
			struct timespec time = { .tv_sec = 100 };

			nanosleep(&time, &time);
			_exit(1);
		}
		usleep(20000);
		kill(pid, SIGKILL);
		for (int k = 0; k < 10000000; k++)
			asm volatile("");
		CHECK(waitpid(pid, &status, 0) == pid);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	}
	printf("three were killed\n");
	return 0;
}
