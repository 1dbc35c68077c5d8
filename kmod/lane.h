/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A lane and its token. User code of the lane's tasks runs only with the
 * token, so one task at a time computes; the others are in the kernel.
 */
#ifndef RR_LANE_H
#define RR_LANE_H

#include <linux/irq_work.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct rr_session;
struct rr_task;

/**
 * struct rr_lane - who computes, who waits
 * @lock: protects all below; raw because sched_out takes it under the run
 *	queue's lock, so nothing is woken while it is held there (@wake is for
 *	that)
 * @holder: has the token, or NULL
 * @waiters: rr_task.token_link, first come first served
 * @wake: wakes the holder from a context that may not
 * @unlogged: fell asleep having written user words (futex) that the next
 *	holder must log for it; referenced, exchanged atomically
 */
struct rr_lane {
	raw_spinlock_t		lock;
	struct rr_task		*holder;
	struct list_head	waiters;
	struct irq_work		wake;
	struct rr_task		*unlogged;
};

void rr_lane_init(struct rr_lane *lane);
int rr_token_take(struct rr_task *t, bool killable);
void rr_token_release(struct rr_task *t, bool atomic);
bool rr_token_yield_due(struct rr_task *t);

#endif /* RR_LANE_H */
