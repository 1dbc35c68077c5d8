// SPDX-License-Identifier: GPL-2.0-only
#include <linux/hrtimer.h>
#include <linux/sched/signal.h>

#include "lane.h"
#include "merge.h"
#include "session.h"
#include "task.h"

/* A holder yields at a sync point after this long if somebody waits. */
#define RR_SLICE_NS		(4 * NSEC_PER_MSEC)
/* Giving the token to another costs about as much as so many calls. */
#define RR_NR_YIELDS		8
/* A computing holder is looked at this often while somebody waits, */
#define RR_KICK_MIN_NS		(200 * NSEC_PER_USEC)
#define RR_KICK_MAX_NS		(4 * NSEC_PER_MSEC)
/* by the one who is next; the others look less often the later their turn comes, */
#define RR_TURNS		(RR_KICK_MAX_NS / RR_KICK_MIN_NS)
/*
 * and stopped after such a slice, or one that makes stops a part of its time no larger
 * than this, if it passes a place that replay passes without a trap;
 */
#define RR_STOP_SHARE		16
/*
 * wherever it is after twice the longest time that it has needed before to come to a
 * sync point by itself, within these bounds. Replay pays for most such places with a
 * trap each time it passes there. A task that spins with its state recurring is
 * stopped when that is seen, and costs nothing.
 */
#define RR_FORCE_MIN_NS		(200 * NSEC_PER_USEC)
#define RR_FORCE_MAX_NS		(250ull * NSEC_PER_MSEC)

/* Who is to come to an event for another inside a call may be reading from a slow disk; */
#define RR_CLAIM_NS		(10ull * NSEC_PER_SEC)
/* or may wait, behind a writer, for the mmap lock that the other cannot drop. */
#define RR_CLAIM_LOCKED_NS	(20ull * NSEC_PER_MSEC)

/*
 * What others took from a lane, unless it was idle there, is ordered in the log by the
 * lane's next event, and in replay they wait for that: so a task that computes is
 * stopped after this long.
 */
#define RR_OVERDUE_NS		(4 * NSEC_PER_MSEC)

/* Not under the lane's lock: sched_out takes that under the run queue's. */
static void rr_lane_wake_task(struct task_struct *task)
{
	if (!task)
		return;
	wake_up_process(task);
	put_task_struct(task);
}

static void rr_lane_wake(struct irq_work *work)
{
	struct rr_lane *lane = container_of(work, struct rr_lane, wake);
	struct task_struct *task = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&lane->lock, flags);
	if (lane->holder)
		task = get_task_struct(lane->holder->task);
	raw_spin_unlock_irqrestore(&lane->lock, flags);
	rr_lane_wake_task(task);
}

/* When to look again whether the lane has said what it lost, ns; 0: no need. */
static u64 rr_lane_look_now(struct rr_lane *lane)
{
	u64 since = READ_ONCE(lane->late_since), now = ktime_get_ns();

	/* Without a holder, or with one inside the kernel, an event comes by itself. */
	if (!since || !lane->holder || READ_ONCE(lane->holder->stay) != RR_STAY_USER)
		return 0;
	if (now - since < RR_OVERDUE_NS)
		return since + RR_OVERDUE_NS - now;
	rr_task_kick(lane->holder);
	/* It costs replays more than it saves where no good place is found. */
	return ++lane->nr_looks < RR_PLACE_TRIES ? RR_KICK_MIN_NS : 0;
}

static enum hrtimer_restart rr_lane_look(struct hrtimer *look)
{
	struct rr_lane *lane = container_of(look, struct rr_lane, look);
	unsigned long flags;
	u64 wait;

	raw_spin_lock_irqsave(&lane->lock, flags);
	wait = rr_lane_look_now(lane);
	lane->looks = wait;
	if (wait)
		hrtimer_forward_now(look, ns_to_ktime(wait));
	raw_spin_unlock_irqrestore(&lane->lock, flags);
	return wait ? HRTIMER_RESTART : HRTIMER_NORESTART;
}

/**
 * rr_lane_lost() - the lane has lost something
 * @lane: locked in rr_out
 */
void rr_lane_lost(struct rr_lane *lane)
{
	unsigned long flags;

	if (lane->late_since)
		return;
	WRITE_ONCE(lane->late_since, ktime_get_ns());
	raw_spin_lock_irqsave(&lane->lock, flags);
	lane->nr_looks = 0;
	if (!lane->looks)
		hrtimer_start(&lane->look, ns_to_ktime(RR_OVERDUE_NS), HRTIMER_MODE_REL);
	lane->looks = true;
	raw_spin_unlock_irqrestore(&lane->lock, flags);
}

/**
 * rr_lane_settled() - the log says what the lane has lost
 * @lane: locked in rr_out
 */
