// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_signals [SIGNALS]: signals to certain threads, and a timer's to whichever,
 * arrive while threads use a mutex, exchange a word, spin and compute. Whom each
 * hit, and what the handler saw there, is the result.
 */
#include "race.h"
#include <sys/time.h>

#define THREADS 4

static struct section section;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t begin;
static pthread_t id[THREADS];
static uint64_t total, timer, hits[THREADS], seen[THREADS], passes, word;
static __thread int self;
static int signals, done;

static void handler(int sig, siginfo_t *info, void *context)
{
	/* The timer may go off faster than that is handled. */
	if (sig == SIGALRM && __atomic_add_fetch(&timer, 1, __ATOMIC_SEQ_CST) == 200)
		setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	if (sig != SIGALRM)
		__atomic_fetch_add(&total, 1, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&hits[self], 1, __ATOMIC_SEQ_CST);
	__atomic_fetch_xor(&seen[self], mix(sig, READ_ONCE(word)), __ATOMIC_SEQ_CST);
}

static void use_mutex(int me)
{
	pthread_mutex_lock(&lock);
	section_pass(&section, me);
	passes++;
	pthread_mutex_unlock(&lock);
}

static void use_word(void)
{
	uint64_t old = READ_ONCE(word);

	while (!__atomic_compare_exchange_n(&word, &old, work(old), false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
}

static void worker(int me)
{
	uint64_t then, seed = me;

	while (!READ_ONCE(done)) {
		if (me < 3)
			use_mutex(me);
		if (me > 1)
			use_word();
		/* Until somebody has changed it, but not for ever. */
		then = READ_ONCE(word);
		for (int i = 0; i < 8 && READ_ONCE(word) == then; i++)
			seed = work(seed);
	}
}

static void killer(void)
{
	struct itimerval it = { { 0, 2000 }, { 0, 2000 } };
	struct timespec a_little = { 0, 20000 };

	CHECK(!setitimer(ITIMER_REAL, &it, NULL));
	for (int i = 0; i < signals; i++) {
		CHECK(!pthread_kill(id[1 + i % (THREADS - 1)], SIGUSR1));
		nanosleep(&a_little, NULL);
	}
	it = (struct itimerval){ 0 };
	CHECK(!setitimer(ITIMER_REAL, &it, NULL));
	WRITE_ONCE(done, 1);
}

static void player(int me)
{
	self = me;
	id[me] = pthread_self();
	pthread_barrier_wait(&begin);
	if (me)
		worker(me);
	else
		killer();
}

int main(int argc, char **argv)
{
	uint64_t sum = 0;

	signals = amount(argc, argv, 150, 1000000);
	CHECK(!pthread_barrier_init(&begin, NULL, THREADS));
	on_signal(SIGUSR1, handler, SA_RESTART);
	on_signal(SIGALRM, handler, SA_RESTART);
	run_threads(THREADS, player);
	for (int i = 0; i < THREADS; i++) {
		sum += hits[i];
		printf("%llu %016llx, ", (unsigned long long)hits[i],
		       (unsigned long long)seen[i]);
	}
	/* One that is pending already is not sent twice. */
	CHECK(total > 0 && total <= (uint64_t)signals && sum == total + timer);
	printf("timer %llu, ", (unsigned long long)timer);
	section_print(&section, passes);
	return 0;
}
