// SPDX-License-Identifier: GPL-2.0-only
#include "order.h"
#include "task.h"

static bool rr_order_is_prefix(const struct rrlog_event *e)
{
	return e->type == RRLOG_REVOKE || e->type == RRLOG_NOTE;
}

/* Died with its process, before the log says so: nothing is lost. */
static bool rr_order_nobody(struct rr_session *s, const struct rrlog_event *e)
{
	return e->task && xa_load(&s->gone, e->task);
}

/**
 * rr_order_disown() - a lane loses a range in some address space
 * @s: session
 * @lane: the lane; none of its tasks is in user mode
 * @space: as in struct rrlog_revoke; if no task of it is left, nothing is to be done
 * @start: page aligned
 * @len: bytes, page aligned
 * @left: what it still may do
 *
 * Context: does not sleep.
 */
void rr_order_disown(struct rr_session *s, struct rr_lane *lane, u64 space,
		     unsigned long start, unsigned long len, enum rr_crew_right left)
{
	struct rr_task *t;
	unsigned long id;

	/* A task lets go of its space under this lock. */
	xa_lock(&s->tasks);
	xa_for_each(&s->tasks, id, t) {
		if (!t->space || t->space->id != space)
			continue;
		rr_page_disown(t->space, lane->nr, start, len, left);
		break;
	}
	xa_unlock(&s->tasks);
}

static void rr_order_revoke(struct rr_session *s, struct rr_lane *lane,
			    const struct rrlog_revoke *revoke)
{
	u64 len = (u64)revoke->e.aux * PAGE_SIZE;

	/* The log may be hostile. */
	if (!PAGE_ALIGNED(revoke->addr) || len > TASK_SIZE_MAX ||
	    revoke->addr > TASK_SIZE_MAX - len)
		return;
	rr_order_disown(s, lane, revoke->space, revoke->addr, len,
			revoke->e.flags & RRLOG_REVOKE_DOWNGRADE ? RR_CREW_READ : RR_CREW_NONE);
}

/* Consume what the cursor is at. Caller holds the cursor. */
static void rr_order_drop(struct rr_session *s, struct rr_lane *lane,
			  const struct rrlog_event *e)
{
	lockdep_assert_held(&lane->cursor);
	if (e->type == RRLOG_REVOKE)
		rr_order_revoke(s, lane, (const void *)e);
	rr_in_next(s->in, lane->nr);
}

/* What has no place of its own is done here. Caller holds the cursor. */
static void rr_order_drop_prefix(struct rr_session *s, struct rr_lane *lane)
{
	const struct rrlog_event *e;

	while ((e = rr_in_peek(s->in, lane->nr)) && rr_order_is_prefix(e))
		rr_order_drop(s, lane, e);
}

/* What has happened: who waits for something else sleeps on. */
struct rr_order_news {
	struct rr_lane	*lane;
	u32		task;	/* whose turn it is in the lane; 0: the lane got on */
};

/*
 * Wakes only who can go on: with all woken at each event, many threads would do
 * little else. That none will go on is noticed by the last that begins to wait, or
 * by those that are all woken when a task ends or the log has got longer.
 */
static int rr_order_woken(struct wait_queue_entry *entry, unsigned int mode, int flags,
			  void *key)
{
	struct rr_waiter *w = container_of(entry, struct rr_waiter, entry);
	const struct rr_order_news *news = key;

	if (news && w->at ? !rr_order_ready(w->t->s, w->at) :
	    news && (news->task != w->t->id || news->lane != w->t->lane))
		return 0;
	return autoremove_wake_function(entry, mode, flags, key);
}

/**
 * rr_order_wait_init() - prepare to wait
 * @w: to initialise
 * @t: current's
 * @at: see struct rr_waiter
 */
void rr_order_wait_init(struct rr_waiter *w, struct rr_task *t, const struct rrlog_event *at)
{
	init_wait(&w->entry);
	w->entry.func = rr_order_woken;
	w->t = t;
	w->at = at;
}

/* Pairs with prepare_to_wait_event(): what happened is seen, or the waiter is. */
static void rr_order_wake(struct rr_session *s, struct rr_lane *lane, u32 task)
{
	struct rr_order_news news = { .lane = lane, .task = task };

	if ((task || s->nr_lanes > 1) && wq_has_sleeper(rr_in_wait(s->in)))
		__wake_up(rr_in_wait(s->in), TASK_NORMAL, 0, &news);
}

/* Something that does not often happen: whoever waits looks again. */
static void rr_order_wake_all(struct rr_session *s)
{
	wake_up_all(rr_in_wait(s->in));
}

static bool rr_order_all_wait(struct rr_session *s)
{
	return atomic_read(&s->waiting) >= atomic_read(&s->nr_tasks);
}

