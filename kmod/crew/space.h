/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An address space of the group: which lane may use which page (the side table, a
 * function of the log alone: invariant 1), and the shadow tables that cache it.
 */
#ifndef RR_CREW_SPACE_H
#define RR_CREW_SPACE_H

#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>

#include "crew/protocol.h"
#include "crew/pte.h"

#define RR_CHUNK_PAGES	512
#define RR_CHUNK_SHIFT	(PAGE_SHIFT + 9)

/* protocol.h has room for 64; two arrays of them are on the stack at a hand-over. */
#define RR_SPACE_LANES_MAX	32

/**
 * struct rr_marks - what a lane has done with the pages of a chunk; in its table, too,
 *	as long as a page is mapped there
 * @dirty: its user code wrote the page since the last ASYNC
 * @young: it has used the page, or got it, since the last rr_page_age()
 */
struct rr_marks {
	DECLARE_BITMAP(dirty, RR_CHUNK_PAGES);
	DECLARE_BITMAP(young, RR_CHUNK_PAGES);
};

/**
 * struct rr_chunk - side table entry of 2 MiB of addresses
 * @owned: one lane: paged in, so the log has the contents
 * @home: several lanes: pages of lane 0 alone, see rr_page_set_home()
 * @page: several lanes: who may use each page, RR_CHUNK_PAGES of them
 * @marks: per lane
 */
struct rr_chunk {
	DECLARE_BITMAP(owned, RR_CHUNK_PAGES);
	DECLARE_BITMAP(home, RR_CHUNK_PAGES);
	struct rr_crew_page	*page;
	struct rr_marks		marks[];
};

#define RR_VIEW_CAPTURE		(~0u)

/**
 * struct rr_view - a shadow table as the space knows it: zapped with all the others
 * @table: the table
 * @space: whose it is
 * @lane: the lane that uses it, or RR_VIEW_CAPTURE
 * @cleaned: ns, when rr_page_dirty() was called for it; the lane's
 * @aged: ns, when rr_page_age() was called for it, and
 * @aging: how long that took; the lane's
 * @idle: the event behind which pages are young that have been used, or 0
 * @link: rr_space.views
 */
struct rr_view {
	struct rr_table		table;
	struct rr_space		*space;
	u32			lane;
	u64			cleaned;
	u64			aged;
	u64			aging;
	u64			idle;
	struct list_head	link;
};

/**
 * struct rr_op - a change of the address space, from before the kernel makes it
 *	until it is logged
 * @lock: one at a time; held for a system call, taken with no other lock held
 * @lane: whose, valid while @active
 * @active: other lanes get no page in [@start, @end), and none that is unowned
 * @start: first byte
 * @end: first byte after it
 * @last: where the last one was complete
 * @nr: how many there were
 * @seen: per lane: so many of them come before its next event, as the log says
 * @trap: per lane: behind its last signal for an access; the next one waits for it
 *
 * @active, @start and @end change under rr_space.pagein as well. @last and @nr change while
 * @active: who holds rr_space.pagein and finds no other lane's change reads them. @seen is
 * written by its lane, with the token.
 */
struct rr_op {
	struct mutex		lock;
	u32			lane;
	bool			active;
	unsigned long		start;
	unsigned long		end;
	struct rr_crew_edge	last;
	u64			nr;
	u64			*seen;
	u64			*trap;
};

/*
 * struct rr_space - one mm of the group
 * @mn: kept registered until the last reference goes
 * @mm: valid while a task of the group uses the space (@users)
 * @ref: tasks and whoever works on them
 * @users: tasks of the group that run in this mm
 * @id: as in struct rrlog_revoke
 * @nr_lanes: of the session
 * @lane: per lane, its shadow table
 * @op: several lanes: what is being changed
 */
