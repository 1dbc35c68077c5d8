// SPDX-License-Identifier: GPL-2.0-only
#include <linux/hw_breakpoint.h>
#include <linux/kdebug.h>
#include <linux/perf_event.h>
#include <linux/sched/task_stack.h>
#include <asm/debugreg.h>

#include "compat/symbols.h"
#include "hook.h"
#include "place.h"
#include "regs.h"
#include "task.h"

static void rr_place_passed(struct rr_task *t, struct pt_regs *regs)
{
	struct rrlog_regs now;

	rr_stat_inc(t->s, RR_STAT_HITS);
	rr_regs_read_general(&now, regs);
	if (!rr_regs_equal_general(&now, &t->place.want.regs))
		return;
	rr_task_kick(t);
}

/**
 * rr_hook_debug() - before the kernel's handling of breakpoints
 * @nb: of the kernel's
 * @val: DIE_DEBUG
 * @data: struct die_args
 *
 * A passage of our place ends here: perf's way writes DR7 twice and goes
 * through an event, ten times as dear. RF lets the instruction execute.
 *
 * Context: #DB, interrupts off; once for each passage of the place.
 * Return: NOTIFY_STOP if the breakpoint was ours.
 */
int rr_hook_debug(struct notifier_block *nb, unsigned long val, void *data)
{
	struct rr_task *t = rr_task_current();
	struct die_args *args = data;
	unsigned long *dr6;
	int ret;

	if (val != DIE_DEBUG || !t || !READ_ONCE(t->place.armed) ||
	    READ_ONCE(t->place.detour.on) ||
	    !user_mode(args->regs) || args->regs->ip != t->place.want.regs.ip) {
		ret = rr_sym.hw_breakpoint_exceptions_notify(nb, val, data);
	} else {
		dr6 = (unsigned long *)ERR_PTR(args->err);
		*dr6 &= ~DR_TRAP_BITS;
		args->regs->flags |= X86_EFLAGS_RF;
		rr_place_passed(t, args->regs);
		ret = NOTIFY_STOP;
	}
	rr_hook_done();
	return ret;
}

/* perf holds the debug register and switches it with the task; no more. */
static void rr_place_event(struct perf_event *bp, struct perf_sample_data *data,
			   struct pt_regs *regs)
{
}

/* Breakpoints slow a loop down some hundred times. */
#define RR_PLACE_SLOWDOWN	500
#define RR_PLACE_MIN		(4 * HZ)

static void rr_place_timer(struct timer_list *timer)
{
	rr_task_kick(container_of(timer, struct rr_task, place.timer));
}

/**
 * rr_place_init() - prepare a new task
 * @t: any
 */
void rr_place_init(struct rr_task *t)
{
	timer_setup(&t->place.timer, rr_place_timer, 0);
}

/**
 * rr_place_missed() - has the state not come in any reasonable time?
 * @t: current's
 */
bool rr_place_missed(struct rr_task *t)
{
	return t->place.armed && time_after_eq(jiffies, t->place.deadline);
}

/**
 * rr_place_again() - a page is touched: by the instruction at the place?
 * @t: current's
 * @regs: its registers
 *
 * Under emulation an instruction over two pages may have written to the first when
 * the second faults, and the recording lost the first just then. The state has come
 * only now that this is made in part.
 *
 * Return: true if it is at the place, to be compared on the way back to user mode.
 */
bool rr_place_again(struct rr_task *t, struct pt_regs *regs)
{
	if (!t->place.armed)
		return false;
	rr_detour_step_back(t, regs);
	return regs->ip == t->place.want.regs.ip;
}

/**
 * rr_place_set() - the state is met: make what is made in part
 * @t: current's
 * @async: the state
 *
 * Context: may sleep.
 */
void rr_place_set(struct rr_task *t, const struct rrlog_async *async)
{
	u64 addr, value;
	u32 i;

	for (i = rr_place_pages(async); i < async->e.aux; i++) {
		if (!(async->page[i].addr & RRLOG_WORD_SET))
			continue;
		addr = async->page[i].addr & ~(RRLOG_WORD | RRLOG_WORD_SET);
		value = async->page[i].hash;
		if (access_process_vm(current, addr, &value, sizeof(value),
				      FOLL_FORCE | FOLL_WRITE) != sizeof(value))
			return;	/* the next digest tells */
	}
}

