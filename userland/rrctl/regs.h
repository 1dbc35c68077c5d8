/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registers of a log by name.
 */
#ifndef RRCTL_REGS_H
#define RRCTL_REGS_H

#include <linux/rrcrew_log.h>

#define RR_NR_REGS	(sizeof(struct rrlog_regs) / sizeof(__u64))

const char *rr_reg_name(unsigned int reg);
__u64 rr_reg_value(const struct rrlog_regs *regs, unsigned int reg);
int rr_reg_find(const char *name);

#endif /* RRCTL_REGS_H */
