// SPDX-License-Identifier: GPL-2.0-only
/* Calls that fail, inside a recording if nowhere else. */
#include "prog.h"

#define TRY(nr, ...) do {						\
	long ret = syscall(nr, __VA_ARGS__);				\
	printf(#nr ": %s\n", ret < 0 ? strerrorname_np(errno) : "works"); \
} while (0)

int main(void)
{
	uint64_t params[32] = { 0 };
	unsigned long ctx = 0;

	TRY(SYS_io_uring_setup, 4, params);
	TRY(SYS_io_setup, 4, &ctx);
	TRY(SYS_userfaultfd, 0);
	TRY(SYS_io_uring_setup, 0, NULL);
	TRY(9999, 1, 2, 3);
	TRY(-1, 1, 2, 3);
	TRY(SYS_mount, "a", "b", "c", 0, NULL);
	TRY(SYS_setuid, -1);
	TRY(SYS_close, 12345);
	TRY(SYS_ioctl, 1, 0xdeadbeef, 0);
	TRY(SYS_create_module, 0);
	TRY(447, 0); /* memfd_secret */
	TRY(SYS_iopl, 3);
	TRY(SYS_ioperm, 0x80, 1, 1);
	return 0;
}
