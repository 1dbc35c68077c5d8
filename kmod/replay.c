// SPDX-License-Identifier: GPL-2.0-only
#include <linux/highmem.h>
#include <linux/prctl.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/syscall.h>
#include <asm/unistd.h>

#include "compat/symbols.h"
#include "digest.h"
#include "event.h"
#include "mapping.h"
#include "order.h"
#include "ranges.h"
#include "random.h"
#include "record.h"
#include "regs.h"
#include "replay.h"
#include "task.h"

/* Replayed tasks share no more than these; nothing that the host could see. */
#define RR_CLONE_FLAGS	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)

/* So often is a page brought that something takes away again. */
#define RR_BRING_TRIES	1000

/* ---- waiting for the log ---- */

/* The log has no more for tasks that are still there. */
static void rr_replay_log_over(struct rr_session *s, struct rr_lane *lane)
{
	enum rr_in_status status = rr_in_stream_status(s->in);
	struct rrlog_event head;
	bool more = rr_order_head(s, lane, &head);
	u64 nr = rr_in_event_nr(s->in, lane->nr);

	if (rr_session_ended(s))
		return;
	/* END is in lane 0. */
	if (!more && status == RR_IN_COMPLETE)
		more = rr_order_head(s, &s->lane[0], &head);
	if (more && head.type == RRLOG_END)
		rr_session_end(s, RRCREW_RESULT_TRUNCATED,
			       "the recording was ended here (error %u): replayed up to event %llu",
			       head.aux, nr);
	else if (more && s->nr_lanes == 1)
		rr_session_end(s, RRCREW_RESULT_BADLOG,
			       "log is inconsistent: event %llu is of unknown task %u", nr,
			       head.task);
	else if (status == RR_IN_TRUNCATED)
		/* The lane, or another that it waits for, has no more events. */
		rr_session_end(s, RRCREW_RESULT_TRUNCATED, "%s: replayed up to event %llu",
			       rr_in_error(s->in), nr);
	else if (status != RR_IN_BAD)
		rr_session_end(s, RRCREW_RESULT_TRUNCATED,
			       "the log ends before what lane %u waits for: replayed up to event %llu",
			       lane->nr, nr);
	else
		rr_session_end(s, RRCREW_RESULT_BADLOG, "%s", rr_in_error(s->in));
}

/**
 * rr_replay_finish() - the last task of the replay is gone
 * @s: session
 *
 * It was complete if the log's END comes next, and has been read and verified.
 *
 * Context: do_exit(); sleeps until the log's feeder has delivered what is left.
 */
void rr_replay_finish(struct rr_session *s)
{
	struct rrlog_event head;
	bool more = false;

	if (s->killed)
		rr_session_end(s, RRCREW_RESULT_STOPPED, "the replayed tasks were killed");
	wait_event_timeout(*rr_in_wait(s->in), rr_session_ended(s) ||
			   (more = rr_order_head(s, &s->lane[0], &head)) ||
			   rr_in_status(s->in, 0) != RR_IN_OPEN, 30 * HZ);
	if (more && head.type == RRLOG_END && !head.aux)
		rr_session_end(s, RRCREW_RESULT_OK, "all tasks have ended as logged");
	else
		rr_replay_log_over(s, &s->lane[0]);
}

/* Nothing more will happen to this task but its death. */
static void rr_replay_park(struct rr_task *t)
{
	rr_place_disarm(t);
	while (!fatal_signal_pending(current)) {
		set_current_state(TASK_KILLABLE | TASK_FREEZABLE);
		if (!fatal_signal_pending(current))
			schedule();
		__set_current_state(TASK_RUNNING);
	}
}

/*
 * Wait for this task's turn, or, at the place of its event @at, for what that waits
 * for. Returns the event; NULL: the replay is over, or the task is dying.
 */
static const struct rrlog_event *rr_replay_await(struct rr_task *t,
						 const struct rrlog_event *at)
{
	const struct rrlog_event *e = NULL;
	struct rr_session *s = t->s;
	struct rr_waiter w;
	bool stuck = false;
	int ret = 0;

	rr_order_wait_init(&w, t, at);
	atomic_inc(&s->waiting);
	while (!ret) {
		ret = prepare_to_wait_event(rr_in_wait(s->in), &w.entry,
					    TASK_KILLABLE | TASK_FREEZABLE);
		if (rr_session_ended(s))
			break;
		e = at ?: rr_order_mine(t);
		if (e && (!at || rr_order_ready(s, at)))
			break;
		e = NULL;
		stuck = rr_order_stuck(s, t->lane);
		if (stuck)
			break;
		if (!ret)
			schedule();
	}
	finish_wait(rr_in_wait(s->in), &w.entry);
	atomic_dec(&s->waiting);
	/* In between, before anything that it does now: rr_order_stuck(). */
	atomic_inc_return(&s->left);
	if (stuck)
		rr_replay_log_over(s, t->lane);
	return e;
}

static const struct rrlog_event *rr_replay_wait(struct rr_task *t)
{
	const struct rrlog_event *e = rr_session_ended(t->s) ? NULL : rr_order_mine(t);

	return e ?: rr_replay_await(t, NULL);
}

/* The task is at the place of @e, its event: wait for what that waits for. */
static bool rr_replay_at_event(struct rr_task *t, const struct rrlog_event *e)
{
	rr_order_arrive(t);
	return rr_order_ready(t->s, e) || rr_replay_await(t, e);
}

/* As rr_replay_wait(), for a task that is at the place of its next event. */
static const struct rrlog_event *rr_replay_here(struct rr_task *t)
{
	const struct rrlog_event *e = rr_replay_wait(t);

	return e && rr_replay_at_event(t, e) ? e : NULL;
}

/* The first of the pages is the one that was touched. */
static unsigned long rr_replay_grant_addr(const struct rrlog_grant *grant)
{
	return grant->addr & ~RRLOG_GRANT_MORE;
}

/*
 * Is it the event of the page that the task has touched? The page is given at once:
 * an instruction, or a call, that is made again may first touch others, which the
 * lane has lost at this event.
 */
