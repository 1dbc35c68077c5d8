// SPDX-License-Identifier: GPL-2.0-only
#include <linux/highmem.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "capture.h"
#include "diff.h"
#include "handover.h"
#include "logdev/logdev.h"
#include "record.h"
#include "task.h"

static void rr_copy_free(struct rr_copy *copy)
{
	if (copy->now)
		__free_page(copy->now);
	if (copy->before)
		__free_page(copy->before);
	kfree(copy);
}

static struct rr_copy *rr_copy_new(struct page *from)
{
	struct rr_copy *copy = kzalloc(sizeof(*copy), GFP_KERNEL);

	if (!copy)
		return NULL;
	copy->now = alloc_page(GFP_KERNEL_ACCOUNT);
	copy->before = alloc_page(GFP_KERNEL_ACCOUNT);
	if (!copy->now || !copy->before) {
		rr_copy_free(copy);
		return NULL;
	}
	copy_highpage(copy->before, from);
	copy_highpage(copy->now, copy->before);
	return copy;
}

/**
 * rr_copy_next() - the next run of bytes that the kernel has written
 * @copy: of a page
 * @from: where to begin
 * @gap: as in rr_diff_next()
 * @start: first byte of the run
 * @end: first byte after it
 *
 * Return: false if there is none from @from on.
 */
bool rr_copy_next(const struct rr_copy *copy, size_t from, size_t gap, size_t *start,
		  size_t *end)
{
	if (copy->before)
		return rr_diff_next(page_address(copy->before), page_address(copy->now),
				    PAGE_SIZE, from, gap, start, end);
	*start = max(from, copy->start);
	*end = copy->end;
	return *start < *end;
}

/**
 * rr_capture_blank() - room for what a call is about to write to a page, all of which
 *	rr_capture_wrote() will tell
 * @t: current's, with the capture on
 * @index: number of the page
 *
 * Context: may sleep. Return: the copy; NULL if memory is
 * short, or the page is captured.
 */
struct rr_copy *rr_capture_blank(struct rr_task *t, unsigned long index)
{
	struct rr_copy *copy = kzalloc(sizeof(*copy), GFP_KERNEL);

	if (!copy)
		return NULL;
	copy->now = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (copy->now && !xa_insert(&t->capture.copies, index, copy, GFP_KERNEL))
		return copy;
	rr_copy_free(copy);
	return NULL;
}

/**
 * rr_capture_wrote() - the call has written to a blank copy
 * @t: current's
 * @index: number of the page; one without a copy is let be
 * @start: offset of the first byte
 * @n: bytes; 0: none, and the copy goes
 */
void rr_capture_wrote(struct rr_task *t, unsigned long index, size_t start, size_t n)
{
	struct rr_copy *copy = xa_load(&t->capture.copies, index);

	if (!copy || copy->before)
		return;
	copy->start = start;
	copy->end = start + n;
	if (n)
		return;
	xa_erase(&t->capture.copies, index);
	rr_copy_free(copy);
}

/**
 * rr_capture_begin() - capture what the kernel writes from now on
 * @t: current's
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int rr_capture_begin(struct rr_task *t)
{
	struct rr_capture *cap = &t->capture;
	int ret;

	if (cap->on)
		return 0;
	if (!cap->space) {
		ret = rr_view_init(t->space, &cap->view, RR_VIEW_CAPTURE);
		if (ret)
			return ret;
		cap->space = t->space;
	}
	cap->on = true;
	rr_cr3_switch(&t->cr3, &cap->view.table);
	return 0;
}

/* Empty the table; nobody runs on it, and switching to it flushes the TLB. */
static void rr_capture_reset(struct rr_capture *cap)
{
	spin_lock(&cap->space->lock);
	rr_table_zap(&cap->view.table, 0, TASK_SIZE_MAX, NULL, NULL);
	spin_unlock(&cap->space->lock);
}

/**
 * rr_capture_drop() - end the capture and forget what was written
 * @t: current's
 */
void rr_capture_drop(struct rr_task *t)
{
	struct rr_capture *cap = &t->capture;
	struct rr_copy *copy;
	unsigned long index;

	if (!cap->on)
		return;
	cap->on = false;
	cap->midway = false;
	cap->bounced = false;
	rr_cr3_switch(&t->cr3, NULL);
	rr_capture_reset(cap);
	xa_for_each(&cap->copies, index, copy)
		rr_copy_free(copy);
	xa_destroy(&cap->copies);
}

/**
 * rr_capture_destroy() - free the capture table of a task
 * @t: current's, on the process's own table
 */
void rr_capture_destroy(struct rr_task *t)
{
	rr_capture_drop(t);
	if (!t->capture.space)
		return;
	rr_view_destroy(t->capture.space, &t->capture.view);
	memset(&t->capture.view, 0, sizeof(t->capture.view));
	t->capture.space = NULL;
}

