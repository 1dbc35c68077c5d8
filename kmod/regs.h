/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers of user code: read, write, compare, digest. */
#ifndef RR_REGS_H
#define RR_REGS_H

#include <linux/ptrace.h>
#include <linux/types.h>

#include "../include/uapi/linux/rrcrew_log.h"

struct rr_task;

void rr_regs_read(struct rrlog_regs *to, const struct pt_regs *regs);
void rr_regs_read_general(struct rrlog_regs *to, const struct pt_regs *regs);
void rr_regs_write(struct pt_regs *regs, const struct rrlog_regs *from);
bool rr_regs_equal_general(const struct rrlog_regs *a, const struct rrlog_regs *b);
bool rr_regs_changed(const struct pt_regs *before, const struct pt_regs *after);
u64 rr_regs_hash(const struct rrlog_regs *regs);
u64 rr_fpu_hash(void);

#endif /* RR_REGS_H */
