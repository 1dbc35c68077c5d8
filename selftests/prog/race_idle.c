// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_idle [ROUNDS]: a page that a thread has not used for some time, and that counts
 * for what it does next all the same. It forks, and its other thread writes the page: if
 * that comes too early in a replay, the child has another memory. Or it makes the page
 * writable again: then the write fails. Both look at clocks, which a replay does not
 * wait for.
 */
#include "race.h"
#include <sys/wait.h>

#define ROUND_NS	160000000ull
#define FORK_NS		40000000ull
#define WRITE_NS	100000000ull

static uint64_t own_page page[512];
static uint64_t own_page start[1];
static int own_page ready[1];
static int rounds;
static uint64_t sig;

/* Makes calls, so that the page is seen not to be used. */
static void calls_until(uint64_t t)
{
	while (now_ns() < t)
		syscall(SYS_getppid);
}

/* A thread was late, and the page read-only: it tries again. */
static void again(int sig, siginfo_t *si, void *uc)
{
	if (si->si_addr < (void *)page || si->si_addr >= (void *)(page + ARRAY_SIZE(page)))
		_exit(3);
	sleep_ms(1);
}

static void forker(void)
{
	int st;

	for (int i = 0; i < rounds; i++) {
		uint64_t t = READ_ONCE(start[0]) + i * ROUND_NS;
		pid_t pid;

		calls_until(t);
		WRITE_ONCE(page[0], 2 * i + 1);
		CHECK(!mprotect(page, sizeof(page), PROT_READ));
		calls_until(t + FORK_NS);
		CHECK(!mprotect(page, sizeof(page), PROT_READ | PROT_WRITE));
		if (i % 2) {
			sleep_ms(80);
			continue;
		}
		pid = fork();
		CHECK(pid >= 0);
		if (!pid)
			_exit(READ_ONCE(page[0]) % 128);
		CHECK(waitpid(pid, &st, 0) == pid && WIFEXITED(st));
		sig = mix(sig, st);
	}
}

static void writer(void)
{
	for (int i = 0; i < rounds; i++) {
		struct timespec nap = { .tv_nsec = 1000000 };

		while (now_ns() < READ_ONCE(start[0]) + i * ROUND_NS + WRITE_NS)
			nanosleep(&nap, NULL);
		WRITE_ONCE(page[0], 2 * i + 2);
	}
}

static void player(int me)
{
	if (!me)
		WRITE_ONCE(start[0], now_ns() + ROUND_NS);
	__atomic_fetch_add(&ready[0], 1, __ATOMIC_SEQ_CST);
	while (READ_ONCE(ready[0]) < 2)
		sched_yield();
	if (me)
		writer();
	else
		forker();
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 6, 1000);
	on_signal(SIGSEGV, again, 0);
	run_threads(2, player);
	printf("signature %016llx\n", (unsigned long long)sig);
	return 0;
}
