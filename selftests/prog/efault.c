// SPDX-License-Identifier: GPL-2.0-only
/* Bad pointers: what fails, what was written before it failed. */
#include "prog.h"
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/utsname.h>

static void show(const char *what, long ret, const void *p, size_t len)
{
	printf("%s: %ld %s %#llx\n", what, ret,
	       ret < 0 ? strerrorname_np(errno) : "",
	       (unsigned long long)hash(p, len));
}

int main(void)
{
	char *p = map_pages(2, PROT_READ | PROT_WRITE, MAP_PRIVATE), *end = p + 4096;
	int fd = open("/proc/self/exe", O_RDONLY), pi[2], sv[2];
	void *volatile null = NULL;
	struct iovec iov[2] = { { end - 50, 50 }, { end, 50 } };

	CHECK(!munmap(end, 4096) && !pipe(pi));
	CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, sv));
	show("read null", read(fd, null, 10), p, 1);
	show("read across the end", read(fd, end - 100, 200), end - 100, 100);
	show("pread across", pread(fd, end - 10, 20, 0), end - 10, 10);
	show("readv across", readv(fd, iov, 2), end - 50, 50);
	show("readv bad vector", readv(fd, (void *)(end - 8), 2), p, 1);
	show("write across", write(pi[1], end - 10, 20), p, 1);
	show("fstat", syscall(SYS_fstat, fd, end - 20), end - 20, 20);
	show("uname", syscall(SYS_uname, end - 65), end - 65, 65);
	show("stat name", access(end - 3, F_OK), end - 3, 3);
	memset(end - 3, 'x', 3);
	show("name without end", access(end - 3, F_OK), end - 3, 3);
	show("getcwd", syscall(SYS_getcwd, end - 1, 4096), end - 1, 1);
	show("pipe", syscall(SYS_pipe, end - 4), end - 4, 4);
	show("clock_gettime", syscall(SYS_clock_gettime, 1, end - 8), end - 8, 8);
	show("wait4", syscall(SYS_wait4, -1, end, 0, NULL), p, 1);
	show("poll", poll((void *)(end - 8), 2, 0), end - 8, 8);
	CHECK(send(sv[0], "a datagram", 10, 0) == 10);
	show("recv", recv(sv[1], end - 5, 10, 0), end - 5, 5);
	show("sigaction", syscall(SYS_rt_sigaction, SIGUSR1, NULL, end - 8, 8),
	     end - 8, 8);
	show("getrandom", syscall(SYS_getrandom, end, 10, 0), p, 1);
	show("futex", syscall(SYS_futex, end, 0, 0, NULL), p, 1);
	show("execve", syscall(SYS_execve, "/bin/true", end, NULL), p, 1);
	show("kernel", read(fd, (void *)0xffff888000000000ul, 10), p, 1);
	show("code", read(fd, (void *)main, 10), (void *)main, 10);
	return 0;
}
