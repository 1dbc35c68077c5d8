/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs race_*.c share. Their threads run at the same time on several
 * lanes, and what they print depends on who was first: most mix the order into a
 * signature. Their first argument is the amount of work.
 */
#ifndef RRCREW_RACE_H
#define RRCREW_RACE_H

#include "prog.h"
#include <sched.h>
#include <stdbool.h>

#define MAX_THREADS	64
#define own_page	__attribute__((aligned(4096)))
#define own_line	__attribute__((aligned(64)))

static inline int amount(int argc, char **argv, int usual, int max)
{
	int n = argc > 1 ? atoi(argv[1]) : usual;

	CHECK(n > 0 && n <= max);
	return n;
}

/* Priority inheritance: the kernel changes the word of such a mutex. */
static inline void init_pi(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;

	CHECK(!pthread_mutexattr_init(&attr));
	CHECK(!pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT));
	CHECK(!pthread_mutex_init(lock, &attr));
}

static inline uint64_t mix(uint64_t sig, uint64_t seen)
{
	sig = (sig ^ seen) * 0x9e3779b97f4a7c15ull + 0x632be59bd9b4e019ull;
	return sig ^ sig >> 29;
}

static inline void relax(void)
{
	__builtin_ia32_pause();
}

/* Nothing but the value changes in such a loop, so registers say nothing of where. */
static inline void spin_until(const int *p, int value)
{
	while (READ_ONCE(*p) != value)
		relax();
}

/* Begin together: by spinning, for a thread that is woken comes too late. */
static inline void meet(int *gate, int n)
{
	__atomic_fetch_add(gate, 1, __ATOMIC_SEQ_CST);
	while (READ_ONCE(*gate) < n)
		relax();
}

static void (*race_body)(int me);

static inline void *race_start(void *arg)
{
	race_body((intptr_t)arg);
	return NULL;
}

/*
 * Thread @nr on a processor of its own as far as they go: where the scheduler begins
 * with all of them on one, short programs are over before it looks again. A recorder
 * has its own idea of that.
 */
static inline cpu_set_t cpu_of(const cpu_set_t *all, int nr)
{
	int cpu = 0;
	cpu_set_t set;

	CPU_ZERO(&set);
	for (nr %= CPU_COUNT(all); nr >= 0; cpu++)
		nr -= !!CPU_ISSET(cpu, all);
	CPU_SET(cpu - 1, &set);
	return set;
}

static inline pthread_t start_thread(const cpu_set_t *all, int nr)
{
	cpu_set_t set = cpu_of(all, nr);
	pthread_attr_t attr;
	pthread_t t;

	pthread_attr_init(&attr);
	pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
	CHECK(!pthread_create(&t, &attr, race_start, (void *)(intptr_t)nr));
	pthread_attr_destroy(&attr);
	return t;
}

/* Run @body(1) to @body(@n - 1) in threads of their own, @body(0) in this one. */
static inline void run_threads(int n, void (*body)(int me))
{
	pthread_t t[MAX_THREADS];
	cpu_set_t all, set;

	CHECK(n > 0 && n <= MAX_THREADS);
	CHECK(!sched_getaffinity(0, sizeof(all), &all));
	set = cpu_of(&all, 0);
	CHECK(!sched_setaffinity(0, sizeof(set), &set));
	race_body = body;
	for (int i = 1; i < n; i++)
		t[i] = start_thread(&all, i);
	body(0);
	for (int i = 1; i < n; i++)
		CHECK(!pthread_join(t[i], NULL));
}

/*
 * What a lock protects: who is here is alone, and the order in which they came is
 * the signature.
 */
struct section {
	volatile int owner;
	volatile uint64_t entries;
	uint64_t order;
};

static inline void section_pass(struct section *s, int me)
{
	uint64_t entries = s->entries;

	CHECK(!s->owner);
	s->owner = me + 1;
	s->order = work(mix(s->order, me));
	s->entries = entries + 1;
	CHECK(s->owner == me + 1 && s->entries == entries + 1);
	s->owner = 0;
}

static inline void section_print(const struct section *s, uint64_t want)
{
	CHECK(s->entries == want);
	printf("%llu entries, order %016llx\n", (unsigned long long)s->entries,
	       (unsigned long long)s->order);
}

#endif /* RRCREW_RACE_H */