/*
 * Write one run to the real memory; the task is on the process's own table. This
 * is done whatever becomes of the log: the program runs on.
 */
static int rr_capture_write(struct rr_task *t, unsigned long addr,
			    const void *data, size_t len, bool log)
{
	if (copy_to_user((void __user *)addr, data, len) &&
	    access_process_vm(current, addr, (void *)data, len,
			      FOLL_WRITE | FOLL_FORCE) != len)
		return 0;	/* unmapped meanwhile: nobody can see it */
	if (!log)
		return 0;
	rr_record_captured(t, addr, len);
	return rr_record_mem(t, addr, data, len);
}

/* How many pages has the kernel written from here on? Not more than matters. */
static unsigned int rr_capture_run(struct rr_capture *cap, unsigned long index)
{
	unsigned int n = 1;

	while (n < RR_AHEAD_PAGES && xa_load(&cap->copies, index + n))
		n++;
	return n;
}

static int rr_capture_commit_page(struct rr_task *t, unsigned long addr,
				  struct rr_copy *copy, bool log)
{
	const u8 *now = page_address(copy->now);
	/* One event for near runs, if nobody else can have changed what is between. */
	size_t gap = rr_task_sole(t) && !(t->s->flags & RRCREW_F_CHECK_FULL) ? 16 : 0;
	size_t from = 0, start, end;
	int ret = 0;

	if (rr_task_parallel(t))
		return rr_handover_commit(t, addr, copy,
					  rr_capture_run(&t->capture, addr >> PAGE_SHIFT),
					  log);
	while (rr_copy_next(copy, from, gap, &start, &end)) {
		if (rr_capture_write(t, addr + start, now + start, end - start,
				     log && !ret))
			ret = -EIO;
		from = end;
	}
	return ret;
}

/* Has the kernel written memory that only lane 0 may use? */
static bool rr_capture_is_home(struct rr_task *t)
{
	struct rr_copy *copy;
	unsigned long index;
	bool home = false;

	mmap_read_lock(current->mm);
	xa_for_each(&t->capture.copies, index, copy)
		home |= rr_handover_is_home(t->space, vma_lookup(current->mm, index << PAGE_SHIFT),
					    index << PAGE_SHIFT);
	mmap_read_unlock(current->mm);
	return home;
}

/**
 * rr_capture_commit() - make visible, and log, what the kernel wrote
 * @t: current's, with the lane's token
 * @log: write MEM events
 *
 * Leaves the task on the process's own table.
 *
 * Context: may sleep, also for the reader of the log.
 * Return: 0 or a negative errno: the session is broken.
 */
int rr_capture_commit(struct rr_task *t, bool log)
{
	struct rr_capture *cap = &t->capture;
	struct rr_copy *copy;
	unsigned long index;
	int ret = 0;

	if (!cap->on)
		return 0;
	if (log && rr_task_parallel(t) && rr_capture_is_home(t))
		rr_record_move(t, &t->s->lane[0]);
	rr_cr3_switch(&t->cr3, NULL);
	xa_for_each(&cap->copies, index, copy) {
		if (rr_capture_commit_page(t, index << PAGE_SHIFT, copy, log && !ret))
			ret = -EIO;
		/* One call may have written gigabytes. */
		xa_erase(&cap->copies, index);
		rr_copy_free(copy);
		if (log)
			rr_out_throttle(t->s->out);
	}
	rr_capture_drop(t);
	return ret;
}

/**
 * rr_capture_fault() - the kernel touched user memory during a capture
 * @t: current's
 * @addr: user address; the official table has the page
 * @write: it wants to write
 * @seq: from rr_fill_begin(), before the official table was asked
 *
 * Context: mmap lock held for reading; may sleep.
 * Return: false if memory is short; else true, whether filled or to be retried.
 */
bool rr_capture_fault(struct rr_task *t, unsigned long addr, bool write,
		      unsigned long seq)
{
	struct rr_capture *cap = &t->capture;
	struct rr_copy *copy = xa_load(&cap->copies, addr >> PAGE_SHIFT);
	struct page *page;
	pte_t pte;

	if (!copy) {
		if (!rr_official_get(cap->space->mm, addr, &pte, &page))
			return true;
		pte = rr_pte_shadow(pte, false);
		pte = pte_wrprotect(pte);
		if (write && page) {
			copy = rr_copy_new(page);
			if (copy && xa_err(xa_store(&cap->copies, addr >> PAGE_SHIFT,
						    copy, GFP_KERNEL))) {
				rr_copy_free(copy);
				copy = NULL;
			}
		}
		if (page)
			put_page(page);
		if (write && !copy)
			return false;
	}
	if (copy)
		pte = rr_pte_private(copy->now);
	rr_fill(cap->space, &cap->view.table, addr, pte, seq);
	return true;
}
