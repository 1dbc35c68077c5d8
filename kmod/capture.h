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

/*
 * struct rr_copy - a page that the kernel wrote in this stay
 * @now: what the kernel sees
 * @before: as it was; NULL if that does not matter: see bounce.h
 * @start: without @before, the first byte that has been written
 * @end: the first one after it
 */
struct rr_copy {
	struct page	*now;
	struct page	*before;
	size_t		start;
	size_t		end;
};

/**
 * struct rr_capture - a task's capture
 * @view: the table, made at the first capture in an address space
 * @space: whose view it is
 * @copies: page number -> struct rr_copy
 * @on: the task runs on @view
 * @midway: the kernel may have written before that: rr_record_midway()
 * @bounced: the call at hand was made by rr_bounce_read()
 */
struct rr_capture {
	struct rr_view		view;
	struct rr_space		*space;
	struct xarray		copies;
	bool			on;
	bool			midway;
	bool			bounced;
};

int rr_capture_begin(struct rr_task *t);
int rr_capture_commit(struct rr_task *t, bool log);
void rr_capture_drop(struct rr_task *t);
void rr_capture_destroy(struct rr_task *t);
bool rr_capture_fault(struct rr_task *t, unsigned long addr, bool write,
		      unsigned long seq);
struct rr_copy *rr_capture_blank(struct rr_task *t, unsigned long index);
void rr_capture_wrote(struct rr_task *t, unsigned long index, size_t start, size_t n);
bool rr_copy_next(const struct rr_copy *copy, size_t from, size_t gap, size_t *start,
		  size_t *end);

#endif /* RR_CAPTURE_H */
