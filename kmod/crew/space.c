// SPDX-License-Identifier: GPL-2.0-only
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <asm/hypervisor.h>

#include "compat/symbols.h"
#include "crew/space.h"

/* So many signals may come while a notifier is registered. */
#define RR_WATCH_TRIES	1000

static struct rr_chunk *rr_chunk_find(struct rr_space *space, unsigned long addr)
{
	lockdep_assert_held(&space->lock);
	return xa_load(&space->chunks, addr >> RR_CHUNK_SHIFT);
}

static unsigned int rr_chunk_bit(unsigned long addr)
{
	return (addr >> PAGE_SHIFT) & (RR_CHUNK_PAGES - 1);
}

static void rr_chunk_free(struct rr_chunk *chunk)
{
	if (!chunk)
		return;
	kvfree(chunk->page);
	kfree(chunk);
}

static struct rr_chunk *rr_chunk_alloc(struct rr_space *space, gfp_t gfp)
{
	struct rr_chunk *chunk;

	chunk = kzalloc(struct_size(chunk, marks, space->nr_lanes), gfp);
	if (!chunk || space->nr_lanes == 1)
		return chunk;
	chunk->page = kvcalloc(RR_CHUNK_PAGES, sizeof(*chunk->page), gfp);
	if (chunk->page)
		return chunk;
	kfree(chunk);
	return NULL;
}

/*
 * The program's cgroup pays: it may touch memory all over its address space. But one that
 * is killed for want of memory must not end the session.
 */
static struct rr_chunk *rr_chunk_new(struct rr_space *space, gfp_t gfp)
{
	struct rr_chunk *chunk = rr_chunk_alloc(space, gfp | __GFP_ACCOUNT);

	if (!chunk && fatal_signal_pending(current))
		chunk = rr_chunk_alloc(space, gfp);
	return chunk;
}

static struct rr_chunk *rr_chunk_add(struct rr_space *space, unsigned long addr, gfp_t gfp)
{
	struct rr_chunk *chunk = rr_chunk_new(space, gfp);

	if (chunk && xa_err(xa_store(&space->chunks, addr >> RR_CHUNK_SHIFT, chunk, gfp))) {
		rr_chunk_free(chunk);
		return NULL;
	}
	return chunk;
}

/* One lane: pages are owned where nothing can sleep, and chunks are small. */
static struct rr_chunk *rr_chunk_make(struct rr_space *space, unsigned long addr)
{
	struct rr_chunk *chunk = rr_chunk_find(space, addr);

	if (chunk || space->nr_lanes > 1)
		return chunk;
	return rr_chunk_add(space, addr, GFP_ATOMIC | __GFP_NOWARN);
}

/* A lane's table has lost marks: keep them in the side table. */
static void rr_view_seen(void *arg, unsigned long addr, pte_t pte)
{
	struct rr_view *view = arg;
	struct rr_chunk *chunk = rr_chunk_find(view->space, addr);

	if (!chunk)
		return;
	if (pte_dirty(pte))
		__set_bit(rr_chunk_bit(addr), chunk->marks[view->lane].dirty);
	if (pte_young(pte))
		__set_bit(rr_chunk_bit(addr), chunk->marks[view->lane].young);
}

static bool rr_view_zap(struct rr_view *view, unsigned long start, unsigned long end)
{
	return rr_table_zap(&view->table, start, end,
			    view->lane == RR_VIEW_CAPTURE ? NULL : rr_view_seen, view);
}

static bool rr_space_zap(struct rr_space *space, unsigned long start, unsigned long end)
{
	struct rr_view *view;
	bool any = false;

	lockdep_assert_held(&space->lock);
	list_for_each_entry(view, &space->views, link)
		any |= rr_view_zap(view, start, end);
	return any;
}

/**
 * rr_space_flush() - forget translations, wherever tasks of the address space run
 * @space: address space
 * @start: first byte
 * @end: first byte after it
 *
 * Context: interrupts on; does not sleep.
 */
