// SPDX-License-Identifier: GPL-2.0-only
/* What happens when a task of the group faults on a page. */
#include <linux/mm.h>
#include <linux/sched.h>

#include "compat/symbols.h"
#include "hook.h"
#include "record.h"
#include "replay.h"
#include "syscalls.h"
#include "task.h"

#define RR_FAULT_NOT_DONE (VM_FAULT_ERROR | VM_FAULT_RETRY | VM_FAULT_COMPLETED)

/* Install what the official table says in the lane's table. */
static void rr_fault_fill(struct rr_task *t, unsigned long addr, bool write,
			  unsigned long seq)
{
	struct page *page;
	pte_t pte;

	if (!rr_official_get(t->space->mm, addr, &pte, &page))
		return;
	if (!write || pte_write(pte)) {
		if (!rr_detour_pte(t, addr, write, &pte))
			pte = rr_pte_shadow(pte, write);
		rr_fill(t->space, &t->space->lane.table, addr, pte, seq);
	}
	if (page)
		put_page(page);
}

/* The side table says unowned: log the contents, in one step with owning. */
static int rr_fault_touch(struct rr_task *t, unsigned long addr)
{
	struct page *page;
	pte_t pte;
	int ret = 0;

	mutex_lock(&t->space->pagein);
	if (!rr_page_owned(t->space, addr)) {
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
	if (!rr_page_owned(t->space, addr) && rr_fault_touch(t, addr))
		return ret;	/* repeated, or the session has ended */
	rr_fault_fill(t, addr, write, seq);
	return ret;
}

static vm_fault_t rr_fault_replay(struct rr_task *t, struct vm_area_struct *vma,
				  unsigned long addr, unsigned int flags,
				  struct pt_regs *regs)
{
	unsigned long seq = rr_fill_begin(t->space);
	vm_fault_t ret;

	if (!rr_page_owned(t->space, addr)) {
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
		rr_fault_fill(t, addr, flags & FAULT_FLAG_WRITE, seq);
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
 * Context: mmap lock held for reading; may sleep; does not wait for others.
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
		if (rr_session_records(t->s))
			ret = rr_fault_record(t, vma, addr, flags, regs);
		else
			ret = rr_fault_replay(t, vma, addr, flags, regs);
		if (rr_session_ended(t->s))
			rr_task_escape(t);
	}
	rr_hook_done();
	return ret;
}
