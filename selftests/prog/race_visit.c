// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_visit [ROUNDS]: processes that compute, each in memory of its own, and count in
 * shared memory now and then, as workers keep statistics: they visit the lane that may
 * use that, and go back to theirs. Who counted first is the result.
 */
#include "race.h"

#define PROCESSES	3
#define PAGES		16

static struct {
	uint64_t count, seen[PROCESSES];
} *shared;

static uint64_t own[PAGES * 512];

static void compute(uint64_t seed)
{
	for (int i = 0; i < 6000; i++) {
		seed = work(seed);
		own[seed % ARRAY_SIZE(own)] += seed;
		if (i % 500 == 0)
			syscall(SYS_getppid);
	}
}

static uint64_t player(int me, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		/* Now every time, now seldom. */
		if (i / 10 % 2 == 0 || i % 5 == 0) {
			uint64_t old = __atomic_fetch_add(&shared->count, 1,
							  __ATOMIC_SEQ_CST);

			shared->seen[me] = mix(shared->seen[me], old);
		}
		compute(me * 1000 + i);
	}
	return hash(own, sizeof(own));
}

int main(int argc, char **argv)
{
	int rounds = amount(argc, argv, 40, 10000000);
	pid_t pid[PROCESSES];
	uint64_t sum;

	shared = map_pages(1, PROT_READ | PROT_WRITE, MAP_SHARED);
	for (int i = 1; i < PROCESSES; i++) {
		pid[i] = fork();
		CHECK(pid[i] >= 0);
		if (!pid[i]) {
			printf("process %d: %016llx\n", i,
			       (unsigned long long)player(i, rounds));
			return 0;
		}
	}
	sum = player(0, rounds);
	for (int i = 1; i < PROCESSES; i++)
		CHECK(waitpid(pid[i], NULL, 0) == pid[i]);
	printf("process 0: %016llx, counts %016llx of %llu\n", (unsigned long long)sum,
	       (unsigned long long)hash(shared->seen, sizeof(shared->seen)),
	       (unsigned long long)shared->count);
	return 0;
}