/* Has the task whose event it is been made, and come to the lane? */
static bool rr_order_is_here(struct rr_session *s, struct rr_lane *lane,
			     const struct rrlog_event *e)
{
	struct rr_task *t;
	bool here;

	xa_lock(&s->tasks);
	t = e->task ? xa_load(&s->tasks, e->task) : NULL;
	here = t && t->lane == lane;
	xa_unlock(&s->tasks);
	return here;
}

/*
 * Nobody of the lane is in user mode if it has no task, or if the one that is next is
 * not here yet: then the lane has arrived, and nobody else can say so.
 */
static void rr_order_vacant(struct rr_session *s, struct rr_lane *lane,
			    const struct rrlog_event *e)
{
	u64 nr = rr_in_event_nr(s->in, lane->nr);

	lockdep_assert_held(&lane->cursor);
	if (s->nr_lanes == 1 || lane->arrived >= nr ||
	    (atomic_read(&lane->tasks) && (!e || rr_order_is_here(s, lane, e))))
		return;
	/* Pairs with rr_edge_met(). */
	smp_store_release(&lane->arrived, nr);
	rr_order_wake(s, lane, 0);
}

/* The next event that has a place. Caller holds the cursor. */
static const struct rrlog_event *rr_order_peek(struct rr_session *s, struct rr_lane *lane)
{
	const struct rrlog_event *first, *e = NULL;
	bool dropped = false;

	lockdep_assert_held(&lane->cursor);
	while ((first = rr_in_peek(s->in, lane->nr))) {
		for (e = first; e && rr_order_is_prefix(e); )
			e = rr_in_after(s->in, lane->nr, e);
		if (!e || !rr_order_nobody(s, e))
			break;
		rr_order_drop(s, lane, first);
		dropped = true;
		e = NULL;
	}
	if (dropped)
		rr_order_wake_all(s);
	rr_order_vacant(s, lane, e);
	return e;
}

/**
 * rr_order_head() - the header of a lane's next event, copied
 * @s: session
 * @lane: the lane
 * @head: the copy: whoever the event is for may consume it, and the block with it,
 *	as soon as the cursor is free
 *
 * Return: false if there is none now.
 */
bool rr_order_head(struct rr_session *s, struct rr_lane *lane, struct rrlog_event *head)
{
	const struct rrlog_event *e;

	spin_lock(&lane->cursor);
	e = rr_order_peek(s, lane);
	if (e)
		*head = *e;
	spin_unlock(&lane->cursor);
	return e;
}

/**
 * rr_order_mine() - the next event if it is this task's
 * @t: current's
 *
 * Return: the event, which nobody else will consume; or NULL.
 */
const struct rrlog_event *rr_order_mine(struct rr_task *t)
{
	const struct rrlog_event *e;

	spin_lock(&t->lane->cursor);
	e = rr_order_peek(t->s, t->lane);
	if (e && e->task != t->id)
		e = NULL;
	spin_unlock(&t->lane->cursor);
	return e;
}

/**
 * rr_order_arrive() - user code has come to the next event, which is the task's
 * @t: current's; rr_order_mine() has returned the event
 *
 * What the lane has lost it loses here. Others may wait for this.
 */
void rr_order_arrive(struct rr_task *t)
{
	struct rr_lane *lane = t->lane;

	if (t->s->nr_lanes == 1)
		return;
	spin_lock(&lane->cursor);
	rr_order_drop_prefix(t->s, lane);
	/* Pairs with rr_edge_met(): accesses up to here come before. */
	smp_store_release(&lane->arrived, rr_in_event_nr(t->s->in, lane->nr));
	spin_unlock(&lane->cursor);
	rr_order_wake(t->s, lane, 0);
}

/**
 * rr_order_is_end() - is it of a task's end, that comes wherever user code is?
 * @e: the next event of a task that is in user mode, or is about to be; of one that is
 *	in the kernel, MEM says nothing
 *
 * What the kernel wrote at the end comes before EXIT, and what it needed for that.
 */
bool rr_order_is_end(const struct rrlog_event *e)
{
	switch (e->type) {
	case RRLOG_EXIT:
	case RRLOG_MEM:
		return true;
	case RRLOG_GRANT:
		return e->flags & RRLOG_GRANT_EXIT;
	case RRLOG_MOVE:
		return e->flags & RRLOG_MOVE_EXIT;
	}
	return false;
}

/**
 * rr_order_tell() - a lane's next event may be somebody else's
 * @s: session
 * @lane: the lane
 *
 * A task that computes cannot see that its death has come.
 */
