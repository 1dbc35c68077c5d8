/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A lane and its token. User code of the lane's tasks runs only with the
 * token, so one task at a time computes; the others are in the kernel. Lanes run
 * in parallel, each on a CPU of its own if there are enough.
 */
#ifndef RR_LANE_H
#define RR_LANE_H

#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/* A place where a task is to be stopped is chosen from so many. */
#define RR_PLACE_TRIES	16
/* Threads that take turns at some data share so many pages. */
#define RR_FIGHT_PAGES	4

struct rr_session;
struct rr_state;
struct rr_task;

/**
 * struct rr_look - what a time of looking at struct rr_fight has shown
 * @computes: percent of it in which user code ran
 * @takes: percent that went into taking pages
 * @sleeps: as there
 * @stops: as there
 */
struct rr_look {
	u32		computes;
	u32		takes;
	u32		sleeps;
	u32		stops;
};

/**
 * struct rr_fight - recording: what taking pages from other lanes costs; see merge.h
 * @since: ns, since when it is counted
 * @ns: time that it took
 * @takes: pages that were taken
 * @again: of these, pages that are in @last
 * @stops: times that a task of the lane was stopped at a page that it had lost
 * @sleeps: times that one began to wait for another by a futex
 * @vacant: ns in which none computed or was about to; under the lane's lock, as
 * @left: ns, since when there is none now, or 0
 * @user: ns that its tasks were in user mode, without what they waited for pages there;
 *	may be negative for a while
 * @user_at: ns, since when one is, or 0
 * @last: pages that were taken, the latest first
 * @look: the time before @since
 */
struct rr_fight {
	u64		since;
	u64		ns;
	u32		takes;
	u32		again;
	u32		stops;
	u32		sleeps;
	u64		vacant;
	u64		left;
	s64		user;
	u64		user_at;
	unsigned long	last[RR_FIGHT_PAGES];
	struct rr_look	look;
};

/**
 * struct rr_lane - who computes, who waits
 * @nr: number of the lane
 * @tasks: how many tasks have it
 * @late: record: struct rr_late, what the lane has lost since its last event; under
 *	the lane's lock of rr_out
 * @late_since: record: ns, since when @late has something for which a replay waits, or 0;
 *	changed under that lock
 * @nr_copies: record: how many of @late have had a copy; under that lock, too
 * @state: record: room for what events tell of memory, see record.c; whoever has the
 *	token uses it
 * @granted: record: ns, when it last took a page from others; a hint
 * @stop_ns: record: what it took to log the last async point; a hint
 * @fight: record: by whoever has the token
 * @cursor: replay: who consumes the lane's events from rr_in; innermost
 * @arrived: replay: number of the last event that it has arrived at; written by the
 *	task whose event that is
 * @lock: protects what is below; raw because sched_out takes it under the run
 *	queue's lock, so nothing is woken while it is held there (@wake is for
 *	that)
 * @holder: has the token, or NULL
 * @waiters: rr_task.token_link, first come first served, but for claims
 * @wake: wakes the holder from a context that may not
 * @look: record: looks whether who computes comes to an event; cancelled before the lane
 *	is freed
 * @looks: @look runs, and
 * @nr_looks: so often for this loss
 * @unlogged: fell asleep having written user words (futex) that the next
 *	holder must log for it; referenced, exchanged atomically
 */
struct rr_lane {
	u32			nr;
	atomic_t		tasks;
	struct list_head	late;
	u64			late_since;
	u32			nr_copies;
	struct rr_state		*state;
	u64			granted;
	u64			stop_ns;
	struct rr_fight		fight;
	spinlock_t		cursor;
	u64			arrived;

	raw_spinlock_t		lock;
	struct rr_task		*holder;
	struct list_head	waiters;
	struct irq_work		wake;
	struct hrtimer		look;
	bool			looks;
	u32			nr_looks;
	struct rr_task		*unlogged;
};

void rr_lane_init(struct rr_lane *lane, u32 nr);
void rr_lane_exit(struct rr_lane *lane);
void rr_lane_lost(struct rr_lane *lane);
void rr_lane_settled(struct rr_lane *lane);
bool rr_lane_is_overdue(struct rr_lane *lane);
struct rr_lane *rr_lane_pick(struct rr_session *s);
void rr_lane_join(struct rr_task *t, struct rr_lane *lane);
void rr_lane_move(struct rr_task *t, struct rr_lane *lane);
void rr_lane_bind(struct rr_task *t);
int rr_token_take(struct rr_task *t, bool killable);
void rr_token_release(struct rr_task *t, bool atomic);
bool rr_token_yield_due(struct rr_task *t);
bool rr_token_yields(struct rr_task *t);
bool rr_token_stop_due(struct rr_task *t);
bool rr_token_claim(struct rr_task *t, bool locked);
bool rr_lane_computes(struct rr_task *t);

#endif /* RR_LANE_H */
