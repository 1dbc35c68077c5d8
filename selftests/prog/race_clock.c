// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_clock [ROUNDS]: two threads read clocks into one page, and look at what the other
 * one has read meanwhile; beside a mutex of a kind that keeps its page in one lane; and
 * to where a clock cannot be read.
 */
#include "race.h"
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#define PAGE	4096

static const clockid_t clocks[] = {
	CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
	CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_PROCESS_CPUTIME_ID,
	CLOCK_THREAD_CPUTIME_ID, CLOCK_TAI,
};
#define CLOCKS	(sizeof(clocks) / sizeof(clocks[0]))

static struct {
	struct timespec ts[2][CLOCKS];
	struct timeval tv[2];
	time_t t[2];
} now own_page;
static struct {
	pthread_mutex_t lock;
	struct timespec ts[2];
} home own_page;
static uint64_t sig[2];
static char *memory;
static int rounds, gate;

static uint64_t mix_time(uint64_t x, const volatile struct timespec *ts)
{
	return mix(mix(x, ts->tv_sec), ts->tv_nsec);
}

static void read_clocks(int me)
{
	struct timespec *mine = now.ts[me], before;
	volatile struct timespec *other = now.ts[!me];

	for (unsigned int i = 0; i < CLOCKS; i++) {
		before = mine[i];
		CHECK(!clock_gettime(clocks[i], &mine[i]));
		CHECK(mine[i].tv_nsec >= 0 && mine[i].tv_nsec < 1000000000);
		CHECK(clocks[i] == CLOCK_REALTIME || mine[i].tv_sec > before.tv_sec ||
		      (mine[i].tv_sec == before.tv_sec && mine[i].tv_nsec >= before.tv_nsec));
		sig[me] = mix_time(sig[me], &mine[i]);
		sig[me] = mix_time(sig[me], &other[(i + me) % CLOCKS]);
	}
	CHECK(!syscall(SYS_gettimeofday, &now.tv[me], NULL));
	CHECK(syscall(SYS_time, &now.t[me]) == now.t[me]);
	sig[me] = mix(sig[me], now.tv[me].tv_usec);
	sig[me] = mix(sig[me], READ_ONCE(now.tv[!me].tv_usec));
	sig[me] = mix(sig[me], READ_ONCE(now.t[!me]));
}

static void read_at_home(int me)
{
	CHECK(!pthread_mutex_lock(&home.lock));
	CHECK(!clock_gettime(CLOCK_MONOTONIC, &home.ts[me]));
	sig[me] = mix_time(sig[me], &home.ts[!me]);
	CHECK(!pthread_mutex_unlock(&home.lock));
	CHECK(!clock_gettime(CLOCK_MONOTONIC, &home.ts[me]));
}

static void read_badly(void)
{
	static const size_t places[] = { 0, PAGE - 8, PAGE, 2 * PAGE - 8, 2 * PAGE, 3 * PAGE - 8 };

	for (unsigned int i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		void *at = memory + places[i];

		errno = 0;
		printf("%zu: %ld", places[i], syscall(SYS_clock_gettime, CLOCK_MONOTONIC, at));
		printf(" %d", errno);
		printf(" %ld", syscall(SYS_gettimeofday, at, NULL));
		printf(" %d\n", errno);
	}
	errno = 0;
	printf("no clock: %ld", syscall(SYS_clock_gettime, 4711, memory));
	printf(" %d\n", errno);
	printf("no place: %ld", syscall(SYS_clock_gettime, CLOCK_MONOTONIC, NULL));
	printf(" %d\n", errno);
	printf("kernel's: %ld", syscall(SYS_clock_gettime, CLOCK_MONOTONIC, -PAGE));
	printf(" %d\n", errno);
}

static void player(int me)
{
	meet(&gate, 2);
	for (int i = 0; i < rounds; i++) {
		read_clocks(me);
		if (i % 16 == me)
			read_at_home(me);
	}
	if (me)
		read_badly();
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 100, 1000000);
	init_pi(&home.lock);
	/* To write, to read, to write, and no memory. */
	memory = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(memory != MAP_FAILED && !mprotect(memory + PAGE, PAGE, PROT_READ));
	CHECK(!munmap(memory + 3 * PAGE, PAGE));
	run_threads(2, player);
	printf("signature %016llx %016llx\n", (unsigned long long)sig[0],
	       (unsigned long long)sig[1]);
	return 0;
}
