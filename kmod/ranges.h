/* SPDX-License-Identifier: GPL-2.0-only */
/* User memory that a system call reads or writes, by its descriptor. */
#ifndef RR_RANGES_H
#define RR_RANGES_H

#include "syscalls.h"
#include "task.h"

/* Called for each piece; a non-zero return ends the walk and is returned. */
typedef int (*rr_range_fn)(struct rr_task *t, unsigned long addr, size_t len, void *arg);

int rr_ranges(struct rr_task *t, const struct rr_syscall *row, bool out, long ret,
	      rr_range_fn fn, void *arg);
bool rr_ranges_again(const struct rr_task *t);
bool rr_ranges_hash(struct rr_task *t, const struct rr_syscall *row, u64 *hash);

#endif /* RR_RANGES_H */
