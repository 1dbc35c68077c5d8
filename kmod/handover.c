// SPDX-License-Identifier: GPL-2.0-only
#include <linux/delay.h>
#include <linux/futex.h>
#include <linux/highmem.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/sched/clock.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <asm/unistd.h>

#include "capture.h"
#include "diff.h"
#include "digest.h"
#include "event.h"
#include "handover.h"
#include "mapping.h"
#include "merge.h"
#include "record.h"
#include "task.h"
#include "tracepoints.h"

/*
 * A lane keeps what it took from others for so long, so that it gets on with it:
 * also if an instruction needs several pages, because each take begins a new hold.
 */
#define RR_HOLD_NS		(100 * NSEC_PER_USEC)
/* Copies of lost pages that a lane keeps between two events. */
#define RR_LATE_COPIES		64
#define RR_LATE_KEPT	2	/* pages of a batch: what lies over a border */
/* Who was denied a page for so long takes it in any case: nobody starves. */
#define RR_DENIED_NS		(2 * NSEC_PER_MSEC)

/* Pages that a lane has lost without an event; its next one logs REVOKEs first. */
struct rr_late {
	struct list_head	link;		/* rr_lane.late */
	struct rr_space		*space;		/* referenced */
	unsigned long		addr;
	unsigned long		pages;
	void			*copy[RR_LATE_KEPT];	/* of the first ones, if written */
	u32			hashed;		/* bit per page: @hash of it was taken */
	u64			hash[];		/* of what the lane has left there */
};

/**
 * struct rr_edges - what an event of a lane waits for
 * @losers: lanes that must arrive at their next events, or, if @idle, at older ones
 * @idle: lanes of @losers that have not used the pages since those
 * @last: bit per lane: it must have come to @event
 * @done: bit per lane of @last: RRLOG_EDGE_DONE
 * @event: per lane of @last
 * @next: per lane that is locked: number of its next event, or of that older one
 */
struct rr_edges {
	u64	losers;
	u64	idle;
	u64	last;
	u64	done;
	u64	event[RR_SPACE_LANES_MAX];
	u64	next[RR_SPACE_LANES_MAX];
};

static u64 rr_bit(u32 lane)
{
	return 1ull << lane;
}

static bool rr_edges_any(const struct rr_edges *e)
{
	return e->losers | e->last;
}

/* The further along, the more it says; at the same event, arrival says more. */
static void rr_edges_add(struct rr_edges *e, u32 me, const struct rr_crew_edge *edge)
{
	u64 bit = rr_bit(edge->lane);
	bool known = e->last & bit;

	if (!edge->valid || edge->lane == me || (known && edge->event < e->event[edge->lane]))
		return;
	if (!edge->done)
		e->done &= ~bit;
	else if (!known || edge->event > e->event[edge->lane])
		e->done |= bit;
	e->last |= bit;
	e->event[edge->lane] = edge->event;
}

static u32 rr_edges_count(const struct rr_edges *e)
{
	return hweight64(e->losers | e->last);
}

static void rr_edges_write(const struct rr_edges *e, struct rrlog_edge *to)
{
	u64 lanes = e->losers | e->last;
	u32 lane;

	for (; lanes; lanes &= lanes - 1) {
		lane = __ffs64(lanes);
		to->lane = lane;
		/* What a loser arrives at is behind its last use of the pages. */
		if (e->losers & rr_bit(lane)) {
			to->event = e->next[lane];
		} else {
			to->event = e->event[lane];
			to->flags = e->done & rr_bit(lane) ? RRLOG_EDGE_DONE : 0;
		}
		to++;
	}
}

/* ---- lanes, locked together ---- */

static void rr_lanes_lock(struct rr_task *t, struct rr_edges *e)
{
	u64 lanes = e->losers | rr_bit(t->lane->nr);
	u32 lane;

	for (; lanes; lanes &= lanes - 1) {
		lane = __ffs64(lanes);
		rr_out_lock(t->s->out, lane);
		e->next[lane] = rr_out_nr(t->s->out, lane);
	}
}

static void rr_lanes_unlock(struct rr_task *t, const struct rr_edges *e)
{
	u64 lanes = e->losers | rr_bit(t->lane->nr);

	for (; lanes; lanes &= lanes - 1)
		rr_out_unlock(t->s->out, __ffs64(lanes));
}

/* The lane is locked. Returns false if the stream takes no more. */
static bool rr_event_wait(struct rr_task *t, const struct rr_edges *e)
{
	u32 n = rr_edges_count(e);
	struct rrlog_wait *wait;

	wait = rr_event_put(t, RRLOG_WAIT, 0, n, struct_size(wait, edge, n));
	if (!wait)
		return false;
	rr_edges_write(e, wait->edge);
	rr_event_done(t);
	return true;
}

static void rr_edges_log(struct rr_task *t, const struct rr_edges *e)
{
	bool ok;

	if (!rr_edges_any(e) || rr_session_ended(t->s))
		return;
	rr_out_lock(t->s->out, t->lane->nr);
	ok = rr_handover_settle(t) && rr_event_wait(t, e);
	rr_out_unlock(t->s->out, t->lane->nr);
	if (!ok)
		rr_event_failed(t);
}

/**
 * rr_handover_after() - what the task logs next comes behind an event of another lane
 * @t: current's
 * @edge: that event; maybe none, or of the same lane
 */
void rr_handover_after(struct rr_task *t, const struct rr_crew_edge *edge)
{
	struct rr_edges e = { 0 };

	rr_edges_add(&e, t->lane->nr, edge);
	rr_edges_log(t, &e);
}

/**
 * rr_handover_after_all() - what the task logs next comes behind all that is logged
 * @t: current's
 */
void rr_handover_after_all(struct rr_task *t)
{
	struct rr_crew_edge edge = { .valid = true, .done = true };
	struct rr_edges e = { 0 };

	for (edge.lane = 0; edge.lane < t->s->nr_lanes; edge.lane++) {
		rr_out_lock(t->s->out, edge.lane);
		edge.event = rr_out_nr(t->s->out, edge.lane);
		rr_out_unlock(t->s->out, edge.lane);
		rr_edges_add(&e, t->lane->nr, &edge);
	}
	rr_edges_log(t, &e);
}

/* ---- what is late ---- */

static void rr_late_uncopy(struct rr_late *late)
{
	size_t i;

	for (i = 0; i < RR_LATE_KEPT; i++) {
		kfree(late->copy[i]);
		late->copy[i] = NULL;
	}
}