struct rr_space {
	struct mmu_notifier	mn;
	struct mm_struct	*mm;
	refcount_t		ref;
	atomic_t		users;
	u64			id;
	u32			nr_lanes;
	struct rr_view		*lane;
	struct rr_op		op;

	/*
	 * Innermost lock of the module: taken in notifiers, under page table
	 * and reclaim locks. Protects the tables' contents, @views, @chunks,
	 * @invalidating and @seq.
	 */
	spinlock_t		lock;
	struct list_head	views;
	struct xarray		chunks;		/* addr >> RR_CHUNK_SHIFT -> struct rr_chunk */
	struct xarray		code;		/* page number -> copy: see rr_random_pte() */
	unsigned int		invalidating;	/* notifier ranges between start and end */
	unsigned long		seq;		/* finished ones */

	/*
	 * Two tasks may touch a page at once: to decide, to log, to change the
	 * side table and to fill the shadow table are one step. Outside @lock;
	 * taken under the mmap lock, never the other way round.
	 */
	struct mutex		pagein;

	bool			threaded;	/* several tasks use it, or have */
	bool			shared;		/* has, or had, MAP_SHARED memory */
	bool			undigested;	/* no digest of its memory any more: see EXIT */
};

struct rr_space *rr_space_new(struct mm_struct *mm, u64 id, u32 nr_lanes);
void rr_space_get(struct rr_space *space);
void rr_space_put(struct rr_space *space);
int rr_space_copy(struct rr_space *to, struct rr_space *from, u32 lane);

int rr_view_init(struct rr_space *space, struct rr_view *view, u32 lane);
void rr_view_destroy(struct rr_space *space, struct rr_view *view);

enum rr_crew_right rr_page_right(struct rr_space *space, u32 lane, unsigned long addr);
bool rr_page_owned(struct rr_space *space, u32 lane, unsigned long addr);
int rr_page_own(struct rr_space *space, u32 lane, unsigned long addr,
		enum rr_crew_right right);
void rr_page_disown(struct rr_space *space, u32 lane, unsigned long start,
		    unsigned long len, enum rr_crew_right left);
int rr_page_move(struct rr_space *space, u32 lane, unsigned long from, unsigned long to,
		 unsigned long len);
bool rr_page_next(struct rr_space *space, u32 lane, unsigned long *addr);
void rr_page_age(struct rr_space *space, u32 lane, bool clean);
void rr_page_aged(struct rr_space *space, u32 lane, u64 event);
void rr_page_used(struct rr_space *space, u32 lane, unsigned long addr);
u64 rr_page_idle(struct rr_space *space, u32 lane, unsigned long addr, unsigned long pages);
size_t rr_page_dirty(struct rr_space *space, u32 lane, u64 *addr, size_t max);

int rr_page_prepare(struct rr_space *space, unsigned long addr);
struct rr_crew_page *rr_page_state(struct rr_space *space, unsigned long addr);
struct rr_crew_page *rr_page_state_next(struct rr_space *space, unsigned long *addr,
					unsigned long end);
bool rr_page_is_home(struct rr_space *space, unsigned long addr);
int rr_page_set_home(struct rr_space *space, unsigned long addr);
bool rr_page_written(struct rr_space *space, u32 lane, unsigned long addr);
bool rr_lanes_zap(struct rr_space *space, u64 lanes, unsigned long start, unsigned long end);
int rr_space_code(struct rr_space *space, unsigned long addr, struct page *copy);
void rr_space_flush(struct rr_space *space, unsigned long start, unsigned long end);

unsigned long rr_fill_begin(struct rr_space *space);
bool rr_fill(struct rr_space *space, struct rr_table *table, unsigned long addr,
	     pte_t pte, unsigned long seq);
bool rr_fill_lane(struct rr_space *space, u32 lane, unsigned long addr, pte_t pte,
		  unsigned long seq);
void rr_unfill(struct rr_space *space, unsigned long start, unsigned long len);

#endif /* RR_CREW_SPACE_H */
