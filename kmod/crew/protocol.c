// SPDX-License-Identifier: GPL-2.0-only
#include "protocol.h"

static u64 rr_crew_bit(u32 lane)
{
	return 1ull << lane;
}

/**
 * rr_crew_right() - what may a lane do with a page now?
 * @page: state of the page
 * @lane: number of the lane
 *
 * Context: any; the caller keeps @page from changing, here and in all of this file.
 */
enum rr_crew_right rr_crew_right(const struct rr_crew_page *page, u32 lane)
{
	if (page->writer & rr_crew_bit(lane))
		return RR_CREW_WRITE;
	return page->readers & rr_crew_bit(lane) ? RR_CREW_READ : RR_CREW_NONE;
}

/**
 * rr_crew_is_async() - must replay search for the place of this fault?
 * @page: state of the page
 * @lane: lane that has faulted in user mode, before it settles
 * @want: what it needs
 *
 * It must if the replayed lane, which does not know yet that it has lost the page,
 * would not fault here.
 */
bool rr_crew_is_async(const struct rr_crew_page *page, u32 lane, enum rr_crew_right want)
{
	u64 late = want == RR_CREW_WRITE ? page->late_write : page->late_read;

	return rr_crew_right(page, lane) < want && (late & rr_crew_bit(lane));
}

/**
 * rr_crew_held() - whose pages may a lane not take now?
 * @ticket: per lane: when the instruction began that it has faulted for and, as far
 *	as is known, not executed; 0 if it has gone on. No two are equal
 * @nr_lanes: how many there are
 * @lane: the lane that wants a page; has a ticket
 *
 * The oldest holds what it has got against the others and takes from all of them, so
 * it gets on, also if its instruction needs several pages; then the next is the
 * oldest. (Wait-die, with pages in place of locks.)
 *
 * Return: a bit per lane.
 */
u64 rr_crew_held(const u64 *ticket, u32 nr_lanes, u32 lane)
{
	u64 held = 0;
	u32 other;

	for (other = 0; other < nr_lanes; other++)
		if (ticket[other] && ticket[other] < ticket[lane])
			held |= rr_crew_bit(other);
	return held;
}

/**
 * rr_crew_decide() - a lane needs a right to a page
 * @page: state of the page
 * @lane: the lane
 * @want: RR_CREW_READ or RR_CREW_WRITE
 * @dirty: the page's writer has written since it was granted
 * @held: lanes that keep what they have, from rr_crew_held()
 *
 * The edges of a grant are enough because of what each holder's own grant has
 * waited for: a reader's has waited for the last writer, a writer's for all before.
 * They are without cycle because a loser arrives at its next event by running alone,
 * after an event that is complete when the taker takes. (SMP-ReVirt, section 4.3,
 * with the loser not stopped.)
 *
 * Return: what the caller has to do; nothing has changed yet.
 */
struct rr_crew_actions rr_crew_decide(const struct rr_crew_page *page, u32 lane,
				      enum rr_crew_right want, bool dirty, u64 held)
{
	u64 me = rr_crew_bit(lane);
	struct rr_crew_actions act = { .verdict = RR_CREW_TAKE, .right = want };

	if (rr_crew_right(page, lane) >= want) {
		act.verdict = RR_CREW_HAVE;
		return act;
	}
	if (page->pinned) {
		act.verdict = RR_CREW_WAIT;
		act.losers = page->writer;
		return act;
	}
	/* One fault in place of two for data that moves from writer to writer. */
	if (page->migratory && page->writer && dirty)
		act.right = RR_CREW_WRITE;
	act.losers = (act.right == RR_CREW_WRITE ? page->readers : page->writer) & ~me;
	if (act.losers & held) {
		act.verdict = RR_CREW_WAIT;
		act.losers &= held;
		return act;
	}
	act.page_in = !page->owned;
	/* With losers, theirs have waited for it; with a right, the lane's own has. */
	if (!act.losers && !(page->readers & me) && page->last.lane != lane)
		act.last = page->last;
	return act;
}

/* The lanes of @losers keep @left until they settle. */
static void rr_crew_late(struct rr_crew_page *page, u64 losers, enum rr_crew_right left)
{
	page->late_write |= losers & page->writer;
	page->writer &= ~losers;
	if (left == RR_CREW_READ)
		return;
	page->late_read |= losers & page->readers;
	page->readers &= ~losers;
}

/* From now on the page is what event @event of @lane has made of it. */
static void rr_crew_done(struct rr_crew_page *page, u32 lane, u64 event)
{
	page->last.lane = lane;
	page->last.event = event + 1;
	page->last.valid = true;
	page->last.done = true;
}

/* Where a page's writer, if it is among @losers, lets go. */
static void rr_crew_let_go(struct rr_crew_page *page, u64 losers, const u64 *next)
{
	u64 writer = page->writer & losers;

	if (!writer)
		return;
	page->last.lane = __builtin_ctzll(writer);
	page->last.event = next[page->last.lane];
	page->last.valid = true;
	page->last.done = false;
}

