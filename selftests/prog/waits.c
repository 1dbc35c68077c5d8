// SPDX-License-Identifier: GPL-2.0-only
/* Children that stop, go on, are killed or orphaned, and SIGCHLD about it. */
#include "prog.h"
#include <sys/prctl.h>

static void chld(int sig, siginfo_t *si, void *arg)
{
	char line[80];
	int n = snprintf(line, sizeof(line), "SIGCHLD code %d status %d pid %d\n",
			 si->si_code, si->si_status, si->si_pid);

	CHECK(write(1, line, n) == n);
}

int main(void)
{
	int st, p[2];
	pid_t pid, orphan;

	setvbuf(stdout, NULL, _IOLBF, 0);
	on_signal(SIGCHLD, chld, SA_RESTART);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid)
		for (;;)
			pause();
	printf("nothing yet: %d\n", waitpid(pid, &st, WNOHANG));
	CHECK(!kill(pid, SIGSTOP));
	CHECK(waitpid(pid, &st, WUNTRACED) == pid);
	printf("stopped %d\n", WIFSTOPPED(st));
	CHECK(!kill(pid, SIGCONT));
	CHECK(waitpid(pid, &st, WCONTINUED) == pid);
	printf("continued %d\n", WIFCONTINUED(st));
	CHECK(!kill(pid, SIGTERM));
	reap(pid, "terminated");
	pid = wait(&st);
	printf("no more: %d %s\n", pid, strerror(errno));

	CHECK(!prctl(PR_SET_CHILD_SUBREAPER, 1) && !pipe(p));
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		orphan = fork();
		if (!orphan) {
			while (getppid() == pid)
				sleep_ms(1);
			sleep_ms(5);
			_exit(3);
		}
		CHECK(write(p[1], &orphan, sizeof(orphan)) == sizeof(orphan));
		_exit(2);
	}
	CHECK(read(p[0], &orphan, sizeof(orphan)) == sizeof(orphan));
	reap(pid, "parent of the orphan");
	reap(orphan, "orphan");
	printf("session %d group %d\n", getsid(0) > 0, getpgrp() > 0);
	return 0;
}
