// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_shm [ROUNDS]: four processes share a page with a process-shared mutex, what
 * it protects, and a counter that needs none. The order at the mutex is the result.
 */
#include "race.h"

#define PROCESSES 4

static struct {
	pthread_mutex_t lock;
	struct section section;
	uint64_t count, seen[PROCESSES];
} *shared;

static void player(int me, int rounds)
{
	uint64_t old;

	for (int i = 0; i < rounds; i++) {
		pthread_mutex_lock(&shared->lock);
		section_pass(&shared->section, me);
		pthread_mutex_unlock(&shared->lock);
		old = __atomic_fetch_add(&shared->count, 1, __ATOMIC_SEQ_CST);
		shared->seen[me] = mix(shared->seen[me], old);
	}
}

int main(int argc, char **argv)
{
	int rounds = amount(argc, argv, 200, 10000000);
	pthread_mutexattr_t attr;
	pid_t pid[PROCESSES];

	shared = map_pages(1, PROT_READ | PROT_WRITE, MAP_SHARED);
	pthread_mutexattr_init(&attr);
	CHECK(!pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED));
	CHECK(!pthread_mutex_init(&shared->lock, &attr));
	for (int i = 1; i < PROCESSES; i++) {
		pid[i] = fork();
		CHECK(pid[i] >= 0);
		if (!pid[i]) {
			player(i, rounds);
			return i;
		}
	}
	player(0, rounds);
	for (int i = 1; i < PROCESSES; i++)
		reap(pid[i], "child");
	CHECK(shared->count == (uint64_t)PROCESSES * rounds);
	printf("counts %016llx, ",
	       (unsigned long long)hash(shared->seen, sizeof(shared->seen)));
	section_print(&shared->section, (uint64_t)PROCESSES * rounds);
	return 0;
}
