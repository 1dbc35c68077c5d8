// SPDX-License-Identifier: GPL-2.0-only
#include <linux/math64.h>
#include <linux/sched/clock.h>

#include "merge.h"
#include "session.h"
#include "task.h"

/* So long is looked at, */
#define RR_FIGHT_NS		(50 * NSEC_PER_MSEC)
/* and this part of it, spent on taking pages from others, is too much. */
#define RR_FIGHT_SHARE		2
/*
 * Of threads that take turns, at a mutex or at a queue that has one, a tenth is too much:
 * they lose little in one lane. They want the same few pages again and again, and sleep
 * for each other, if only for one page in sixteen; and for a fifth of the time none of
 * the lane computes, as would be otherwise if there were much to do outside.
 */
#define RR_TURNS_SHARE		10
#define RR_TURNS_AGAIN		2
#define RR_TURNS_SLEEPS		16
#define RR_TURNS_TAKES		16
#define RR_TURNS_VACANT		5
/*
 * Threads that meet in one page while both compute, as those that spin, are faster
 * apart: in one lane each would have to be stopped by force. They show in the places
 * where a loser was at the page still.
 */
#define RR_FIGHT_STOPS		8
/*
 * Of threads of which only one computes at a time, as with an interpreter's lock, a
 * fifth, of both lanes together, is too much: both compute for less than half of the
 * time of one, and sleep for each other more often than they are stopped.
 */
#define RR_ALONE_SHARE		20
#define RR_ALONE_COMPUTES	75
/* So long they stay together, the first time; twice as long if that did not help. */
#define RR_MERGE_MIN_NS		(100ull * NSEC_PER_MSEC)
#define RR_MERGE_MAX_NS		(6400ull * NSEC_PER_MSEC)
#define RR_MERGE_CALM_NS	(1000ull * NSEC_PER_MSEC)
/*
 * A task that goes to lane 0 for memory that only that may use comes back when it does
 * not need it, as far as one can tell, or all workers that count in shared memory would
 * take turns there. Its pages move, too: so it stays longer if it soon came again.
 */
#define RR_HOME_MIN_NS		(4ull * NSEC_PER_MSEC)
#define RR_HOME_CALM_NS		(100ull * NSEC_PER_MSEC)

/* Is it one of the last that were taken? */
static bool rr_merge_again(struct rr_fight *fight, unsigned long addr)
{
	unsigned int i;
	bool again;

	for (i = 0; i < RR_FIGHT_PAGES - 1; i++)
		if (fight->last[i] == addr)
			break;
	again = fight->last[i] == addr;
	memmove(fight->last + 1, fight->last, i * sizeof(addr));
	fight->last[0] = addr;
	return again;
}

/**
 * rr_merge_taken() - the task has got a page from other lanes
 * @t: current's
 * @addr: page address
 * @ns: how long that took
 *
 * Context: with the token; the numbers are hints.
 */
void rr_merge_taken(struct rr_task *t, unsigned long addr, u64 ns)
{
	struct rr_fight *fight = &t->lane->fight;

	fight->ns += ns;
	if (t->stay == RR_STAY_USER)
		fight->user -= ns;
	fight->takes++;
	fight->again += rr_merge_again(fight, addr);
}

/**
 * rr_merge_stopped() - the task has touched a page that was taken from its lane
 * @t: current's
 * @ns: how long it took to say where
 */
void rr_merge_stopped(struct rr_task *t, u64 ns)
{
	t->lane->fight.ns += ns;
	t->lane->fight.user -= ns;
	t->lane->fight.stops++;
}

/**
 * rr_merge_sleeps() - the task is about to wait for another, by a futex
 * @t: current's
 */
void rr_merge_sleeps(struct rr_task *t)
{
	t->lane->fight.sleeps++;
}

/**
 * rr_merge_computes() - a task of the lane enters or leaves user mode
 * @lane: its lane
 * @computes: enters
 *
 * Context: has the token, or hands it on.
 */
void rr_merge_computes(struct rr_lane *lane, bool computes)
{
	struct rr_fight *fight = &lane->fight;
	u64 now = local_clock();

	if (fight->user_at)
		fight->user += now - fight->user_at;
	WRITE_ONCE(fight->user_at, computes ? now : 0);
}

/* Another's lane may have begun anew since @now. */
static u64 rr_merge_since(const struct rr_fight *fight, u64 now)
{
	u64 since = READ_ONCE(fight->since);

	return since < now ? now - since : 0;
}

static struct rr_look rr_merge_look(const struct rr_fight *fight, u64 now)
{
	u64 since = rr_merge_since(fight, now), at = READ_ONCE(fight->user_at);
	s64 user = READ_ONCE(fight->user);

	if (since < RR_FIGHT_NS / 2)
		return fight->look;
	if (at && at < now)
		user += now - at;
	return (struct rr_look) {
		.computes = user > 0 ? div64_u64(100 * user, since) : 0,
		.takes = div64_u64(100 * READ_ONCE(fight->ns), since),
		.sleeps = READ_ONCE(fight->sleeps),
		.stops = READ_ONCE(fight->stops),
	};
}