void rr_space_flush(struct rr_space *space, unsigned long start, unsigned long end)
{
	rr_sym.flush_tlb_mm_range(space->mm, start & PAGE_MASK, PAGE_ALIGN(end), PAGE_SHIFT,
				  false);
	/* Its guests ask it to flush what was there by the table that the kernel knows. */
	if (x86_hyper_type == X86_HYPER_MS_HYPERV)
		on_each_cpu_mask(mm_cpumask(space->mm), rr_tlb_flush_all, NULL, true);
}

/**
 * rr_space_code() - another copy of a page is to be mapped, see rr_random_pte()
 * @space: address space
 * @addr: user address
 * @copy: from alloc_page(); belongs to the space from now on
 *
 * Nobody uses the former one any more, nor maps it who has looked it up.
 *
 * Context: may sleep. Return: 0, or -ENOMEM, and @copy is freed.
 */
int rr_space_code(struct rr_space *space, unsigned long addr, struct page *copy)
{
	struct page *old = xa_store(&space->code, addr >> PAGE_SHIFT, copy, GFP_KERNEL);

	if (xa_is_err(old)) {
		__free_page(copy);
		return -ENOMEM;
	}
	if (!old)
		return 0;
	spin_lock(&space->lock);
	rr_space_zap(space, addr & PAGE_MASK, (addr & PAGE_MASK) + PAGE_SIZE);
	space->seq++;
	spin_unlock(&space->lock);
	rr_space_flush(space, addr, addr + 1);
	__free_page(old);
	return 0;
}

static int rr_space_invalidate_start(struct mmu_notifier *mn,
				     const struct mmu_notifier_range *range)
{
	struct rr_space *space = container_of(mn, struct rr_space, mn);
	bool any;

	spin_lock(&space->lock);
	space->invalidating++;
	any = rr_space_zap(space, range->start, range->end);
	spin_unlock(&space->lock);
	/*
	 * The kernel flushes after it has changed its table, but only where
	 * its own entries need that; ours may have been there without.
	 */
	if (any)
		rr_space_flush(space, range->start, range->end);
	return 0;
}

static void rr_space_invalidate_end(struct mmu_notifier *mn,
				    const struct mmu_notifier_range *range)
{
	struct rr_space *space = container_of(mn, struct rr_space, mn);

	spin_lock(&space->lock);
	space->invalidating--;
	space->seq++;
	spin_unlock(&space->lock);
}

/* The mm dies; nobody runs on the tables any more, and nobody will. */
static void rr_space_release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	struct rr_space *space = container_of(mn, struct rr_space, mn);

	spin_lock(&space->lock);
	space->invalidating++;
	rr_space_zap(space, 0, TASK_SIZE_MAX);
	spin_unlock(&space->lock);
}

static const struct mmu_notifier_ops rr_space_ops = {
	.invalidate_range_start	= rr_space_invalidate_start,
	.invalidate_range_end	= rr_space_invalidate_end,
	.release		= rr_space_release,
};

/**
 * rr_view_init() - make a shadow table of a space
 * @space: the space
 * @view: to initialise; all zero before
 * @lane: whose, or RR_VIEW_CAPTURE
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int rr_view_init(struct rr_space *space, struct rr_view *view, u32 lane)
{
	int ret = rr_table_init(&view->table, space->mm);

	if (ret)
		return ret;
	view->space = space;
	view->lane = lane;
	spin_lock(&space->lock);
	list_add(&view->link, &space->views);
	spin_unlock(&space->lock);
	return 0;
}

/**
 * rr_view_destroy() - free a shadow table that no task runs on
 * @space: the space it was made for
 * @view: initialised, or all zero
 */
void rr_view_destroy(struct rr_space *space, struct rr_view *view)
{
	if (!view->table.pgd)
		return;
	spin_lock(&space->lock);
	list_del(&view->link);
	spin_unlock(&space->lock);
	rr_table_destroy(&view->table);
}

/*
 * Registering gives up for any signal. It must not: a task that is killed in fork() or
 * execve() ends by itself, and its session goes on.
 */
