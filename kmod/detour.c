// SPDX-License-Identifier: GPL-2.0-only
#include <linux/highmem.h>
#include <linux/kdebug.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>

#include "crew/space.h"
#include "detour.h"
#include "task.h"

#define RR_ROOM_BYTES	(2 * PAGE_SIZE)

static int rr_detour_alloc(struct rr_detour *d)
{
	/* Each on its own: an earlier call may have got some of them. */
	if (!d->code)
		d->code = kzalloc(sizeof(*d->code), GFP_KERNEL);
	if (!d->page)
		d->page = alloc_page(GFP_KERNEL);
	if (!d->room)
		d->room = alloc_pages(GFP_KERNEL | __GFP_ZERO, 1);
	return d->code && d->page && d->room ? 0 : -ENOMEM;
}

/* The log's mappings are all there are while a place is the next event. */
static bool rr_detour_fits(struct rr_detour *d)
{
	struct mm_struct *mm = current->mm;
	bool taken;

	d->base = (d->code->entry - RR_DETOUR_DATA) & PAGE_MASK;
	if (!d->base || d->base > TASK_SIZE_MAX - RR_ROOM_BYTES)
		return false;
	mmap_read_lock(mm);
	taken = find_vma_intersection(mm, d->base, d->base + RR_ROOM_BYTES);
	mmap_read_unlock(mm);
	return !taken;
}

static int rr_detour_compile(struct rr_detour *d, const u8 *bytes, size_t avail,
			     const struct rrlog_regs *want)
{
	unsigned int try;
	int ret;

	ret = rr_detour_displace(d->code, bytes, avail, want->ip);
	for (try = 0; !ret && rr_detour_aim(d->code, try); try++)
		if (rr_detour_fits(d) && !rr_detour_build(d->code, bytes, want))
			return 0;
	return ret ?: -ENOSPC;
}

static void rr_detour_write(struct rr_detour *d)
{
	struct rr_detour_code *c = d->code;
	void *entry = page_address(d->room) + (c->entry - d->base);
	void *page = page_address(d->page);

	memcpy(entry - RR_DETOUR_DATA, c->data, sizeof(c->data));
	memcpy(entry, c->code, c->len);
	memcpy(page + offset_in_page(c->place), c->jump, sizeof(c->jump));
}

static bool rr_detour_fill(struct rr_task *t, pte_t official, unsigned long seq)
{
	struct rr_table *table = &t->space->lane.table;
	struct rr_detour *d = &t->place.detour;
	unsigned long off;

	for (off = 0; off < RR_ROOM_BYTES; off += PAGE_SIZE)
		if (!rr_fill(t->space, table, d->base + off,
			     mk_pte(d->room + (off >> PAGE_SHIFT), PAGE_SHARED_EXEC), seq))
			return false;
	return rr_fill(t->space, table, d->code->place & PAGE_MASK,
		       rr_pte_copy(official, d->page), seq);
}

static void rr_detour_unfill(struct rr_task *t)
{
	struct rr_detour *d = &t->place.detour;

	rr_unfill(t->space, d->base, RR_ROOM_BYTES);
	rr_unfill(t->space, d->code->place & PAGE_MASK, PAGE_SIZE);
}

/**
 * rr_detour_arm() - lead the current task round a place
 * @t: current's, in a replay; no detour is armed
 * @want: registers to stop at
 *
 * Context: may sleep.
 * Return: 0, or a negative errno: use a breakpoint.
 */
int rr_detour_arm(struct rr_task *t, const struct rrlog_regs *want)
{
	unsigned long seq = rr_fill_begin(t->space), off = offset_in_page(want->ip);
	struct rr_detour *d = &t->place.detour;
	struct page *page;
	pte_t official;
	int ret;

	if (off + RR_DETOUR_JUMP > PAGE_SIZE || want->ip >= TASK_SIZE_MAX ||
	    !rr_page_owned(t->space, want->ip))
		return -EINVAL;
	ret = rr_detour_alloc(d);
	if (ret)
		return ret;
	mmap_read_lock(current->mm);
	if (!rr_official_get(current->mm, want->ip, &official, &page))
		page = NULL;
	mmap_read_unlock(current->mm);
	if (!page)
		return -EFAULT;
	copy_highpage(d->page, page);
	put_page(page);
	ret = rr_detour_compile(d, page_address(d->page) + off, PAGE_SIZE - off, want);
	if (ret)
		return ret;
	rr_detour_write(d);
	if (!rr_detour_fill(t, official, seq)) {
		rr_detour_unfill(t);
		return -EAGAIN;
	}
	WRITE_ONCE(d->on, true);
	return 0;
}

