// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that change a part of what they were asked to, and fail: mprotect() up to a hole,
 * madvise() up to locked memory, execve() behind the point of no return.
 */
#include "prog.h"
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define PAGE	4096

static sigjmp_buf back;

static void segv(int sig)
{
	siglongjmp(back, sig);
}

static char *pages(int n)
{
	char *p = mmap(NULL, n * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	for (int i = 0; i < n; i++)
		p[i * PAGE] = 'a' + i;
	return p;
}

/* Returns whether it may be written to. */
static int writable(volatile char *p)
{
	if (sigsetjmp(back, 1))
		return 0;
	*p = 'w';
	return 1;
}

static void protect(void)
{
	char *p = pages(4);

	CHECK(!munmap(p + 2 * PAGE, PAGE));
	CHECK(mprotect(p, 4 * PAGE, PROT_READ) && errno == ENOMEM);
	printf("mprotect to a hole:");
	for (int i = 0; i < 4; i++)
		if (i != 2)
			printf(" %d", writable(p + i * PAGE));
	printf("\n");
	CHECK(mprotect(p + 1, PAGE, PROT_READ) && errno == EINVAL);
	CHECK(mprotect(p + 2 * PAGE, PAGE, PROT_READ) && errno == ENOMEM);
}

static void discard(void)
{
	char *p = pages(3);

	CHECK(!mlock(p + PAGE, PAGE));
	CHECK(madvise(p, 3 * PAGE, MADV_DONTNEED) && errno == EINVAL);
	printf("madvise to a lock: %d %d %d\n", p[0], p[PAGE], p[2 * PAGE]);
	CHECK(madvise(p, PAGE, 12345) && errno == EINVAL);
	printf("bad advice: %d\n", p[PAGE]);
}

/* Its stack does not fit. */
static void exec_dies(char *self)
{
	struct rlimit little = { 64 * PAGE, 64 * PAGE };
	char *argv[] = { self, NULL };
	pid_t pid = fork();
	int st;

	CHECK(pid >= 0);
	if (!pid) {
		CHECK(!setrlimit(RLIMIT_AS, &little));
		execv(self, argv);
		_exit(1);
	}
	CHECK(waitpid(pid, &st, 0) == pid);
	printf("execve without room: exit %d, signal %d\n", WEXITSTATUS(st), WTERMSIG(st));
}

int main(int argc, char **argv)
{
	(void)argc;
	signal(SIGSEGV, segv);
	protect();
	discard();
	exec_dies(argv[0]);
	return 0;
}
