// SPDX-License-Identifier: GPL-2.0-only
/* 200,000 system calls that take and give nothing. */
#include "prog.h"

int main(void)
{
	for (int i = 0; i < 200000; i++)
		CHECK(syscall(SYS_getppid) >= 0);
	return 0;
}
