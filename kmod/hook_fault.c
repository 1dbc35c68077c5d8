// SPDX-License-Identifier: GPL-2.0-only
/* What happens when a task of the group faults on a page. */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "capture.h"
#include "compat/symbols.h"
#include "handover.h"
#include "hook.h"
#include "random.h"
#include "record.h"
#include "replay.h"
#include "syscalls.h"
#include "task.h"

/* A futex operation comes so often before it is given up, some 10 s. */
#define RR_CLAIMS		500
#define RR_FAULT_NOT_DONE (VM_FAULT_ERROR | VM_FAULT_RETRY | VM_FAULT_COMPLETED)

/* Install what the official table says in the lane's table, as far as it may. */
static void rr_fault_fill_page(struct rr_task *t, struct vm_area_struct *vma,
			       unsigned long addr, bool write, unsigned long seq)
{
	struct page *page;
	pte_t pte;

	if (!rr_official_get(t->space->mm, addr, &pte, &page))
		return;
	if (!write || pte_write(pte)) {
		if (!rr_detour_pte(t, addr, write, &pte) &&
		    (write || !rr_random_pte(t, vma, addr, page, &pte)))
			pte = rr_pte_shadow(pte, write);
		rr_fill_lane(t->space, t->lane->nr, addr, pte, seq);
	}
	if (page)
		put_page(page);
}

/* So too the pages that the last GRANT gave behind this one. */
static void rr_fault_fill(struct rr_task *t, struct vm_area_struct *vma, unsigned long addr,
			  bool write, unsigned long seq)
{
	rr_fault_fill_page(t, vma, addr, write, seq);
	for (; t->taken > 1; t->taken--)
		rr_fault_fill_page(t, vma, (addr & PAGE_MASK) + (t->taken - 1) * PAGE_SIZE,
				   false, seq);
}

/* The side table says unowned: log the contents, in one step with owning. */
static int rr_fault_touch(struct rr_task *t, unsigned long addr)
{
	struct page *page;
	pte_t pte;
	int ret = 0;

	mutex_lock(&t->space->pagein);
	if (!rr_page_owned(t->space, t->lane->nr, addr)) {
		if (rr_official_get(t->space->mm, addr, &pte, &page)) {
			ret = rr_record_touch(t, addr & PAGE_MASK, page, pte_pfn(pte));
			if (page)
				put_page(page);
		} else {
			ret = -EAGAIN;
		}
	}
	mutex_unlock(&t->space->pagein);
	return ret;
}

/*
 * The page is not to be had now. User code tries again, after what is to be done
 * first (rr_record_leave()); so does the reading of a call's arguments, which here
 * seem to end (rr_record_hash()); the kernel itself tries again at once. A page that only
 * lane 0 may use it would never get: it sees the process's own from here on, and copies
 * what it writes (capture.h).
 */
static vm_fault_t rr_fault_not_taken(struct rr_task *t, unsigned long addr,
				     enum rr_take how)
{
	t->stolen = how == RR_TAKE_LATE;
	t->stolen_at = addr;
	t->backs_off = how == RR_TAKE_BUSY;
	if (t->stay == RR_STAY_ENTRY)
		return VM_FAULT_SIGBUS;
	if (t->stay == RR_STAY_USER)
		rr_task_queue_leave(t);
	else if (how != RR_TAKE_MOVE)
		usleep_range(20, 50);
	else if (rr_capture_begin(t))
		return VM_FAULT_OOM;
	t->capture.midway = t->capture.on;
	return 0;
}

/*
 * A call that has given away the token touches a page, and another task, which computes,
 * has to come to an event of its own first. It may be in a fault that waits for the mmap
 * lock, behind somebody who wants to write: the lock is dropped where it can be. Where
 * not, in a futex operation, the caller drops it and comes again.
 */
static vm_fault_t rr_fault_claim(struct rr_task *t, struct vm_area_struct *vma,
				 unsigned int flags)
{
	bool locked = !(flags & FAULT_FLAG_ALLOW_RETRY), came;

	if (!locked)
		mmap_read_unlock(vma->vm_mm);
	came = rr_token_claim(t, locked);
	if (came || (locked && rr_out_full(t->s->out)))
		t->claims = 0;
	else if (locked && ++t->claims < RR_CLAIMS)
		came = true;	/* for now */
	if (!came && !fatal_signal_pending(current))
		rr_session_end(t->s, RRCREW_RESULT_BROKEN,
			       "lane %u stands still: a call of task %u needs memory, and who computes comes to no event",
			       t->lane->nr, t->id);
	if (!locked)
		return VM_FAULT_RETRY;
	return fatal_signal_pending(current) ? VM_FAULT_SIGBUS : 0;
}

/* Several lanes: from the decision to the entry in the table it is one step. */
static vm_fault_t rr_fault_lanes(struct rr_task *t, struct vm_area_struct *vma,
				 unsigned long addr, unsigned int flags, unsigned long seq)
{
	bool write = flags & FAULT_FLAG_WRITE;
	enum rr_take how;

	mutex_lock(&t->space->pagein);
	how = rr_handover_take(t, vma, addr, write ? RR_CREW_WRITE : RR_CREW_READ, 0);
	if (how == RR_TAKE_HAVE)
		rr_fault_fill(t, vma, addr, write, seq);
	mutex_unlock(&t->space->pagein);
	/* Others have waited for that lock. */
	if (how == RR_TAKE_HAVE && t->taken && t->stay == RR_STAY_USER)
		rr_record_age(t);
	if (how == RR_TAKE_HAVE || how == RR_TAKE_AGAIN || how == RR_TAKE_FAILED)
		return 0;
	if (how == RR_TAKE_TOKEN)
		return rr_fault_claim(t, vma, flags);
	return rr_fault_not_taken(t, addr, how);
}