static int rr_space_watch(struct rr_space *space)
{
	unsigned int tries = RR_WATCH_TRIES;
	bool notify = false;
	int ret;

	do {
		clear_thread_flag(TIF_SIGPENDING);
		notify |= test_and_clear_thread_flag(TIF_NOTIFY_SIGNAL);
		ret = mmu_notifier_register(&space->mn, space->mm);
	} while (ret == -EINTR && --tries);
	if (notify)
		set_thread_flag(TIF_NOTIFY_SIGNAL);
	spin_lock_irq(&rcu_dereference_protected(current->sighand, true)->siglock);
	recalc_sigpending();
	spin_unlock_irq(&rcu_dereference_protected(current->sighand, true)->siglock);
	return ret;
}

static void rr_space_free(struct rr_space *space)
{
	struct rr_chunk *chunk;
	unsigned long index;
	struct page *copy;
	u32 i;

	for (i = 0; space->lane && i < space->nr_lanes; i++)
		rr_view_destroy(space, &space->lane[i]);
	xa_for_each(&space->chunks, index, chunk)
		rr_chunk_free(chunk);
	xa_destroy(&space->chunks);
	xa_for_each(&space->code, index, copy)
		__free_page(copy);
	xa_destroy(&space->code);
	kvfree(space->lane);
	kfree(space->op.seen);
	kfree(space->op.trap);
	kfree(space);
}

static int rr_space_lanes(struct rr_space *space)
{
	int ret = 0;
	u32 i;

	space->lane = kvcalloc(space->nr_lanes, sizeof(*space->lane), GFP_KERNEL);
	space->op.seen = kcalloc(space->nr_lanes, sizeof(*space->op.seen), GFP_KERNEL);
	space->op.trap = kcalloc(space->nr_lanes, sizeof(*space->op.trap), GFP_KERNEL);
	if (!space->lane || !space->op.seen || !space->op.trap)
		return -ENOMEM;
	for (i = 0; i < space->nr_lanes && !ret; i++)
		ret = rr_view_init(space, &space->lane[i], i);
	return ret;
}

/**
 * rr_space_new() - put an address space under page ownership
 * @mm: the address space; the caller's reference keeps it alive
 * @id: as in struct rrlog_revoke
 * @nr_lanes: of the session, at most RR_SPACE_LANES_MAX
 *
 * All pages begin unowned.
 *
 * Context: may sleep, takes the mmap lock for writing.
 * Return: the space with one reference, or an ERR_PTR.
 */
struct rr_space *rr_space_new(struct mm_struct *mm, u64 id, u32 nr_lanes)
{
	struct rr_space *space = kzalloc(sizeof(*space), GFP_KERNEL);
	int ret;

	if (!space)
		return ERR_PTR(-ENOMEM);
	space->mm = mm;
	space->id = id;
	space->nr_lanes = nr_lanes;
	refcount_set(&space->ref, 1);
	spin_lock_init(&space->lock);
	mutex_init(&space->pagein);
	mutex_init(&space->op.lock);
	INIT_LIST_HEAD(&space->views);
	xa_init_flags(&space->chunks, XA_FLAGS_ACCOUNT);
	xa_init(&space->code);
	space->mn.ops = &rr_space_ops;
	ret = rr_space_lanes(space) ?: rr_space_watch(space);
	if (!ret)
		return space;
	rr_space_free(space);
	return ERR_PTR(ret);
}

void rr_space_get(struct rr_space *space)
{
	refcount_inc(&space->ref);
}

/**
 * rr_space_put() - drop a reference; the last one frees the space
 * @space: the space
 *
 * Context: may sleep; no task runs on its tables when the last one goes.
 */
void rr_space_put(struct rr_space *space)
{
	if (!refcount_dec_and_test(&space->ref))
		return;
	mmu_notifier_unregister(&space->mn, space->mm);
	rr_space_free(space);
}

/*
 * What the forking lane may read is in the child as the log has it. Return: false: that is
 * nothing, and @to is as it was.
 */
static bool rr_chunk_copy(struct rr_chunk *to, const struct rr_chunk *from, u32 lane)
{
	bool any = !bitmap_empty(from->owned, RR_CHUNK_PAGES) ||
		   !bitmap_empty(from->home, RR_CHUNK_PAGES);
	unsigned int i;

	bitmap_copy(to->owned, from->owned, RR_CHUNK_PAGES);
	bitmap_copy(to->home, from->home, RR_CHUNK_PAGES);
	for (i = 0; from->page && i < RR_CHUNK_PAGES; i++) {
		to->page[i].owned = from->page[i].owned &&
				    rr_crew_right(&from->page[i], lane) != RR_CREW_NONE;
		any |= to->page[i].owned;
	}
	return any;
}

