// SPDX-License-Identifier: GPL-2.0-only
/* Signals read from a descriptor. */
#include "prog.h"
#include <sys/signalfd.h>

int main(void)
{
	struct signalfd_siginfo si[4];
	union sigval v = { .sival_int = 17 };
	sigset_t set;
	pid_t pid;
	int fd;

	sigfillset(&set);
	CHECK(!sigprocmask(SIG_BLOCK, &set, NULL));
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	CHECK(fd >= 0);
	raise(SIGUSR1);
	CHECK(!sigqueue(getpid(), SIGRTMIN + 1, v));
	pid = fork();
	CHECK(pid >= 0);
	if (!pid)
		_exit(9);
	for (int got = 0; got < 3;) {
		ssize_t n = read(fd, si, sizeof(si));

		CHECK(n > 0);
		for (size_t i = 0; i < n / sizeof(si[0]); i++, got++)
			printf("signal %u pid %u status %d int %d utime %llu\n",
			       si[i].ssi_signo, si[i].ssi_pid, si[i].ssi_status,
			       si[i].ssi_int,
			       (unsigned long long)si[i].ssi_utime);
	}
	reap(pid, "child");
	return 0;
}
