// SPDX-License-Identifier: GPL-2.0-only
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "compat/symbols.h"
#include "crew/space.h"

static struct rr_chunk *rr_chunk_find(struct rr_space *space, unsigned long addr)
{
	lockdep_assert_held(&space->lock);
	return xa_load(&space->chunks, addr >> RR_CHUNK_SHIFT);
}

static unsigned int rr_chunk_bit(unsigned long addr)
{
	return (addr >> PAGE_SHIFT) & (RR_CHUNK_PAGES - 1);
}

static struct rr_chunk *rr_chunk_make(struct rr_space *space, unsigned long addr)
{
	struct rr_chunk *chunk = rr_chunk_find(space, addr);

	if (chunk)
		return chunk;
	chunk = kzalloc(sizeof(*chunk), GFP_ATOMIC | __GFP_NOWARN);
	if (!chunk)
		return NULL;
	if (xa_err(xa_store(&space->chunks, addr >> RR_CHUNK_SHIFT, chunk,
			    GFP_ATOMIC | __GFP_NOWARN))) {
		kfree(chunk);
		return NULL;
	}
	return chunk;
}

/* A shadow table has lost a dirty bit: keep it in the side table. */
static void rr_space_dirty(void *arg, unsigned long addr)
{
	struct rr_chunk *chunk = rr_chunk_find(arg, addr);

	if (chunk)
		__set_bit(rr_chunk_bit(addr), chunk->dirty);
}

