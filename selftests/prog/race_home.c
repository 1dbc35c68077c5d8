// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_home [ROUNDS]: pages that only one lane may use, for there is a mutex with priority
 * inheritance in the one, and the other is shared with other processes; and threads that
 * never touch them, but ask the kernel to look there: futexes, and what is written.
 */
#include "race.h"
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#define THREADS	4

struct words {
	int word[3];
};

static struct {
	pthread_mutex_t lock;
	struct words words;
	uint64_t count;
} home own_page;
static struct words *shared;
static uint64_t sig[THREADS];
static int rounds, gate, null;

static long futex(int *word, int op, int value, const struct timespec *timeout)
{
	long ret = syscall(SYS_futex, word, op, value, timeout, NULL, 0);

	return ret < 0 ? -errno : ret;
}

static void look(int me, struct words *w)
{
	const struct timespec soon = { .tv_nsec = 100000 };
	long woken;

	CHECK(futex(&w->word[0], FUTEX_WAIT_PRIVATE, 1, NULL) == -EAGAIN);
	sig[me] = mix(sig[me], futex(&w->word[0], FUTEX_WAIT, 0, &soon));
	sig[me] = mix(sig[me], futex(&w->word[0], FUTEX_WAKE, 1, NULL));
	woken = syscall(SYS_futex, &w->word[0], FUTEX_CMP_REQUEUE, 1, 1L, &w->word[1], 0);
	/* The other one that looks may be waiting just then. */
	CHECK(woken >= 0);
	sig[me] = mix(sig[me], woken);
	CHECK(write(null, w, sizeof(*w)) == sizeof(*w));
}

static void player(int me)
{
	meet(&gate, THREADS);
	for (int i = 0; i < rounds; i++) {
		if (me >= THREADS / 2) {
			look(me, &home.words);
			look(me, shared);
			continue;
		}
		CHECK(!pthread_mutex_lock(&home.lock));
		sig[me] = mix(sig[me], ++home.count);
		shared->word[2]++;
		CHECK(!pthread_mutex_unlock(&home.lock));
	}
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 30, 1000000);
	init_pi(&home.lock);
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(shared != MAP_FAILED);
	shared->word[2] = 1;
	null = open("/dev/null", O_WRONLY);
	CHECK(null >= 0);
	run_threads(THREADS, player);
	printf("%llu %d, signature", (unsigned long long)home.count, shared->word[2]);
	for (int i = 0; i < THREADS; i++)
		printf(" %016llx", (unsigned long long)sig[i]);
	printf("\n");
	return 0;
}