static void rr_late_forget(struct rr_late *late)
{
	rr_late_uncopy(late);
	late->hashed = 0;
}

static void rr_late_free(struct rr_late *late)
{
	rr_late_uncopy(late);
	rr_space_put(late->space);
	kfree(late);
}

static void rr_late_drop(struct list_head *list)
{
	struct rr_late *late, *next;

	list_for_each_entry_safe(late, next, list, link)
		rr_late_free(late);
}

/* One for each lane of @lanes, before locks are taken. */
static bool rr_late_prepare(struct list_head *spare, struct rr_space *space, u64 lanes,
			    unsigned long addr, unsigned long pages)
{
	unsigned long hashes = pages <= RR_AHEAD_PAGES ? pages : 0;
	struct rr_late *late;

	for (; lanes; lanes &= lanes - 1) {
		late = kmalloc(struct_size(late, hash, hashes), GFP_KERNEL);
		if (!late)
			return false;
		rr_space_get(space);
		*late = (struct rr_late){ .space = space, .addr = addr, .pages = pages };
		list_add(&late->link, spare);
	}
	return true;
}

/* The lane has lost something: it will say so. The lane is locked. */
static void rr_late_add(struct rr_session *s, u32 nr, struct list_head *spare)
{
	struct rr_late *late = list_first_entry(spare, struct rr_late, link);
	struct rr_lane *lane = &s->lane[nr];

	if (memchr_inv(late->copy, 0, sizeof(late->copy)) && ++lane->nr_copies > RR_LATE_COPIES)
		rr_late_uncopy(late);
	list_move_tail(&late->link, &lane->late);
}

/* A replay will wait for the lanes' next events. They are locked, and late. */
static void rr_late_press(struct rr_session *s, u64 lanes)
{
	for (; lanes; lanes &= lanes - 1)
		rr_lane_lost(&s->lane[__ffs64(lanes)]);
}

/* For the event that the task is about to log: it tells its place from others. */
static void rr_late_tell(struct rr_task *t, const struct rr_late *late)
{
	unsigned long i, left = late->hashed;

	if (!t->left || late->space != t->space)
		return;
	for (i = 0; i < RR_LATE_KEPT; i++)
		if (late->copy[i])
			rr_record_kept(t, late->addr + i * PAGE_SIZE, late->copy[i]);
	for_each_set_bit(i, &left, RR_AHEAD_PAGES)
		if (t->nr_left < RR_LEFT_MAX)
			t->left[t->nr_left++] = (struct rrlog_page_hash){
				.addr = late->addr + i * PAGE_SIZE, .hash = late->hash[i],
			};
}

/* A run of pages of which a lane keeps the same. */
struct rr_run {
	unsigned long		start;
	unsigned long		end;
	enum rr_crew_right	left;
};

/* A REVOKE has no room for more: 16 TiB. */
#define RR_RUN_MAX	((u64)U32_MAX << PAGE_SHIFT)

/*
 * The next run at or after @addr of what the lane has lost there. Pages of which it
 * has no more anyway may lie in between.
 */
static bool rr_late_next(struct rr_late *late, u32 lane, unsigned long addr,
			 struct rr_run *run)
{
	unsigned long end = late->addr + late->pages * PAGE_SIZE;
	struct rr_crew_page *page;
	enum rr_crew_right left;
	bool any = false;

	spin_lock(&late->space->lock);
	for (; (page = rr_page_state_next(late->space, &addr, end)); addr += PAGE_SIZE) {
		left = rr_crew_right(page, lane);
		if (any && (left > run->left || addr - run->start >= RR_RUN_MAX))
			break;
		if (!rr_crew_is_late(page, lane))
			continue;
		if (any && left != run->left)
			break;
		rr_crew_settle(page, lane, &left);
		if (!any)
			*run = (struct rr_run){ .start = addr, .left = left };
		run->end = addr + PAGE_SIZE;
		any = true;
	}
	spin_unlock(&late->space->lock);
	return any;
}

static bool rr_late_settle(struct rr_task *t, struct rr_late *late)
{
	struct rrlog_revoke *revoke;
	struct rr_run run = { .end = late->addr };
	unsigned long pages;

	while (rr_late_next(late, t->lane->nr, run.end, &run)) {
		pages = (run.end - run.start) >> PAGE_SHIFT;
		revoke = rr_event_put(t, RRLOG_REVOKE,
				      run.left == RR_CREW_READ ? RRLOG_REVOKE_DOWNGRADE : 0,
				      pages, sizeof(*revoke));
		if (!revoke)
			return false;
		revoke->addr = run.start;
		revoke->space = late->space->id;
		rr_event_done(t);
		rr_stat_inc(t->s, RR_STAT_REVOKES);
		trace_rrcrew_revoke(t->lane->nr, t->id, run.start, pages,
				    run.left == RR_CREW_READ);
	}
	return true;
}

/**
 * rr_handover_settle() - log what the task's lane has lost since its last event
 * @t: whose event comes next
 *
 * Context: the lane is locked (rr_out_lock()); may sleep.
 * Return: false if the log takes no more.
 */
bool rr_handover_settle(struct rr_task *t)
{
	struct rr_late *late, *next;

	list_for_each_entry_safe(late, next, &t->lane->late, link) {
		if (!rr_late_settle(t, late))
			return false;
		rr_late_tell(t, late);
		list_del(&late->link);
		rr_late_free(late);
	}
	t->lane->nr_copies = 0;
	rr_lane_settled(t->lane);
	return true;
}

/**
 * rr_handover_is_late() - has the task's lane lost something that it has not logged?
 * @t: current's
 */
bool rr_handover_is_late(struct rr_task *t)
{
	bool late;

	rr_out_lock(t->s->out, t->lane->nr);
	late = !list_empty(&t->lane->late);
	rr_out_unlock(t->s->out, t->lane->nr);
	return late;
}

/**
 * rr_handover_forget() - drop what lanes have not logged
 * @s: recording session that nobody uses any more
 */
void rr_handover_forget(struct rr_session *s)
{
	u32 i;

	for (i = 0; i < s->nr_lanes; i++)
		rr_late_drop(&s->lane[i].late);
}

/* ---- a page changes hands ---- */

/* Does one of the losers still need what it took? */
static bool rr_take_held(struct rr_task *t, u64 losers)
{
	u64 now = local_clock();

	if (!t->denied)
		t->denied = now;
	if (now - t->denied > RR_DENIED_NS)
		return false;
	for (; losers; losers &= losers - 1)
		if (now - READ_ONCE(t->s->lane[__ffs64(losers)].granted) < RR_HOLD_NS)
			return true;
	return false;
}