void rr_lane_settled(struct rr_lane *lane)
{
	WRITE_ONCE(lane->late_since, 0);
}

/**
 * rr_lane_is_overdue() - has the log waited for long to say what the lane has lost?
 * @lane: a recording's
 */
bool rr_lane_is_overdue(struct rr_lane *lane)
{
	u64 since = READ_ONCE(lane->late_since);

	return since && ktime_get_ns() - since >= RR_OVERDUE_NS;
}

/**
 * rr_lane_exit() - the lane's tasks are gone
 * @lane: about to be freed
 *
 * Context: sleeps.
 */
void rr_lane_exit(struct rr_lane *lane)
{
	hrtimer_cancel(&lane->look);
	irq_work_sync(&lane->wake);
}

/**
 * rr_lane_init() - a lane without tasks
 * @lane: to initialise; all zero
 * @nr: its number
 */
void rr_lane_init(struct rr_lane *lane, u32 nr)
{
	lane->nr = nr;
	INIT_LIST_HEAD(&lane->late);
	hrtimer_init(&lane->look, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	lane->look.function = rr_lane_look;
	spin_lock_init(&lane->cursor);
	raw_spin_lock_init(&lane->lock);
	INIT_LIST_HEAD(&lane->waiters);
	init_irq_work(&lane->wake, rr_lane_wake);
}

/**
 * rr_lane_pick() - where shall a new task run?
 * @s: recording session
 *
 * Return: the lane with the fewest tasks.
 */
struct rr_lane *rr_lane_pick(struct rr_session *s)
{
	struct rr_lane *best = &s->lane[0];
	u32 i;

	for (i = 1; i < s->nr_lanes; i++)
		if (atomic_read(&s->lane[i].tasks) < atomic_read(&best->tasks))
			best = &s->lane[i];
	return best;
}

/**
 * rr_lane_join() - a new task has a lane
 * @t: not tagged yet
 * @lane: its lane
 */
void rr_lane_join(struct rr_task *t, struct rr_lane *lane)
{
	t->lane = lane;
	atomic_inc(&lane->tasks);
}

/**
 * rr_lane_move() - a task goes on in another lane
 * @t: current's; afterwards without a token
 * @lane: its new lane
 */
void rr_lane_move(struct rr_task *t, struct rr_lane *lane)
{
	rr_token_release(t, false);
	atomic_dec(&t->lane->tasks);
	rr_lane_join(t, lane);
}

/*
 * Which processor is a lane's: CPUID tells programs the number, and cannot be
 * trapped everywhere. Lane 0 is where the group began, the others are on the next
 * ones, in a replay the same way.
 */
static u32 rr_lane_cpu(struct rr_session *s, u32 nr)
{
	u32 cpu = s->cpu;

	while (nr--) {
		cpu = cpumask_next_and(cpu, cpu_online_mask, &s->lane_cpus);
		if (cpu >= nr_cpu_ids)
			cpu = cpumask_first_and(cpu_online_mask, &s->lane_cpus);
	}
	return cpu;
}

/**
 * rr_lane_bind() - run on the lane's processor
 * @t: current's
 *
 * Context: may sleep.
 */
void rr_lane_bind(struct rr_task *t)
{
	if (t->bound == t->lane)
		return;
	t->bound = t->lane;
	set_cpus_allowed_ptr(current, cpumask_of(rr_lane_cpu(t->s, t->lane->nr)));
}

static struct rr_task *rr_lane_first(struct rr_lane *lane)
{
	return list_first_entry_or_null(&lane->waiters, struct rr_task, token_link);
}

/* Hand the token over. Returns the new holder. Caller holds the lane's lock. */
static struct rr_task *rr_lane_grant(struct rr_lane *lane)
{
	struct rr_task *next = rr_lane_first(lane);

	lane->holder = next;
	rr_merge_computes(lane, next && READ_ONCE(next->stay) == RR_STAY_USER);
	if (!next) {
		lane->fight.left = ktime_get_ns();
		return NULL;
	}
	if (lane->fight.left)
		lane->fight.vacant += ktime_get_ns() - lane->fight.left;
	lane->fight.left = 0;
	list_del_init(&next->token_link);
	next->has_token = true;
	WRITE_ONCE(next->token_since, ktime_get());
	next->nr_yields = 0;
	WRITE_ONCE(next->force, false);
	rr_stat_inc(next->s, RR_STAT_SWITCHES);
	return next;
}

/**
 * rr_token_release() - let another task of the lane compute
 * @t: current's, or the task that sched_out takes off its CPU
 * @atomic: the caller holds a run queue lock and may not wake tasks
 *
 * A task without the token may call this; nothing happens.
 */
void rr_token_release(struct rr_task *t, bool atomic)
{
	struct rr_lane *lane = t->lane;
	struct task_struct *task = NULL;
	struct rr_task *next = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&lane->lock, flags);
	if (t->has_token) {
		t->has_token = false;
		next = rr_lane_grant(lane);
		if (next && !atomic)
			task = get_task_struct(next->task);
	}
	raw_spin_unlock_irqrestore(&lane->lock, flags);
	rr_lane_wake_task(task);
	if (next && atomic)
		irq_work_queue(&lane->wake);
}