/**
 * rr_space_copy() - a forked address space owns what its parent owns
 * @to: the child's, new
 * @from: the parent's
 * @lane: the parent's; of several, only what it may read is owned, by no lane
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int rr_space_copy(struct rr_space *to, struct rr_space *from, u32 lane)
{
	struct rr_chunk *chunk, *copy = NULL;
	unsigned long index = 0;
	bool any;

	to->shared = from->shared;
	for (;; index++) {
		copy = copy ?: rr_chunk_new(to, GFP_KERNEL);
		if (!copy)
			return -ENOMEM;
		spin_lock(&from->lock);
		chunk = xa_find(&from->chunks, &index, ULONG_MAX, XA_PRESENT);
		any = chunk && rr_chunk_copy(copy, chunk, lane);
		spin_unlock(&from->lock);
		if (!chunk)
			break;
		if (!any)
			continue;
		if (xa_err(xa_store(&to->chunks, index, copy, GFP_KERNEL))) {
			rr_chunk_free(copy);
			return -ENOMEM;
		}
		copy = NULL;
	}
	rr_chunk_free(copy);
	return 0;
}

/**
 * rr_page_prepare() - make room for a page in the side table
 * @space: address space
 * @addr: user address
 *
 * Context: may sleep; rr_space.pagein held, or nobody else adds chunks.
 * Return: 0 or -ENOMEM.
 */
int rr_page_prepare(struct rr_space *space, unsigned long addr)
{
	if (xa_load(&space->chunks, addr >> RR_CHUNK_SHIFT) ||
	    rr_chunk_add(space, addr, GFP_KERNEL))
		return 0;
	return -ENOMEM;
}

/**
 * rr_page_state() - a page's entry in the side table, with several lanes
 * @space: address space
 * @addr: user address
 *
 * Context: rr_space.lock held as long as the entry is used.
 * Return: NULL if there is none: the page is unowned.
 */
struct rr_crew_page *rr_page_state(struct rr_space *space, unsigned long addr)
{
	struct rr_chunk *chunk = rr_chunk_find(space, addr);

	return chunk ? &chunk->page[rr_chunk_bit(addr)] : NULL;
}

/**
 * rr_page_state_next() - walk the entries of the side table, by address
 * @space: address space
 * @addr: in: where to begin; out: the first page at or after it that has an entry
 * @end: where to end
 *
 * A call may name all of the address space: what has no entry costs nothing.
 *
 * Context: rr_space.lock held as long as the entry is used.
 * Return: its entry, or NULL if there is none before @end.
 */
struct rr_crew_page *rr_page_state_next(struct rr_space *space, unsigned long *addr,
					unsigned long end)
{
	unsigned long index = *addr >> RR_CHUNK_SHIFT;
	struct rr_chunk *chunk;

	lockdep_assert_held(&space->lock);
	chunk = xa_find(&space->chunks, &index, ULONG_MAX, XA_PRESENT);
	if (!chunk)
		return NULL;
	*addr = max(*addr, index << RR_CHUNK_SHIFT);
	return *addr < end ? &chunk->page[rr_chunk_bit(*addr)] : NULL;
}

/**
 * rr_page_is_home() - is this a page of lane 0 alone?
 * @space: address space
 * @addr: user address
 */
bool rr_page_is_home(struct rr_space *space, unsigned long addr)
{
	struct rr_chunk *chunk;
	bool home;

	spin_lock(&space->lock);
	chunk = rr_chunk_find(space, addr);
	home = chunk && test_bit(rr_chunk_bit(addr), chunk->home);
	spin_unlock(&space->lock);
	return home;
}

