// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timer signals into loops whose registers are the same at each passage: the
 * loop's counter is in memory, on the stack, where a register points, and two
 * pointers away, the last one after more pages were written than an event has
 * room for.
 */
#include "prog.h"
#include <sys/time.h>

#define PAGES	3000

struct object {
	struct object *next;
	volatile uint64_t counter;
};

static volatile sig_atomic_t done;

static void tick(int sig)
{
	(void)sig;
	done = 1;
}

static void arm(int usec)
{
	struct itimerval it = { .it_value = { .tv_usec = usec } };

	done = 0;
	CHECK(!setitimer(ITIMER_REAL, &it, NULL));
}

static noinline void leaf(void)
{
	asm volatile("" : : : "memory");
}

static void on_the_stack(void)
{
	volatile uint64_t counter = 0;

	arm(30000);
	while (!done) {
		counter++;
		leaf();
	}
	printf("stack %llu\n", (unsigned long long)counter);
}

static void by_pointer(struct object *o)
{
	arm(30000);
	while (!done) {
		o->counter++;
		leaf();
	}
	printf("pointer %llu\n", (unsigned long long)o->counter);
}

static void far_away(struct object *o)
{
	char *p = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	for (int i = 0; i < PAGES; i++)
		p[i * 4096] = i;
	arm(100000);
	while (!done) {
		*(volatile uint64_t *)&o->next->next->counter += 1;
		leaf();
	}
	printf("far %llu\n", (unsigned long long)o->next->next->counter);
}

int main(void)
{
	/* Above all that far_away() maps later. */
	struct object *o = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(o != MAP_FAILED);
	o->next = o + 200;
	o->next->next = o + 400;
	signal(SIGALRM, tick);
	on_the_stack();
	by_pointer(o);
	far_away(o);
	return 0;
}
