// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals while a REP instruction runs: the registers then stand in the middle
 * of it, and replay must not stop at each iteration.
 */
#include "prog.h"
#include <sys/time.h>
#include <ucontext.h>

#define SIZE (1u << 20)

static volatile sig_atomic_t ticks;
static uint64_t trace;

static void tick(int sig, siginfo_t *si, void *arg)
{
	ucontext_t *uc = arg;

	trace = trace * 31 + uc->uc_mcontext.gregs[REG_RCX];
	trace = trace * 31 + uc->uc_mcontext.gregs[REG_RIP];
	/* It may come faster than it is handled. */
	if (++ticks == 4)
		setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
}

int main(void)
{
	struct itimerval it = { { 0, 4000 }, { 0, 4000 } };
	char *a = map_pages(SIZE / 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	char *b = map_pages(SIZE / 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	uint64_t n = 0;

	on_signal(SIGALRM, tick, SA_RESTART);
	CHECK(!setitimer(ITIMER_REAL, &it, NULL));
	while (ticks < 4) {
		void *d = b, *s = a;
		uint64_t c = SIZE;

		a[n % SIZE] = n;
		asm volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(c) :: "memory");
		d = a;
		c = SIZE / 8;
		asm volatile("rep stosq" : "+D"(d), "+c"(c) : "a"(n) : "memory");
		n++;
	}
	printf("%llu copies, trace %#llx, %#llx\n", (unsigned long long)n,
	       (unsigned long long)trace, (unsigned long long)hash(b, SIZE));
	return 0;
}
