// SPDX-License-Identifier: GPL-2.0-only
/* Dies of SIGSEGV (status 139) after it printed an address. */
#include "prog.h"

int main(void)
{
	char *p = map_pages(1, PROT_NONE, MAP_PRIVATE);

	printf("dies at %p\n", p);
	fflush(stdout);
	*(volatile char *)p = 1;
	return 0;
}