/**
 * rr_crew_apply() - the losers' tables are flushed: the page changes hands
 * @page: state of the page, unchanged since rr_crew_decide()
 * @lane: the lane that gets it; has settled its own late pages
 * @act: from rr_crew_decide(), RR_CREW_TAKE
 * @next: per lane, the number of its next event, or of that behind which it has not used
 *	the page; for @lane that of the GRANT
 *
 * The caller holds off events of the losers between reading @next and this.
 */
void rr_crew_apply(struct rr_crew_page *page, u32 lane,
		   const struct rr_crew_actions *act, const u64 *next)
{
	u64 me = rr_crew_bit(lane);
	bool upgrade = page->readers & me;

	/* Read, then written, and nobody else but the writer before it has read. */
	if (act->right == RR_CREW_WRITE && upgrade)
		page->migratory = page->last.valid &&
				  page->readers == (me | rr_crew_bit(page->last.lane));
	else if (act->right == RR_CREW_READ)
		page->migratory = false;
	rr_crew_let_go(page, act->losers, next);
	rr_crew_late(page, act->losers,
		     act->right == RR_CREW_READ ? RR_CREW_READ : RR_CREW_NONE);
	page->readers |= me;
	if (act->right == RR_CREW_WRITE)
		page->writer = me;
	/* Paging in writes the page: who shares it comes after. */
	if (act->page_in) {
		page->owned = true;
		rr_crew_done(page, lane, next[lane]);
	}
}

/**
 * rr_crew_decide_disown() - a page's contents are to change behind the log
 * @page: state of the page
 * @lane: lane whose event (munmap, ...) does it; none of its own bytes are pinned
 * @held: as for rr_crew_decide()
 *
 * Return: RR_CREW_WAIT as for rr_crew_decide(); else RR_CREW_TAKE, and the event
 * waits for each of the losers to arrive at its next event, and for the last edge.
 */
struct rr_crew_actions rr_crew_decide_disown(const struct rr_crew_page *page, u32 lane,
					     u64 held)
{
	struct rr_crew_actions act = rr_crew_decide(page, lane, RR_CREW_WRITE, false, held);

	if (act.verdict == RR_CREW_HAVE)
		act.verdict = RR_CREW_TAKE;
	act.page_in = false;
	return act;
}

/**
 * rr_crew_disown() - take a page away from all lanes; its next touch pages it in
 * @page: state of the page, unchanged since rr_crew_decide_disown()
 * @lane: lane whose event does it; has settled
 * @act: from rr_crew_decide_disown()
 * @next: per lane, the number of its next event; for @lane that of the event itself
 *
 * The lane's own right ends with the event, which replay knows.
 */
void rr_crew_disown(struct rr_crew_page *page, u32 lane,
		    const struct rr_crew_actions *act, const u64 *next)
{
	rr_crew_late(page, act->losers, RR_CREW_NONE);
	rr_crew_release(page, lane, next[lane]);
	page->owned = false;
}

/**
 * rr_crew_revoke() - take a page from all other lanes, in favour of none
 * @page: state of the page, unchanged since rr_crew_decide_disown()
 * @lane: lane whose event waits for them; keeps what it has; has settled
 * @act: from rr_crew_decide_disown()
 * @next: per lane, the number of its next event; for @lane that of the WAIT
 */
void rr_crew_revoke(struct rr_crew_page *page, u32 lane,
		    const struct rr_crew_actions *act, const u64 *next)
{
	rr_crew_late(page, act->losers, RR_CREW_NONE);
	rr_crew_done(page, lane, next[lane]);
}

/**
 * rr_crew_release() - nobody has a right to the page any more
 * @page: state of the page; no lane but @lane has a right
 * @lane: lane whose event does it; its own right ends with that, as replay knows
 * @event: number of the event
 */
void rr_crew_release(struct rr_crew_page *page, u32 lane, u64 event)
{
	page->readers = 0;
	page->writer = 0;
	page->migratory = false;
	rr_crew_done(page, lane, event);
}

/**
 * rr_crew_is_late() - has a lane lost something that it has not logged?
 * @page: state of the page
 * @lane: the lane
 */
bool rr_crew_is_late(const struct rr_crew_page *page, u32 lane)
{
	return (page->late_read | page->late_write) & rr_crew_bit(lane);
}

/**
 * rr_crew_settle() - a lane is about to log an event
 * @page: state of the page
 * @lane: the lane
 * @left: out: what it still may do with the page
 *
 * Return: true if a REVOKE must be logged before the event.
 */
bool rr_crew_settle(struct rr_crew_page *page, u32 lane, enum rr_crew_right *left)
{
	u64 me = rr_crew_bit(lane);

	if (!rr_crew_is_late(page, lane))
		return false;
	page->late_read &= ~me;
	page->late_write &= ~me;
	*left = rr_crew_right(page, lane);
	return true;
}
