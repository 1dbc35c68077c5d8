/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finding a place in user code again: a detour that compares the registers (see
 * detour.h) or, where none can be, an execution breakpoint; and the state that
 * was logged there. Another finder (a branch counter) would implement the same
 * three functions.
 */
#ifndef RR_PLACE_H
#define RR_PLACE_H

#include <linux/timer.h>
#include <linux/types.h>

#include "../include/uapi/linux/rrcrew_log.h"
#include "detour.h"

struct perf_event;
struct rr_task;

/**
 * struct rr_place - a task's breakpoint
 * @bp: made at first use, NULL before
 * @want: what to stop at; written while the breakpoint is off
 * @differs: index of the page of the ASYNC that differed at the last stop
 * @armed: the breakpoint or the detour is on
 * @detour: used instead of @bp where it can be
 * @timer: kicks the task at @deadline: then the state will not come
 * @deadline: in jiffies
 */
struct rr_place {
	struct perf_event	*bp;
	struct rr_detour_want	want;
	u32			differs;
	bool			armed;
	struct timer_list	timer;
	unsigned long		deadline;
	struct rr_detour	detour;
};

void rr_place_init(struct rr_task *t);
int rr_place_arm(struct rr_task *t, const struct rrlog_async *async);
u32 rr_place_pages(const struct rrlog_async *async);
u32 rr_place_differs(struct rr_task *t, const struct rrlog_async *async);
bool rr_place_missed(struct rr_task *t);
void rr_place_set(struct rr_task *t, const struct rrlog_async *async);
bool rr_place_again(struct rr_task *t, struct pt_regs *regs);
void rr_place_disarm(struct rr_task *t);
void rr_place_destroy(struct rr_task *t);

#endif /* RR_PLACE_H */