static bool rr_replay_touched(struct rr_task *t, const struct rrlog_event *e)
{
	u8 kernel = t->stay == RR_STAY_USER ? 0 : RRLOG_GRANT_KERNEL;

	if (!t->at_touch)
		return false;
	if (e->type == RRLOG_PAGEIN)
		return ((const struct rrlog_pagein *)e)->addr == t->touch &&
		       !(e->flags & RRLOG_PAGEIN_KERNEL) == !kernel;
	return e->type == RRLOG_GRANT && (e->flags & RRLOG_GRANT_KERNEL) == kernel &&
	       rr_replay_grant_addr((const void *)e) == t->touch;
}

/* Is it what the touch waits for? */
static bool rr_replay_is_of_touch(struct rr_task *t, const struct rrlog_event *e)
{
	return rr_replay_touched(t, e) || e->type == RRLOG_WAIT || e->type == RRLOG_MOVE;
}

/* ---- divergence ---- */

static __printf(4, 5) void rr_replay_diverge(struct rr_task *t, struct pt_regs *regs,
					     const char *expected, const char *fmt, ...)
{
	struct rr_session *s = t->s;
	struct rr_divergence div = {
		.lane = t->lane->nr,
		.task = t->id,
		.event = rr_in_event_nr(s->in, t->lane->nr),
		.pid = task_pid_nr(current),
	};
	va_list args;

	/* What a dying task does no longer matters. */
	if (fatal_signal_pending(current))
		return;
	strscpy(div.expected, expected, sizeof(div.expected));
	va_start(args, fmt);
	vscnprintf(div.got, sizeof(div.got), fmt, args);
	va_end(args);
	rr_regs_read(&div.regs, regs);
	/* Callers may hold the mmap lock: only what is there without a fault. */
	if (!rr_task_peek(div.insn, regs->ip, sizeof(div.insn)))
		memset(div.insn, 0, sizeof(div.insn));
	rr_session_end_at(s, RRCREW_RESULT_DIVERGED, &div, "divergence at event %llu",
			  div.event);
}

static void rr_replay_describe(char *to, size_t len, const struct rrlog_event *e)
{
	const struct rrlog_enter *enter = (void *)e;
	const struct rrlog_pagein *in = (void *)e;
	const struct rrlog_async *async = (void *)e;
	const struct rrlog_trap *trap = (void *)e;

	switch (e->type) {
	case RRLOG_ENTER:
		scnprintf(to, len, "ENTER %s(%#llx, %#llx, %#llx, %#llx, %#llx, %#llx) ip %#llx",
			  rr_syscall_row(e->aux)->name ?: "?", enter->args[0],
			  enter->args[1], enter->args[2], enter->args[3],
			  enter->args[4], enter->args[5], enter->ip);
		break;
	case RRLOG_PAGEIN:
		scnprintf(to, len, "PAGEIN %#llx%s", in->addr,
			  e->flags & RRLOG_PAGEIN_KERNEL ? " by the kernel" : "");
		break;
	case RRLOG_ASYNC:
		scnprintf(to, len, "ASYNC at ip %#llx sp %#llx", async->regs.ip,
			  async->regs.sp);
		break;
	case RRLOG_GRANT:
		scnprintf(to, len, "GRANT %#lx%s", rr_replay_grant_addr((const void *)e),
			  e->flags & RRLOG_GRANT_KERNEL ? " by the kernel" : "");
		break;
	case RRLOG_TRAP:
		scnprintf(to, len, "TRAP signal %u ip %#llx", e->aux, trap->ip);
		break;
	default:
		scnprintf(to, len, "%s", rr_event_name(e->type));
	}
}

/* The event at hand if it is of this type; else the replay has diverged. */
static const struct rrlog_event *rr_replay_expect(struct rr_task *t, struct pt_regs *regs,
						  enum rrlog_type type, const char *got)
{
	const struct rrlog_event *e = rr_replay_here(t);
	char expected[RR_WHAT_MAX];

	if (!e || e->type == type)
		return e;
	rr_replay_describe(expected, sizeof(expected), e);
	rr_replay_diverge(t, regs, expected, "%s", got);
	return NULL;
}

/* --check=full: digests of registers and of the memory written lately. */
static bool rr_replay_check(struct rr_task *t, struct pt_regs *regs)
{
	const struct rrlog_event *e = rr_replay_here(t);
	const struct rrlog_check *check = (void *)e;
	struct rrlog_regs r;
	u32 i;

	if (!e)
		return false;
	if (e->type != RRLOG_CHECK)
		return true;
	rr_regs_read(&r, regs);
	if (rr_regs_hash(&r) != check->regs_hash) {
		rr_replay_diverge(t, regs, "CHECK of registers", "other registers");
		return false;
	}
	if (rr_fpu_hash() != check->fpu_hash) {
		rr_replay_diverge(t, regs, "CHECK of FPU registers", "other registers");
		return false;
	}
	i = rr_digest_differs(check->page, e->aux);
	if (i < e->aux) {
		rr_replay_diverge(t, regs, "CHECK of memory", "other memory in page %#llx",
				  check->page[i].addr);
		return false;
	}
	rr_order_next(t);
	return true;
}

/* ---- what a stay did ---- */

/* A hostile log may name any address: those of the kernel are refused there. */
static int rr_replay_mem(struct rr_task *t, const struct rrlog_mem *mem)
{
	int n = access_process_vm(current, mem->addr, (void *)mem->data, mem->e.aux,
				  FOLL_WRITE | FOLL_FORCE);

	return n == mem->e.aux ? 0 : -EFAULT;
}

static enum rr_crew_right rr_replay_pagein_right(struct rr_task *t,
						 const struct rrlog_pagein *in)
{
	if (!rr_task_parallel(t) || in->e.flags & RRLOG_PAGEIN_EXCLUSIVE)
		return RR_CREW_WRITE;
	return RR_CREW_READ;
}

/*
 * Has the process a page of its own or of its shared memory there? Not what the kernel
 * shows to all where nothing has been written: the zero page, the huge one as well.
 */