/* The other way: an execution breakpoint, with a trap at each passage. */
static int rr_place_break(struct rr_task *t)
{
	struct rr_place *place = &t->place;
	struct perf_event_attr attr;
	int ret = 0;

	hw_breakpoint_init(&attr);
	attr.bp_addr = place->want.regs.ip;
	attr.bp_len = sizeof(long);
	attr.bp_type = HW_BREAKPOINT_X;
	attr.exclude_kernel = 1;
	if (place->bp) {
		ret = modify_user_hw_breakpoint(place->bp, &attr);
	} else {
		/* perf patches code for its first user: with the table the kernel knows. */
		rr_cr3_switch(&t->cr3, NULL);
		place->bp = register_user_hw_breakpoint(&attr, rr_place_event, t, current);
		if (IS_ERR(place->bp)) {
			ret = PTR_ERR(place->bp);
			place->bp = NULL;
		}
	}
	if (ret)
		WRITE_ONCE(place->armed, false);
	return ret;
}

/**
 * rr_place_pages() - how many pages does an ASYNC tell of?
 * @async: the words are behind them
 */
u32 rr_place_pages(const struct rrlog_async *async)
{
	u32 n = 0;

	while (n < async->e.aux && !(async->page[n].addr & RRLOG_WORD))
		n++;
	return n;
}

/**
 * rr_place_differs() - is a word of memory another one than at the state?
 * @t: current's
 * @async: the state
 *
 * Only words that can be read now without paging in, and none from where the detour's
 * jump may be.
 *
 * Return: index in @async of the first, its aux if there is none.
 */
u32 rr_place_differs(struct rr_task *t, const struct rrlog_async *async)
{
	u64 addr, value;
	u32 i;

	for (i = rr_place_pages(async); i < async->e.aux; i++) {
		if (async->page[i].addr & RRLOG_WORD_SET)
			continue;
		addr = async->page[i].addr & ~RRLOG_WORD;
		if (addr - (async->regs.ip & PAGE_MASK) < 2 * PAGE_SIZE)
			continue;
		if (rr_page_owned(t->space, t->lane->nr, addr) &&
		    rr_task_peek(&value, addr, sizeof(value)) &&
		    value != async->page[i].hash)
			break;
	}
	return i;
}

/*
 * The registers are equal, but it is not the state: find a word of memory that
 * tells these two apart. A loop with its counter in memory would stop the task
 * at each passage.
 *
 * Its page stays the task's until the place is found, so the detour reads what
 * the program could.
 */
static bool rr_place_narrow(struct rr_task *t, const struct rrlog_async *async)
{
	struct rr_detour_want *want = &t->place.want;
	struct rrlog_regs now;
	u32 i;

	rr_regs_read_general(&now, current_pt_regs());
	if (!t->place.detour.on || want->nr == ARRAY_SIZE(want->word) ||
	    !rr_regs_equal_general(&now, &want->regs))
		return false;
	i = rr_place_differs(t, async);
	if (i == async->e.aux)
		return false;
	want->word[want->nr].addr = async->page[i].addr & ~RRLOG_WORD;
	want->word[want->nr++].value = async->page[i].hash;
	return true;
}

static int rr_place_lead(struct rr_task *t)
{
	int ret, tries = 3;

	/* Reclaim may have taken what the detour is made of. */
	do
		ret = rr_detour_arm(t, &t->place.want);
	while (ret == -EAGAIN && --tries);
	return ret ? rr_place_break(t) : 0;
}

/**
 * rr_place_arm() - stop the current task when it gets to a state
 * @t: current's
 * @async: the state; memory is compared by the caller at each stop
 *
 * Context: may sleep.
 * Return: 0, -ENOSPC if all breakpoints are taken (gdb, perf), or another
 * negative errno.
 */
int rr_place_arm(struct rr_task *t, const struct rrlog_async *async)
{
	struct rr_place *place = &t->place;
	u64 ns = min_t(u64, async->ns, 3600 * NSEC_PER_SEC);
	int ret;

	if (place->armed && rr_regs_equal_general(&place->want.regs, &async->regs)) {
		if (place->detour.lost) {
			rr_detour_disarm(t);
			return rr_place_break(t);
		}
		if (rr_place_narrow(t, async)) {
			rr_detour_disarm(t);
			ret = rr_place_lead(t);
			if (ret || !place->detour.on)
				return ret;
		}
		rr_detour_step_over(t, current_pt_regs());
		return 0;
	}
	if (async->regs.ip >= TASK_SIZE_MAX)
		return -EINVAL;
	rr_place_disarm(t);
	place->want.regs = async->regs;
	place->want.nr = 0;
	place->deadline = jiffies + RR_PLACE_MIN + nsecs_to_jiffies(ns * RR_PLACE_SLOWDOWN);
	mod_timer(&place->timer, place->deadline);
	WRITE_ONCE(place->armed, true);
	return rr_place_lead(t);
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
	del_timer_sync(&place->timer);
	rr_detour_disarm(t);
	if (!place->bp || place->bp->attr.disabled)
		return;
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
	del_timer_sync(&t->place.timer);
	if (t->place.bp)
		unregister_hw_breakpoint(t->place.bp);
	t->place.bp = NULL;
	rr_detour_destroy(t);
}