/**
 * rr_page_set_home() - from now on, tasks come to lane 0 to use the page
 * @space: address space
 * @addr: user address
 *
 * For memory that the kernel changes in place while others can see it.
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int rr_page_set_home(struct rr_space *space, unsigned long addr)
{
	struct rr_chunk *chunk;
	int ret;

	mutex_lock(&space->pagein);
	ret = rr_page_prepare(space, addr);
	if (!ret) {
		spin_lock(&space->lock);
		chunk = rr_chunk_find(space, addr);
		__set_bit(rr_chunk_bit(addr), chunk->home);
		spin_unlock(&space->lock);
	}
	mutex_unlock(&space->pagein);
	return ret;
}

static enum rr_crew_right rr_chunk_right(const struct rr_chunk *chunk, u32 lane,
					 unsigned int bit)
{
	if (chunk->page)
		return rr_crew_right(&chunk->page[bit], lane);
	return test_bit(bit, chunk->owned) ? RR_CREW_WRITE : RR_CREW_NONE;
}

/**
 * rr_page_right() - what may a lane do with a page?
 * @space: address space
 * @lane: number of the lane
 * @addr: user address
 *
 * Right and contents go together: it is in the log, or in replay in memory.
 */
enum rr_crew_right rr_page_right(struct rr_space *space, u32 lane, unsigned long addr)
{
	enum rr_crew_right right = RR_CREW_NONE;
	struct rr_chunk *chunk;

	spin_lock(&space->lock);
	chunk = rr_chunk_find(space, addr);
	if (chunk)
		right = rr_chunk_right(chunk, lane, rr_chunk_bit(addr));
	spin_unlock(&space->lock);
	return right;
}

/**
 * rr_page_owned() - may a lane read a page, so that the log tells its contents?
 * @space: address space
 * @lane: number of the lane
 * @addr: user address
 */
bool rr_page_owned(struct rr_space *space, u32 lane, unsigned long addr)
{
	return rr_page_right(space, lane, addr) != RR_CREW_NONE;
}

static void rr_chunk_own(struct rr_chunk *chunk, u32 lane, unsigned int bit,
			 enum rr_crew_right right)
{
	u64 me = 1ull << lane;

	if (!chunk->page) {
		__assign_bit(bit, chunk->owned, right != RR_CREW_NONE);
		return;
	}
	/* A replay: several may seem to write, until each has come to its REVOKE. */
	chunk->page[bit].readers &= ~me;
	chunk->page[bit].writer &= ~me;
	if (right != RR_CREW_NONE)
		chunk->page[bit].readers |= me;
	if (right == RR_CREW_WRITE)
		chunk->page[bit].writer |= me;
}

/**
 * rr_page_own() - a lane gets a right, as its log says
 * @space: address space
 * @lane: number of the lane
 * @addr: user address
 * @right: what it may do; with one lane, all
 *
 * Not for a recording of several lanes, see handover.c.
 *
 * Context: several lanes: may sleep.
 * Return: 0 or -ENOMEM.
 */
int rr_page_own(struct rr_space *space, u32 lane, unsigned long addr,
		enum rr_crew_right right)
{
	struct rr_chunk *chunk;
	int ret = 0;

	if (space->nr_lanes > 1) {
		mutex_lock(&space->pagein);
		ret = rr_page_prepare(space, addr);
		mutex_unlock(&space->pagein);
	}
	if (ret)
		return ret;
	spin_lock(&space->lock);
	chunk = rr_chunk_make(space, addr);
	if (chunk)
		rr_chunk_own(chunk, lane, rr_chunk_bit(addr), right);
	spin_unlock(&space->lock);
	return chunk ? 0 : -ENOMEM;
}

static void rr_chunk_disown(struct rr_chunk *chunk, u32 lane, unsigned int bit,
			    enum rr_crew_right left)
{
	if (left == RR_CREW_NONE)
		__clear_bit(bit, chunk->marks[lane].dirty);
	if (rr_chunk_right(chunk, lane, bit) > left)
		rr_chunk_own(chunk, lane, bit, left);
}

/**
 * rr_page_disown() - take a range from a lane: its next touch is an event again
 * @space: address space
 * @lane: number of the lane
 * @start: page aligned
 * @len: bytes, page aligned
 * @left: what it still may do
 *
 * Also empties its shadow tables there, so that the next touch faults. Not for a
 * recording of several lanes.
 *
 * Context: flushes TLBs of other CPUs.
 */
