/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Generic capture: what did the kernel write during a stay? For its length the
 * task runs on a table of its own, empty at entry. The kernel's first write to
 * a page gets a private copy of it; at the end the bytes that differ from the
 * page as it was are written to the real page and logged, in one step, with
 * the lane's token held. So a task that sleeps in the kernel changes nothing
 * that others could see, whoever has the token meanwhile (SMP-ReVirt's DMA
 * transactions, with the transaction in a copy instead of in a lock).
 */
#ifndef RR_CAPTURE_H
#define RR_CAPTURE_H

#include <linux/xarray.h>

#include "crew/space.h"

struct rr_task;

/* A page that the kernel wrote in this stay. */
struct rr_copy {
	struct page	*now;		/* what the kernel sees */
	struct page	*before;	/* as it was */
};

/**
 * struct rr_capture - a task's capture
 * @view: the table, made at the first capture in an address space
 * @space: whose view it is
 * @copies: page number -> struct rr_copy
 * @on: the task runs on @view
 */
struct rr_capture {
	struct rr_view		view;
	struct rr_space		*space;
	struct xarray		copies;
	bool			on;
};

int rr_capture_begin(struct rr_task *t);
int rr_capture_commit(struct rr_task *t, bool log);
void rr_capture_drop(struct rr_task *t);
void rr_capture_destroy(struct rr_task *t);
bool rr_capture_fault(struct rr_task *t, unsigned long addr, bool write,
		      unsigned long seq);

#endif /* RR_CAPTURE_H */