static struct page *rr_replay_page(struct rr_task *t, struct vm_area_struct *vma,
				   unsigned long addr)
{
	struct page *page;
	bool own;
	pte_t pte;

	if (!rr_official_get(t->space->mm, addr, &pte, &page) || !page)
		return NULL;
	own = vma->vm_flags & VM_SHARED ? !is_zero_pfn(pte_pfn(pte)) :
					  PageAnon(page) && !PageKsm(page);
	if (own)
		return page;
	put_page(page);
	return NULL;
}

static int rr_replay_contents(struct rr_task *t, struct vm_area_struct *vma,
			      const struct rrlog_pagein *in)
{
	struct page *page = rr_replay_page(t, vma, in->addr);
	void *to;

	if (!page)
		return in->e.flags & RRLOG_PAGEIN_ZERO ? 0 : -EAGAIN;
	to = kmap_local_page(page);
	if (in->e.flags & RRLOG_PAGEIN_ZERO)
		memset(to, 0, PAGE_SIZE);
	else
		memcpy(to, in->data, PAGE_SIZE);
	kunmap_local(to);
	set_page_dirty_lock(page);
	put_page(page);
	return 0;
}

/* Must the page be made the process's own before its contents are set? */
static bool rr_replay_needs_page(struct rr_task *t, struct vm_area_struct *vma,
				 const struct rrlog_pagein *in)
{
	struct page *page;

	if (vma->vm_flags & VM_SHARED)
		return false;
	if (!(in->e.flags & RRLOG_PAGEIN_ZERO))
		return true;
	page = rr_replay_page(t, vma, in->addr);
	if (page)
		put_page(page);
	return page;
}

/*
 * The page's contents come from the log. Caller holds the mmap lock. Returns what
 * handle_mm_fault() says, or VM_FAULT_NOPAGE: it is to be tried again.
 */
static vm_fault_t rr_replay_bring(struct rr_task *t, struct vm_area_struct *vma,
				  const struct rrlog_pagein *in, unsigned int flags,
				  struct pt_regs *regs)
{
	vm_fault_t fault;

	if (rr_replay_needs_page(t, vma, in))
		flags |= FAULT_FLAG_WRITE;
	fault = rr_sym.handle_mm_fault(vma, in->addr, flags, regs);
	if (fault & (VM_FAULT_ERROR | VM_FAULT_RETRY | VM_FAULT_COMPLETED))
		return fault;
	if (rr_replay_contents(t, vma, in) ||
	    rr_page_own(t->space, t->lane->nr, in->addr, rr_replay_pagein_right(t, in)))
		return VM_FAULT_NOPAGE;
	rr_stat_inc(t->s, RR_STAT_PAGEINS);
	return 0;
}

/* The page that the task has touched and waited for. */
static int rr_replay_bring_touched(struct rr_task *t, const struct rrlog_pagein *in)
{
	unsigned int tries = RR_BRING_TRIES;
	struct vm_area_struct *vma;
	vm_fault_t fault;

	do {
		mmap_read_lock(current->mm);
		vma = vma_lookup(current->mm, in->addr);
		fault = vma ? rr_replay_bring(t, vma, in, 0, NULL) : VM_FAULT_SIGSEGV;
		mmap_read_unlock(current->mm);
		/* Another lane, or reclaim, has been at the same page table. */
	} while (fault == VM_FAULT_NOPAGE && --tries);
	return fault ? -EFAULT : 0;
}

/*
 * Is it to be put into the page that is there? It may be shared, and not writable here. If
 * it is to be cleared: a shared file may have got shorter, and longer again; a forked child
 * may have what another lane of its parent had written, further on than it was when that
 * was recorded.
 */
static bool rr_replay_fills(struct rr_task *t, const struct rrlog_pagein *in)
{
	struct vm_area_struct *vma;
	struct page *page = NULL;
	bool shared;

	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, in->addr);
	shared = vma && vma->vm_flags & VM_SHARED;
	if (vma && !shared && in->e.flags & RRLOG_PAGEIN_ZERO)
		page = rr_replay_page(t, vma, in->addr);
	mmap_read_unlock(current->mm);
	if (page)
		put_page(page);
	return shared || page;
}

static int rr_replay_pagein(struct rr_task *t, const struct rrlog_pagein *in)
{
	if (in->e.flags & RRLOG_PAGEIN_REF)
		return -EOPNOTSUPP;
	if (t->at_touch || rr_replay_fills(t, in))
		return rr_replay_bring_touched(t, in);
	if (!(in->e.flags & RRLOG_PAGEIN_ZERO) &&
	    access_process_vm(current, in->addr, (void *)in->data, PAGE_SIZE,
			      FOLL_WRITE | FOLL_FORCE) != PAGE_SIZE)
		return -EFAULT;
	rr_stat_inc(t->s, RR_STAT_PAGEINS);
	return rr_page_own(t->space, t->lane->nr, in->addr, rr_replay_pagein_right(t, in));
}

static int rr_replay_grant(struct rr_task *t, const struct rrlog_grant *grant)
{
	enum rr_crew_right right = grant->e.flags & RRLOG_GRANT_EXCLUSIVE ? RR_CREW_WRITE :
									    RR_CREW_READ;
	unsigned long addr = rr_replay_grant_addr(grant);
	u64 more = grant->addr & RRLOG_GRANT_MORE;
	int ret;

	rr_stat_inc(t->s, RR_STAT_GRANTS);
	rr_stat_add(t->s, RR_STAT_PAGES, 1 + more);
	if (right == RR_CREW_WRITE)
		rr_stat_inc(t->s, RR_STAT_EXCLUSIVE);
	t->taken = 1 + more;
	do {
		ret = rr_page_own(t->space, t->lane->nr, addr, right);
		addr += PAGE_SIZE;
	} while (!ret && more--);
	return ret;
}

/* The task goes on in another lane, when its turn comes there. */
static int rr_replay_move(struct rr_task *t, const struct rrlog_event *move)
{
	struct rr_lane *from = t->lane, *to = &t->s->lane[move->aux];

	rr_order_next(t);
	rr_lane_move(t, to);
	rr_stat_inc(t->s, RR_STAT_MOVES);
	if (t->cr3.table)
		rr_cr3_switch(&t->cr3, rr_lane_table(t));
	/* The last one has gone, maybe. */
	rr_order_tell(t->s, from);
	return 0;
}