/* Who @claims the token comes before all others. */
static bool rr_token_enqueue(struct rr_task *t, bool claims)
{
	struct rr_lane *lane = t->lane;
	unsigned long flags;

	raw_spin_lock_irqsave(&lane->lock, flags);
	if (!t->has_token && list_empty(&t->token_link)) {
		if (claims)
			list_add(&t->token_link, &lane->waiters);
		else
			list_add_tail(&t->token_link, &lane->waiters);
		if (!lane->holder)
			rr_lane_grant(lane);
	}
	raw_spin_unlock_irqrestore(&lane->lock, flags);
	return READ_ONCE(t->has_token);
}

static void rr_token_dequeue(struct rr_task *t)
{
	struct rr_lane *lane = t->lane;
	unsigned long flags;

	raw_spin_lock_irqsave(&lane->lock, flags);
	list_del_init(&t->token_link);
	raw_spin_unlock_irqrestore(&lane->lock, flags);
}

static s64 rr_token_patience(struct rr_task *holder)
{
	return clamp_t(s64, 2 * READ_ONCE(holder->patience), RR_FORCE_MIN_NS,
		       RR_FORCE_MAX_NS);
}

/* Of another task this is a hint: it may be given the token just now. */
static bool rr_token_has_had(struct rr_task *t, s64 ns)
{
	return ktime_to_ns(ktime_sub(ktime_get(), READ_ONCE(t->token_since))) > ns;
}

static bool rr_token_is_due(struct rr_task *holder)
{
	u64 stop_ns = READ_ONCE(holder->lane->stop_ns);

	return rr_token_has_had(holder, max_t(s64, RR_SLICE_NS, RR_STOP_SHARE * stop_ns));
}

/* Who else has the lane's token, referenced; NULL: nobody. */
static struct rr_task *rr_token_other(struct rr_task *t)
{
	struct rr_lane *lane = t->lane;
	struct rr_task *holder;
	unsigned long flags;

	raw_spin_lock_irqsave(&lane->lock, flags);
	holder = lane->holder != t ? lane->holder : NULL;
	if (holder)
		rr_task_get(holder);
	raw_spin_unlock_irqrestore(&lane->lock, flags);
	return holder;
}

/* How many are to have the token before @t? Not more than RR_TURNS. */
static unsigned int rr_token_turn(struct rr_task *t)
{
	struct rr_lane *lane = t->lane;
	unsigned int turn = 0;
	struct rr_task *other;
	unsigned long flags;

	raw_spin_lock_irqsave(&lane->lock, flags);
	list_for_each_entry(other, &lane->waiters, token_link)
		if (other == t || ++turn == RR_TURNS)
			break;
	raw_spin_unlock_irqrestore(&lane->lock, flags);
	return turn;
}

/*
 * The holder computes and we wait: make it look up, if we are next.
 * Return: when to look again, nanoseconds.
 */
static s64 rr_token_press(struct rr_task *t, ktime_t since, bool claims)
{
	unsigned int turn = claims ? 0 : rr_token_turn(t);
	struct rr_task *holder = rr_token_other(t);
	s64 patience;

	if (!holder)
		return RR_KICK_MIN_NS;
	/* The next one may have a lower priority than the holder, and not run at all. */
	if (turn && !rr_token_has_had(holder, RR_FORCE_MAX_NS)) {
		rr_task_put(holder);
		return min_t(s64, (turn + 1) * RR_KICK_MIN_NS, RR_KICK_MAX_NS);
	}
	patience = claims ? 0 : rr_token_patience(holder);
	since = max(since, READ_ONCE(holder->token_since));
	if (ktime_to_ns(ktime_sub(ktime_get(), since)) >= patience) {
		WRITE_ONCE(holder->force, true);
		patience = 0;	/* it is stopped at the first good place */
	}
	if (READ_ONCE(holder->stay) == RR_STAY_USER) {
		/* Many places do not suit. */
		if (rr_token_is_due(holder) && READ_ONCE(holder->nr_tries) < RR_PLACE_TRIES)
			patience = 0;
		rr_task_kick(holder);
	}
	rr_task_put(holder);
	return clamp_t(s64, patience / 8, RR_KICK_MIN_NS, RR_KICK_MAX_NS);
}