/* Where in the program is a task that the detour has led astray? */
static void rr_detour_return(struct rr_detour *d, struct pt_regs *regs)
{
	struct rr_detour_code *c = d->code;
	u64 at = regs->ip - c->entry;
	u32 i;

	for (i = 0; i <= c->nr; i++)
		if (at == c->to[i])
			regs->ip = c->place + c->from[i];
}

/**
 * rr_detour_disarm() - the program's own code again
 * @t: current's
 *
 * Context: may sleep.
 */
void rr_detour_disarm(struct rr_task *t)
{
	struct rr_detour *d = &t->place.detour;

	if (!d->on)
		return;
	WRITE_ONCE(d->on, false);
	d->lost = false;
	if (t->space)
		rr_detour_unfill(t);
	rr_detour_return(d, current_pt_regs());
}

/**
 * rr_detour_destroy() - free what a task's detours used
 * @t: current's, or one that was never tagged
 */
void rr_detour_destroy(struct rr_task *t)
{
	struct rr_detour *d = &t->place.detour;

	rr_detour_disarm(t);
	if (d->page)
		__free_page(d->page);
	if (d->room)
		__free_pages(d->room, 1);
	kfree(d->code);
	memset(d, 0, sizeof(*d));
}

/**
 * rr_detour_step_over() - this is not the state that is wanted: go on
 * @t: current's
 * @regs: its registers
 *
 * If it is at the place, the jump would come to the same comparison again.
 */
void rr_detour_step_over(struct rr_task *t, struct pt_regs *regs)
{
	struct rr_detour *d = &t->place.detour;

	if (d->on && regs->ip == d->code->place)
		regs->ip = d->code->entry + d->code->over;
}

/**
 * rr_detour_pte() - a task faults on a page: is it the one with the jump?
 * @t: current's
 * @addr: user address
 * @write: the access is a write
 * @pte: in: the official entry; out: what to map instead
 *
 * Whoever writes to the page gets it, and the detour is lost: then the task is
 * stopped on its way back to user mode, and a breakpoint takes over.
 *
 * Context: mmap lock held for reading.
 */
bool rr_detour_pte(struct rr_task *t, unsigned long addr, bool write, pte_t *pte)
{
	struct rr_detour *d = &t->place.detour;

	if (!d->on || d->lost || (addr & PAGE_MASK) != (d->code->place & PAGE_MASK))
		return false;
	if (write) {
		d->lost = true;
		rr_task_kick(t);
		return false;
	}
	*pte = rr_pte_copy(*pte, d->page);
	return true;
}

/**
 * rr_detour_trap() - notified of INT3: have the registers been found equal?
 * @nb: ours
 * @val: DIE_INT3
 * @data: struct die_args
 *
 * Context: #BP, interrupts off.
 */
int rr_detour_trap(struct notifier_block *nb, unsigned long val, void *data)
{
	struct die_args *args = data;
	struct rr_detour_code *c;
	struct rr_detour *d;
	struct rr_task *t;
	unsigned long ip;

	if (val != DIE_INT3 || !args->regs || !user_mode(args->regs))
		return NOTIFY_DONE;
	t = rr_task_current();
	if (!t || !READ_ONCE(t->place.detour.on))
		return NOTIFY_DONE;
	d = &t->place.detour;
	c = d->code;
	ip = args->regs->ip - 1;
	if (ip == c->entry + c->match) {
		rr_stat_inc(t->s, RR_STAT_HITS);
		args->regs->ip = c->place;
	} else if (ip > c->place && ip < c->place + RR_DETOUR_JUMP) {
		/* Code jumped between the bytes of the jump. */
		args->regs->ip = ip;
		d->lost = true;
	} else {
		return NOTIFY_DONE;
	}
	rr_task_kick(t);
	return NOTIFY_STOP;
}
