// SPDX-License-Identifier: GPL-2.0-only
/* Dies of SIGFPE (status 136). */
#include "prog.h"

int main(int argc, char **argv)
{
	printf("pid %d divides\n", getpid());
	fflush(stdout);
	return 7 / (argc - 1);
}
