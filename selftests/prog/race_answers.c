// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_answers [ROUNDS]: two threads ask for what the recorder answers, which processors
 * and may RDTSC be used, into one page, and look at what the other one was told; beside
 * a mutex of a kind that keeps its page in one lane; into shared memory; and to where
 * nothing can be told.
 */
#include "race.h"
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define PAGE	4096
#define SIZE	8	/* of a mask */

static struct {
	uint64_t mask[2][64];
	uint64_t want[2];
	int mode[2], round[2];
} told own_page = { .round = { -1, -1 } };	/* in a page of the file's */
static struct {
	pthread_mutex_t lock;
	uint64_t mask[2];
} home own_page;
static uint64_t sig[2], own[2], *shared;
static int rounds, gate, tid[2];

static void ask(int me, int i)
{
	uint64_t *mine = &told.mask[me][i % 64];

	*mine = 0;
	CHECK(syscall(SYS_sched_getaffinity, 0, sizeof(*mine), mine) >= SIZE);
	/* The threads have been bound to one processor each: nobody else's, nor ours. */
	CHECK(*mine == own[me]);
	sig[me] = mix(sig[me], *mine);
	sig[me] = mix(sig[me], READ_ONCE(told.mask[!me][i % 64]));
	CHECK(!prctl(PR_GET_TSC, &told.mode[me]) && told.mode[me] == PR_TSC_ENABLE);
	told.mode[me] = 0;
	WRITE_ONCE(told.round[me], i);
	sig[me] = mix(sig[me], READ_ONCE(told.round[!me]));
	sig[me] = mix(sig[me], READ_ONCE(told.mode[!me]));
	CHECK(!syscall(SYS_sched_setaffinity, tid[me], SIZE, &told.want[me]));
}

static void ask_at_home(int me)
{
	CHECK(!pthread_mutex_lock(&home.lock));
	CHECK(syscall(SYS_sched_getaffinity, 0, SIZE, &home.mask[me]) >= SIZE);
	sig[me] = mix(sig[me], home.mask[!me]);
	CHECK(!pthread_mutex_unlock(&home.lock));
	CHECK(syscall(SYS_sched_getaffinity, 0, SIZE, &home.mask[me]) >= SIZE);
	shared[me] = 0;
	CHECK(syscall(SYS_sched_getaffinity, 0, SIZE, &shared[me]) >= SIZE);
	sig[me] = mix(sig[me], READ_ONCE(shared[!me]));
}

static void ask_badly(int me)
{
	char *memory = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t mask = 0;

	CHECK(memory != MAP_FAILED && !munmap(memory + PAGE, PAGE));
	for (char *at = memory; at <= memory + PAGE; at += PAGE) {
		CHECK(syscall(SYS_sched_getaffinity, 0, SIZE, at) < 0 && errno == EFAULT);
		CHECK(prctl(PR_GET_TSC, at) < 0 && errno == EFAULT);
	}
	CHECK(syscall(SYS_sched_setaffinity, 0, SIZE, memory) < 0 && errno == EINVAL);
	CHECK(syscall(SYS_sched_setaffinity, 0, SIZE, memory + PAGE) < 0 && errno == EFAULT);
	CHECK(syscall(SYS_sched_getaffinity, 0, 7, &told) < 0 && errno == EINVAL);
	CHECK(syscall(SYS_sched_getaffinity, 0, SIZE, &mask) >= SIZE && mask == own[me]);
}

static void player(int me)
{
	tid[me] = gettid();
	CHECK(syscall(SYS_sched_getaffinity, tid[me], SIZE, &own[me]) >= SIZE);
	told.want[me] = own[me];
	meet(&gate, 2);
	for (int i = 0; i < rounds; i++) {
		ask(me, i);
		if (i % 16 == me)
			ask_at_home(me);
	}
	if (me)
		ask_badly(me);
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 300, 1000000);
	init_pi(&home.lock);
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(shared != MAP_FAILED);
	run_threads(2, player);
	printf("signature %016llx %016llx\n", (unsigned long long)sig[0],
	       (unsigned long long)sig[1]);
	return 0;
}
