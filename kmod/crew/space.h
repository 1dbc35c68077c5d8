/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An address space of the group: which pages have been paged in (the side
 * table, a function of the log alone: invariant 1), and the shadow tables
 * that cache it.
 */
#ifndef RR_CREW_SPACE_H
#define RR_CREW_SPACE_H

#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>

#include "crew/pte.h"

#define RR_CHUNK_PAGES	512
#define RR_CHUNK_SHIFT	(PAGE_SHIFT + 9)

/* Side table entry of 2 MiB of addresses. */
struct rr_chunk {
	DECLARE_BITMAP(owned, RR_CHUNK_PAGES);	/* paged in: the log has the contents */
	DECLARE_BITMAP(dirty, RR_CHUNK_PAGES);	/* user code wrote it since the last ASYNC */
};

/* A shadow table as the space knows it: zapped with all the others. */
struct rr_view {
	struct rr_table		table;
	struct list_head	link;		/* rr_space.views */
};

/*
 * struct rr_space - one mm of the group
 * @mn: kept registered until the last reference goes
 * @mm: valid while a task of the group uses the space (@users)
 * @ref: tasks and whoever works on them
 * @users: tasks of the group that run in this mm
 * @lane: the shadow table of the (only) lane
 */
struct rr_space {
	struct mmu_notifier	mn;
	struct mm_struct	*mm;
	refcount_t		ref;
	atomic_t		users;
	struct rr_view		lane;

	/*
	 * Innermost lock of the module: taken in notifiers, under page table
	 * and reclaim locks. Protects the tables' contents, @views, @chunks,
	 * @invalidating and @seq.
	 */
	spinlock_t		lock;
	struct list_head	views;
	struct xarray		chunks;		/* addr >> RR_CHUNK_SHIFT -> struct rr_chunk */
	unsigned int		invalidating;	/* notifier ranges between start and end */
	unsigned long		seq;		/* finished ones */

	/*
	 * Two tasks may touch an unowned page at once (one of them in the
	 * kernel): check, log and set the bit are one step. Outside @lock;
	 * taken under the mmap lock, never the other way round.
	 */
	struct mutex		pagein;

	u64			cleaned;	/* ns, when rr_page_dirty() was called; the lane's */
	bool			shared;		/* has, or had, MAP_SHARED memory */
	bool			group_exited;	/* the first EXIT of a dying process is logged */
};

struct rr_space *rr_space_new(struct mm_struct *mm);
void rr_space_get(struct rr_space *space);
void rr_space_put(struct rr_space *space);
int rr_space_copy(struct rr_space *to, struct rr_space *from);

int rr_view_init(struct rr_space *space, struct rr_view *view);
void rr_view_destroy(struct rr_space *space, struct rr_view *view);

bool rr_page_owned(struct rr_space *space, unsigned long addr);
int rr_page_own(struct rr_space *space, unsigned long addr);
void rr_page_disown(struct rr_space *space, unsigned long start, unsigned long len);
int rr_page_move(struct rr_space *space, unsigned long from, unsigned long to,
		 unsigned long len);
bool rr_page_next(struct rr_space *space, unsigned long *addr);
size_t rr_page_dirty(struct rr_space *space, u64 *addr, size_t max);

unsigned long rr_fill_begin(struct rr_space *space);
bool rr_fill(struct rr_space *space, struct rr_table *table, unsigned long addr,
	     pte_t pte, unsigned long seq);
void rr_unfill(struct rr_space *space, unsigned long start, unsigned long len);

#endif /* RR_CREW_SPACE_H */
