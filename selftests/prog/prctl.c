// SPDX-License-Identifier: GPL-2.0-only
/* What a program sets about itself: name, time stamps, FS base, securebits. */
#include "prog.h"
#include <asm/prctl.h>
#include <setjmp.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <x86intrin.h>

static sigjmp_buf out;

static void handler(int sig, siginfo_t *si, void *arg)
{
	siglongjmp(out, 1);
}

int main(void)
{
	unsigned long fs = 0, gs = 0;
	char name[16] = "";
	int tsc = -1, sig = -1;

	CHECK(!prctl(PR_SET_NAME, "another name"));
	CHECK(!prctl(PR_GET_NAME, name));
	printf("name %s dumpable %d\n", name, prctl(PR_GET_DUMPABLE));
	CHECK(!syscall(SYS_arch_prctl, ARCH_GET_FS, &fs));
	CHECK(!syscall(SYS_arch_prctl, ARCH_SET_GS, name));
	CHECK(!syscall(SYS_arch_prctl, ARCH_GET_GS, &gs));
	printf("fs %#lx gs %d\n", fs, gs == (unsigned long)name);
	printf("personality %#x\n", personality(0xffffffff));
	CHECK(!prctl(PR_SET_PDEATHSIG, SIGUSR1));
	CHECK(!prctl(PR_GET_PDEATHSIG, &sig));
	printf("parent's death %d\n", sig);
	/* A program that wants SIGSEGV from RDTSC gets it. */
	on_signal(SIGSEGV, handler, 0);
	CHECK(!prctl(PR_GET_TSC, &tsc));
	printf("tsc %d\n", tsc);
	CHECK(!prctl(PR_SET_TSC, PR_TSC_SIGSEGV));
	if (sigsetjmp(out, 1))
		printf("RDTSC raised a signal\n");
	else
		printf("RDTSC %llu\n", (unsigned long long)__rdtsc());
	CHECK(!prctl(PR_SET_TSC, PR_TSC_ENABLE));
	printf("RDTSC %llu\n", (unsigned long long)__rdtsc());
	return 0;
}