/* Is the address space about to change there? */
static bool rr_take_op(struct rr_task *t, unsigned long addr, bool owned)
{
	struct rr_op *op = &t->space->op;

	/* Its own change does not hold up a task that goes on in lane 0 meanwhile. */
	return op->active && op->lane != t->lane->nr && !t->holds_op &&
	       (!owned || (addr >= op->start && addr < op->end));
}

static void rr_take_zap(struct rr_space *space, u64 lanes, unsigned long start,
			unsigned long end, struct rr_session *s)
{
	bool any;

	spin_lock(&space->lock);
	/* What a notifier has zapped it may not have flushed yet. */
	any = rr_lanes_zap(space, lanes, start, end) || space->invalidating;
	spin_unlock(&space->lock);
	if (!any)
		return;
	rr_space_flush(space, start, end);
	rr_stat_inc(s, RR_STAT_FLUSHES);
}

/* The page has come: how long was it waited for? */
static void rr_take_waited(struct rr_task *t, u64 ns)
{
	unsigned int bucket = fls64(div_u64(ns, NSEC_PER_USEC));

	atomic64_inc(&t->s->waits[min_t(unsigned int, bucket, RRCREW_NR_WAITS - 1)]);
}

/**
 * struct rr_batch - pages that a lane takes in one step
 * @vma: mapping, or NULL if it is not known
 * @addr: the page that is needed
 * @needs: so many are from there on; 0: who knows
 * @want: what the task asked for
 * @pages: that one, and those behind it that come with it
 * @act: what rr_crew_decide() says, of each of them but for its edge
 * @e: what the event waits for
 */
struct rr_batch {
	struct vm_area_struct	*vma;
	unsigned long		addr;
	unsigned int		needs;
	enum rr_crew_right	want;
	unsigned long		pages;
	struct rr_crew_actions	act;
	struct rr_edges		e;
};

/* Caller holds rr_space.lock. */
static struct rr_crew_actions rr_take_decide(struct rr_task *t, struct rr_crew_page *page,
					     unsigned long addr, enum rr_crew_right want)
{
	return rr_crew_decide(page, t->lane->nr, want, page->writer &&
			      rr_page_written(t->space, __ffs64(page->writer), addr), 0);
}

/* Can the same event give the page at @addr? Then it waits for what that needs, too. */
static bool rr_take_joins(struct rr_task *t, struct rr_batch *b, unsigned long addr)
{
	struct rr_crew_actions next;
	struct rr_crew_page *page;
	bool joins = false;

	if (rr_take_op(t, addr, true) || rr_page_is_home(t->space, addr))
		return false;
	spin_lock(&t->space->lock);
	page = rr_page_state(t->space, addr);
	if (page && page->owned && !rr_crew_is_async(page, t->lane->nr, b->act.right)) {
		next = rr_take_decide(t, page, addr, b->act.right);
		joins = next.verdict == RR_CREW_TAKE && next.right == b->act.right &&
			next.losers == b->act.losers;
		if (joins)
			rr_edges_add(&b->e, t->lane->nr, &next.last);
	}
	spin_unlock(&t->space->lock);
	return joins;
}

/*
 * How many may come? Twice as many as last time for a task that takes the page behind
 * those, as in file readahead; code, which nobody writes, costs nobody anything.
 */
static unsigned int rr_take_window(struct rr_task *t, const struct rr_batch *b)
{
	if (b->needs && !b->act.page_in)
		return min_t(unsigned int, b->needs, RR_AHEAD_PAGES);
	if (!b->vma || b->act.page_in)
		return 1;
	if (!(b->vma->vm_flags & VM_WRITE))
		return RR_AHEAD_PAGES;
	/* Two streams: what is copied is read and written. */
	if (t->ahead[1].next == b->addr)
		swap(t->ahead[0], t->ahead[1]);
	if (t->ahead[0].next == b->addr)
		return min_t(unsigned int, 2 * t->ahead[0].pages, RR_AHEAD_PAGES);
	swap(t->ahead[0], t->ahead[1]);
	return 1;
}

static void rr_take_ahead(struct rr_task *t, struct rr_batch *b)
{
	unsigned int window = rr_take_window(t, b);
	unsigned long addr;

	for (b->pages = 1; b->pages < window; b->pages++) {
		addr = b->addr + b->pages * PAGE_SIZE;
		if ((b->vma && addr >= b->vma->vm_end) || !rr_take_joins(t, b, addr))
			break;
	}
	if (b->vma && !b->act.page_in)
		t->ahead[0] = (struct rr_ahead){
			.next = b->addr + b->pages * PAGE_SIZE, .pages = b->pages,
		};
}

static void rr_take_count(struct rr_session *s, const struct rr_batch *b)
{
	rr_stat_inc(s, RR_STAT_GRANTS);
	rr_stat_add(s, RR_STAT_PAGES, b->pages);
	if (b->act.right != RR_CREW_WRITE)
		return;
	rr_stat_inc(s, RR_STAT_EXCLUSIVE);
	if (b->want != RR_CREW_WRITE)
		rr_stat_inc(s, RR_STAT_MIGRATORY);
}

static bool rr_take_grant(struct rr_task *t, const struct rr_batch *b)
{
	u8 flags = (b->act.right == RR_CREW_WRITE ? RRLOG_GRANT_EXCLUSIVE : 0) |
		   (t->stay == RR_STAY_USER ? 0 : RRLOG_GRANT_KERNEL) |
		   (t->stay == RR_STAY_EXIT ? RRLOG_GRANT_EXIT : 0);
	u32 n = rr_edges_count(&b->e);
	struct rrlog_grant *grant;

	grant = rr_event_put(t, RRLOG_GRANT, flags, n, struct_size(grant, edge, n));
	if (!grant)
		return false;
	grant->addr = b->addr | (b->pages - 1);
	rr_edges_write(&b->e, grant->edge);
	rr_event_done(t);
	rr_take_count(t->s, b);
	return true;
}

