// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_fork [FORKS]: a process forks while its other threads write. Each of them
 * writes a pair, in two pages, under a sequence count: a child has the memory of one
 * moment, so where the count is even the pair is whole, and where it is odd only what
 * comes after is missing, and stays so. The children's exit codes, which say what
 * they saw, are the signature.
 */
#include "race.h"

#define WRITERS 2

static struct {
	uint64_t seq, value;
} own_page first[WRITERS], second[WRITERS];
static int begun, done, forks;
static uint64_t sig, halves;

static void writer(int me)
{
	uint64_t i = 0, seed = me;

	__atomic_fetch_add(&begun, 1, __ATOMIC_SEQ_CST);
	while (!READ_ONCE(done)) {
		i++;
		WRITE_ONCE(first[me].seq, 2 * i - 1);
		WRITE_ONCE(second[me].value, ~i);
		seed = work(seed);
		WRITE_ONCE(first[me].value, i);
		WRITE_ONCE(first[me].seq, 2 * i);
		seed = work(seed);
	}
}

/* Returns whether it was being written; nobody does so in a child. */
static int snapshot(int w)
{
	uint64_t seq = READ_ONCE(first[w].seq), i = (seq + 1) / 2;
	uint64_t a = READ_ONCE(first[w].value), b = ~READ_ONCE(second[w].value);

	CHECK(b == i || (seq % 2 && b == i - 1));
	CHECK(a == b || (seq % 2 && a == b - 1 && b == i));
	CHECK(seq == READ_ONCE(first[w].seq) && a == READ_ONCE(first[w].value));
	return seq % 2;
}

static void child(void)
{
	int half = 0;
	uint64_t h;

	for (int w = 0; w < WRITERS; w++)
		half += snapshot(w) << w;
	h = hash(first, sizeof(first)) ^ hash(second, sizeof(second));
	/* It has its own copy. */
	for (int w = 0; w < WRITERS; w++)
		first[w].value = second[w].value = 7;
	_exit(2 + half + h % 32 * 4);
}

static void fork_one(void)
{
	pid_t pid = fork();
	int st;

	CHECK(pid >= 0);
	if (!pid)
		child();
	CHECK(waitpid(pid, &st, 0) == pid);
	CHECK(WIFEXITED(st) && WEXITSTATUS(st) >= 2);
	st = WEXITSTATUS(st);
	halves += !!((st - 2) % 4);
	sig = mix(sig, st);
}

static void player(int me)
{
	if (me) {
		writer(me - 1);
		return;
	}
	while (READ_ONCE(begun) < WRITERS)
		sched_yield();
	for (int i = 0; i < forks; i++)
		fork_one();
	WRITE_ONCE(done, 1);
}

int main(int argc, char **argv)
{
	forks = amount(argc, argv, 20, 100000);
	for (int w = 0; w < WRITERS; w++)
		second[w].value = ~0ull;
	run_threads(1 + WRITERS, player);
	printf("%d children, %llu in the middle of it, signature %016llx\n", forks,
	       (unsigned long long)halves, (unsigned long long)sig);
	return 0;
}
