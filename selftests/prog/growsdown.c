// SPDX-License-Identifier: GPL-2.0-only
/*
 * PROT_GROWSDOWN: what is asked for a page holds for all of the stack below it, too; and
 * system calls leave the registers of their arguments alone.
 */
#include "prog.h"
#include <linux/mman.h>

static long protect(char **start, size_t *len, long *prot)
{
	long ret = 10;	/* mprotect */

	__asm__ volatile("syscall" : "+a"(ret), "+D"(*start), "+S"(*len), "+d"(*prot) :
			 : "rcx", "r11", "memory");
	return ret;
}

static int run(void)
{
	/* mov $42, %eax; ret */
	static const unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 };
	volatile char below[3 * 4096];
	int (*f)(void) = (int (*)(void))(unsigned long)below;

	memcpy((void *)below, code, sizeof(code));
	return f();
}

int main(void)
{
	long want = PROT_READ | PROT_WRITE | PROT_EXEC | PROT_GROWSDOWN, prot = want;
	char *page = (char *)((unsigned long)&want & ~4095ul), *start = page;
	size_t len = 4096;

	printf("mprotect %ld", protect(&start, &len, &prot));
	printf(", registers %s\n", start == page && len == 4096 && prot == want ?
	       "kept" : "changed");
	printf("code says %d\n", run());
	return 0;
}