/* Change the side table. The lanes are locked. */
static void rr_take_apply(struct rr_task *t, struct rr_batch *b, struct list_head *spare)
{
	unsigned long i, addr = b->addr;
	struct rr_crew_page *page;
	u64 was, lanes = 0;

	spin_lock(&t->space->lock);
	for (i = 0; i < b->pages; i++, addr += PAGE_SIZE) {
		page = rr_page_state(t->space, addr);
		was = page->late_read | page->late_write;
		rr_crew_apply(page, t->lane->nr, &b->act, b->e.next);
		lanes |= (page->late_read | page->late_write) & ~was;
	}
	spin_unlock(&t->space->lock);
	for (i = 0; i < b->pages; i++)
		rr_page_used(t->space, t->lane->nr, b->addr + i * PAGE_SIZE);
	for (; lanes; lanes &= lanes - 1)
		rr_late_add(t->s, __ffs64(lanes), spare);
	rr_late_press(t->s, b->act.losers & ~b->e.idle);
}

/*
 * Which losers have not used the pages for some time? What they then arrived at is far
 * enough, and likely past already: a replay does not wait. The losers' tables are zapped.
 */
static void rr_take_idle(struct rr_task *t, struct rr_batch *b)
{
	u64 losers = b->act.losers, event;
	u32 lane;

	b->e.idle = 0;
	for (; losers; losers &= losers - 1) {
		lane = __ffs64(losers);
		event = rr_page_idle(t->space, lane, b->addr, b->pages);
		if (!event)
			continue;
		b->e.idle |= rr_bit(lane);
		b->e.next[lane] = min(b->e.next[lane], event);
	}
}

static bool rr_take_log(struct rr_task *t, struct rr_batch *b, struct list_head *spare,
			pte_t pte, struct page *page)
{
	bool write = b->act.right == RR_CREW_WRITE, ok;

	/* Arguments read before that replay cannot read again: see rr_record_hash(). */
	t->settled |= !list_empty(&t->lane->late);
	ok = rr_handover_settle(t);
	if (ok && b->act.page_in && rr_edges_any(&b->e))
		ok = rr_event_wait(t, &b->e);
	b->e.next[t->lane->nr] = rr_out_nr(t->s->out, t->lane->nr);
	rr_take_apply(t, b, spare);
	if (ok && b->act.page_in)
		ok = rr_record_pagein(t, b->addr, page, pte_pfn(pte), write);
	else if (ok)
		ok = rr_take_grant(t, b);
	return ok;
}

/* Has the loser written there? Then its page, referenced. */
static struct page *rr_take_written(struct rr_task *t, struct rr_batch *b, unsigned long addr)
{
	struct page *page = NULL;
	bool written;
	pte_t pte;

	spin_lock(&t->space->lock);
	written = rr_page_state(t->space, addr)->writer & b->act.losers & ~b->e.idle;
	spin_unlock(&t->space->lock);
	if (written)
		rr_official_get(t->space->mm, addr, &pte, &page);
	return page;
}

/*
 * What the pages' writer, the only loser then, has left there: if it stops before it
 * comes to another event, these bytes, which the taker is about to change, tell that
 * place from others with the same registers. Its entries are flushed, the taker's not
 * filled. One for which the page is idle has not passed a place that uses it.
 */
static void rr_take_keep(struct rr_task *t, struct rr_batch *b, struct list_head *spare)
{
	struct rr_late *late = list_first_entry(spare, struct rr_late, link);
	struct page *page;
	unsigned long i;
	void *data;

	for (i = 0; i < b->pages; i++) {
		page = rr_take_written(t, b, b->addr + i * PAGE_SIZE);
		if (!page)
			continue;
		data = kmap_local_page(page);
		late->hash[i] = rr_digest(data, PAGE_SIZE, 0, false);
		late->hashed |= BIT(i);
		if (i < RR_LATE_KEPT)
			late->copy[i] = kmemdup(data, PAGE_SIZE, GFP_KERNEL);
		kunmap_local(data);
		put_page(page);
	}
}

/**
 * rr_handover_kept() - what did the task's lane leave in a page that it has lost?
 * @t: current's
 * @addr: of the first word that is wanted
 * @word: the words, in one page
 * @n: how many
 *
 * Return: false if that is not known.
 */
bool rr_handover_kept(struct rr_task *t, unsigned long addr, u64 *word, size_t n)
{
	struct rr_late *late;
	bool known = false;
	unsigned long i;

	rr_out_lock(t->s->out, t->lane->nr);
	list_for_each_entry(late, &t->lane->late, link) {
		i = (addr - late->addr) >> PAGE_SHIFT;
		if (late->space != t->space || i >= RR_LATE_KEPT || !late->copy[i])
			continue;
		memcpy(word, late->copy[i] + offset_in_page(addr), n * sizeof(*word));
		known = true;
	}
	rr_out_unlock(t->s->out, t->lane->nr);
	return known;
}

/*
 * Would the lane lose something at an event of a call that has given away the token,
 * while another of its tasks computes? That may have used it until then, and in a
 * replay may do so after that event. The lane is locked.
 *
 * Who computes since it was lost cannot have used it: it is flushed before it is late,
 * and the flush orders the look at that task's stay behind its use.
 */
static bool rr_take_between(struct rr_task *t)
{
	return t->stay == RR_STAY_SYSCALL && !READ_ONCE(t->has_token) &&
	       !list_empty(&t->lane->late) && rr_lane_computes(t);
}

/*
 * Another lane's change of the address space may be why a page can be used that nobody has
 * used before: nothing in the side table tells of that.
 */
static void rr_take_behind_op(struct rr_task *t, struct rr_edges *e)
{
	const struct rr_op *op = &t->space->op;

	if (op->seen[t->lane->nr] != op->nr)
		rr_edges_add(e, t->lane->nr, &op->last);
}

/* From the losers' tables to the log. */
static enum rr_take rr_take_now(struct rr_task *t, struct rr_batch *b)
{
	u64 losers = b->act.losers;
	struct page *page = NULL;
	bool ok, between = false;
	LIST_HEAD(spare);
	pte_t pte;

