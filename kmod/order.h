/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replaying: whose turn it is, and what a lane waits for in the others.
 *
 * Each lane has a cursor, its next event. REVOKE and NOTE are passed over when it is
 * looked at, and are done when the lane arrives at the event behind them.
 */
#ifndef RR_ORDER_H
#define RR_ORDER_H

#include "crew/protocol.h"
#include "session.h"

struct rr_task;

/**
 * struct rr_waiter - a task that waits for the log
 * @entry: in rr_in_wait()'s queue
 * @t: the task
 * @at: its event, at whose place it is, until what that waits for has come to pass;
 *	NULL: it waits for its turn
 */
struct rr_waiter {
	struct wait_queue_entry		entry;
	struct rr_task			*t;
	const struct rrlog_event	*at;
};

void rr_order_wait_init(struct rr_waiter *w, struct rr_task *t, const struct rrlog_event *at);
bool rr_order_head(struct rr_session *s, struct rr_lane *lane, struct rrlog_event *head);
const struct rrlog_event *rr_order_mine(struct rr_task *t);
void rr_order_arrive(struct rr_task *t);
void rr_order_next(struct rr_task *t);
bool rr_order_is_end(const struct rrlog_event *e);
void rr_order_tell(struct rr_session *s, struct rr_lane *lane);
bool rr_order_ready(struct rr_session *s, const struct rrlog_event *e);
void rr_order_gone(struct rr_session *s, struct rr_lane *lane);
bool rr_order_stuck(struct rr_session *s, struct rr_lane *lane);
void rr_order_disown(struct rr_session *s, struct rr_lane *lane, u64 space,
		     unsigned long start, unsigned long len, enum rr_crew_right left);

#endif /* RR_ORDER_H */