static int rr_replay_fork(struct rr_task *t, const struct rrlog_clone *clone)
{
	struct kernel_clone_args args = {
		.flags		= clone->flags & RR_CLONE_FLAGS,
		.exit_signal	= clone->flags & CLONE_THREAD ? 0 : SIGCHLD,
	};
	pid_t pid;

	t->child_id = clone->e.aux;
	t->child_lane = clone->lane;
	pid = rr_sym.kernel_clone(&args);
	t->child_id = 0;
	if (pid < 0)
		return pid;
	return 0;
}

static int rr_replay_exec(struct rr_task *t, const struct rrlog_exec *exec)
{
	int ret = rr_mapping_replay_exec(t, exec);

	rr_task_rehook(t);
	rr_sym.disable_TSC();
	return ret;
}

static int rr_replay_action(struct rr_task *t, const struct rrlog_event *e)
{
	if (!t->space && e->type != RRLOG_EXEC)
		return -EPROTO;
	switch (e->type) {
	case RRLOG_MEM:
		return rr_replay_mem(t, (void *)e);
	case RRLOG_PAGEIN:
		return rr_replay_pagein(t, (void *)e);
	case RRLOG_MAP:
		return rr_mapping_replay(t, (void *)e);
	case RRLOG_CLONE:
		return rr_replay_fork(t, (void *)e);
	case RRLOG_EXEC:
		return rr_replay_exec(t, (void *)e);
	case RRLOG_GRANT:
		return rr_replay_grant(t, (void *)e);
	case RRLOG_WAIT:
		return 0;
	}
	return -EPROTO;
}

static int rr_replay_echo_piece(struct rr_task *t, unsigned long addr, size_t len, void *arg)
{
	size_t *left = arg, n;
	u8 *buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
	int ret = buf ? 0 : -ENOMEM;

	len = min(len, *left);
	*left -= len;
	for (; len && !ret; addr += n, len -= n) {
		n = min(len, PAGE_SIZE);
		if (access_process_vm(current, addr, buf, n, FOLL_FORCE) != n)
			break;
		ret = rr_echo_put(t->s->echo, t->stream, buf, n);
	}
	kfree(buf);
	return ret ?: !*left;
}

/* What the program printed is shown; nothing else of its calls is done. */
static void rr_replay_echo(struct rr_task *t, long ret)
{
	struct rr_table *table = t->cr3.table;
	size_t left = ret;

	if (t->stream && ret > 0) {
		/* The list of a writev() is read past the lane, which may have lost it. */
		rr_cr3_switch(&t->cr3, NULL);
		rr_ranges(t, rr_syscall_row(t->nr), false, 0, rr_replay_echo_piece, &left);
		rr_cr3_switch(&t->cr3, table);
	}
	t->stream = 0;
}

/* See rr_record_has_no(). */
static void rr_replay_ldt(struct rr_task *t)
{
	struct rr_table *table = t->cr3.table;

	if (boot_cpu_has(X86_FEATURE_PTI)) {
		rr_session_end(t->s, RRCREW_RESULT_BROKEN,
			       "modify_ldt() in the log: replay it on a kernel without page-table isolation (nopti)");
		return;
	}
	/* What the kernel reads for it is no touch of the program's. */
	rr_cr3_switch(&t->cr3, NULL);
	rr_syscall_make(t, t->nr, t->args[0], t->args[1], t->args[2], 0, 0);
	rr_cr3_switch(&t->cr3, table);
}

/* Calls that succeeded and change what an instruction does. */
static void rr_replay_modes(struct rr_task *t)
{
	if (t->nr == __NR_prctl && t->args[0] == PR_SET_TSC)
		t->tsc_faults = t->args[1] == PR_TSC_SIGSEGV;
	/* Reading it returns a length. */
	if (t->nr == __NR_modify_ldt && t->args[0])
		rr_replay_ldt(t);
	rr_mapping_replay_limit(t);
}

static void rr_replay_left(struct rr_task *t, struct pt_regs *regs,
			   const struct rrlog_leave *leave)
{
	if (t->stay == RR_STAY_SYSCALL)
		rr_replay_echo(t, leave->ax);
	if (t->stay == RR_STAY_SYSCALL && !leave->ax)
		rr_replay_modes(t);
	if (leave->e.flags & RRLOG_LEAVE_REGS)
		rr_regs_write(regs, leave->regs);
	else
		regs->ax = leave->ax;
	if (leave->e.flags & RRLOG_LEAVE_SIGNAL)
		rr_sym.fpu__clear_user_states(&current->thread.fpu);
	regs->orig_ax = -1;	/* nothing to restart */
	t->stay = RR_STAY_USER;
}

/* As the log says. Does not return if the task's state is as logged. */
static void rr_replay_die(struct rr_task *t, struct pt_regs *regs,
			  const struct rrlog_exit *end)
{
	bool hashed = end->e.flags & RRLOG_EXIT_HASHED;
	u32 code = end->e.aux;
	u64 hash, pages;

	if (hashed && t->space) {
		rr_digest_space(t->space, t->lane->nr, &hash, &pages);
		if (hash != end->mem_hash || pages != end->pages) {
			rr_replay_diverge(t, regs, "EXIT with the logged memory",
					  "other memory: %llu pages, logged %llu", pages,
					  end->pages);
			return;
		}
	}
	rr_place_disarm(t);
	t->stay = RR_STAY_EXIT;
	rr_order_next(t);
	/*
	 * Each thread of a process has an EXIT of its own: none kills the others.
	 * Works queued behind the one at hand hold references: they run first,
	 * then the exit loop brings us to rr_replay_signal().
	 */
	if (!t->in_work)
		rr_sym.do_exit(code);
	t->exit_code = code;
	t->dying = true;
	set_thread_flag(TIF_SIGPENDING);
}

/* ---- between user mode and the log ---- */

