/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bounce buffers: a call that reads a file is made here, into pages of ours that become
 * the capture's copies. It needs no fault and no comparison for each page, and sees what
 * no table of ours does: file systems that write to the process's own pages (O_DIRECT;
 * FUSE and 9p without a page cache). One that reads a clock needs no copy of the page.
 */
#ifndef RR_BOUNCE_H
#define RR_BOUNCE_H

#include <linux/types.h>

struct rr_task;

bool rr_bounce_read(struct rr_task *t, unsigned long *ax);
bool rr_bounce_clock(struct rr_task *t);
bool rr_bounce_put(struct rr_task *t, unsigned long addr, const void *data, size_t len);

#endif /* RR_BOUNCE_H */