/**
 * rr_token_take() - wait for the lane's token
 * @t: current's
 * @killable: a fatal signal ends the wait
 *
 * Context: current, no locks held, sleeps.
 * Return: 0 with the token (or when the session has ended and nobody needs it),
 * -EINTR without.
 */
int rr_token_take(struct rr_task *t, bool killable)
{
	unsigned int state = killable ? TASK_KILLABLE : TASK_UNINTERRUPTIBLE;
	ktime_t since = ktime_get(), kick = ns_to_ktime(RR_KICK_MIN_NS);

	if (READ_ONCE(t->has_token) || rr_token_enqueue(t, false))
		return 0;
	for (;;) {
		set_current_state(state);
		if (READ_ONCE(t->has_token) || rr_session_ended(t->s))
			break;
		if (killable && fatal_signal_pending(current))
			break;
		schedule_hrtimeout_range(&kick, RR_KICK_MIN_NS / 4, HRTIMER_MODE_REL);
		__set_current_state(TASK_RUNNING);
		/* Given, and given back in a sleep of ours: queue again. */
		if (list_empty_careful(&t->token_link) && rr_token_enqueue(t, false))
			break;
		if (!READ_ONCE(t->has_token))
			kick = ns_to_ktime(rr_token_press(t, since, false));
	}
	__set_current_state(TASK_RUNNING);
	rr_token_dequeue(t);
	return READ_ONCE(t->has_token) || rr_session_ended(t->s) ? 0 : -EINTR;
}

/**
 * rr_token_yield_due() - should the holder let others compute?
 * @t: current's, at a sync point
 */
bool rr_token_yield_due(struct rr_task *t)
{
	return !list_empty(&t->lane->waiters) && rr_token_has_had(t, RR_SLICE_NS);
}

/**
 * rr_token_yields() - the program calls sched_yield(): are others to compute now?
 * @t: current's, with the token
 *
 * A thread may yield to give another of the lane what it spins for, or while it holds a
 * lock, and then passing the token is wasted. As with skis that one rents until that has
 * cost what buying does (Karlin et al., Competitive Snoopy Caching, 1988), no order of
 * calls costs more than twice what the best choice would.
 */
bool rr_token_yields(struct rr_task *t)
{
	return ++t->nr_yields % RR_NR_YIELDS == 0;
}

/**
 * rr_token_stop_due() - should the holder be stopped to let others compute?
 * @t: current's
 *
 * Return: true: yes, if it is in user mode, where that costs a replay no traps.
 */
bool rr_token_stop_due(struct rr_task *t)
{
	return !list_empty(&t->lane->waiters) && rr_token_is_due(t);
}

/**
 * rr_lane_computes() - is another task of the lane in user mode, or on its way to an event?
 * @t: current's, or one for which current logs something
 *
 * Return: what was so a moment ago.
 */
bool rr_lane_computes(struct rr_task *t)
{
	struct rr_task *holder = rr_token_other(t);
	bool computes;

	if (!holder)
		return false;
	/* @t may have left something behind that the holder, current, is to log. */
	computes = holder->task != current && READ_ONCE(holder->stay) <= RR_STAY_ENTRY;
	rr_task_put(holder);
	return computes;
}

/**
 * rr_token_claim() - have who computes in the lane come to an event
 * @t: current's, inside a call, without the token
 * @locked: with the mmap lock: it waits for some milliseconds only
 *
 * Whoever computes is stopped at once, and @t has the token next. It may be in a fault
 * that waits for a lock of @t's, and not come: so this does not wait for more than 10 s.
 * But a reader of the log that lags keeps all from computing, and is not to blame.
 *
 * Context: sleeps, also under locks of the kernel.
 * Return: true if nobody computes in the lane but @t.
 */
bool rr_token_claim(struct rr_task *t, bool locked)
{
	u64 limit = locked ? RR_CLAIM_LOCKED_NS : RR_CLAIM_NS;
	ktime_t since = ktime_get(), kick;

	while (!READ_ONCE(t->has_token) && rr_lane_computes(t)) {
		if (!locked && rr_out_full(t->s->out))
			since = ktime_get();
		if (rr_session_ended(t->s) || fatal_signal_pending(current) ||
		    ktime_to_ns(ktime_sub(ktime_get(), since)) > limit)
			break;
		if (rr_token_enqueue(t, true))
			break;
		kick = ns_to_ktime(rr_token_press(t, since, true));
		set_current_state(TASK_KILLABLE);
		if (!READ_ONCE(t->has_token))
			schedule_hrtimeout_range(&kick, RR_KICK_MIN_NS / 4, HRTIMER_MODE_REL);
		__set_current_state(TASK_RUNNING);
	}
	rr_token_dequeue(t);
	return READ_ONCE(t->has_token) || !rr_lane_computes(t);
}