static bool rr_replay_at(struct rr_task *t, struct pt_regs *regs,
			 const struct rrlog_async *async)
{
	struct rrlog_regs now;
	u32 pages;

	rr_regs_read(&now, regs);
	if (memcmp(&now, &async->regs, sizeof(now)) || rr_fpu_hash() != async->fpu_hash)
		return false;
	if (rr_place_differs(t, async) != async->e.aux)
		return false;
	/* The page that told the last state apart likely does so again. */
	pages = rr_place_pages(async);
	if (t->place.differs < pages &&
	    rr_digest_differs(async->page + t->place.differs, 1) != 1)
		return false;
	t->place.differs = rr_digest_differs(async->page, pages);
	return t->place.differs == pages;
}

static void rr_replay_apply(struct rr_task *t, struct pt_regs *regs,
			    const struct rrlog_event *e)
{
	char what[RR_WHAT_MAX];
	int ret;

	switch (e->type) {
	case RRLOG_LEAVE:
		if (!t->space)
			break;
		rr_replay_left(t, regs, (void *)e);
		rr_order_next(t);
		return;
	case RRLOG_EXIT:
		rr_replay_die(t, regs, (void *)e);
		return;
	case RRLOG_MOVE:
		rr_replay_move(t, e);
		return;
	}
	ret = rr_replay_action(t, e);
	if (!ret) {
		rr_order_next(t);
		return;
	}
	rr_replay_describe(what, sizeof(what), e);
	rr_replay_diverge(t, regs, what, "error %d when applying it", ret);
}

/* Does user code come to such an event by itself? */
static bool rr_replay_is_met(const struct rrlog_event *e)
{
	if (rr_order_is_end(e))
		return false;
	switch (e->type) {
	case RRLOG_ENTER:
	case RRLOG_TRAP:
	case RRLOG_CHECK:
	case RRLOG_TSC:
	case RRLOG_BUS:
	case RRLOG_PAGEIN:	/* by the kernel: of arguments, before the ENTER */
	case RRLOG_GRANT:
	case RRLOG_WAIT:
	case RRLOG_MOVE:
		return true;
	}
	return false;
}

/*
 * The next event, for a task that is about to be in user mode.
 * Return: true if it may go; false if the event was consumed.
 */
static bool rr_replay_to_user(struct rr_task *t, struct pt_regs *regs,
			      const struct rrlog_event *e)
{
	const struct rrlog_async *async = (void *)e;
	char expected[RR_WHAT_MAX];
	int ret;

	/*
	 * A task that was killed: where does not matter, what it left does. Or
	 * another task has changed a file that this one maps.
	 */
	if (rr_order_is_end(e) || e->type == RRLOG_MAP) {
		if (!rr_replay_at_event(t, e))
			return false;
		/* There, too, it is at its end. */
		if (e->type == RRLOG_MOVE)
			t->stay = RR_STAY_SIGNAL;
		rr_replay_apply(t, regs, e);
		return false;
	}
	if (rr_replay_is_met(e)) {
		rr_place_disarm(t);
		return true;
	}
	if (e->type != RRLOG_ASYNC) {
		rr_replay_describe(expected, sizeof(expected), e);
		rr_replay_diverge(t, regs, expected, "user mode, where no such event is met");
		return false;
	}
	if (rr_replay_at(t, regs, async)) {
		rr_place_disarm(t);
		rr_place_set(t, async);
		rr_order_arrive(t);
		if (!(async->e.flags & RRLOG_ASYNC_STOLEN))
			t->stay = RR_STAY_SIGNAL;
		rr_order_next(t);
		rr_stat_inc(t->s, RR_STAT_ASYNCS);
		return false;
	}
	if (rr_place_missed(t)) {
		rr_replay_describe(expected, sizeof(expected), e);
		rr_replay_diverge(t, regs, expected, "a state that does not come");
		return false;
	}
	ret = rr_place_arm(t, async);
	if (ret)
		rr_session_end(t->s, RRCREW_RESULT_BROKEN,
			       "no execution breakpoint (error %d)%s", ret,
			       ret == -ENOSPC ? ": end gdb and perf sessions that use them all" : "");
	return !ret;
}

/*
 * Apply events until the task may go to user mode: the next event of the lane
 * is its own and is met there.
 */
static void rr_replay_go(struct rr_task *t, struct pt_regs *regs)
{
	const struct rrlog_event *e;
	bool more;

	for (;;) {
		e = fatal_signal_pending(current) ? NULL : rr_replay_wait(t);
		if (!e) {
			rr_replay_park(t);
			return;
		}
		if (t->at_touch && !rr_replay_is_of_touch(t, e))
			t->at_touch = false;
		if (t->stay != RR_STAY_USER || t->at_touch) {
			if (!rr_replay_at_event(t, e))
				continue;
			/* Where it has moved to, it is at a place as well. */
			more = e->type == RRLOG_MOVE || (e->type == RRLOG_WAIT && e->aux);
			rr_replay_apply(t, regs, e);
			t->at_touch = t->at_touch && more;
		} else if (rr_replay_to_user(t, regs, e)) {
			break;
		}
		if (t->dying)
			return;
	}
	t->at_touch = false;
	rr_lane_bind(t);
	rr_cr3_switch(&t->cr3, rr_lane_table(t));
	rr_cr3_check(&t->cr3);
}

/* After an event that was met without leaving user mode for long. */
static void rr_replay_met(struct rr_task *t)
{
	const struct rrlog_event *e = rr_order_mine(t);

	if (!e || !rr_replay_is_met(e))
		rr_task_queue_leave(t);
}

/* ---- system calls ---- */

static bool rr_replay_same_call(struct rr_task *t, struct pt_regs *regs,
				const struct rrlog_enter *enter, bool hashed, u64 hash)
{
	const struct rr_syscall *row = rr_syscall_row(t->nr);
	char expected[RR_WHAT_MAX];
	unsigned int n = row->name ? row->nr_args : 6;

	if (enter->e.aux == t->nr && enter->ip == regs->ip && enter->sp == regs->sp &&
	    !memcmp(enter->args, t->args, n * sizeof(u64)) &&
	    hashed == !!(enter->e.flags & RRLOG_ENTER_HASHED) && hash == enter->out_hash)
		return true;
	rr_replay_describe(expected, sizeof(expected), &enter->e);
	rr_replay_diverge(t, regs, expected,
			  "%s(%#llx, %#llx, %#llx, %#llx, %#llx, %#llx) ip %#lx%s",
			  row->name ?: "?", t->args[0], t->args[1], t->args[2],
			  t->args[3], t->args[4], t->args[5], regs->ip,
			  hash == enter->out_hash ? "" : ", other bytes");
	return false;
}

