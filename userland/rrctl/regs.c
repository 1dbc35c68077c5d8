// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of a log by name.
 */
#include <assert.h>
#include <string.h>

#include "macros.h"
#include "regs.h"

static const char * const names[] = {
	"rip", "rflags", "rsp", "rbp",
	"rax", "rbx", "rcx", "rdx", "rsi", "rdi",
	"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
	"fs_base", "gs_base",
};

static_assert(ARRAY_SIZE(names) == RR_NR_REGS);

const char *rr_reg_name(unsigned int reg)
{
	return names[reg];
}

__u64 rr_reg_value(const struct rrlog_regs *regs, unsigned int reg)
{
	__u64 value;

	memcpy(&value, (const char *)regs + reg * sizeof(value), sizeof(value));
	return value;
}

/* Return: the register's place in struct rrlog_regs, or -1. */
int rr_reg_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < RR_NR_REGS; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}
