// SPDX-License-Identifier: GPL-2.0-only
/* killexec: children are killed while they call execve(), at another place each time. */
#include "prog.h"

int main(int argc, char **argv)
{
	int ended = 0;

	(void)argv;
	if (argc > 1)
		pause();
	for (int i = 0; i < 120; i++) {
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (!pid) {
			execl("/proc/self/exe", "killexec", "child", NULL);
			_exit(1);
		}
		usleep(i * 100);
		kill_child(pid);
		ended++;
	}
	printf("%d ended\n", ended);
	return 0;
}
