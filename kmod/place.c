// SPDX-License-Identifier: GPL-2.0-only
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <linux/sched/task_stack.h>

#include "place.h"
#include "regs.h"
#include "task.h"

/*
 * Runs in #DB with interrupts off, once for each passage: the price of a
 * replayed async point. The kernel sets RF, so the instruction then executes.
 */
static void rr_place_passed(struct perf_event *bp, struct perf_sample_data *data,
			    struct pt_regs *regs)
{
	struct rr_task *t = bp->overflow_handler_context;
	struct rrlog_regs now;

	rr_stat_inc(t->s, RR_STAT_HITS);
	if (!READ_ONCE(t->place.armed) || !user_mode(regs))
		return;
	rr_regs_read_general(&now, regs);
	if (!rr_regs_equal_general(&now, &t->place.want))
		return;
	WRITE_ONCE(t->place.hit, true);
	rr_task_kick(t);
}

/**
 * rr_place_arm() - stop the current task when it gets to a state
 * @t: current's
 * @want: its registers; memory is compared by the caller at each stop
 *
 * Context: may sleep.
 * Return: 0, -ENOSPC if all breakpoints are taken (gdb, perf), or another
 * negative errno.
 */
int rr_place_arm(struct rr_task *t, const struct rrlog_regs *want)
{
	struct rr_place *place = &t->place;
	struct perf_event_attr attr;

	if (place->armed && rr_regs_equal_general(&place->want, want))
		return 0;
	rr_place_disarm(t);
	place->want = *want;
	place->hit = false;
	hw_breakpoint_init(&attr);
	attr.bp_addr = want->ip;
	attr.bp_len = sizeof(long);
	attr.bp_type = HW_BREAKPOINT_X;
	WRITE_ONCE(place->armed, true);
	if (place->bp) {
		int ret = modify_user_hw_breakpoint(place->bp, &attr);

		if (ret)
			WRITE_ONCE(place->armed, false);
		return ret;
	}
	place->bp = register_user_hw_breakpoint(&attr, rr_place_passed, t, current);
	if (IS_ERR(place->bp)) {
		int ret = PTR_ERR(place->bp);

		place->bp = NULL;
		WRITE_ONCE(place->armed, false);
		return ret;
	}
	return 0;
}

/**
 * rr_place_disarm() - no longer stop
 * @t: current's
 */
void rr_place_disarm(struct rr_task *t)
{
	struct rr_place *place = &t->place;
	struct perf_event_attr attr;

	if (!place->armed)
		return;
	WRITE_ONCE(place->armed, false);
	attr = place->bp->attr;
	attr.disabled = 1;
	modify_user_hw_breakpoint(place->bp, &attr);
}

/**
 * rr_place_destroy() - give the breakpoint back
 * @t: current's
 */
void rr_place_destroy(struct rr_task *t)
{
	WRITE_ONCE(t->place.armed, false);
	if (t->place.bp)
		unregister_hw_breakpoint(t->place.bp);
	t->place.bp = NULL;
}