	if (b->act.page_in && !rr_official_get(t->space->mm, b->addr, &pte, &page))
		return RR_TAKE_AGAIN;
	if (b->act.page_in && !page && !page_is_ram(pte_pfn(pte)))
		rr_session_note(t, "unsound: device memory at 0x%lx", b->addr);
	rr_edges_add(&b->e, t->lane->nr, &b->act.last);
	rr_take_ahead(t, b);
	if (losers)
		rr_take_zap(t->space, losers, b->addr, b->addr + b->pages * PAGE_SIZE, t->s);
	ok = rr_late_prepare(&spare, t->space, losers, b->addr, b->pages);
	rr_take_idle(t, b);
	if (ok && losers)
		rr_take_keep(t, b, &spare);
	if (ok && !rr_session_ended(t->s)) {
		rr_lanes_lock(t, &b->e);
		/*
		 * Again: what an event has told of the pages meanwhile counts as a use.
		 * Of idle ones the loser's next event, which may be behind what the taker
		 * does, must not tell.
		 */
		rr_take_idle(t, b);
		if (b->e.idle && losers)
			rr_late_forget(list_first_entry(&spare, struct rr_late, link));
		between = rr_take_between(t);
		ok = between || rr_take_log(t, b, &spare, pte, page);
		rr_lanes_unlock(t, &b->e);
	}
	rr_late_drop(&spare);
	if (page)
		put_page(page);
	if (!ok)
		rr_event_failed(t);
	if (rr_session_ended(t->s))
		return RR_TAKE_FAILED;
	if (between)
		return RR_TAKE_TOKEN;
	if (losers)
		WRITE_ONCE(t->lane->granted, local_clock());
	t->taken = b->pages;
	return RR_TAKE_HAVE;
}

/**
 * rr_handover_is_home() - is this memory that only lane 0 may use?
 * @space: address space
 * @vma: mapping, or NULL
 * @addr: user address
 *
 * Context: mmap lock held.
 */
bool rr_handover_is_home(struct rr_space *space, struct vm_area_struct *vma,
			 unsigned long addr)
{
	if (rr_page_is_home(space, addr))
		return true;
	if (!vma || !vma->vm_file || !(vma->vm_flags & VM_MAYSHARE))
		return false;
	/* Other addresses, and other processes, may see the same memory. */
	return (vma->vm_flags & VM_SHARED) || mapping_writably_mapped(vma->vm_file->f_mapping);
}

/**
 * rr_handover_take() - a task needs a right to a page
 * @t: whose
 * @vma: mapping, or NULL if it is not known
 * @addr: user address
 * @want: RR_CREW_READ or RR_CREW_WRITE
 * @needs: it needs so many pages from there on, as long as they change hands in the
 *	same way; 0: not known
 *
 * Hand-over by stealing: the losers are not stopped and not asked (DESIGN.md,
 * section 5; the rules and their model are in crew/protocol.h).
 *
 * Context: rr_space.pagein and the mmap lock held; may sleep, does not wait for
 * other tasks.
 */
enum rr_take rr_handover_take(struct rr_task *t, struct vm_area_struct *vma,
			      unsigned long addr, enum rr_crew_right want,
			      unsigned int needs)
{
	struct rr_space *space = t->space;
	u32 me = t->lane->nr;
	struct rr_batch b = { .vma = vma, .addr = addr & PAGE_MASK, .needs = needs, .want = want };
	struct rr_crew_page *page;
	enum rr_take how;
	bool late, owned;
	u64 began, waited;

	addr &= PAGE_MASK;
	if (rr_page_prepare(space, addr)) {
		rr_session_end(t->s, RRCREW_RESULT_BROKEN, "no memory to own a page");
		return RR_TAKE_FAILED;
	}
	spin_lock(&space->lock);
	page = rr_page_state(space, addr);
	late = (t->stay == RR_STAY_USER || t->stay == RR_STAY_ENTRY) &&
	       rr_crew_is_async(page, me, want);
	owned = page->owned;
	/* Who comes first will likely write it, too: one event in place of two. */
	if (!owned && vma && (vma->vm_flags & VM_WRITE))
		want = RR_CREW_WRITE;
	b.act = rr_take_decide(t, page, addr, want);
	b.e.losers = b.act.losers;
	spin_unlock(&space->lock);

	t->taken = 0;
	t->move_to = NULL;
	if (b.act.verdict == RR_CREW_HAVE) {
		t->denied = 0;
		return RR_TAKE_HAVE;
	}
	if (late)
		return RR_TAKE_LATE;
	if (me && rr_handover_is_home(space, vma, addr)) {
		t->move_to = &t->s->lane[0];
		return RR_TAKE_MOVE;
	}
	if (rr_take_op(t, addr, owned) || (b.act.losers && rr_take_held(t, b.act.losers))) {
		rr_stat_inc(t->s, RR_STAT_DENIED);
		return RR_TAKE_BUSY;
	}
	if (b.act.losers && t->stay == RR_STAY_USER)
		t->move_to = rr_merge_with(t, b.act.losers);
	if (t->move_to)
		return RR_TAKE_MOVE;
	began = local_clock();
	waited = t->denied ? began - t->denied : 0;
	t->denied = 0;
	if (b.act.page_in)
		rr_take_behind_op(t, &b.e);
	how = rr_take_now(t, &b);
	if (how != RR_TAKE_HAVE)
		return how;
	if (b.act.page_in)
		space->op.seen[me] = space->op.nr;
	if (b.act.losers) {
		rr_take_waited(t, waited);
		rr_merge_taken(t, addr, waited + local_clock() - began);
	}
	trace_rrcrew_grant(me, t->id, addr, b.pages, b.act.right == RR_CREW_WRITE,
			   b.act.losers, waited);
	rr_record_taken(t);
	return how;
}

/* ---- what the kernel has written ---- */

/* Near runs of bytes are one event: so many bytes between them cost less. */
#define RR_COMMIT_GAP	64

/* --check=full: reads the call's arguments, so no locks may be held. */
static void rr_commit_check(struct rr_task *t, unsigned long addr, struct rr_copy *copy)
{
	size_t start = 0, from, till;

	for (; rr_copy_next(copy, start, 0, &from, &till); start = till)
		rr_record_captured(t, addr + from, till - from);
}

/* Change what the kernel has changed, from @start to @end. */
static void rr_commit_run(struct rr_copy *copy, u8 *to, size_t start, size_t end)
{
	const u8 *now = page_address(copy->now);
	size_t from, till;

	for (; start < end && rr_copy_next(copy, start, 0, &from, &till); start = till)
		memcpy(to + from, now + from, till - from);
}

/* What lies between is logged as it is: nobody else changes it now. */
static void rr_commit_write(struct rr_task *t, unsigned long addr, struct rr_copy *copy,
			    u8 *to, bool log)
{
	size_t from = 0, start, end;

	while (rr_copy_next(copy, from, RR_COMMIT_GAP, &start, &end)) {
		rr_commit_run(copy, to, start, end);
		if (log)
			rr_record_mem(t, addr + start, to + start, end - start);
		from = end;
	}
}

/*
 * A task's end: the kernel has changed robust futexes in its copy. Others may have
 * changed them as well, and say so in other bits; so only its bits are changed.
 */