void rr_order_tell(struct rr_session *s, struct rr_lane *lane)
{
	struct rrlog_event head;
	struct rr_task *other;

	if (!rr_order_head(s, lane, &head)) {
		/* The last task that could have gone on may have ended. */
		rr_order_wake_all(s);
		return;
	}
	xa_lock(&s->tasks);
	other = xa_load(&s->tasks, head.task);
	if (other && rr_order_is_end(&head))
		rr_task_kick(other);
	xa_unlock(&s->tasks);
	if (other)
		rr_order_wake(s, lane, head.task);
	else
		rr_order_wake_all(s);
}

/**
 * rr_order_next() - the event at hand, which is the task's, is done
 * @t: current's
 */
void rr_order_next(struct rr_task *t)
{
	struct rr_lane *lane = t->lane;

	spin_lock(&lane->cursor);
	rr_order_drop_prefix(t->s, lane);
	rr_in_next(t->s->in, lane->nr);
	spin_unlock(&lane->cursor);
	rr_order_wake(t->s, lane, 0);
	if (!rr_order_mine(t))
		rr_order_tell(t->s, lane);
}

static bool rr_edge_met(struct rr_session *s, const struct rrlog_edge *edge)
{
	struct rr_lane *lane = &s->lane[edge->lane];
	u64 next = rr_in_event_nr(s->in, edge->lane);

	if (edge->event < next)
		return true;
	if (edge->flags & RRLOG_EDGE_DONE)
		return edge->event == next;
	/* Pairs with rr_order_arrive(), rr_order_vacant(). */
	return edge->event <= smp_load_acquire(&lane->arrived);
}

/**
 * rr_order_ready() - has all that an event waits for come to pass?
 * @s: session
 * @e: the event
 */
bool rr_order_ready(struct rr_session *s, const struct rrlog_event *e)
{
	const struct rrlog_edge *edge;
	u32 i;

	if (e->type == RRLOG_GRANT)
		edge = ((const struct rrlog_grant *)e)->edge;
	else if (e->type == RRLOG_WAIT)
		edge = ((const struct rrlog_wait *)e)->edge;
	else
		return true;
	for (i = 0; i < e->aux; i++)
		if (!rr_edge_met(s, edge + i))
			return false;
	smp_rmb();	/* rr_edge_met() before what the event lets the task do */
	return true;
}

/**
 * rr_order_gone() - a task has ended
 * @s: session
 * @lane: where it was
 *
 * Events of this task are nobody's now: somebody else's may be next. And all others
 * may have begun to wait before it was gone, each counting on it: nobody would notice
 * that none goes on (rr_order_stuck()).
 *
 * Context: after rr_session_task_gone().
 */
void rr_order_gone(struct rr_session *s, struct rr_lane *lane)
{
	rr_order_tell(s, lane);
	/* One task less, then this look; rr_replay_await(): one more that waits, then its. */
	if (s->nr_lanes > 1 && rr_order_all_wait(s))
		rr_order_wake_all(s);
}

static bool rr_order_moves(struct rr_session *s, struct rr_lane *lane)
{
	/* Before the look: an event that comes in between is seen. */
	bool more = rr_in_stream_status(s->in) == RR_IN_OPEN;
	const struct rrlog_event *e;
	bool moves = false;

	spin_lock(&lane->cursor);
	e = rr_order_peek(s, lane);
	if (e)
		/* Its owner either is at its place, or will go there. */
		moves = rr_order_is_here(s, lane, e) &&
			(lane->arrived < rr_in_event_nr(s->in, lane->nr) ||
			 rr_order_ready(s, e));
	spin_unlock(&lane->cursor);
	return moves || (!e && more);
}

/**
 * rr_order_stuck() - will the lane's next event not come, or not be anybody's?
 * @s: session
 * @lane: the lane
 *
 * Several lanes: if all tasks wait, the current one included, and none will go on.
 */
bool rr_order_stuck(struct rr_session *s, struct rr_lane *lane)
{
	struct rrlog_event head;
	int left = atomic_read_acquire(&s->left);
	u32 i, round;

	if (s->nr_lanes == 1) {
		if (!rr_order_head(s, lane, &head))
			return rr_in_status(s->in, lane->nr) != RR_IN_OPEN;
		return !xa_load(&s->tasks, head.task);
	}
	if (!rr_order_all_wait(s))
		return false;
	/* Twice: that a lane is vacant may be noticed only at the first look. */
	for (round = 0; round < 2; round++)
		for (i = 0; i < s->nr_lanes; i++)
			if (rr_order_moves(s, &s->lane[i]))
				return false;
	/* Whoever went on meanwhile may have been in a lane that had been looked at. */
	smp_rmb();	/* pairs with rr_replay_await() */
	return atomic_read(&s->left) == left;
}
