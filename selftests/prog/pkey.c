// SPDX-License-Identifier: GPL-2.0-only
/* Memory protection keys: faults, the kernel's view, per-thread rights. */
#include "prog.h"
#include <setjmp.h>

static sigjmp_buf out;

static void handler(int sig, siginfo_t *si, void *arg)
{
	printf("code %d pkey %u addr %p\n", si->si_code, si->si_pkey, si->si_addr);
	siglongjmp(out, 1);
}

int main(void)
{
	volatile char *p = map_pages(1, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	int key = pkey_alloc(0, 0), fd[2];

	if (key < 0)
		skip("no protection keys on this CPU");
	on_signal(SIGSEGV, handler, 0);
	p[0] = 3;
	CHECK(!pkey_mprotect((void *)p, 4096, PROT_READ | PROT_WRITE, key));
	printf("key %d reads %d\n", key, p[0]);
	CHECK(!pkey_set(key, PKEY_DISABLE_WRITE));
	printf("read %d\n", p[0]);
	if (!sigsetjmp(out, 1))
		p[0] = 4;
	/* The handler ran with other rights; these come back with the mask. */
	CHECK(!pkey_set(key, PKEY_DISABLE_ACCESS));
	if (!sigsetjmp(out, 1))
		printf("read %d\n", p[0]);
	CHECK(!pkey_set(key, PKEY_DISABLE_ACCESS) && !pipe(fd));
	printf("write(2): %zd\n", write(fd[1], (void *)p, 1));
	CHECK(!pkey_set(key, 0));
	printf("rights %d, read %d\n", pkey_get(key), p[0]);
	CHECK(!pkey_mprotect((void *)p, 4096, PROT_READ | PROT_WRITE, 0));
	CHECK(!pkey_free(key));
	/* Refused: there is no such key now, and never is. */
	CHECK(pkey_mprotect((void *)p, 4096, PROT_READ | PROT_WRITE, key) < 0);
	CHECK(pkey_mprotect((void *)p, 4096, PROT_READ | PROT_WRITE, 100) < 0);
	printf("read %d\n", p[0]);
	return 0;
}