static bool rr_space_zap(struct rr_space *space, unsigned long start, unsigned long end)
{
	struct rr_view *view;
	bool any = false;

	lockdep_assert_held(&space->lock);
	list_for_each_entry(view, &space->views, link)
		any |= rr_table_zap(&view->table, start, end,
				    view == &space->lane ? rr_space_dirty : NULL, space);
	return any;
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
		rr_sym.flush_tlb_mm_range(space->mm, range->start & PAGE_MASK,
					  PAGE_ALIGN(range->end), PAGE_SHIFT, false);
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
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int rr_view_init(struct rr_space *space, struct rr_view *view)
{
	int ret = rr_table_init(&view->table, space->mm);

	if (ret)
		return ret;
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

/* Registering gives up for any signal; it must not, but for a fatal one. */
static int rr_space_watch(struct rr_space *space)
{
	bool notify = false;
	int ret;

	do {
		clear_thread_flag(TIF_SIGPENDING);
		notify |= test_and_clear_thread_flag(TIF_NOTIFY_SIGNAL);
		ret = mmu_notifier_register(&space->mn, space->mm);
	} while (ret == -EINTR && !__fatal_signal_pending(current));
	if (notify)
		set_thread_flag(TIF_NOTIFY_SIGNAL);
	spin_lock_irq(&rcu_dereference_protected(current->sighand, true)->siglock);
	recalc_sigpending();
	spin_unlock_irq(&rcu_dereference_protected(current->sighand, true)->siglock);
	return ret;
}

/**
 * rr_space_new() - put an address space under page ownership
 * @mm: the address space; the caller's reference keeps it alive
 *
 * All pages begin unowned.
 *
 * Context: may sleep, takes the mmap lock for writing.
 * Return: the space with one reference, or an ERR_PTR.
 */
struct rr_space *rr_space_new(struct mm_struct *mm)
{
	struct rr_space *space = kzalloc(sizeof(*space), GFP_KERNEL);
	int ret;

	if (!space)
		return ERR_PTR(-ENOMEM);
	space->mm = mm;
	refcount_set(&space->ref, 1);
	spin_lock_init(&space->lock);
	mutex_init(&space->pagein);
	INIT_LIST_HEAD(&space->views);
	xa_init(&space->chunks);
	ret = rr_view_init(space, &space->lane);
	if (ret)
		goto err_free;
	space->mn.ops = &rr_space_ops;
	ret = rr_space_watch(space);
	if (ret)
		goto err_view;
	return space;

err_view:
	rr_view_destroy(space, &space->lane);
err_free:
	kfree(space);
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
	struct rr_chunk *chunk;
	unsigned long index;

	if (!refcount_dec_and_test(&space->ref))
		return;
	mmu_notifier_unregister(&space->mn, space->mm);
	rr_view_destroy(space, &space->lane);
	xa_for_each(&space->chunks, index, chunk)
		kfree(chunk);
	xa_destroy(&space->chunks);
	kfree(space);
}

/**
 * rr_space_copy() - a forked address space owns what its parent owns
 * @to: the child's, new
 * @from: the parent's
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int rr_space_copy(struct rr_space *to, struct rr_space *from)
{
	struct rr_chunk *chunk, *copy;
	unsigned long index = 0;

	to->shared = from->shared;
	for (;;) {
		copy = kzalloc(sizeof(*copy), GFP_KERNEL);
		if (!copy)
			return -ENOMEM;
		spin_lock(&from->lock);
		chunk = xa_find(&from->chunks, &index, ULONG_MAX, XA_PRESENT);
		if (chunk)
			bitmap_copy(copy->owned, chunk->owned, RR_CHUNK_PAGES);
		spin_unlock(&from->lock);
		if (!chunk)
			break;
		if (xa_err(xa_store(&to->chunks, index, copy, GFP_KERNEL))) {
			kfree(copy);
			return -ENOMEM;
		}
		index++;
	}
	kfree(copy);
	return 0;
}

/**
 * rr_page_owned() - has the log the contents of this page?
 * @space: address space
 * @addr: user address
 */
bool rr_page_owned(struct rr_space *space, unsigned long addr)
{
	struct rr_chunk *chunk;
	bool owned;

	spin_lock(&space->lock);
	chunk = rr_chunk_find(space, addr);
	owned = chunk && test_bit(rr_chunk_bit(addr), chunk->owned);
	spin_unlock(&space->lock);
	return owned;
}

/**
 * rr_page_own() - the contents of a page have been logged
 * @space: address space
 * @addr: user address
 *
 * Return: 0 or -ENOMEM.
 */
int rr_page_own(struct rr_space *space, unsigned long addr)
{
	struct rr_chunk *chunk;

	spin_lock(&space->lock);
	chunk = rr_chunk_make(space, addr);
	if (chunk)
		__set_bit(rr_chunk_bit(addr), chunk->owned);
	spin_unlock(&space->lock);
	return chunk ? 0 : -ENOMEM;
}

/**
 * rr_page_disown() - make a range unowned: its next touch logs contents again
 * @space: address space
 * @start: page aligned
 * @len: bytes, page aligned
 *
 * Also empties the shadow tables there, so that the next touch faults.
 *
 * Context: may sleep (flushes TLBs of other CPUs).
 */
void rr_page_disown(struct rr_space *space, unsigned long start, unsigned long len)
{
	unsigned long index, end = start + len, addr;
	struct rr_chunk *chunk;
	bool any;

	spin_lock(&space->lock);
	any = rr_space_zap(space, start, end);
	xa_for_each_range(&space->chunks, index, chunk, start >> RR_CHUNK_SHIFT,
			  (end - 1) >> RR_CHUNK_SHIFT) {
		unsigned long first = max(start, index << RR_CHUNK_SHIFT);
		unsigned long last = min(end, (index + 1) << RR_CHUNK_SHIFT);

		for (addr = first; addr < last; addr += PAGE_SIZE) {
			__clear_bit(rr_chunk_bit(addr), chunk->owned);
			__clear_bit(rr_chunk_bit(addr), chunk->dirty);
		}
	}
	spin_unlock(&space->lock);
	if (any)
		rr_sym.flush_tlb_mm_range(space->mm, start, end, PAGE_SHIFT, false);
}

/**
 * rr_page_move() - ownership follows the pages of an mremap()
 * @space: address space
 * @from: old address
 * @to: new address; what was owned there is forgotten first
 * @len: bytes that moved
 *
 * Return: 0 or -ENOMEM.
 */
int rr_page_move(struct rr_space *space, unsigned long from, unsigned long to,
		 unsigned long len)
{
	unsigned long addr = from;
	int ret = 0;

	if (from == to)
		return 0;
	rr_page_disown(space, to, len);
	while (!ret && rr_page_next(space, &addr) && addr < from + len) {
		ret = rr_page_own(space, to + (addr - from));
		addr += PAGE_SIZE;
		cond_resched();
	}
	rr_page_disown(space, from, len);
	return ret;
}

/**
 * rr_page_next() - walk the owned pages by address
 * @space: address space
 * @addr: in: where to begin; out: the first owned page at or after it
 *
 * Return: false if there is none.
 */
bool rr_page_next(struct rr_space *space, unsigned long *addr)
{
	unsigned long index = *addr >> RR_CHUNK_SHIFT, first = index;
	unsigned int bit = rr_chunk_bit(*addr);
	struct rr_chunk *chunk;
	bool found = false;

	spin_lock(&space->lock);
	xa_for_each_start(&space->chunks, index, chunk, first) {
		bit = find_next_bit(chunk->owned, RR_CHUNK_PAGES,
				    index == first ? bit : 0);
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
 * rr_page_dirty() - which pages has user code written since the last call?
 * @space: address space
 * @addr: their addresses, ascending
 * @max: room in @addr
 *
 * Clears the marks.
 *
 * Return: how many there are; more than @max means that only @max are listed.
 */
size_t rr_page_dirty(struct rr_space *space, u64 *addr, size_t max)
{
	struct rr_chunk *chunk;
	unsigned long index;
	unsigned int bit;
	size_t n = 0;

	spin_lock(&space->lock);
	rr_table_clean(&space->lane.table, rr_space_dirty, space);
	xa_for_each(&space->chunks, index, chunk) {
		for_each_set_bit(bit, chunk->dirty, RR_CHUNK_PAGES) {
			if (n < max)
				addr[n] = (index << RR_CHUNK_SHIFT) +
					  ((u64)bit << PAGE_SHIFT);
			n++;
		}
		bitmap_zero(chunk->dirty, RR_CHUNK_PAGES);
	}
	spin_unlock(&space->lock);
	return n;
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
	pte_t old;
	bool ok;

	spin_lock(&space->lock);
	ok = !space->invalidating && space->seq == seq;
	if (ok) {
		old = rr_table_get(table, addr);
		if (pte_present(old) && pte_dirty(old))
			pte = __pte(pte.pte | _PAGE_DIRTY);
		ok = rr_table_set(table, addr & PAGE_MASK, pte);
	}
	spin_unlock(&space->lock);
	/* An entry with fewer rights may sit in the TLB. */
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
		rr_sym.flush_tlb_mm_range(space->mm, start, start + len, PAGE_SHIFT, false);
}
