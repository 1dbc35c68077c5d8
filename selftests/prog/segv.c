// SPDX-License-Identifier: GPL-2.0-only
/* SIGSEGV of each kind, handled; the handler's facts and the way out. */
#include "prog.h"
#include <setjmp.h>
#include <ucontext.h>

static sigjmp_buf out;

static void handler(int sig, siginfo_t *si, void *arg)
{
	ucontext_t *uc = arg;

	printf("signal %d code %d addr %p err %#llx cr2 %#llx ip %#llx\n", sig,
	       si->si_code, si->si_addr,
	       (unsigned long long)uc->uc_mcontext.gregs[REG_ERR],
	       (unsigned long long)uc->uc_mcontext.gregs[REG_CR2],
	       (unsigned long long)uc->uc_mcontext.gregs[REG_RIP]);
	siglongjmp(out, 1);
}

static void touch(const char *what, volatile char *p, int write)
{
	printf("%s: ", what);
	fflush(stdout);
	if (sigsetjmp(out, 1))
		return;
	if (write)
		*p = 1;
	else
		printf("read %d\n", *p);
	printf("no signal\n");
}

int main(void)
{
	char *none = map_pages(1, PROT_NONE, MAP_PRIVATE);
	char *ro = map_pages(1, PROT_READ, MAP_PRIVATE);
	char *gone = map_pages(1, PROT_READ, MAP_PRIVATE);

	munmap(gone, 4096);
	on_signal(SIGSEGV, handler, 0);
	on_signal(SIGBUS, handler, 0);
	for (int i = 0; i < 3; i++) {
		touch("null", (char *)8, 0);
		touch("none, read", none + 5, 0);
		touch("none, write", none + 6, 1);
		touch("read-only, read", ro + 7, 0);
		touch("read-only, write", ro + 7, 1);
		touch("unmapped", gone, 0);
		touch("kernel", (char *)0xffffffff81000000ul, 0);
		touch("non-canonical", (char *)0x8000000000000000ul, 1);
		touch("text", (char *)main, 1);
	}
	printf("execute: ");
	fflush(stdout);
	if (!sigsetjmp(out, 1))
		((void (*)(void))ro)();
	return 0;
}