static void rr_hold_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	/* Unlike the system call, sigprocmask() can block these. */
	sigdelsetmask(&all, sigmask(SIGKILL) | sigmask(SIGSTOP));
	sigprocmask(SIG_SETMASK, &all, NULL);
}

static void rr_flush_signals(void)
{
	spin_lock_irq(rr_siglock());
	if (!sigismember(&current->pending.signal, SIGKILL))
		rr_sym.flush_sigqueue(&current->pending);
	recalc_sigpending();
	spin_unlock_irq(rr_siglock());
	rr_hold_signals();
}

/* Calls that touch only the processor state of this task. */
static void rr_replay_native(struct rr_task *t, struct pt_regs *regs,
			     const struct rr_syscall *row)
{
	if (!(row->flags & RR_SC_NATIVE) || t->nr == __NR_arch_prctl ||
	    t->nr == __NR_modify_ldt)
		return;
	/* What the kernel reads for it is no touch of the program's. */
	rr_cr3_switch(&t->cr3, NULL);
	rr_sym.x64_sys_call(regs, t->nr);
	if (t->nr == __NR_rt_sigreturn)
		rr_flush_signals();
}

/*
 * What the log has for the reading of arguments at this place. Sets @again if there
 * was something. Return: false: the replay is over, or the task is at its end.
 */
static bool rr_replay_hash_events(struct rr_task *t, struct pt_regs *regs, bool *again)
{
	const struct rrlog_event *e;
	bool more;

	do {
		e = rr_replay_here(t);
		if (!e)
			return false;
		if (!rr_replay_is_of_touch(t, e))
			return true;
		*again = true;
		more = t->at_touch && e->type == RRLOG_WAIT && e->aux;
		rr_replay_apply(t, regs, e);
	} while (more);
	/* It is not there yet: what the lane loses at that event may be read once more. */
	e = rr_replay_wait(t);
	return e && !rr_order_is_end(e);
}

/*
 * What the call takes from user memory. Recording, pages that it touched for this
 * may have had to be waited for, or have been another lane's: then it began again
 * behind that event.
 */
static bool rr_replay_hash(struct rr_task *t, struct pt_regs *regs,
			   const struct rr_syscall *row, u64 *hash)
{
	bool hashed, again;

	do {
		t->at_touch = false;
		/* What the lane has lost at the next event it still has here. */
		hashed = rr_ranges_hash(t, row, hash);
		if (!rr_task_parallel(t))
			break;
		again = rr_ranges_again(t);
		if (!rr_replay_hash_events(t, regs, &again))
			return false;
	} while (again);
	return hashed;
}

/* Several lanes: was it killed before all arguments of its call were read? */
static bool rr_replay_dies(struct rr_task *t)
{
	const struct rrlog_event *e = rr_task_parallel(t) ? rr_order_mine(t) : NULL;

	return e && rr_order_is_end(e);
}

/**
 * rr_replay_enter() - a replayed task makes a system call: the log answers
 * @t: current's
 * @regs: its registers
 *
 * Context: syscall entry; sleeps until the log lets the task go on.
 */
void rr_replay_enter(struct rr_task *t, struct pt_regs *regs)
{
	const struct rr_syscall *row;
	const struct rrlog_enter *enter;
	u64 hash = 0;
	bool hashed;

	t->nr = regs->orig_ax;
	row = rr_syscall_row(t->nr);
	syscall_get_arguments(current, regs, (unsigned long *)t->args);
	t->stay = RR_STAY_ENTRY;
	hashed = rr_replay_hash(t, regs, row, &hash);
	if (rr_replay_dies(t)) {
		t->stay = RR_STAY_USER;
		rr_task_queue_leave(t);
		return;
	}
	enter = NULL;
	if (rr_replay_check(t, regs))
		enter = (void *)rr_replay_expect(t, regs, RRLOG_ENTER, row->name ?: "?");
	if (!enter || !rr_replay_same_call(t, regs, enter, hashed, hash)) {
		rr_replay_park(t);
		return;
	}
	t->stream = enter->stream;
	t->stay = RR_STAY_SYSCALL;
	rr_order_next(t);
	rr_stat_inc(t->s, RR_STAT_SYSCALLS);
	rr_replay_native(t, regs, row);
	rr_replay_go(t, regs);
}

/* The first task: the log's header tells how many lanes there are. */
static bool rr_replay_first(struct rr_task *t)
{
	u32 nr_lanes;

	if (!rr_replay_wait(t))
		return false;
	nr_lanes = rr_in_header(t->s->in)->nr_lanes;
	if (nr_lanes > RR_SPACE_LANES_MAX) {
		rr_session_end(t->s, RRCREW_RESULT_BADLOG,
			       "log of %u lanes: this version replays up to %u", nr_lanes,
			       RR_SPACE_LANES_MAX);
		return false;
	}
	t->s->nr_lanes = nr_lanes;
	return true;
}

/**
 * rr_replay_leave() - on the way to user mode
 * @t: current's
 * @regs: its registers
 *
 * A new task starts here; else an event was met outside a system call.
 *
 * Context: task work; sleeps.
 */
void rr_replay_leave(struct rr_task *t, struct pt_regs *regs)
{
	if (rr_session_ended(t->s)) {
		rr_replay_park(t);
		return;
	}
	if (t->stay == RR_STAY_START && !t->space && !rr_replay_first(t)) {
		rr_replay_park(t);
		return;
	}
	if (t->stay == RR_STAY_START && t->space) {
		rr_capture_drop(t);
		if (!rr_replay_expect(t, regs, RRLOG_START, "a new task")) {
			rr_replay_park(t);
			return;
		}
		rr_order_next(t);
	}
	if (t->stay == RR_STAY_START)
		t->stay = RR_STAY_SIGNAL;
	rr_replay_go(t, regs);
}