/*
 * The kernel looks at user memory for a trap of user code: that is no event, and there is
 * no way to user mode, on which it could wait.
 */
static bool rr_fault_peeks(struct rr_task *t, unsigned long addr, unsigned int flags)
{
	enum rr_crew_right want = flags & FAULT_FLAG_WRITE ? RR_CREW_WRITE : RR_CREW_READ;

	return t->stay == RR_STAY_USER && !(flags & FAULT_FLAG_USER) &&
	       rr_page_right(t->space, t->lane->nr, addr) < want;
}

static vm_fault_t rr_fault_record(struct rr_task *t, struct vm_area_struct *vma,
				  unsigned long addr, unsigned int flags,
				  struct pt_regs *regs)
{
	unsigned long seq = rr_fill_begin(t->space);
	bool write = flags & FAULT_FLAG_WRITE;
	vm_fault_t ret;

	ret = rr_sym.handle_mm_fault(vma, addr, flags, regs);
	if ((ret & VM_FAULT_SIGBUS) && t->stay == RR_STAY_USER)
		rr_record_bus(t, addr & PAGE_MASK);
	if (ret & RR_FAULT_NOT_DONE)
		return ret;
	if (t->capture.on) {
		if (!rr_capture_fault(t, addr & PAGE_MASK, write, seq))
			ret |= VM_FAULT_OOM;
		return ret;
	}
	if (rr_task_parallel(t))
		return rr_fault_lanes(t, vma, addr, flags, seq);
	if (!rr_page_owned(t->space, 0, addr) && rr_fault_touch(t, addr))
		return ret;	/* repeated, or the session has ended */
	rr_fault_fill(t, vma, addr, write, seq);
	return ret;
}

static vm_fault_t rr_fault_replay(struct rr_task *t, struct vm_area_struct *vma,
				  unsigned long addr, unsigned int flags,
				  struct pt_regs *regs)
{
	bool write = flags & FAULT_FLAG_WRITE;
	enum rr_crew_right want = write ? RR_CREW_WRITE : RR_CREW_READ;
	unsigned long seq = rr_fill_begin(t->space);
	vm_fault_t ret;

	if (rr_page_right(t->space, t->lane->nr, addr) < want) {
		switch (rr_replay_touch(t, vma, addr, flags, regs, &ret)) {
		case RR_TOUCH_FAULT:
		case RR_TOUCH_RETRY:
			return ret;
		case RR_TOUCH_FILL:
			/* what was done under @seq has changed the table */
			seq = rr_fill_begin(t->space);
			break;
		}
	}
	ret = rr_sym.handle_mm_fault(vma, addr, flags, regs);
	if (!(ret & RR_FAULT_NOT_DONE))
		rr_fault_fill(t, vma, addr, write, seq);
	return ret;
}

/*
 * Without registers it is get_user_pages(), which does not use the lane's table
 * at all, or fixup_user_fault() after a futex operation has failed on it, which
 * is repeated until the table has the page.
 */
static bool rr_fault_fixup(struct rr_task *t)
{
	return rr_session_records(t->s) &&
	       (t->capture.on || (rr_syscall_row(t->nr)->flags & RR_SC_FUTEX)) &&
	       (t->stay == RR_STAY_SYSCALL || t->stay == RR_STAY_EXIT);
}

/**
 * rr_hook_fault() - instead of handle_mm_fault(), for tasks of the group
 * @vma: mapping
 * @addr: user address
 * @flags: FAULT_FLAG_*
 * @regs: registers of the access; NULL if it is get_user_pages() that asks
 *
 * Not ours: another mm, most of get_user_pages(), and a task
 * that runs on the process's own table.
 *
 * Context: mmap lock held for reading, and dropped if the fault is to be repeated; may
 * sleep; waits for others only in rr_fault_claim().
 */
vm_fault_t rr_hook_fault(struct vm_area_struct *vma, unsigned long addr,
			 unsigned int flags, struct pt_regs *regs)
{
	struct rr_task *t = rr_task_current();
	vm_fault_t ret;

	if (!t || t->phase != RR_PHASE_ACTIVE || !t->space ||
	    vma->vm_mm != t->space->mm || !t->cr3.table || (!regs && !rr_fault_fixup(t))) {
		ret = rr_sym.handle_mm_fault(vma, addr, flags, regs);
	} else {
		rr_stat_inc(t->s, RR_STAT_FAULTS);
		if (regs && rr_fault_peeks(t, addr, flags))
			ret = VM_FAULT_SIGBUS;
		else if (rr_session_records(t->s))
			ret = rr_fault_record(t, vma, addr, flags, regs);
		else
			ret = rr_fault_replay(t, vma, addr, flags, regs);
		if (rr_session_ended(t->s))
			rr_task_escape(t);
	}
	rr_hook_done();
	return ret;
}
