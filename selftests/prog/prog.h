/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the test programs share. Each program shows one phenomenon and prints
 * what depends on it, so that a replay which gets it wrong prints otherwise.
 * They exit 0 if what they saw was sane, 1 if not, 77 if this machine cannot
 * do it; those that end otherwise say so in their first comment.
 */
#ifndef RRCREW_PROG_H
#define RRCREW_PROG_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_SEQ_CST)
#define WRITE_ONCE(x, v)	__atomic_store_n(&(x), (v), __ATOMIC_SEQ_CST)
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define noinline		__attribute__((noinline))

#define EXIT_SKIP		77

/* End the program with its place and errno unless @cond holds. */
#define CHECK(cond) do {						\
	if (!(cond)) {							\
		fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__,	\
			#cond, strerror(errno));			\
		exit(1);						\
	}								\
} while (0)

static inline void skip(const char *why)
{
	printf("SKIP %s\n", why);
	exit(EXIT_SKIP);
}

/* FNV-1a */
static inline uint64_t hash(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t h = 0xcbf29ce484222325ull;

	while (len--)
		h = (h ^ *p++) * 0x100000001b3ull;
	return h;
}

static inline uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static inline void sleep_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

/*
 * 256 dependent multiplications in a straight line, a few hundred nanoseconds:
 * the body of loops that get interrupted. To find an async point again, replay
 * stops each time execution passes its address, so no loop may be tight.
 */
static inline uint64_t work(uint64_t seed)
{
	asm volatile(".rept 256\n\timul %1, %0\n\tinc %0\n\t.endr"
		     : "+r"(seed) : "r"(6364136223846793005ull) : "cc");
	return seed;
}

static inline void on_signal(int sig,
				      void (*handler)(int, siginfo_t *, void *),
				      int flags)
{
	struct sigaction sa = { .sa_sigaction = handler,
				.sa_flags = SA_SIGINFO | flags };

	CHECK(!sigaction(sig, &sa, NULL));
}

static inline void *map_pages(size_t pages, int prot, int flags)
{
	void *p = mmap(NULL, pages * 4096, prot, flags | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

static inline void kill_child(pid_t pid)
{
	int st;

	kill(pid, SIGKILL);
	CHECK(waitpid(pid, &st, 0) == pid);
	CHECK(WIFSIGNALED(st) && WTERMSIG(st) == SIGKILL);
}

/* Wait for @pid and print how it ended, without its number. */
static inline void reap(pid_t pid, const char *name)
{
	int st;

	CHECK(waitpid(pid, &st, 0) == pid);
	if (WIFSIGNALED(st))
		printf("%s: signal %d\n", name, WTERMSIG(st));
	else
		printf("%s: status %d\n", name, WEXITSTATUS(st));
}

#endif /* RRCREW_PROG_H */