void rr_page_disown(struct rr_space *space, u32 lane, unsigned long start,
		    unsigned long len, enum rr_crew_right left)
{
	unsigned long index, end = start + len, addr;
	struct rr_chunk *chunk;
	bool any;

	spin_lock(&space->lock);
	any = space->nr_lanes == 1 ? rr_space_zap(space, start, end) :
				     rr_view_zap(&space->lane[lane], start, end);
	xa_for_each_range(&space->chunks, index, chunk, start >> RR_CHUNK_SHIFT,
			  (end - 1) >> RR_CHUNK_SHIFT) {
		unsigned long first = max(start, index << RR_CHUNK_SHIFT);
		unsigned long last = min(end, (index + 1) << RR_CHUNK_SHIFT);

		for (addr = first; addr < last; addr += PAGE_SIZE)
			rr_chunk_disown(chunk, lane, rr_chunk_bit(addr), left);
	}
	spin_unlock(&space->lock);
	if (any)
		rr_space_flush(space, start, end);
}

/**
 * rr_page_move() - ownership follows the pages of an mremap()
 * @space: address space
 * @lane: number of the lane; of several, it only loses what it had in both places
 * @from: old address
 * @to: new address; what was owned there is forgotten first
 * @len: bytes that moved
 *
 * Return: 0 or -ENOMEM.
 */
int rr_page_move(struct rr_space *space, u32 lane, unsigned long from, unsigned long to,
		 unsigned long len)
{
	unsigned long addr = from;
	int ret = 0;

	if (from == to)
		return 0;
	rr_page_disown(space, lane, to, len, RR_CREW_NONE);
	while (!ret && space->nr_lanes == 1 && rr_page_next(space, lane, &addr) &&
	       addr < from + len) {
		ret = rr_page_own(space, lane, to + (addr - from), RR_CREW_WRITE);
		addr += PAGE_SIZE;
		cond_resched();
	}
	rr_page_disown(space, lane, from, len, RR_CREW_NONE);
	return ret;
}

static unsigned int rr_chunk_next(const struct rr_chunk *chunk, u32 lane, unsigned int bit)
{
	if (!chunk->page)
		return find_next_bit(chunk->owned, RR_CHUNK_PAGES, bit);
	while (bit < RR_CHUNK_PAGES && rr_chunk_right(chunk, lane, bit) == RR_CREW_NONE)
		bit++;
	return bit;
}

/**
 * rr_page_next() - walk the pages that a lane may read, by address
 * @space: address space
 * @lane: number of the lane
 * @addr: in: where to begin; out: the first such page at or after it
 *
 * Return: false if there is none.
 */
bool rr_page_next(struct rr_space *space, u32 lane, unsigned long *addr)
{
	unsigned long index = *addr >> RR_CHUNK_SHIFT, first = index;
	unsigned int bit = rr_chunk_bit(*addr);
	struct rr_chunk *chunk;
	bool found = false;

	spin_lock(&space->lock);
	xa_for_each_start(&space->chunks, index, chunk, first) {
		bit = rr_chunk_next(chunk, lane, index == first ? bit : 0);
		if (bit < RR_CHUNK_PAGES) {
			*addr = (index << RR_CHUNK_SHIFT) + ((unsigned long)bit << PAGE_SHIFT);
			found = true;
			break;
		}
	}
	spin_unlock(&space->lock);
	return found;
}

/**
 * rr_page_dirty() - which pages has a lane's user code written since the last call?
 * @space: address space
 * @lane: number of the lane, the current task's
 * @addr: their addresses, ascending
 * @max: room in @addr
 *
 * Clears the marks.
 *
 * Return: how many there are; more than @max means that only @max are listed.
 */
size_t rr_page_dirty(struct rr_space *space, u32 lane, u64 *addr, size_t max)
{
	struct rr_view *view = &space->lane[lane];
	struct rr_chunk *chunk;
	unsigned long index;
	unsigned int bit;
	size_t n = 0;

	BUILD_BUG_ON(RR_CHUNK_PAGES != PTRS_PER_PTE);
	spin_lock(&space->lock);
	xa_for_each(&space->chunks, index, chunk) {
		/* A chunk is what one page of the table maps. */
		rr_table_clean(&view->table, index << RR_CHUNK_SHIFT, rr_view_seen, view);
		for_each_set_bit(bit, chunk->marks[lane].dirty, RR_CHUNK_PAGES) {
			/* What it has lost since is not its any more. */
			if (chunk->page && rr_chunk_right(chunk, lane, bit) == RR_CREW_NONE)
				continue;
			if (n < max)
				addr[n] = (index << RR_CHUNK_SHIFT) +
					  ((u64)bit << PAGE_SHIFT);
			n++;
		}
		bitmap_zero(chunk->marks[lane].dirty, RR_CHUNK_PAGES);
	}
	spin_unlock(&space->lock);
	return n;
}

