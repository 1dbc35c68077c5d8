// SPDX-License-Identifier: GPL-2.0-only
/* One process's call writes another one's memory. */
#include "prog.h"
#include <sys/prctl.h>
#include <sys/uio.h>

static char secret[8192] = "the parent's";

int main(void)
{
	struct iovec here, there = { secret, sizeof(secret) };
	static char copy[8192];
	int p[2], q[2], fd;
	char path[64], c;
	pid_t pid;

	CHECK(!pipe(p) && !pipe(q));
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		snprintf(secret, sizeof(secret), "child %d", getpid());
		CHECK(write(p[1], "r", 1) == 1);
		CHECK(read(q[0], &c, 1) == 1);
		printf("child now has '%s' and '%s'\n", secret, secret + 5000);
		return 0;
	}
	CHECK(read(p[0], &c, 1) == 1);
	here = (struct iovec){ copy, sizeof(copy) };
	if (process_vm_readv(pid, &here, 1, &there, 1, 0) < 0)
		skip("process_vm_readv is not allowed");
	printf("read '%s'\n", copy);
	here = (struct iovec){ "written from outside", 21 };
	CHECK(process_vm_writev(pid, &here, 1, &there, 1, 0) == 21);
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDWR);
	CHECK(fd >= 0);
	CHECK(pwrite(fd, "through /proc", 14, (uintptr_t)secret + 5000) == 14);
	CHECK(write(q[1], "g", 1) == 1);
	reap(pid, "child");
	fd = open("/proc/self/mem", O_RDWR);
	CHECK(fd >= 0 && pwrite(fd, "self", 5, (uintptr_t)secret) == 5);
	printf("parent has '%s'\n", secret);
	return 0;
}
