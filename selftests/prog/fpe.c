// SPDX-License-Identifier: GPL-2.0-only
/* SIGFPE: division by zero, overflow, x87 and SSE exceptions, handled. */
#include "prog.h"
#include <fenv.h>
#include <setjmp.h>

static sigjmp_buf out;

static void handler(int sig, siginfo_t *si, void *arg)
{
	printf("signal %d code %d addr %p\n", sig, si->si_code, si->si_addr);
	siglongjmp(out, 1);
}

static noinline int divide(volatile int a, volatile int b)
{
	return a / b;
}

int main(void)
{
	volatile double zero = 0, r;
	volatile long double lzero = 0, lr;

	on_signal(SIGFPE, handler, 0);
	if (!sigsetjmp(out, 1))
		printf("%d\n", divide(7, 0));
	if (!sigsetjmp(out, 1))
		printf("%d\n", divide(INT32_MIN, -1));
	if (!sigsetjmp(out, 1)) {
		feenableexcept(FE_DIVBYZERO | FE_INVALID);
		r = 1 / zero;
		printf("%f\n", r);
	}
	if (!sigsetjmp(out, 1)) {
		feenableexcept(FE_DIVBYZERO | FE_INVALID);
		lr = 1 / lzero;
		asm volatile("fwait");
		printf("%Lf\n", lr);
	}
	fedisableexcept(FE_ALL_EXCEPT);
	feclearexcept(FE_ALL_EXCEPT);
	printf("1/0 = %f, flags %#x\n", 1 / zero, fetestexcept(FE_ALL_EXCEPT));
	return 0;
}