/**
 * rr_replay_kick() - the breakpoint was hit, or the task's death has come
 * @t: current's
 * @regs: its registers
 *
 * Context: task work; sleeps.
 */
void rr_replay_kick(struct rr_task *t, struct pt_regs *regs)
{
	if (t->stay != RR_STAY_USER)
		return;
	rr_replay_leave(t, regs);
}

/*
 * Several lanes: an access has failed only because another lane has not yet mapped
 * what it will find. The signal is gone; wait, and try again.
 */
static bool rr_replay_too_early(struct rr_task *t, struct pt_regs *regs,
				const kernel_siginfo_t *info)
{
	const struct rrlog_event *e;

	if (!rr_task_parallel(t) ||
	    (info->si_signo != SIGSEGV && info->si_signo != SIGBUS))
		return false;
	while ((e = rr_replay_here(t)) && e->type == RRLOG_WAIT)
		rr_replay_apply(t, regs, e);
	if (!e || (e->type != RRLOG_GRANT && e->type != RRLOG_PAGEIN))
		return false;
	if (((unsigned long)info->si_addr ^ ((const struct rrlog_pagein *)e)->addr) & PAGE_MASK)
		return false;
	t->at_touch = true;
	t->touch = (unsigned long)info->si_addr & PAGE_MASK;
	rr_replay_go(t, regs);
	return true;
}

/**
 * rr_replay_signal() - instead of the delivery of signals
 * @t: current's
 * @regs: its registers
 *
 * All signals are held off but those that an instruction raises, which the log
 * has too, those that stop the replay as a whole, and SIGKILL.
 *
 * Context: exit to user mode; may not return.
 */
void rr_replay_signal(struct rr_task *t, struct pt_regs *regs)
{
	const struct rrlog_event *e = NULL;
	kernel_siginfo_t info;
	char got[RR_WHAT_MAX];

	if (t->dying)
		rr_sym.do_exit(t->exit_code);
	if (fatal_signal_pending(current) || t->stay != RR_STAY_USER ||
	    !rr_signal_trap(&info)) {
		t->works_early = true;
		rr_sym.arch_do_signal_or_restart(regs);
		t->works_early = false;
		/* It may have been stopped, and has run task works: ours waited. */
		if (!fatal_signal_pending(current) && t->phase == RR_PHASE_ACTIVE)
			rr_replay_leave(t, regs);
		return;
	}
	rr_flush_signals();
	if (rr_detour_mend(t, regs))
		return;
	if (rr_replay_too_early(t, regs, &info))
		return;
	scnprintf(got, sizeof(got), "signal %d at ip %#lx, address %#lx", info.si_signo,
		  regs->ip, (unsigned long)info.si_addr);
	if (rr_replay_check(t, regs))
		e = rr_replay_expect(t, regs, RRLOG_TRAP, got);
	if (e && (e->aux != info.si_signo || ((struct rrlog_trap *)e)->ip != regs->ip)) {
		rr_replay_diverge(t, regs, "TRAP", "%s", got);
		e = NULL;
	}
	if (!e) {
		rr_replay_park(t);
		return;
	}
	t->stay = RR_STAY_SIGNAL;
	rr_order_next(t);
	rr_replay_go(t, regs);
}

/* The event of the instruction at hand, or NULL: the replay has ended. */
static const struct rrlog_tsc *rr_replay_value(struct rr_task *t, struct pt_regs *regs,
					       u8 flags, const char *what)
{
	const struct rrlog_tsc *e = (void *)rr_replay_expect(t, regs, RRLOG_TSC, what);
	char expected[RR_WHAT_MAX];

	if (!e || (e->e.flags == flags && e->ip == regs->ip))
		return e;
	rr_replay_describe(expected, sizeof(expected), &e->e);
	rr_replay_diverge(t, regs, expected, what);
	return NULL;
}

/**
 * rr_replay_tsc() - RDTSC and RDTSCP give the logged value
 * @t: current's
 * @regs: its registers
 * @rdtscp: RDTSCP
 * @len: of the instruction
 *
 * Return: true: no signal.
 */
bool rr_replay_tsc(struct rr_task *t, struct pt_regs *regs, bool rdtscp, int len)
{
	const struct rrlog_tsc *e;

	e = rr_replay_value(t, regs, rdtscp ? RRLOG_TSC_RDTSCP : 0, rdtscp ? "RDTSCP" : "RDTSC");
	if (!e) {
		rr_replay_park(t);
		return true;
	}
	regs->ax = (u32)e->value;
	regs->dx = e->value >> 32;
	if (rdtscp)
		regs->cx = e->e.aux;
	regs->ip += len;
	rr_order_next(t);
	rr_replay_met(t);
	return true;
}

/**
 * rr_replay_random() - RDRAND and RDSEED give the logged value
 * @t: current's
 * @regs: its registers
 * @insn: which it is
 *
 * Return: true: no signal.
 */
bool rr_replay_random(struct rr_task *t, struct pt_regs *regs, const struct rr_random *insn)
{
	const struct rrlog_tsc *e;

	e = rr_replay_value(t, regs, RRLOG_TSC_RANDOM, "RDRAND or RDSEED");
	if (!e) {
		rr_replay_park(t);
		return true;
	}
	rr_random_set(regs, insn, e->value);
	rr_order_next(t);
	rr_replay_met(t);
	return true;
}

/**
 * rr_replay_clone() - the current task has made a task as the log says
 * @t: current's
 * @child: not yet woken
 */
void rr_replay_clone(struct rr_task *t, struct task_struct *child)
{
	if (!t->child_id)
		return;
	if (rr_task_adopt(t, child, &t->s->lane[t->child_lane], t->child_id)) {
		if (!rr_session_ended(t->s))
			return;
	} else {
		rr_session_end(t->s, RRCREW_RESULT_BROKEN,
			       "no memory for task %u, or the log makes it twice", t->child_id);
	}
	/* Untagged, or made too late to be killed with the others: it must not run. */
	send_sig(SIGKILL, child, 1);
}

