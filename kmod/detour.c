// SPDX-License-Identifier: GPL-2.0-only
#include <linux/highmem.h>
#include <linux/kdebug.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>

#include "crew/space.h"
#include "detour.h"
#include "random.h"
#include "task.h"

#define RR_ROOM_BYTES	(3 * PAGE_SIZE)	/* from the data to the end of the code */
#define RR_ROOM_ORDER	2
#define RR_PAGE_ORDER	1	/* where the place is, and the next page */

static int rr_detour_alloc(struct rr_detour *d)
{
	/* Each on its own: an earlier call may have got some of them. */
	if (!d->code)
		d->code = kzalloc(sizeof(*d->code), GFP_KERNEL);
	if (!d->page)
		d->page = alloc_pages(GFP_KERNEL, RR_PAGE_ORDER);
	if (!d->room)
		d->room = alloc_pages(GFP_KERNEL | __GFP_ZERO, RR_ROOM_ORDER);
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
			     const struct rr_detour_want *want)
{
	unsigned int try;
	int ret;

	ret = rr_detour_displace(d->code, bytes, avail, want->regs.ip);
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

static bool rr_detour_fill_room(struct rr_task *t, unsigned long seq)
{
	struct rr_detour *d = &t->place.detour;
	unsigned long off;

	for (off = 0; off < RR_ROOM_BYTES; off += PAGE_SIZE)
		if (!rr_fill(t->space, rr_lane_table(t), d->base + off,
			     mk_pte(d->room + (off >> PAGE_SHIFT), PAGE_SHARED_EXEC), seq))
			return false;
	return true;
}

static bool rr_detour_fill(struct rr_task *t, const pte_t *official, unsigned long seq)
{
	struct rr_table *table = rr_lane_table(t);
	struct rr_detour *d = &t->place.detour;
	unsigned int i;

	if (!rr_detour_fill_room(t, seq))
		return false;
	for (i = 0; i < d->pages; i++)
		if (!rr_fill(t->space, table, (d->code->place & PAGE_MASK) + i * PAGE_SIZE,
			     rr_pte_copy(official[i], d->page + i), seq))
			return false;
	return true;
}

static void rr_detour_unfill(struct rr_task *t)
{
	struct rr_detour *d = &t->place.detour;

	rr_unfill(t->space, d->base, RR_ROOM_BYTES);
	rr_unfill(t->space, d->code->place & PAGE_MASK, d->pages * PAGE_SIZE);
}

static bool rr_detour_copy(struct rr_task *t, unsigned long addr, pte_t *official,
			   struct page *copy)
{
	struct vm_area_struct *vma;
	struct page *page;
	bool found, may;

	if (!rr_page_owned(t->space, t->lane->nr, addr))
		return false;
	mmap_read_lock(current->mm);
	/* Shared memory may be written at another address: the copy would not see that. */
	vma = vma_lookup(current->mm, addr);
	found = vma && !(vma->vm_flags & VM_SHARED) &&
		rr_official_get(current->mm, addr, official, &page);
	may = found && rr_random_may(t->s, vma);
	mmap_read_unlock(current->mm);
	if (!found || !page)
		return false;
	copy_highpage(copy, page);
	if (may)
		rr_random_patch(page_address(copy), page_address(page));
	put_page(page);
	return true;
}

/**
 * rr_detour_arm() - lead the current task round a place
 * @t: current's, in a replay; no detour is armed
 * @want: what to stop at
 *
 * Context: may sleep.
 * Return: 0, or a negative errno: use a breakpoint.
 */
int rr_detour_arm(struct rr_task *t, const struct rr_detour_want *want)
{
	unsigned long seq = rr_fill_begin(t->space), ip = want->regs.ip;
	unsigned long off = offset_in_page(ip);
	struct rr_detour *d = &t->place.detour;
	unsigned int known = 0;
	pte_t official[2];
	int ret;

	/* A step would end behind the jump, not behind the instruction. */
	if (ip >= TASK_SIZE_MAX || (want->regs.flags & X86_EFLAGS_TF))
		return -EINVAL;
	ret = rr_detour_alloc(d);
	if (ret)
		return ret;
	while (known < ARRAY_SIZE(official) &&
	       rr_detour_copy(t, (ip & PAGE_MASK) + known * PAGE_SIZE, &official[known],
			      d->page + known))
		known++;
	if (!known)
		return -EFAULT;
	ret = rr_detour_compile(d, page_address(d->page) + off, known * PAGE_SIZE - off, want);
	if (ret)
		return ret;
	/* Where displaced instructions are: whoever writes there loses the detour. */
	d->pages = off + d->code->from[d->code->nr] > PAGE_SIZE ? 2 : 1;
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
		__free_pages(d->page, RR_PAGE_ORDER);
	if (d->room)
		__free_pages(d->room, RR_ROOM_ORDER);
	kfree(d->code);
	memset(d, 0, sizeof(*d));
}

/**
 * rr_detour_mend() - has the current task failed in a detour that has been unmapped?
 * @t: current's
 * @regs: its registers
 *
 * Another lane's fork() empties all tables, for example. The detour is mapped again;
 * if something interferes, the task comes here once more.
 *
 * Return: true: it goes on where it was.
 */
bool rr_detour_mend(struct rr_task *t, const struct pt_regs *regs)
{
	struct rr_detour *d = &t->place.detour;

	if (!d->on || regs->ip < d->base || regs->ip >= d->base + RR_ROOM_BYTES)
		return false;
	rr_detour_fill_room(t, rr_fill_begin(t->space));
	return true;
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
 * rr_detour_step_back() - the other way: it is to be compared again
 * @t: current's
 * @regs: its registers
 */
void rr_detour_step_back(struct rr_task *t, struct pt_regs *regs)
{
	struct rr_detour *d = &t->place.detour;

	if (d->on && regs->ip == d->code->entry + d->code->over)
		regs->ip = d->code->place;
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
	unsigned long nr;

	if (!d->on || d->lost)
		return false;
	nr = (addr >> PAGE_SHIFT) - (d->code->place >> PAGE_SHIFT);
	if (nr >= d->pages)
		return false;
	if (write) {
		d->lost = true;
		rr_task_kick(t);
		return false;
	}
	*pte = rr_pte_copy(*pte, d->page + nr);
	return true;
}

/* To an instruction that has been displaced: it is in the detour, too. */
static bool rr_detour_enter(struct rr_detour_code *c, struct pt_regs *regs)
{
	u32 i;

	for (i = 1; i < c->nr; i++) {
		if (regs->ip == c->place + c->from[i]) {
			regs->ip = c->entry + c->to[i];
			return true;
		}
	}
	return false;
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
		if (rr_detour_enter(c, args->regs))
			return NOTIFY_STOP;
		d->lost = true;
	} else {
		return NOTIFY_DONE;
	}
	rr_task_kick(t);
	return NOTIFY_STOP;
}