static void rr_commit_words(struct rr_copy *copy, const u8 *real)
{
	const u32 *before = page_address(copy->before);
	u32 *now = page_address(copy->now), i;

	for (i = 0; i < PAGE_SIZE / sizeof(*now); i++)
		if (now[i] != before[i])
			now[i] = ((const u32 *)real)[i] ^ before[i] ^ now[i];
}

/* Who has begun to wait since the kernel looked at them is woken now. */
static void rr_commit_wake(struct rr_task *t, unsigned long addr, struct rr_copy *copy)
{
	const u32 *now = page_address(copy->now), *before = page_address(copy->before);
	u32 i;

	for (i = 0; i < PAGE_SIZE / sizeof(*now); i++)
		if (now[i] & ~before[i] & FUTEX_OWNER_DIED)
			rr_syscall_make(t, __NR_futex, addr + i * sizeof(*now), FUTEX_WAKE, 1,
					0, 0);
}

static bool rr_page_is_owned(struct rr_space *space, unsigned long addr)
{
	struct rr_crew_page *page;
	bool owned;

	spin_lock(&space->lock);
	page = rr_page_state(space, addr);
	owned = page && page->owned;
	spin_unlock(&space->lock);
	return owned;
}

/*
 * Nobody gets the page from the write until its bytes are logged, because
 * rr_space.pagein is held: this is the transaction of SMP-ReVirt's DMA rule. An
 * unowned page needs no log, its first touch finds the bytes; unless it is of memory that
 * may be owned elsewhere.
 */
static enum rr_take rr_commit_try(struct rr_task *t, unsigned long addr,
				  struct rr_copy *copy, unsigned int pages, bool log)
{
	enum rr_take how = RR_TAKE_HAVE;
	struct page *page;
	bool home;
	pte_t pte;
	u8 *to;

	log = log && !rr_session_ended(t->s);
	home = log && rr_handover_is_home(t->space, vma_lookup(t->space->mm, addr), addr);
	if (home && t->lane->nr)
		return RR_TAKE_MOVE;
	if (!rr_official_get(t->space->mm, addr, &pte, &page))
		return RR_TAKE_AGAIN;
	if (!page)
		return RR_TAKE_FAILED;
	if (!pte_write(pte)) {
		put_page(page);
		return RR_TAKE_AGAIN;
	}
	/* At a task's end a replay that does not know yet that it has come takes none. */
	log = log && ((home && t->stay != RR_STAY_EXIT) || rr_page_is_owned(t->space, addr));
	if (log)
		how = rr_handover_take(t, NULL, addr, RR_CREW_WRITE, pages);
	if (how == RR_TAKE_HAVE || how == RR_TAKE_FAILED) {
		to = kmap_local_page(page);
		if (t->stay == RR_STAY_EXIT && copy->before)
			rr_commit_words(copy, to);
		rr_commit_write(t, addr, copy, to, how == RR_TAKE_HAVE && log);
		kunmap_local(to);
		set_page_dirty_lock(page);
	}
	put_page(page);
	return how;
}

static int rr_commit_fault_in(struct rr_space *space, unsigned long addr)
{
	int ret;

	/* Another task's may be on its way out. */
	if (!mmget_not_zero(space->mm))
		return -EFAULT;
	mmap_read_lock(space->mm);
	ret = fixup_user_fault(space->mm, addr, FAULT_FLAG_WRITE, NULL);
	mmap_read_unlock(space->mm);
	mmput(space->mm);
	return ret;
}

/* Is there another try to make? The mmap lock is not held, so what was in the way goes. */
static bool rr_commit_again(struct rr_task *t, struct rr_space *space, unsigned long addr,
			    enum rr_take how)
{
	switch (how) {
	case RR_TAKE_BUSY:
	case RR_TAKE_TOKEN:
		usleep_range(20, 50);
		return true;
	case RR_TAKE_MOVE:
		if (t->task != current)
			return false;
		rr_record_move(t, &t->s->lane[0]);
		return true;
	case RR_TAKE_AGAIN:
		return !rr_commit_fault_in(space, addr);
	case RR_TAKE_LATE:
		rr_session_end(t->s, RRCREW_RESULT_BROKEN,
			       "the kernel wrote to lost memory before the log told of the loss");
		return false;
	default:
		return false;
	}
}

/**
 * rr_handover_commit() - make visible, and log, what the kernel wrote to a page
 * @t: current's, on the process's own table
 * @addr: page address
 * @copy: the page as the kernel left it, and as it was
 * @pages: it wrote so many from there on
 * @log: write MEM events
 *
 * Context: sleeps. Return: 0; what was unmapped meanwhile is nobody's to see.
 */
int rr_handover_commit(struct rr_task *t, unsigned long addr, struct rr_copy *copy,
		       unsigned int pages, bool log)
{
	struct rr_space *space = t->space;
	enum rr_take how;

	if (log && t->s->flags & RRCREW_F_CHECK_FULL)
		rr_commit_check(t, addr, copy);
	do {
		mmap_read_lock(space->mm);
		mutex_lock(&space->pagein);
		how = rr_commit_try(t, addr, copy, pages, log);
		mutex_unlock(&space->pagein);
		mmap_read_unlock(space->mm);
	} while (rr_commit_again(t, space, addr, how));
	if (t->stay == RR_STAY_EXIT && copy->before)
		rr_commit_wake(t, addr, copy);
	return 0;
}

static enum rr_take rr_log_try(struct rr_task *t, unsigned long addr, size_t len)
{
	struct vm_area_struct *vma;
	enum rr_take how;
	struct page *page;
	pte_t pte;
	u8 *from;

	if (!rr_page_is_owned(t->space, addr))
		return RR_TAKE_HAVE;
	vma = vma_lookup(t->space->mm, addr);
	if (t->lane->nr && t->task == current && rr_handover_is_home(t->space, vma, addr))
		return RR_TAKE_MOVE;
	/* Migrated or swapped out since it was written. */
	if (!rr_official_get(t->space->mm, addr, &pte, &page))
		return RR_TAKE_AGAIN;
	if (!page)
		return RR_TAKE_FAILED;
	how = rr_handover_take(t, NULL, addr, RR_CREW_WRITE, 1);
	if (how == RR_TAKE_HAVE) {
		from = kmap_local_page(page);
		rr_record_mem(t, addr, from + offset_in_page(addr), len);
		kunmap_local(from);
	}
	put_page(page);
	return how;
}