/**
 * rr_page_written() - has a lane's user code written a page?
 * @space: address space
 * @lane: number of the lane
 * @addr: user address
 *
 * Since the last rr_page_dirty(); a hint.
 *
 * Context: rr_space.lock held.
 */
bool rr_page_written(struct rr_space *space, u32 lane, unsigned long addr)
{
	struct rr_chunk *chunk = rr_chunk_find(space, addr);

	return pte_dirty(rr_table_get(&space->lane[lane].table, addr)) ||
	       (chunk && test_bit(rr_chunk_bit(addr), chunk->marks[lane].dirty));
}

/**
 * rr_page_age() - no page of a lane counts as used any more
 * @space: address space
 * @lane: number of the lane, whose token the current task has; its user code has come
 *	to an event
 * @clean: nor as written, see rr_page_dirty()
 *
 * None is idle either before rr_page_aged(): what TLBs have now is used without a mark.
 *
 * Context: may sleep; flushes TLBs of other CPUs.
 */
void rr_page_age(struct rr_space *space, u32 lane, bool clean)
{
	struct rr_view *view = &space->lane[lane];
	struct rr_chunk *chunk;
	unsigned long index;

	spin_lock(&space->lock);
	view->idle = 0;
	for (index = 0; (chunk = xa_find(&space->chunks, &index, ULONG_MAX, XA_PRESENT));
	     index++) {
		rr_table_age(&view->table, index << RR_CHUNK_SHIFT,
			     _PAGE_ACCESSED | (clean ? _PAGE_DIRTY : 0));
		bitmap_zero(chunk->marks[lane].young, RR_CHUNK_PAGES);
		if (clean)
			bitmap_zero(chunk->marks[lane].dirty, RR_CHUNK_PAGES);
		/* Notifiers wait for it, and there may be many: nothing is idle meanwhile. */
		cond_resched_lock(&space->lock);
	}
	spin_unlock(&space->lock);
	rr_space_flush(space, 0, TASK_SIZE_MAX);
}

/**
 * rr_page_aged() - rr_page_age() is done
 * @space: address space
 * @lane: number of the lane
 * @event: number of its next event; 0: all pages count as used until the next time
 */
void rr_page_aged(struct rr_space *space, u32 lane, u64 event)
{
	spin_lock(&space->lock);
	space->lane[lane].idle = event;
	spin_unlock(&space->lock);
}

/**
 * rr_page_used() - a page has been used for a lane, but not through its table
 * @space: address space; of several lanes
 * @lane: number of the lane
 * @addr: user address
 */
void rr_page_used(struct rr_space *space, u32 lane, unsigned long addr)
{
	struct rr_chunk *chunk;

	spin_lock(&space->lock);
	chunk = rr_chunk_find(space, addr);
	if (chunk)
		__set_bit(rr_chunk_bit(addr), chunk->marks[lane].young);
	spin_unlock(&space->lock);
}

/**
 * rr_page_idle() - since when has a lane not used pages?
 * @space: address space
 * @lane: number of the lane; its table has been zapped there
 * @addr: of the first page
 * @pages: how many, each in the side table
 *
 * Return: an event of the lane, at which it had used them for the last time; 0: it may
 * have used them since, or nobody knows.
 */
u64 rr_page_idle(struct rr_space *space, u32 lane, unsigned long addr, unsigned long pages)
{
	unsigned long end = addr + pages * PAGE_SIZE;
	struct rr_chunk *chunk;
	u64 idle;

	spin_lock(&space->lock);
	idle = space->lane[lane].idle;
	for (; idle && addr < end; addr += PAGE_SIZE) {
		chunk = rr_chunk_find(space, addr);
		if (!chunk || test_bit(rr_chunk_bit(addr), chunk->marks[lane].young))
			idle = 0;
	}
	spin_unlock(&space->lock);
	return idle;
}