/**
 * rr_replay_exit() - a replayed task ends
 * @t: current's
 *
 * Context: do_exit().
 */
void rr_replay_exit(struct rr_task *t)
{
	struct rr_lane *lane = t->lane;
	struct rr_session *s = t->s;

	/* execve() of another thread ends this one as well. */
	if (t->stay != RR_STAY_EXIT && !current->signal->group_exec_task)
		s->killed = true;
	t->works_early = false;
	rr_session_get(s);
	rr_task_untag(t);
	if (!rr_session_ended(s))
		rr_order_gone(s, lane);
	rr_session_put(s);
}

/* ---- first touch of a page ---- */

/* Not this task's turn, or a race: fault again, if possible after waiting. */
static enum rr_touch rr_replay_again(struct rr_task *t, vm_fault_t *fault)
{
	*fault = 0;
	if (t->stay != RR_STAY_USER && !rr_session_ended(t->s) &&
	    rr_order_stuck(t->s, t->lane))
		rr_replay_log_over(t->s, t->lane);
	if (t->stay == RR_STAY_USER) {
		rr_task_queue_leave(t);
		return RR_TOUCH_RETRY;
	}
	if (rr_session_ended(t->s) || fatal_signal_pending(current))
		*fault = VM_FAULT_SIGBUS;
	cond_resched();
	return RR_TOUCH_FAULT;
}

static bool rr_replay_bus(struct rr_task *t, unsigned long addr, const struct rrlog_event *e)
{
	if (e->type != RRLOG_BUS || ((struct rrlog_bus *)e)->addr != addr ||
	    t->stay != RR_STAY_USER)
		return false;
	rr_order_next(t);
	return true;
}

/* The kernel's copy seems to end here: rr_replay_hash() waits and begins again. */
static enum rr_touch rr_replay_later(struct rr_task *t, unsigned long addr,
				     vm_fault_t *fault)
{
	t->at_touch = true;
	t->touch = addr;
	*fault = VM_FAULT_SIGBUS;
	return RR_TOUCH_FAULT;
}

/*
 * Several lanes: the page may have to be waited for. Not here, under the mmap lock:
 * user code waits on its way back and tries again, and so does rr_replay_hash().
 */
static enum rr_touch rr_replay_granted(struct rr_task *t, unsigned long addr,
				       const struct rrlog_event *e, vm_fault_t *fault)
{
	u8 kernel = t->stay == RR_STAY_USER ? 0 : RRLOG_GRANT_KERNEL;
	const struct rrlog_grant *grant = (void *)e;
	char expected[RR_WHAT_MAX];

	if (e->type == RRLOG_GRANT && (rr_replay_grant_addr(grant) != addr ||
				       (e->flags & RRLOG_GRANT_KERNEL) != kernel)) {
		rr_replay_describe(expected, sizeof(expected), e);
		rr_replay_diverge(t, current_pt_regs(), expected, "touch of page %#lx%s",
				  addr, kernel ? " by the kernel" : "");
		return rr_replay_again(t, fault);
	}
	if (e->type == RRLOG_GRANT && rr_order_ready(t->s, e)) {
		rr_order_arrive(t);
		if (rr_replay_grant(t, grant))
			return rr_replay_again(t, fault);
		rr_order_next(t);
		t->at_touch = false;
		if (!kernel)
			rr_replay_met(t);
		return RR_TOUCH_FILL;
	}
	if (kernel)
		return rr_replay_later(t, addr, fault);
	t->at_touch = true;
	t->touch = addr;
	return rr_replay_again(t, fault);
}

/**
 * rr_replay_touch() - the first touch of a page: take its contents from the log
 * @t: current's
 * @vma: mapping
 * @addr: user address
 * @flags: FAULT_FLAG_*
 * @regs: registers of the access
 * @fault: how the fault ends, unless RR_TOUCH_FILL is returned
 *
 * Context: mmap lock held for reading (and dropped if @fault says so).
 */
enum rr_touch rr_replay_touch(struct rr_task *t, struct vm_area_struct *vma,
			      unsigned long addr, unsigned int flags,
			      struct pt_regs *regs, vm_fault_t *fault)
{
	const struct rrlog_event *e = rr_order_mine(t);
	const struct rrlog_pagein *in = (void *)e;
	u8 kernel = t->stay == RR_STAY_USER ? 0 : RRLOG_PAGEIN_KERNEL;
	char expected[RR_WHAT_MAX];

	addr &= PAGE_MASK;
	if (!e && rr_task_parallel(t) && t->stay == RR_STAY_ENTRY &&
	    !rr_session_ended(t->s))
		return rr_replay_later(t, addr, fault);
	if (!e || rr_session_ended(t->s))
		return rr_replay_again(t, fault);
	if (e->type == RRLOG_GRANT || e->type == RRLOG_WAIT || e->type == RRLOG_MOVE)
		return rr_replay_granted(t, addr, e, fault);
	if (e->type == RRLOG_ASYNC && !kernel && rr_place_again(t, current_pt_regs()))
		return rr_replay_again(t, fault);
	rr_order_arrive(t);
	if (rr_replay_bus(t, addr, e)) {
		*fault = VM_FAULT_SIGBUS;
		return RR_TOUCH_FAULT;
	}
	if (e->type != RRLOG_PAGEIN || in->addr != addr ||
	    (e->flags & (RRLOG_PAGEIN_KERNEL | RRLOG_PAGEIN_REF)) != kernel) {
		rr_replay_describe(expected, sizeof(expected), e);
		rr_replay_diverge(t, current_pt_regs(), expected, "first touch of page %#lx%s",
				  addr, kernel ? " by the kernel" : "");
		return rr_replay_again(t, fault);
	}
	*fault = rr_replay_bring(t, vma, in, flags, regs);
	if (*fault == VM_FAULT_NOPAGE)
		return rr_replay_again(t, fault);
	if (*fault & (VM_FAULT_ERROR | VM_FAULT_RETRY | VM_FAULT_COMPLETED))
		return RR_TOUCH_RETRY;
	rr_order_next(t);
	t->at_touch = false;
	if (!kernel)
		rr_replay_met(t);
	return RR_TOUCH_FILL;
}
