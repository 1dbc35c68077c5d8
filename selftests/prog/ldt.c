// SPDX-License-Identifier: GPL-2.0-only
/*
 * A descriptor of the program's own, if there may be one: with page-table isolation a
 * recorded program has none.
 */
#include "prog.h"
#include <asm/ldt.h>
#include <sys/syscall.h>

int main(void)
{
	struct user_desc desc = { .entry_number = 1, .limit = 0xfffff, .seg_32bit = 1,
				  .limit_in_pages = 1, .useable = 1 }, got[2] = { { 0 } };
	unsigned short selector = 1 << 3 | 7, is = 0;
	long ret;

	ret = syscall(SYS_modify_ldt, 1, &desc, sizeof(desc));
	printf("modify_ldt: %s\n", ret ? strerror(errno) : "done");
	if (!ret) {
		__asm__ volatile("mov %1, %%gs; mov %%gs, %0; mov %2, %%gs" :
				 "=r"(is) : "r"(selector), "r"((unsigned short)0));
		printf("loaded %d\n", is == selector);
	}
	printf("read %ld\n", syscall(SYS_modify_ldt, 0, got, sizeof(got)));
	printf("%#llx\n", (unsigned long long)hash(got, sizeof(got)));
	desc.limit = 1;
	desc.entry_number = 9000;
	ret = syscall(SYS_modify_ldt, 1, &desc, sizeof(desc));
	printf("one too many: %s\n", ret ? strerror(errno) : "done");
	return 0;
}