/**
 * rr_lanes_zap() - empty the shadow tables of some lanes
 * @space: address space
 * @lanes: a bit per lane
 * @start: page aligned
 * @end: first byte after it
 *
 * Context: rr_space.lock held; the caller flushes TLBs afterwards.
 * Return: true if something was mapped.
 */
bool rr_lanes_zap(struct rr_space *space, u64 lanes, unsigned long start, unsigned long end)
{
	bool any = false;
	u32 i;

	lockdep_assert_held(&space->lock);
	for (i = 0; i < space->nr_lanes; i++)
		if (lanes >> i & 1)
			any |= rr_view_zap(&space->lane[i], start, end);
	return any;
}

/**
 * rr_fill_begin() - before the official table is asked
 * @space: address space
 *
 * Return: a number for rr_fill(), as in KVM's mmu_notifier_seq.
 */
unsigned long rr_fill_begin(struct rr_space *space)
{
	unsigned long seq;

	spin_lock(&space->lock);
	seq = space->seq;
	spin_unlock(&space->lock);
	return seq;
}

static bool rr_fill_locked(struct rr_space *space, struct rr_table *table,
			   unsigned long addr, pte_t pte, unsigned long seq)
{
	pte_t old;

	if (space->invalidating || space->seq != seq)
		return false;
	old = rr_table_get(table, addr);
	if (pte_present(old) && pte_dirty(old))
		pte = __pte(pte.pte | _PAGE_DIRTY);
	return rr_table_set(table, addr & PAGE_MASK, pte);
}

/**
 * rr_fill() - install an entry, unless the official table changed meanwhile
 * @space: address space
 * @table: one of its shadow tables
 * @addr: user address
 * @pte: the entry
 * @seq: from rr_fill_begin()
 *
 * Not filling is harmless: the access faults again.
 *
 * Return: true if the entry is there.
 */
bool rr_fill(struct rr_space *space, struct rr_table *table, unsigned long addr,
	     pte_t pte, unsigned long seq)
{
	bool ok;

	spin_lock(&space->lock);
	ok = rr_fill_locked(space, table, addr, pte, seq);
	spin_unlock(&space->lock);
	/* An entry with fewer rights may sit in the TLB. */
	if (ok)
		rr_tlb_flush_addr(addr);
	return ok;
}

/**
 * rr_fill_lane() - rr_fill() for a lane's table, as far as the lane may use the page
 * @space: address space
 * @lane: number of the lane
 * @addr: user address
 * @pte: the entry
 * @seq: from rr_fill_begin()
 *
 * The right may have gone since it was looked up: a lane-mate has replayed a REVOKE.
 *
 * Return: true if the entry is there.
 */
bool rr_fill_lane(struct rr_space *space, u32 lane, unsigned long addr, pte_t pte,
		  unsigned long seq)
{
	enum rr_crew_right right = RR_CREW_NONE;
	struct rr_chunk *chunk;
	bool ok;

	spin_lock(&space->lock);
	chunk = rr_chunk_find(space, addr);
	if (chunk)
		right = rr_chunk_right(chunk, lane, rr_chunk_bit(addr));
	if (right == RR_CREW_READ)
		pte = pte_wrprotect(pte);
	ok = right != RR_CREW_NONE &&
	     rr_fill_locked(space, &space->lane[lane].table, addr, pte, seq);
	spin_unlock(&space->lock);
	if (ok)
		rr_tlb_flush_addr(addr);
	return ok;
}

/**
 * rr_unfill() - remove entries from all shadow tables; ownership stays
 * @space: address space
 * @start: page aligned
 * @len: bytes, page aligned
 *
 * Context: may sleep (flushes TLBs of other CPUs).
 */
void rr_unfill(struct rr_space *space, unsigned long start, unsigned long len)
{
	bool any;

	spin_lock(&space->lock);
	any = rr_space_zap(space, start, start + len);
	spin_unlock(&space->lock);
	if (any)
		rr_space_flush(space, start, start + len);
}
