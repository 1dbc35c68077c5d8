/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who may use a page: the CREW protocol (concurrent read, exclusive write) as a
 * pure core, (state, request) -> (state, actions). It knows no page table, lock,
 * task or allocation; model_protocol.c runs it through every interleaving of small
 * programs and every replay of what they log. Builds in the kernel and in user
 * space.
 *
 * The hand-over, "steal, and place the revoke at the loser's next event": the taker
 * takes at once and stops nobody. Its GRANT waits in replay until each loser has
 * arrived at its next event, whichever that will be. A loser logs its REVOKE before
 * that event, and until then the page is *late*: replay still lets the lane use it.
 * If the loser touches a late page first, nothing in its program marks that place:
 * it logs an ASYNC, and that is the next event.
 *
 * A loser that has not used a page since some older event has let go of it there: the
 * caller may give that one's successor as its next event, which likely is past when a
 * replay looks. To use is to read or write, to have got it, and that an event of the
 * lane tells of its bytes. The loser's REVOKE comes at its next event all the same.
 *
 * What a caller must do so that this is right:
 * - the page is locked (no second request, no refill) from rr_crew_decide() on,
 *   while the losers' table entries are cleared and their TLBs flushed, until
 *   rr_crew_apply(), which reads the losers' event numbers. Flushed before: an
 *   access after the event that the edge names would be one that replay refuses;
 * - a lane settles all its late pages before it numbers any event, and the REVOKEs
 *   are numbered first. A REVOKE's place is that of the event behind it;
 * - what the kernel writes for a lane is pinned from the write until the bytes are
 *   logged. Whoever wants a pinned page waits; a task that sleeps or gives its
 *   lane's token away logs its bytes first, so the wait ends.
 */
#ifndef RR_CREW_PROTOCOL_H
#define RR_CREW_PROTOCOL_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stdint.h>
typedef uint32_t u32;
typedef uint64_t u64;
#endif

/* A lane's right to a page; each includes those before it. */
enum rr_crew_right {
	RR_CREW_NONE,
	RR_CREW_READ,		/* shared with others */
	RR_CREW_WRITE,		/* exclusive */
};

/*
 * An edge: "lane has arrived at its event" (FDR, RTR). Event 0 of a lane is its start.
 * @done: what counts is that the event before is complete; user code may run behind it.
 */
struct rr_crew_edge {
	u64	event;
	u32	lane;
	bool	valid;
	bool	done;
};

/**
 * struct rr_crew_page - the side table's entry: a function of the log alone
 * @readers: bit per lane that may read
 * @writer: bit of the lane that may write; then @readers is the same
 * @late_read: lanes that may not read any more, but in replay may until their
 *	next event
 * @late_write: the same for writing
 * @last: where the last writer let go, or the contents were logged
 * @owned: the log has the contents
 * @pinned: @writer's kernel side has written bytes that are not logged
 * @migratory: who reads it is going to write it
 *
 * Lanes are numbered below 64.
 */
struct rr_crew_page {
	u64			readers;
	u64			writer;
	u64			late_read;
	u64			late_write;
	struct rr_crew_edge	last;
	bool			owned;
	bool			pinned;
	bool			migratory;
};

enum rr_crew_verdict {
	RR_CREW_HAVE,		/* it has the right: fill the table, log nothing */
	RR_CREW_TAKE,		/* clear and flush the losers' entries, apply, log */
	RR_CREW_WAIT,		/* for @losers: pinned, or held (rr_crew_held()) */
};

/**
 * struct rr_crew_actions - what a request asks of its caller
 * @verdict: what to do
 * @right: to grant; may be more than was asked for (migratory)
 * @losers: lanes that lose the page or, with @right RR_CREW_READ, become readers;
 *	the GRANT waits for each to arrive at its next event
 * @last: further edge of the GRANT, if valid
 * @page_in: log the contents with the GRANT
 */
struct rr_crew_actions {
	enum rr_crew_verdict	verdict;
	enum rr_crew_right	right;
	u64			losers;
	struct rr_crew_edge	last;
	bool			page_in;
};

enum rr_crew_right rr_crew_right(const struct rr_crew_page *page, u32 lane);
u64 rr_crew_held(const u64 *ticket, u32 nr_lanes, u32 lane);
bool rr_crew_is_async(const struct rr_crew_page *page, u32 lane, enum rr_crew_right want);
struct rr_crew_actions rr_crew_decide(const struct rr_crew_page *page, u32 lane,
				      enum rr_crew_right want, bool dirty, u64 held);
void rr_crew_apply(struct rr_crew_page *page, u32 lane,
		   const struct rr_crew_actions *act, const u64 *next);
struct rr_crew_actions rr_crew_decide_disown(const struct rr_crew_page *page, u32 lane,
					     u64 held);
void rr_crew_disown(struct rr_crew_page *page, u32 lane,
		    const struct rr_crew_actions *act, const u64 *next);
void rr_crew_revoke(struct rr_crew_page *page, u32 lane,
		    const struct rr_crew_actions *act, const u64 *next);
void rr_crew_release(struct rr_crew_page *page, u32 lane, u64 event);
bool rr_crew_is_late(const struct rr_crew_page *page, u32 lane);
bool rr_crew_settle(struct rr_crew_page *page, u32 lane, enum rr_crew_right *left);

#endif /* RR_CREW_PROTOCOL_H */
