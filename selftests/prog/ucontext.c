// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handlers that change where and with what the program goes on: general and
 * vector registers in the signal frame; makecontext, swapcontext, longjmp.
 */
#include "prog.h"
#include <setjmp.h>
#include <ucontext.h>

static ucontext_t back, co;
static jmp_buf jb;
static volatile int armed = 1;

static void handler(int sig, siginfo_t *si, void *arg)
{
	ucontext_t *uc = arg;

	uc->uc_mcontext.gregs[REG_RAX] = 0x1234567;
	uc->uc_mcontext.gregs[REG_R12] += 1;
	uc->uc_mcontext.fpregs->_xmm[3].element[0] ^= 0xff;
	sigaddset(&uc->uc_sigmask, SIGUSR2);
}

static void coroutine(int a)
{
	for (int i = 0; i < 3; i++) {
		printf("coroutine %d on %s stack\n", a + i,
		       (void *)&a < (void *)back.uc_stack.ss_sp ? "?" : "its");
		swapcontext(&co, &back);
	}
}

static void nested(int n)
{
	if (n)
		nested(n - 1);
	if (armed)
		longjmp(jb, 7);
}

int main(void)
{
	register uint64_t r12 asm("r12") = 40;
	uint64_t rax, xmm = 0x1000;
	sigset_t set;
	int ret;

	on_signal(SIGUSR1, handler, 0);
	for (int i = 0; i < 3; i++) {
		/* tgkill(getpid(), gettid(), SIGUSR1) */
		asm volatile("movq %[x], %%xmm3\n\tsyscall\n\tmovq %%xmm3, %[x]"
			     : "=a"(rax), "+r"(r12), [x] "+r"(xmm)
			     : "a"(SYS_tgkill), "D"(getpid()), "S"(gettid()),
			       "d"(SIGUSR1)
			     : "rcx", "r11", "memory", "xmm3");
		printf("rax %#llx r12 %llu xmm %#llx\n", (unsigned long long)rax,
		       (unsigned long long)r12, (unsigned long long)xmm);
	}
	sigprocmask(SIG_SETMASK, NULL, &set);
	printf("SIGUSR2 blocked %d\n", sigismember(&set, SIGUSR2));
	getcontext(&co);
	co.uc_stack.ss_sp = malloc(65536);
	co.uc_stack.ss_size = 65536;
	co.uc_link = &back;
	makecontext(&co, (void (*)(void))coroutine, 1, 100);
	for (int i = 0; i < 4; i++)
		swapcontext(&back, &co);
	ret = setjmp(jb);
	printf("setjmp %d\n", ret);
	if (!ret)
		nested(20);
	return 0;
}