/**
 * rr_handover_log() - log bytes that the kernel has written in place
 * @t: whose call it was; nobody else could see them, or the page is lane 0's, to which
 *	it then goes
 * @addr: where
 * @len: bytes, within a page
 *
 * Context: sleeps. Return: 0.
 */
int rr_handover_log(struct rr_task *t, unsigned long addr, size_t len)
{
	struct rr_space *space = rr_task_space_get(t);
	enum rr_take how;

	if (!space)
		return 0;
	do {
		mmap_read_lock(space->mm);
		mutex_lock(&space->pagein);
		how = t->space == space ? rr_log_try(t, addr, len) : RR_TAKE_FAILED;
		mutex_unlock(&space->pagein);
		mmap_read_unlock(space->mm);
	} while (rr_commit_again(t, space, addr, how));
	rr_space_put(space);
	return 0;
}

/* ---- the address space changes ---- */

/* The first owned page at or after @addr, or NULL; rr_space.lock is held. */
static struct rr_crew_page *rr_range_next(struct rr_space *space, unsigned long *addr,
					  unsigned long end)
{
	struct rr_crew_page *page;

	for (; (page = rr_page_state_next(space, addr, end)); *addr += PAGE_SIZE)
		if (page->owned)
			return page;
	return NULL;
}

/* Who has rights in a range, and where the last writers let go. */
static void rr_range_edges(struct rr_space *space, u32 me, unsigned long start,
			   unsigned long end, struct rr_edges *e)
{
	struct rr_crew_actions act;
	struct rr_crew_page *page;
	unsigned long addr;

	lockdep_assert_held(&space->lock);
	for (addr = start; (page = rr_range_next(space, &addr, end)); addr += PAGE_SIZE) {
		act = rr_crew_decide_disown(page, me, 0);
		e->losers |= act.losers;
		rr_edges_add(e, me, &act.last);
	}
}

/* All but @me lose the range, as of the event that waits for @e. */
static void rr_range_revoke(struct rr_space *space, u32 me, unsigned long start,
			    unsigned long end, const struct rr_edges *e)
{
	struct rr_crew_actions act;
	struct rr_crew_page *page;
	unsigned long addr;

	spin_lock(&space->lock);
	for (addr = start; (page = rr_range_next(space, &addr, end)); addr += PAGE_SIZE) {
		act = rr_crew_decide_disown(page, me, 0);
		rr_crew_revoke(page, me, &act, e->next);
	}
	spin_unlock(&space->lock);
}

static bool rr_range_log(struct rr_task *t, struct rr_space *space, unsigned long start,
			 unsigned long end, struct rr_edges *e, struct list_head *spare)
{
	u64 lanes = e->losers;
	bool ok;

	rr_lanes_lock(t, e);
	ok = rr_handover_settle(t);
	e->next[t->lane->nr] = rr_out_nr(t->s->out, t->lane->nr);
	ok = ok && rr_event_wait(t, e);
	rr_range_revoke(space, t->lane->nr, start, end, e);
	for (; lanes; lanes &= lanes - 1)
		rr_late_add(t->s, __ffs64(lanes), spare);
	rr_lanes_unlock(t, e);
	return ok;
}

/*
 * Take a range from all other lanes, in favour of none, and wait in the log for
 * all that has to come before. Caller holds rr_space.pagein.
 */
static void rr_range_take(struct rr_task *t, struct rr_space *space, unsigned long start,
			  unsigned long end, struct rr_edges *e)
{
	u32 me = t->lane->nr;
	LIST_HEAD(spare);
	bool ok = true;

	spin_lock(&space->lock);
	rr_range_edges(space, me, start, end, e);
	spin_unlock(&space->lock);
	if (e->losers)
		rr_take_zap(space, e->losers, start, end, t->s);
	if (rr_edges_any(e) && !rr_session_ended(t->s)) {
		ok = rr_late_prepare(&spare, space, e->losers, start,
				     (end - start) >> PAGE_SHIFT);
		ok = ok && rr_range_log(t, space, start, end, e, &spare);
	}
	rr_late_drop(&spare);
	if (!ok)
		rr_event_failed(t);
}

static bool rr_op_lock(struct rr_task *t)
{
	if (t->holds_op)
		return true;
	t->holds_op = !mutex_lock_killable(&t->space->op.lock);
	return t->holds_op;
}

/**
 * rr_handover_op_begin() - the task is about to change its address space
 * @t: current's, in a system call
 *
 * Until rr_handover_op_end() other lanes neither change it nor get pages that are
 * unowned, or in what rr_handover_op_range() names.
 *
 * Context: sleeps; no locks held. Does nothing with one lane.
 */
void rr_handover_op_begin(struct rr_task *t)
{
	struct rr_op *op = &t->space->op;
	struct rr_edges e = { 0 };
	u32 i;

	if (!rr_task_parallel(t) || t->holds_op || !rr_op_lock(t))
		return;
	mutex_lock(&t->space->pagein);
	op->lane = t->lane->nr;
	op->start = 0;
	op->end = 0;
	op->active = true;
	rr_edges_add(&e, op->lane, &op->last);
	for (i = 0; i < t->space->nr_lanes; i++) {
		struct rr_crew_edge trap = { .lane = i, .event = op->trap[i], .done = true,
					     .valid = op->trap[i] };

		rr_edges_add(&e, op->lane, &trap);
		op->trap[i] = 0;
	}
	rr_range_take(t, t->space, 0, 0, &e);
	mutex_unlock(&t->space->pagein);
}

/**
 * rr_handover_op_range() - where the change will be
 * @t: current's, behind rr_handover_op_begin()
 * @start: first byte
 * @len: bytes
 *
 * All other lanes lose it now: what they did there comes before the change.
 */
void rr_handover_op_range(struct rr_task *t, unsigned long start, unsigned long len)
{
	unsigned long end = PAGE_ALIGN(start + len);
	struct rr_op *op = &t->space->op;
	struct rr_edges e = { 0 };

	start &= PAGE_MASK;
	if (!t->holds_op || !len || start >= end || end > TASK_SIZE_MAX)
		return;
	mutex_lock(&t->space->pagein);
	op->start = op->end ? min(op->start, start) : start;
	op->end = max(op->end, end);
	rr_range_take(t, t->space, start, end, &e);
	mutex_unlock(&t->space->pagein);
}

/**
 * rr_handover_op_all() - the address space is about to be copied
 * @t: current's, behind rr_handover_op_begin()
 *
 * What the task's lane may read goes to the child as the log has it, so until the
 * copy is logged no other lane takes anything. What they have they keep, and write:
 * the child's first touch of that logs the contents.
 */
