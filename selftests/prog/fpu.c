// SPDX-License-Identifier: GPL-2.0-only
/* x87, SSE and AVX registers live across signals and other threads' work. */
#include "prog.h"
#include <immintrin.h>
#include <math.h>
#include <sys/time.h>

static volatile sig_atomic_t ticks;

static void tick(int sig, siginfo_t *si, void *arg)
{
	asm volatile("pxor %%xmm7, %%xmm7\n\tfninit" ::: "xmm7");
	/* It may come faster than it is handled. */
	if (++ticks == 50)
		setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
}

/* Straight-line work on all three register files. */
#define STEP "vaddps %%ymm1, %%ymm0, %%ymm0\n\tvmulps %%ymm2, %%ymm0, %%ymm0\n\t"

__attribute__((target("avx")))
static void avx(float *out)
{
	float a[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }, b = 0.5f, c = 0.75f;

	asm volatile("vmovups (%0), %%ymm0\n\tvbroadcastss %1, %%ymm1\n\t"
		     "vbroadcastss %2, %%ymm2\n\t"
		     ".rept 50\n\t" STEP ".endr\n\t"
		     "vmovups %%ymm0, (%3)\n\tvzeroupper"
		     : : "r"(a), "m"(b), "m"(c), "r"(out)
		     : "xmm0", "xmm1", "xmm2", "memory");
}

static void *thread(void *arg)
{
	int me = (intptr_t)arg, has_avx = __builtin_cpu_supports("avx");
	static float out[4][8];
	long double ld = me + 1.1L;
	double d = me;

	for (int i = 0; i < 400; i++) {
		d = sqrt(d * 1.37 + i) + sin(d);
		ld = sqrtl(ld * 1.1L + i);
		if (has_avx) {
			avx(out[me]);
			d += out[me][i % 8];
		}
		if (i % 100 == 50)
			sched_yield();
	}
	printf("%d: %.17g %.20Lg\n", me, d, ld);
	return NULL;
}

int main(void)
{
	struct itimerval it = { { 0, 1000 }, { 0, 1000 } };
	unsigned short cw = 0x37f;
	pthread_t t[4];

	on_signal(SIGALRM, tick, SA_RESTART);
	CHECK(!setitimer(ITIMER_REAL, &it, NULL));
	for (long i = 0; i < 4; i++)
		CHECK(!pthread_create(&t[i], NULL, thread, (void *)i));
	for (int i = 0; i < 4; i++)
		CHECK(!pthread_join(t[i], NULL));
	while (ticks < 3)
		pause();
	memset(&it, 0, sizeof(it));
	CHECK(!setitimer(ITIMER_REAL, &it, NULL));
	asm("fnstcw %0" : "=m"(cw));
	printf("ticks %d mxcsr %#x cw %#x\n", ticks, _mm_getcsr(), cw);
	return 0;
}