static bool rr_merge_is_alone(struct rr_look own, struct rr_look other, u32 takes)
{
	u32 sleeps = own.sleeps + other.sleeps;

	return own.takes + other.takes > RR_ALONE_SHARE &&
	       own.computes + other.computes < RR_ALONE_COMPUTES &&
	       sleeps > own.stops + other.stops && sleeps * RR_TURNS_SLEEPS > takes;
}

static bool rr_merge_is_dear(const struct rr_fight *fight, u64 since)
{
	return fight->ns * RR_FIGHT_SHARE > since &&
	       fight->takes > fight->stops * RR_FIGHT_STOPS;
}

static bool rr_merge_takes_turns(const struct rr_fight *fight, u64 since)
{
	return fight->takes >= RR_TURNS_TAKES && fight->ns * RR_TURNS_SHARE > since &&
	       READ_ONCE(fight->vacant) * RR_TURNS_VACANT > since &&
	       fight->again * RR_TURNS_AGAIN > fight->takes &&
	       fight->sleeps * RR_TURNS_SLEEPS > fight->takes;
}

/* Count anew. What is added meanwhile, and in another's lane, may be lost. */
static void rr_merge_restart(struct rr_fight *fight, struct rr_look look, u64 now)
{
	fight->look = look;
	WRITE_ONCE(fight->since, now);
	WRITE_ONCE(fight->ns, 0);
	WRITE_ONCE(fight->takes, 0);
	WRITE_ONCE(fight->again, 0);
	WRITE_ONCE(fight->stops, 0);
	WRITE_ONCE(fight->sleeps, 0);
	WRITE_ONCE(fight->vacant, 0);
	WRITE_ONCE(fight->user, 0);
	if (READ_ONCE(fight->user_at))
		WRITE_ONCE(fight->user_at, now);
}

static bool rr_merge_fights(struct rr_lane *lane, struct rr_lane *loser, u64 now)
{
	struct rr_fight *fight = &lane->fight;
	u64 since = rr_merge_since(fight, now);
	struct rr_look own, other;
	bool fights;

	if (since < RR_FIGHT_NS)
		return false;
	own = rr_merge_look(fight, now);
	other = rr_merge_look(&loser->fight, now);
	/* After a pause, what was before it says nothing. */
	fights = since < 4 * RR_FIGHT_NS &&
		 (rr_merge_is_dear(fight, since) || rr_merge_takes_turns(fight, since) ||
		  rr_merge_is_alone(own, other, fight->takes));
	rr_merge_restart(fight, own, now);
	/* One that takes nothing does not look. */
	if (rr_merge_since(&loser->fight, now) > 4 * RR_FIGHT_NS)
		rr_merge_restart(&loser->fight, other, now);
	return fights;
}

/* How long in another's lane? Longer, if less than @calm_ns after the last time. */
static void rr_merge_for(struct rr_task *t, u64 now, u64 min_ns, u64 calm_ns)
{
	if (t->apart && now - t->apart < calm_ns)
		t->merged_ns = clamp(2 * t->merged_ns, min_ns, RR_MERGE_MAX_NS);
	else
		t->merged_ns = min_ns;
}

/**
 * rr_merge_moved() - the task has come to another lane
 * @t: current's, with that lane's token: what it waited for that does not count
 * @from: where it was
 * @left: when it left that, local_clock()
 *
 * It came since the lanes fight (rr_merge_with()), back from there, or to lane 0 for
 * memory that only that may use.
 */
void rr_merge_moved(struct rr_task *t, struct rr_lane *from, u64 left)
{
	u64 now = local_clock();

	if (t->own_lane == t->lane) {
		t->own_lane = NULL;
		t->apart = now;
		return;
	}
	if (!t->merges)
		rr_merge_for(t, left, RR_HOME_MIN_NS, RR_HOME_CALM_NS);
	t->merges = false;
	if (!t->own_lane)
		t->own_lane = from;
	t->part = now + t->merged_ns;
}

/**
 * rr_merge_with() - the task is about to take a page from other lanes: too often?
 * @t: current's, in user mode
 * @losers: a bit per lane
 *
 * Return: the lane that the task should go on in, or NULL.
 */
struct rr_lane *rr_merge_with(struct rr_task *t, u64 losers)
{
	u64 now = local_clock();
	u32 nr = __ffs64(losers);

	/* Both may notice: the one in the higher lane goes. */
	if (!rr_merge_fights(t->lane, &t->s->lane[nr], now) || nr > t->lane->nr)
		return NULL;
	rr_merge_for(t, now, RR_MERGE_MIN_NS, RR_MERGE_CALM_NS);
	t->merges = true;
	return &t->s->lane[nr];
}

/**
 * rr_merge_part() - has the task been in another's lane for long enough?
 * @t: current's
 *
 * Return: its own lane, to go back to; or NULL.
 */
struct rr_lane *rr_merge_part(struct rr_task *t)
{
	return t->own_lane && local_clock() >= t->part ? t->own_lane : NULL;
}