void rr_handover_op_all(struct rr_task *t)
{
	struct rr_op *op = &t->space->op;

	if (!t->holds_op)
		return;
	mutex_lock(&t->space->pagein);
	op->start = 0;
	op->end = TASK_SIZE_MAX;
	mutex_unlock(&t->space->pagein);
}

/**
 * rr_handover_op_done() - an event says what has changed
 * @t: current's
 * @event: its number
 */
void rr_handover_op_done(struct rr_task *t, u64 event)
{
	if (!t->holds_op)
		return;
	t->space->op.last = (struct rr_crew_edge){
		.lane = t->lane->nr, .event = event + 1, .valid = true, .done = true,
	};
	t->space->op.seen[t->lane->nr] = ++t->space->op.nr;
}

/**
 * rr_handover_op_end() - the change is logged, or did not take place
 * @t: current's
 */
void rr_handover_op_end(struct rr_task *t)
{
	if (!t->holds_op)
		return;
	mutex_lock(&t->space->pagein);
	t->space->op.active = false;
	mutex_unlock(&t->space->pagein);
	t->holds_op = false;
	mutex_unlock(&t->space->op.lock);
}

/* The task leaves the group, wherever it is. */
void rr_handover_abort(struct rr_task *t)
{
	if (t->space)
		rr_handover_op_end(t);
}

/* Caller holds rr_space.pagein. */
static void rr_range_release(struct rr_task *t, struct rr_space *space, unsigned long start,
			     unsigned long end, u64 event, bool owned)
{
	struct rr_crew_page *page;
	unsigned long addr;

	rr_take_zap(space, rr_bit(t->lane->nr), start, end, t->s);
	spin_lock(&space->lock);
	for (addr = start; (page = rr_range_next(space, &addr, end)); addr += PAGE_SIZE) {
		rr_crew_release(page, t->lane->nr, event);
		page->owned = owned;
	}
	spin_unlock(&space->lock);
}

/**
 * rr_handover_release() - an event of the task has changed a range
 * @t: current's; all other lanes have lost the range
 * @space: address space
 * @start: page aligned
 * @len: bytes
 * @event: number of the event
 * @owned: the contents are as the log has them; else the next touch logs them
 *
 * The task's own lane loses the range as well, as replay does at that event.
 */
void rr_handover_release(struct rr_task *t, struct rr_space *space, unsigned long start,
			 unsigned long len, u64 event, bool owned)
{
	mutex_lock(&space->pagein);
	rr_range_release(t, space, start, start + PAGE_ALIGN(len), event, owned);
	mutex_unlock(&space->pagein);
}

/**
 * rr_handover_moved() - an mremap() of the task is logged
 * @t: current's; all other lanes have lost both ranges
 * @from: old address
 * @to: new address
 * @len: bytes that moved
 * @event: number of the event
 */
void rr_handover_moved(struct rr_task *t, unsigned long from, unsigned long to,
		       unsigned long len, u64 event)
{
	struct rr_space *space = t->space;
	struct rr_crew_page *page;
	unsigned long off, at;

	rr_handover_release(t, space, to, len, event, false);
	mutex_lock(&space->pagein);
	for (at = from; ; at += PAGE_SIZE) {
		spin_lock(&space->lock);
		page = rr_range_next(space, &at, from + len);
		spin_unlock(&space->lock);
		if (!page)
			break;
		off = at - from;
		if (rr_page_prepare(space, to + off))
			continue;	/* without memory it is paged in again, for sure */
		spin_lock(&space->lock);
		page = rr_page_state(space, to + off);
		page->owned = true;
		rr_crew_release(page, t->lane->nr, event);
		spin_unlock(&space->lock);
	}
	mutex_unlock(&space->pagein);
	rr_handover_release(t, space, from, len, event, false);
}

/**
 * rr_handover_unown_begin() - a range has changed behind the mapping
 * @t: current's, whose next event says so
 * @space: address space, maybe another process's
 * @start: page aligned
 * @end: first byte after it
 *
 * Until rr_handover_unown_end() nobody takes a page: who took one of these before the
 * event would lose it again, with what it had meanwhile written, as of no event.
 *
 * Context: sleeps; takes rr_space.pagein.
 */
void rr_handover_unown_begin(struct rr_task *t, struct rr_space *space, unsigned long start,
			     unsigned long end)
{
	struct rr_edges e = { 0 };

	mutex_lock(&space->pagein);
	rr_range_take(t, space, start, end, &e);
}

/**
 * rr_handover_unown_end() - that it has is logged
 * @t: current's
 * @space: as for rr_handover_unown_begin()
 * @start: as well
 * @end: as well
 * @event: number of the event
 */
void rr_handover_unown_end(struct rr_task *t, struct rr_space *space, unsigned long start,
			   unsigned long end, u64 event)
{
	rr_range_release(t, space, start, end, event, false);
	mutex_unlock(&space->pagein);
}

/**
 * rr_handover_trap_begin() - an access of the task has raised a signal
 * @t: current's, at the TRAP
 *
 * Whether it does depends on what is mapped: nobody changes that until
 * rr_handover_op_end() or rr_handover_trap_end().
 *
 * Context: sleeps while another lane changes the address space.
 * Return: false: the task is about to die.
 */
bool rr_handover_trap_begin(struct rr_task *t)
{
	return rr_op_lock(t);
}

/**
 * rr_handover_stolen() - has the lane lost a page that replay still lets it use?
 * @t: current's, in user mode
 * @addr: user address
 * @write: it has been written to
 */
bool rr_handover_stolen(struct rr_task *t, unsigned long addr, bool write)
{
	enum rr_crew_right want = write ? RR_CREW_WRITE : RR_CREW_READ;
	struct rr_crew_page *page;
	bool stolen;

	spin_lock(&t->space->lock);
	page = rr_page_state(t->space, addr);
	stolen = page && rr_crew_is_async(page, t->lane->nr, want);
	spin_unlock(&t->space->lock);
	return stolen;
}

/**
 * rr_handover_trap_end() - the TRAP is logged
 * @t: current's
 * @event: its number
 */
void rr_handover_trap_end(struct rr_task *t, u64 event)
{
	if (!t->holds_op)
		return;
	/* The next change of the address space comes behind it. */
	t->space->op.trap[t->lane->nr] = event + 1;
	rr_handover_op_end(t);
}
