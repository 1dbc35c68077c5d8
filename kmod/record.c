// SPDX-License-Identifier: GPL-2.0-only
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/file.h>
#include <linux/futex.h>
#include <linux/hash.h>
#include <linux/highmem.h>
#include <linux/ioport.h>
#include <linux/magic.h>
#include <linux/ptrace.h>
#include <linux/sched/clock.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/timex.h>
#include <linux/uaccess.h>
#include <linux/xxhash.h>
#include <asm/sigframe.h>
#include <asm/syscall.h>
#include <asm/trap_pf.h>
#include <asm/unistd.h>

#include "answer.h"
#include "bounce.h"
#include "compat/symbols.h"
#include "digest.h"
#include "event.h"
#include "handover.h"
#include "mapping.h"
#include "merge.h"
#include "random.h"
#include "ranges.h"
#include "record.h"
#include "regs.h"
#include "task.h"
#include "tracepoints.h"

#define RR_STATE_PAGES	2048
#define RR_STATE_WORDS	512
/*
 * Loops with the same registers at each passage have their state in few pages, most of
 * them in the program's data, which comes first: more would cost much and tell little.
 */
#define RR_PLACE_PAGES	64
#define RR_WORDS_BITS	10
#define RR_WORDS_STEP	32	/* bytes that are logged together */
#define RR_STOLEN_WORDS	32
#define RR_STORE_BYTES	64	/* of one instruction: AVX-512's */
#define RR_STACK_BYTES	1024
#define RR_WORD_KEPT	4ull	/* in addr: see rr_record_kept() */
#define RR_LOOP_INSNS	64
#define RR_LOOP_BYTES	512
#define RR_HEAD_BYTES	64
#define RR_CLEAN_NS	(50 * NSEC_PER_MSEC)
/* Pages are idle that have not been used for so long, */
#define RR_AGE_NS	(8 * NSEC_PER_MSEC)
/* and telling which takes at most this part of the time, but for what is not its fault. */
#define RR_AGE_SHARE	32
#define RR_AGE_MAX_NS	(20 * NSEC_PER_MSEC)

static void rr_record_end_stay(struct rr_task *t, struct pt_regs *regs, u32 signo);
static void rr_record_async(struct rr_task *t, struct pt_regs *regs, u8 flags);

static bool rr_checks(struct rr_task *t)
{
	return t->s->flags & RRCREW_F_CHECK_FULL;
}

/* User code has come to a sync point by itself. */
static void rr_record_synced(struct rr_task *t)
{
	u64 now = local_clock();

	t->patience = max(t->patience, t->computed + (now - t->synced));
	t->computed = 0;
	t->synced = now;
	t->nr_samples = 0;
	t->nr_tries = 0;
}

/*
 * A place is looked for from the task's last event on: only what is written
 * after that tells its states apart. Not at each event, it is a walk through the
 * table. rr_record_age() does it, too.
 */
static void rr_record_clean(struct rr_task *t)
{
	struct rr_view *view = &t->space->lane[t->lane->nr];

	if (rr_checks(t) || t->synced - view->cleaned < RR_CLEAN_NS)
		return;
	view->cleaned = t->synced;
	rr_page_dirty(t->space, view->lane, NULL, 0);
}

/**
 * rr_record_age() - several lanes: what the lane does not use from here on is idle
 * @t: current's, with the token; has logged the event that it has come to
 *
 * Who takes an idle page is ordered behind this place, and not behind the lane's next
 * event, for which a replay would wait. (Idle page tracking, with the shadow table's
 * accessed bits.)
 *
 * Context: may sleep; with or without the mmap lock.
 */
void rr_record_age(struct rr_task *t)
{
	struct rr_view *view = &t->space->lane[t->lane->nr];
	u64 now = local_clock(), event;

	if (atomic_read(&t->s->nr_reads) ||
	    now - view->aged < max(RR_AGE_NS, RR_AGE_SHARE * view->aging))
		return;
	rr_page_age(t->space, t->lane->nr, !rr_checks(t));
	rr_out_lock(t->s->out, t->lane->nr);
	event = rr_out_nr(t->s->out, t->lane->nr);
	rr_out_unlock(t->s->out, t->lane->nr);
	rr_page_aged(t->space, t->lane->nr, event);
	view->aged = local_clock();
	if (!rr_checks(t))
		view->cleaned = t->synced;
	view->aging = min(view->aged - now, RR_AGE_MAX_NS);
}

static void rr_record_reads_end(struct rr_task *t)
{
	if (t->reads_late)
		atomic_dec(&t->s->nr_reads);
	t->reads_late = false;
}

/* An event tells of a page, or a replay reads it: with several lanes that is a use. */
static void rr_record_used(struct rr_task *t, unsigned long addr)
{
	if (rr_task_parallel(t))
		rr_page_used(t->space, t->lane->nr, addr);
}

/* Such an argument is not hashed, or not all of it. Two pages are enough. */
static void rr_record_read(struct rr_task *t, unsigned long addr, size_t len)
{
	if (!addr)
		return;
	rr_record_used(t, addr);
	rr_record_used(t, addr + len);
}

/*
 * Some calls' arguments a replay reads behind ENTER, or when the call ends. Until then
 * nothing of what has been used counts as idle.
 */
static void rr_record_reads_begin(struct rr_task *t)
{
	rr_record_reads_end(t);
	t->reads_late = true;
	switch (t->nr) {
	case __NR_setrlimit:
	case __NR_modify_ldt:
		rr_record_read(t, t->args[1], sizeof(struct rlimit));
		break;
	case __NR_prlimit64:
		rr_record_read(t, t->args[2], sizeof(struct rlimit));
		break;
	case __NR_rt_sigreturn:
		break;
	default:
		t->reads_late = t->stream;
	}
	if (t->reads_late)
		atomic_inc(&t->s->nr_reads);
}

/* ---- memory ---- */

/**
 * rr_record_mem() - log bytes that the kernel wrote to user memory
 * @t: current's
 * @addr: where
 * @data: what, in kernel memory
 * @len: how many bytes
 *
 * Return: 0, or -EIO: the session has ended.
 */
int rr_record_mem(struct rr_task *t, unsigned long addr, const void *data, size_t len)
{
	struct rrlog_mem *mem;
	size_t n;

	for (; len; addr += n, data += n, len -= n) {
		n = min_t(size_t, len, PAGE_SIZE - offset_in_page(addr));
		/*
		 * The contents of an unowned page are logged at its first
		 * touch, unless another process may have touched it.
		 */
		if (!t->space->shared && !rr_page_owned(t->space, t->lane->nr, addr))
			continue;
		rr_record_used(t, addr);
		mem = rr_event_begin(t, RRLOG_MEM, 0, n, sizeof(*mem) + n);
		if (!mem)
			return -EIO;
		mem->addr = addr;
		memcpy(mem->data, data, n);
		rr_event_end(t);
	}
	return 0;
}

/* What the kernel has just written is where the task's table has it, as a rule. */
static bool rr_record_peek(struct rr_task *t, unsigned long addr, void *buf, size_t n)
{
	unsigned long left = n;

	if (t->task == current) {
		pagefault_disable();
		left = __copy_from_user_inatomic(buf, (void __user *)addr, n);
		pagefault_enable();
	}
	return !left || access_process_vm(t->task, addr, buf, n, FOLL_FORCE) == n;
}

/* Log what is in user memory now; it may be gigabytes. */
static int rr_record_user(struct rr_task *t, unsigned long addr, size_t len, void *arg)
{
	u8 buf[512];
	size_t n;
	int ret = 0;

	for (; len && !ret; addr += n, len -= n) {
		rr_out_throttle(t->s->out);
		n = min_t(size_t, len, PAGE_SIZE - offset_in_page(addr));
		if (rr_task_parallel(t)) {
			ret = rr_handover_log(t, addr, n);
			continue;
		}
		n = min(n, sizeof(buf));
		if (!rr_record_peek(t, addr, buf, n))
			return 0;
		ret = rr_record_mem(t, addr, buf, n);
	}
	return ret;
}

/* The memory behind a page; NULL if it is a device's. */
static void *rr_record_contents(struct page *page, unsigned long pfn)
{
	if (page)
		return kmap_local_page(page);
	/* The kernel maps no other; pfn_valid() says that there is a struct page. */
	return page_is_ram(pfn) ? pfn_to_kaddr(pfn) : NULL;
}

static u8 rr_record_pagein_flags(struct rr_task *t, const void *data, bool exclusive)
{
	u8 flags = t->stay == RR_STAY_USER ? 0 : RRLOG_PAGEIN_KERNEL;

	if (exclusive)
		flags |= RRLOG_PAGEIN_EXCLUSIVE;
	if (!data || !memchr_inv(data, 0, PAGE_SIZE))
		flags |= RRLOG_PAGEIN_ZERO;
	return flags;
}

static u32 rr_record_pagein_len(u8 flags)
{
	return sizeof(struct rrlog_pagein) + (flags & RRLOG_PAGEIN_ZERO ? 0 : PAGE_SIZE);
}

static void rr_record_pagein_fill(struct rrlog_pagein *in, unsigned long addr,
				  const void *data)
{
	in->addr = addr;
	if (!(in->e.flags & RRLOG_PAGEIN_ZERO))
		memcpy(in->data, data, PAGE_SIZE);
}

/**
 * rr_record_pagein() - several lanes: log the contents of a page
 * @t: current's
 * @addr: page address
 * @page: its page, or NULL for memory that has none
 * @pfn: its frame
 * @write: its lane gets it exclusively
 *
 * Context: the lane is locked. Return: false if the log takes no more.
 */
bool rr_record_pagein(struct rr_task *t, unsigned long addr, struct page *page,
		      unsigned long pfn, bool write)
{
	void *data = rr_record_contents(page, pfn);
	u8 flags = rr_record_pagein_flags(t, data, write);
	struct rrlog_pagein *in;

	in = rr_event_put(t, RRLOG_PAGEIN, flags, 0, rr_record_pagein_len(flags));
	if (in) {
		rr_record_pagein_fill(in, addr, data);
		rr_event_done(t);
	}
	if (page)
		kunmap_local(data);
	rr_stat_inc(t->s, RR_STAT_PAGEINS);
	return in;
}

/**
 * rr_record_taken() - user code has come to a sync point: a page that was not its own
 * @t: current's
 *
 * Context: in a fault.
 */
void rr_record_taken(struct rr_task *t)
{
	rr_record_synced(t);
	if (t->stay == RR_STAY_USER && (rr_out_full(t->s->out) || rr_token_yield_due(t)))
		rr_task_queue_leave(t);
}

/**
 * rr_record_touch() - one lane: the first touch of a page: log its contents
 * @t: current's
 * @addr: page address
 * @page: its page, or NULL for memory that has none
 * @pfn: its frame
 *
 * Context: mmap lock held for reading and rr_space.pagein held; may sleep.
 * Return: 0 or a negative errno.
 */
int rr_record_touch(struct rr_task *t, unsigned long addr, struct page *page,
		    unsigned long pfn)
{
	void *data = rr_record_contents(page, pfn);
	u8 flags = rr_record_pagein_flags(t, data, false);
	struct rrlog_pagein *in;

	if (!data)
		rr_session_note(t, "unsound: device memory at 0x%lx", addr);
	in = rr_event_begin(t, RRLOG_PAGEIN, flags, 0, rr_record_pagein_len(flags));
	if (in) {
		rr_record_pagein_fill(in, addr, data);
		rr_event_end(t);
	}
	if (page)
		kunmap_local(data);
	rr_stat_inc(t->s, RR_STAT_PAGEINS);
	rr_record_taken(t);
	if (!in || rr_page_own(t->space, t->lane->nr, addr, RR_CREW_WRITE)) {
		/* Touched again, it would be logged again. */
		rr_session_end(t->s, RRCREW_RESULT_BROKEN, "no memory to own a page");
		return -EIO;
	}
	return 0;
}

/**
 * rr_record_bus() - touching a page will raise SIGBUS
 * @t: current's, in user mode
 * @addr: page address
 */
void rr_record_bus(struct rr_task *t, unsigned long addr)
{
	struct rrlog_bus *bus = rr_event_begin(t, RRLOG_BUS, 0, 0, sizeof(*bus));

	if (!bus)
		return;
	bus->addr = addr;
	rr_event_end(t);
}

/* ---- digests (--check=full) ---- */

/* Room for what an event tells of memory: one for each lane, used with its token. */
struct rr_state {
	u64			addr[RR_STATE_PAGES];
	struct rrlog_page_hash	own[RR_STATE_PAGES + RR_STATE_WORDS];
	struct rrlog_page_hash	left[RR_LEFT_MAX];	/* of pages that the lane has lost */
	struct rrlog_page_hash	stolen[RR_STOLEN_WORDS];
	struct rrlog_page_hash	part[RR_STORE_BYTES / sizeof(u64)];
	size_t			nr_own;
	size_t			nr_stolen;
	size_t			nr_part;
	u64			border;		/* where an instruction stopped */
};

/* Made when it is first needed; NULL: memory is short, and the event tells less. */
static struct rr_state *rr_record_state(struct rr_task *t)
{
	if (!t->lane->state)
		t->lane->state = kvmalloc(sizeof(*t->lane->state), GFP_KERNEL);
	return t->lane->state;
}

/**
 * rr_record_forget() - free what the recording of events used
 * @s: recording session that nobody uses any more
 */
void rr_record_forget(struct rr_session *s)
{
	u32 i;

	for (i = 0; i < s->nr_lanes; i++)
		kvfree(s->lane[i].state);
}

/* The pages that user code wrote lately, with their digests. */
static size_t rr_record_written(struct rr_task *t, struct rr_state *state, size_t max)
{
	size_t n = rr_page_dirty(t->space, t->lane->nr, state->addr, max), i;

	n = min(n, max);
	for (i = 0; i < n; i++) {
		state->own[i].addr = state->addr[i];
		rr_record_used(t, state->addr[i]);
		if (rr_digest_page(state->addr[i], 0, &state->own[i].hash))
			break;
	}
	return i;
}

/*
 * Several lanes: what another has taken since it was hashed says nothing. The lane
 * is locked, and has settled. Returns how many are left.
 */
static size_t rr_record_still_own(struct rr_task *t, struct rrlog_page_hash *page, size_t n)
{
	size_t i, left = 0;

	if (!rr_task_parallel(t))
		return n;
	for (i = 0; i < n; i++) {
		if (!(page[i].addr & RR_WORD_KEPT) &&
		    !rr_page_owned(t->space, t->lane->nr, page[i].addr))
			continue;
		page[left] = page[i];
		page[left++].addr &= ~RR_WORD_KEPT;
	}
	return left;
}

/**
 * rr_record_kept() - the lane has lost a page, and the event at hand says so
 * @t: current's, about to log an ASYNC
 * @addr: page address
 * @data: as the lane left it
 *
 * Others may have changed its words since, or even before they were read.
 *
 * Context: the lane is locked.
 */
void rr_record_kept(struct rr_task *t, unsigned long addr, const void *data)
{
	struct rr_state *state = t->lane->state;
	struct rrlog_page_hash *word;

	for (word = state->own; word < state->own + state->nr_own; word++) {
		if (!(word->addr & RRLOG_WORD) || (word->addr & PAGE_MASK) != addr)
			continue;
		word->hash = *(u64 *)(data + (offset_in_page(word->addr) & ~7ul));
		word->addr |= RR_WORD_KEPT;
	}
}

static void rr_record_check(struct rr_task *t, struct pt_regs *regs)
{
	struct rr_state *state = rr_checks(t) ? rr_record_state(t) : NULL;
	struct rrlog_check *check;
	struct rrlog_regs r;
	u64 fpu;
	size_t n;

	if (!state)
		return;
	n = rr_record_written(t, state, RR_STATE_PAGES);
	fpu = rr_fpu_hash();
	rr_regs_read(&r, regs);
	check = rr_event_begin(t, RRLOG_CHECK, 0, n, struct_size(check, page, n));
	if (!check)
		return;
	n = rr_record_still_own(t, state->own, n);
	check->e.aux = n;
	check->e.len = struct_size(check, page, n);
	check->regs_hash = rr_regs_hash(&r);
	check->fpu_hash = fpu;
	memcpy(check->page, state->own, n * sizeof(*state->own));
	rr_event_end(t);
}

/* ---- the token: whoever gets it logs what a sleeper left behind ---- */

/* @left may be about to end, once the session has: rr_task_leave_space(). */
static void rr_record_unlogged(struct rr_task *left)
{
	struct rr_space *space = rr_task_space_get(left);
	u32 word;
	int i;

	if (!space)
		return;
	for (i = 0; i < ARRAY_SIZE(left->word); i++) {
		if (!left->word[i])
			continue;
		if (rr_task_parallel(left)) {
			rr_record_user(left, left->word[i], sizeof(word), NULL);
		} else if (rr_record_peek(left, left->word[i], &word, sizeof(word))) {
			mutex_lock(&space->pagein);
			if (left->space == space)
				rr_record_mem(left, left->word[i], &word, sizeof(word));
			mutex_unlock(&space->pagein);
		}
	}
	rr_space_put(space);
}

static int rr_record_take(struct rr_task *t, bool killable)
{
	struct rr_task *left;
	int ret;

	ret = rr_token_take(t, killable);
	if (ret || rr_session_ended(t->s))
		return ret;
	left = xchg(&t->lane->unlogged, NULL);
	if (!left)
		return 0;
	if (left != t)
		rr_record_unlogged(left);
	rr_task_put(left);
	return 0;
}

/* The lane's token goes round at a place that replay knows; user mode is next. */
static void rr_record_before_user(struct rr_task *t, bool synced)
{
	rr_out_throttle(t->s->out);
	if (synced && (rr_token_yield_due(t) ||
		       (t->nr == __NR_sched_yield && rr_token_yields(t)))) {
		t->nr = 0;
		rr_token_release(t, false);
		rr_record_take(t, true);
	}
	rr_lane_bind(t);
	rr_cr3_switch(&t->cr3, rr_lane_table(t));
	rr_cr3_check(&t->cr3);
	rr_merge_computes(t->lane, true);
}

/**
 * rr_record_move() - the task goes on in another lane, with its token
 * @t: current's
 * @to: the lane
 *
 * Context: sleeps; the task does not hold rr_space.op.lock.
 */
void rr_record_move(struct rr_task *t, struct rr_lane *to)
{
	u8 flags = t->stay == RR_STAY_EXIT ? RRLOG_MOVE_EXIT : 0;
	struct rr_lane *from = t->lane;
	u64 left = local_clock();

	if (from == to)
		return;
	if (rr_event_begin(t, RRLOG_MOVE, flags, to->nr, sizeof(struct rrlog_move)))
		rr_event_end(t);
	rr_lane_move(t, to);
	rr_stat_inc(t->s, RR_STAT_MOVES);
	/* Not killable: what is logged next is logged with the token. */
	rr_record_take(t, false);
	rr_merge_moved(t, from, left);
	/* What it does next belongs to this lane, behind this place. */
	if (rr_event_begin(t, RRLOG_WAIT, 0, 0, sizeof(struct rrlog_wait)))
		rr_event_end(t);
	if (!t->capture.on && t->cr3.table)
		rr_cr3_switch(&t->cr3, rr_lane_table(t));
}

/* In a stay: a task that has been in another's lane for a while goes back. */
static void rr_record_part(struct rr_task *t)
{
	struct rr_lane *own = rr_merge_part(t);

	if (own && !rr_session_ended(t->s))
		rr_record_move(t, own);
}

static void rr_record_forget_fault(struct rr_task *t)
{
	t->stolen = false;
	t->move_to = NULL;
	t->merges = false;
	t->backs_off = false;
}

/*
 * A fault of user code did not get its page. Back in user mode it tries again.
 * Return: false if the log has no event for this place.
 */
static bool rr_record_not_taken(struct rr_task *t, struct pt_regs *regs)
{
	bool late = t->stolen && rr_handover_is_late(t);
	bool synced = late || (!t->stolen && !t->backs_off);

	if (late) {
		rr_record_async(t, regs, RRLOG_ASYNC_STOLEN);
		t->computed += local_clock() - t->synced;
	}
	if (t->move_to)
		rr_record_move(t, t->move_to);
	if (t->backs_off)
		usleep_range(20, 50);
	rr_record_forget_fault(t);
	return synced;
}

/* ---- system calls ---- */

static u32 rr_record_stream(struct rr_task *t, const struct rr_syscall *row)
{
	struct rr_session *s = t->s;
	struct inode *inode;
	u32 stream = 0;
	struct fd f;
	int i;

	if (!(row->flags & RR_SC_FD_OUT))
		return 0;
	f = fdget(t->args[0]);
	if (!f.file)
		return 0;
	inode = file_inode(f.file);
	for (i = 0; i < 2; i++) {
		/* /dev/null is many programs' file: there the open file decides. */
		if (inode != s->stream[i] ||
		    (inode->i_rdev == MKDEV(1, 3) && f.file != s->stream_file[i]))
			continue;
		if (!stream || (i == 1 && t->args[0] == 2))
			stream = i + 1;
	}
	fdput(f);
	return stream;
}

/*
 * What the call takes from user memory; again, if a page of it was not to be had. A
 * task that is killed before all is read (rr_ranges_again()) never came to its call.
 */
static bool rr_record_hash(struct rr_task *t, struct pt_regs *regs,
			   const struct rr_syscall *row, u64 *hash)
{
	bool hashed;

	for (;;) {
		t->settled = false;
		hashed = rr_ranges_hash(t, row, hash);
		if (!rr_ranges_again(t) || rr_session_ended(t->s) ||
		    fatal_signal_pending(current))
			break;
		/* Else whoever writes there could make it begin again for ever. */
		WRITE_ONCE(t->lane->granted, local_clock());
		/* Replay, which still has the page, or has lost others, begins again here. */
		if ((t->stolen || t->settled) &&
		    rr_event_begin(t, RRLOG_WAIT, 0, 0, sizeof(struct rrlog_wait)))
			rr_event_end(t);
		t->stolen = false;
		rr_record_not_taken(t, regs);
	}
	return hashed;
}

/* Return: false: the task is killed, and has made no call. */
static bool rr_record_enter_event(struct rr_task *t, struct pt_regs *regs,
				  const struct rr_syscall *row)
{
	struct rrlog_enter *enter;
	u64 hash = 0;
	bool hashed;

	hashed = rr_record_hash(t, regs, row, &hash);
	if (rr_ranges_again(t) && !rr_session_ended(t->s)) {
		rr_record_forget_fault(t);
		return false;
	}
	rr_record_check(t, regs);
	t->stream = rr_record_stream(t, row);
	enter = rr_event_begin(t, RRLOG_ENTER,
			       hashed ? RRLOG_ENTER_HASHED : 0, t->nr, sizeof(*enter));
	if (!enter)
		return true;
	enter->ip = regs->ip;
	enter->sp = regs->sp;
	memcpy(enter->args, t->args, sizeof(enter->args));
	enter->out_hash = hash;
	enter->stream = t->stream;
	rr_event_end(t);
	rr_stat_inc(t->s, RR_STAT_SYSCALLS);
	return true;
}

static u64 rr_record_left(struct rr_task *t, struct pt_regs *regs, bool all, u32 signo)
{
	u8 flags = (all ? RRLOG_LEAVE_REGS : 0) | (signo ? RRLOG_LEAVE_SIGNAL : 0);
	struct rrlog_leave *leave;
	struct rrlog_regs r;

	if (all)
		rr_regs_read(&r, regs);
	leave = rr_event_begin(t, RRLOG_LEAVE, flags, signo,
			       sizeof(*leave) + (all ? sizeof(r) : 0));
	if (!leave)
		return 0;
	leave->ax = t->stay == RR_STAY_SYSCALL && all ? t->result : regs->ax;
	if (all)
		leave->regs[0] = r;
	return rr_event_end(t);
}

/* Does the call at hand sleep until its output is taken? */
static bool rr_record_print_waits(struct rr_task *t)
{
	struct fd f = fdget(t->args[0]);
	bool waits = f.file && !(f.file->f_flags & O_NONBLOCK);

	fdput(f);
	switch (t->nr) {
	case __NR_sendto:
		return waits && !(t->args[3] & MSG_DONTWAIT);
	case __NR_pwritev2:
		return waits && !(t->args[5] & (__force u64)RWF_NOWAIT);
	}
	return waits;
}

/*
 * What was printed is shown again in the order of LEAVE events: from the call that prints
 * until that is logged nobody else prints to the same stream. They would, too, wait for
 * one that sleeps because a pipe is full, but for those that do not want to.
 *
 * Return: 0, or -ERESTARTSYS: a signal came first.
 */
static int rr_record_print_begin(struct rr_task *t)
{
	struct rr_session *s = t->s;
	struct mutex *lock = &s->print_call[t->stream == 2 && s->stream[0] != s->stream[1]];

	if (!mutex_trylock(lock)) {
		if (!rr_record_print_waits(t))
			return 0;
		if (mutex_lock_interruptible(lock))
			return -ERESTARTSYS;
	}
	t->prints = lock;
	return 0;
}

static void rr_record_print_end(struct rr_task *t)
{
	if (t->prints)
		mutex_unlock(t->prints);
	t->prints = NULL;
}

static void rr_record_leave_event(struct rr_task *t, struct pt_regs *regs, bool all,
				  u32 signo)
{
	struct rr_session *s = t->s;

	if (!rr_task_parallel(t) || !t->stream) {
		rr_record_left(t, regs, all, signo);
		rr_record_reads_end(t);
		return;
	}
	mutex_lock(&s->print_lock);
	rr_handover_after(t, &s->printed);
	s->printed = (struct rr_crew_edge){
		.lane = t->lane->nr, .event = rr_record_left(t, regs, all, signo) + 1,
		.valid = true, .done = true,
	};
	mutex_unlock(&s->print_lock);
	rr_record_reads_end(t);
	rr_record_print_end(t);
	t->stream = 0;
}

/* Which user words does this futex operation write? */
static bool rr_record_futex(struct rr_task *t)
{
	t->word[0] = 0;
	t->word[1] = 0;
	switch (t->args[1] & FUTEX_CMD_MASK) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		rr_merge_sleeps(t);
		return false;
	case FUTEX_WAKE_OP:
		t->word[1] = t->args[4];
		return true;
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
	case FUTEX_UNLOCK_PI:
	case FUTEX_TRYLOCK_PI:
		t->word[0] = t->args[0];
		return true;
	case FUTEX_CMP_REQUEUE_PI:
	case FUTEX_WAIT_REQUEUE_PI:
		t->word[0] = t->args[0];
		t->word[1] = t->args[4];
		return true;
	}
	return false;
}

/* A futex operation that changes no word in place, and writes nothing. */
static bool rr_record_compares(struct rr_task *t, const struct rr_syscall *row)
{
	return (row->flags & RR_SC_FUTEX) && !t->word[0] && !t->word[1];
}

/*
 * Does the call need the generic capture? Not if it writes nothing, and not if
 * its descriptor is exact and nobody else can see the memory before it is
 * logged. With --check=full the capture runs beside the descriptors.
 */
static bool rr_record_wants_capture(struct rr_task *t, const struct rr_syscall *row)
{
	/* Atomic operations on memory that others see. Of several lanes, only in lane 0's. */
	if (row->flags & RR_SC_FUTEX)
		return false;
	if (rr_checks(t))
		return true;
	if (row->flags & RR_SC_NOMEM)
		return false;
	return !(row->flags & RR_SC_EXACT) || !rr_task_sole(t);
}

/*
 * int $0x80 has other numbers: no 64-bit program needs it. KPTI: a descriptor table would
 * be missing from shadow tables, and the processor's own reading of it would fault.
 */
static bool rr_record_has_no(struct rr_task *t, const struct rr_syscall *row)
{
	return (row->flags & RR_SC_ENOSYS) || in_ia32_syscall() ||
	       (t->nr == __NR_modify_ldt && t->args[0] && boot_cpu_has(X86_FEATURE_PTI));
}

static bool rr_record_refused(struct rr_task *t, const struct rr_syscall *row)
{
	/* Programs fall back to read and write, whose bytes a replay can show. */
	struct rr_syscall out = { .flags = RR_SC_FD_OUT };
	u32 fd_arg;
	u64 first;
	bool is_stream;

	if (rr_record_has_no(t, row))
		return true;
	switch (t->nr) {
	case __NR_sendfile:
	case __NR_vmsplice:
		fd_arg = 0;
		break;
	case __NR_tee:
		fd_arg = 1;
		break;
	case __NR_splice:
	case __NR_copy_file_range:
		fd_arg = 2;
		break;
	default:
		return false;
	}
	first = t->args[0];
	t->args[0] = t->args[fd_arg];
	is_stream = rr_record_stream(t, &out);
	t->args[0] = first;
	return is_stream;
}

/* Somebody else wants to see the call: it takes the kernel's way. */
static bool rr_record_watched(void)
{
	unsigned long others = SYSCALL_WORK_SECCOMP | SYSCALL_WORK_SYSCALL_TRACE |
			       SYSCALL_WORK_SYSCALL_EMU | SYSCALL_WORK_SYSCALL_AUDIT |
			       SYSCALL_WORK_SYSCALL_EXIT_TRAP |
			       SYSCALL_WORK_SYSCALL_TRACEPOINT;

	return READ_ONCE(current_thread_info()->syscall_work) & others;
}

static bool rr_record_is_clone(u32 nr)
{
	return nr == __NR_clone || nr == __NR_clone3 || nr == __NR_fork ||
	       nr == __NR_vfork;
}

/* Something is to be done before user mode that a leave work does. */
static bool rr_record_lingers(struct rr_task *t)
{
	return rr_out_full(t->s->out) || rr_token_yield_due(t) || t->bound != t->lane;
}

/*
 * Calls that only look something up run here and now, without the exit work:
 * a signal that comes meanwhile finds user mode at a sync point.
 */
static bool rr_record_fast(struct rr_task *t, struct pt_regs *regs,
			   const struct rr_syscall *row)
{
	if (!(row->flags & RR_SC_FAST) || rr_checks(t) || rr_record_watched())
		return false;
	t->stay = RR_STAY_SYSCALL;
	/* Another lane could take what the kernel wrote before it is logged. */
	if (rr_task_parallel(t) && !(row->flags & RR_SC_NOMEM) && !rr_task_sole(t)) {
		if (!rr_bounce_clock(t))
			return false;
		regs->ax = 0;
	} else {
		regs->ax = rr_sym.x64_sys_call(regs, t->nr);
		/* Before a commit, which may have to change lanes: rr_record_midway(). */
		if (!(row->flags & RR_SC_NOMEM))
			rr_ranges(t, row, true, regs->ax, rr_record_user, NULL);
		if (rr_capture_commit(t, true))
			rr_event_failed(t);
	}
	rr_record_leave_event(t, regs, false, 0);
	t->stay = RR_STAY_USER;
	if (rr_record_lingers(t))
		rr_task_queue_leave(t);
	return true;
}

/* Calls that come back as another program, twice, or not at all. */
static bool rr_record_returns(u32 nr)
{
	return !rr_record_is_clone(nr) && nr != __NR_execve && nr != __NR_execveat &&
	       nr != __NR_exit && nr != __NR_exit_group;
}

static unsigned long rr_record_make(struct rr_task *t, struct pt_regs *regs)
{
	unsigned long ax;

	t->capture.bounced = rr_bounce_read(t, &ax);
	return t->capture.bounced ? ax : rr_sym.x64_sys_call(regs, t->nr);
}

/*
 * Most calls are made here, too, and their stay ends here: a task work on the
 * way out costs as much as a short call. One that a signal has interrupted goes
 * the kernel's way out, which restarts it.
 */
static bool rr_record_call(struct rr_task *t, struct pt_regs *regs,
			   const struct rr_syscall *row)
{
	if (!row->name || (row->flags & RR_SC_NATIVE) || !rr_record_returns(t->nr) ||
	    rr_record_watched())
		return false;
	if (t->stream && rr_task_parallel(t) && rr_record_print_begin(t))
		regs->ax = -ERESTARTSYS;
	else
		regs->ax = rr_record_make(t, regs);
	if (!signal_pending(current) &&
	    ((long)regs->ax > -ERESTARTSYS || (long)regs->ax < -ERESTART_RESTARTBLOCK)) {
		rr_record_end_stay(t, regs, 0);
		return true;
	}
	/* It may be stopped before that is logged: others do not wait for that. */
	rr_record_print_end(t);
	rr_task_queue_leave(t);
	return true;
}

/* Calls that are answered here: refused, or they ask about what is ours. */
static bool rr_record_answer(struct rr_task *t, struct pt_regs *regs,
			     const struct rr_syscall *row)
{
	if (rr_record_refused(t, row)) {
		regs->ax = rr_record_has_no(t, row) ? -ENOSYS : -EINVAL;
		return true;
	}
	return rr_answer(t, regs);
}

/* The kernel changes these words in place: their pages are lane 0's from now on. */
static void rr_record_futex_home(struct rr_task *t)
{
	int i;

	if (!rr_task_parallel(t))
		return;
	for (i = 0; i < ARRAY_SIZE(t->word); i++)
		if (t->word[i] && t->word[i] < TASK_SIZE_MAX &&
		    rr_page_set_home(t->space, t->word[i]))
			rr_session_end(t->s, RRCREW_RESULT_BROKEN, "no memory to own a page");
	rr_record_move(t, &t->s->lane[0]);
}

/* Does the call copy the address space? */
static bool rr_record_forks(struct rr_task *t)
{
	u64 flags = 0;

	if (t->nr == __NR_clone)
		flags = t->args[0];
	else if (t->nr == __NR_clone3 && get_user(flags, (u64 __user *)t->args[0]))
		return false;
	return rr_record_is_clone(t->nr) && t->nr != __NR_vfork && !(flags & CLONE_VM);
}

/* A fork is of the memory as it is: lane-mates wait until it is logged. */
static bool rr_record_is_releasable(struct rr_task *t, const struct rr_syscall *row)
{
	return !(row->flags & RR_SC_MM) && !rr_record_is_clone(t->nr);
}

/* A child gets a copy of all pages; and of those that are mapped anew none is idle. */
static void rr_record_uses_all(struct rr_task *t, const struct rr_syscall *row)
{
	if (rr_task_parallel(t) && (row->flags & RR_SC_MM || rr_record_forks(t)))
		rr_page_aged(t->space, t->lane->nr, 0);
}

/* The call may change the address space, or copy it. */
static void rr_record_changes(struct rr_task *t, struct pt_regs *regs,
			      const struct rr_syscall *row)
{
	if (row->flags & RR_SC_MM)
		rr_mapping_before(t, regs);
	if (rr_task_parallel(t) && rr_record_forks(t)) {
		rr_handover_op_begin(t);
		rr_handover_op_all(t);
	}
	rr_record_uses_all(t, row);
}

/* What is to be known or set up before the kernel makes the call. */
static void rr_record_prepare(struct rr_task *t, struct pt_regs *regs,
			      const struct rr_syscall *row)
{
	t->word[0] = 0;
	t->word[1] = 0;
	if (row->flags & RR_SC_FUTEX && rr_record_futex(t))
		rr_record_futex_home(t);
	else if (!t->reads_late)	/* what is printed is shown in the lane that has it */
		rr_record_part(t);
	rr_record_changes(t, regs, row);
	if (rr_record_wants_capture(t, row) && rr_capture_begin(t))
		rr_session_end(t->s, RRCREW_RESULT_BROKEN, "no memory for a capture table");
	/*
	 * What is only compared with a word is read past the lanes, on the process's own
	 * table: the log has what came of it, and no order is needed. A lane's table might
	 * not get the page, which can be lane 0's, while the kernel insists on it.
	 */
	if (rr_task_parallel(t) && rr_record_compares(t, row))
		rr_cr3_switch(&t->cr3, NULL);
	t->releasable = rr_record_is_releasable(t, row);
}

/**
 * rr_record_enter() - a task of the group enters a system call
 * @t: current's, with the lane's token
 * @regs: its registers
 *
 * Context: syscall entry, first in line; may sleep.
 * Return: true if the call has been made or refused here.
 */
bool rr_record_enter(struct rr_task *t, struct pt_regs *regs)
{
	const struct rr_syscall *row;

	t->nr = regs->orig_ax;
	row = rr_syscall_row(t->nr);
	syscall_get_arguments(current, regs, (unsigned long *)t->args);
	rr_record_synced(t);
	rr_record_clean(t);
	t->result_done = false;
	t->stay = RR_STAY_ENTRY;
	if (!rr_record_enter_event(t, regs, row)) {
		t->stay = RR_STAY_USER;
		regs->ax = -EINTR;
		return true;
	}
	rr_record_reads_begin(t);
	if (rr_task_parallel(t) && rr_record_returns(t->nr) && !(row->flags & RR_SC_MM))
		rr_record_age(t);
	/* A tracer stops each call first: rr_record_retake() answers. */
	if (!test_syscall_work(SYSCALL_TRACE) && rr_record_answer(t, regs, row)) {
		if (test_syscall_work(SYSCALL_EXIT_TRAP)) {
			/* Stepped: the stop behind the call is in its stay. */
			t->entry = *regs;
			t->result = regs->ax;
			t->result_done = true;
			t->stay = RR_STAY_SYSCALL;
			rr_task_queue_leave(t);
			return true;
		}
		rr_record_leave_event(t, regs, false, 0);
		t->stay = RR_STAY_USER;
		if (rr_record_lingers(t))
			rr_task_queue_leave(t);
		return true;
	}
	if (rr_record_fast(t, regs, row))
		return true;
	rr_merge_computes(t->lane, false);
	t->stay = RR_STAY_SYSCALL;
	t->entry = *regs;
	rr_record_prepare(t, regs, row);
	if (rr_record_call(t, regs, row))
		return true;
	rr_task_queue_leave(t);
	return false;
}

static int rr_covered(struct rr_task *t, unsigned long addr, size_t len, void *arg)
{
	unsigned long *left = arg;	/* first byte not covered yet, end */

	if (addr <= left[0] && left[0] < addr + len)
		left[0] = addr + len;
	return left[0] >= left[1];
}

/**
 * rr_record_covered() - does the descriptor of the call at hand name this write?
 * @t: current's
 * @addr: first byte
 * @len: how many
 * @ret: the call's result
 *
 * Ends the session if not: a descriptor without proof must not be used.
 */
static void rr_record_covered(struct rr_task *t, unsigned long addr, size_t len, long ret)
{
	const struct rr_syscall *row = rr_syscall_row(t->nr);
	unsigned long left[2] = { addr, addr + len }, before;

	if (!rr_checks(t) || t->stay != RR_STAY_SYSCALL || t->result_done ||
	    !(row->flags & (RR_SC_EXACT | RR_SC_NOMEM)))
		return;
	do {
		before = left[0];
		if (rr_ranges(t, row, true, ret, rr_covered, left))
			return;
	} while (left[0] != before);
	rr_session_end(t->s, RRCREW_RESULT_BROKEN,
		       "descriptor of %s does not cover the kernel's write to 0x%lx+%zu (result %ld): report it, record without --check=full",
		       row->name, addr, len, ret);
}

void rr_record_captured(struct rr_task *t, unsigned long addr, size_t len)
{
	rr_record_covered(t, addr, len, current_pt_regs()->ax);
}

static bool rr_record_execed(struct rr_task *t)
{
	return t->space && current->mm != t->space->mm;
}

/* File systems that may write to the reader's pages without O_DIRECT, too. */
static bool rr_record_uncached(const struct file *file)
{
	switch (d_real_inode(file_dentry(file))->i_sb->s_magic) {
	case V9FS_MAGIC:
	case FUSE_SUPER_MAGIC:
	case CIFS_SUPER_MAGIC:
	case SMB2_SUPER_MAGIC:
		return true;
	default:
		return false;
	}
}

/* Has the call written the process's own pages, past any table of ours? */
static bool rr_record_direct(struct rr_task *t)
{
	bool direct;
	struct fd f;

	if (t->nr != __NR_read && t->nr != __NR_pread64 && t->nr != __NR_readv &&
	    t->nr != __NR_preadv && t->nr != __NR_preadv2)
		return false;
	f = fdget(t->args[0]);
	direct = f.file && S_ISREG(file_inode(f.file)->i_mode) &&
		 (f.file->f_flags & O_DIRECT || rr_record_uncached(f.file));
	fdput(f);
	return direct;
}

/*
 * The capture began when the call came to a page of lane 0. What it wrote to others
 * before is in no copy: log it while the lane is still theirs. Not that page, which
 * this lane does not get.
 */
static void rr_record_midway(struct rr_task *t, const struct rr_syscall *row, long ret)
{
	if (t->stay == RR_STAY_SYSCALL && !t->result_done && (row->flags & RR_SC_EXACT))
		rr_ranges(t, row, true, ret, rr_record_user, NULL);
}

/* Log what the call did, before a signal changes the registers. */
static void rr_record_result(struct rr_task *t, struct pt_regs *regs)
{
	const struct rr_syscall *row = rr_syscall_row(t->nr);
	bool captured = t->capture.on, bounced = t->capture.bounced;
	int i;

	if (t->stay == RR_STAY_START && !t->started) {
		t->started = true;
		if (rr_event_begin(t, RRLOG_START, 0, 0,
				   sizeof(struct rrlog_start)))
			rr_event_end(t);
	}
	/* A fork that failed; what it has written may be lane 0's, where others may wait. */
	if (!(row->flags & RR_SC_MM))
		rr_handover_op_end(t);
	if (t->capture.midway)
		rr_record_midway(t, row, regs->ax);
	if (rr_capture_commit(t, true))
		return;
	if (t->stay != RR_STAY_SYSCALL || t->result_done)
		return;
	t->result_done = true;
	t->result = regs->ax;
	if ((row->flags & RR_SC_EXACT) && (!captured || (!bounced && rr_record_direct(t))))
		rr_ranges(t, row, true, regs->ax, rr_record_user, NULL);
	for (i = 0; i < ARRAY_SIZE(t->word); i++)
		if (t->word[i])
			rr_record_user(t, t->word[i], sizeof(u32), NULL);
	t->word[0] = 0;
	t->word[1] = 0;
	if (row->flags & RR_SC_MM) {
		rr_mapping_record(t, regs->ax);
		rr_mapping_restore(t, regs);
	}
	rr_handover_op_end(t);
	rr_mapping_record_file(t, regs->ax);
}

/* ---- the beginning: the first execve() of an armed task ---- */

static void rr_record_streams(struct rr_session *s)
{
	struct fd f;
	int i;

	for (i = 0; i < 2; i++) {
		f = fdget(i + 1);
		if (!f.file)
			continue;
		s->stream[i] = file_inode(f.file);
		s->stream_file[i] = f.file;
		rr_inode_hold(s->stream[i]);
		fdput(f);
	}
}

static int rr_record_exec(struct rr_task *t, struct pt_regs *regs)
{
	int ret;

	/* Its execve() has ended the other threads; in replay that may be too early. */
	if (t->space && t->space->threaded && rr_task_parallel(t))
		rr_handover_after_all(t);
	rr_task_leave_space(t);
	rr_task_rehook(t);
	if (!user_64bit_mode(regs)) {
		rr_session_end(t->s, RRCREW_RESULT_BROKEN,
			       "%s is a 32-bit program: record 64-bit programs only",
			       current->comm);
		return -ENOEXEC;
	}
	ret = rr_task_set_space(t);
	if (!ret)
		ret = rr_mapping_record_exec(t);
	if (ret)
		rr_session_end(t->s, RRCREW_RESULT_BROKEN,
			       "cannot take over %s (error %d)", current->comm, ret);
	return ret;
}

static void rr_record_begin(struct rr_task *t)
{
	t->phase = RR_PHASE_ACTIVE;
	t->stay = RR_STAY_SYSCALL;
	t->result_done = true;
	t->s->start = ktime_get();
	rr_record_streams(t->s);
	/*
	 * One task of a lane computes at a time, and CPUID tells programs the
	 * processor's number: a lane's tasks stay on one.
	 */
	t->s->cpu = raw_smp_processor_id();
	cpumask_copy(&t->cpus, current->cpus_ptr);
	cpumask_copy(&t->s->lane_cpus, current->cpus_ptr);
	rr_lane_bind(t);
	rr_sym.disable_TSC();
	rr_session_running(t->s);
}

/* ---- the way out ---- */

/*
 * A handler's frame was built: setup_rt_frame() leaves exactly this. All of it, for
 * rt_sigreturn() may restore registers that look like some of it.
 */
static u32 rr_record_handler(struct rr_task *t, const struct pt_regs *regs)
{
	if (regs->sp != t->entry.sp && !regs->ax &&
	    regs->dx == regs->sp + offsetof(struct rt_sigframe, uc) &&
	    regs->si == regs->sp + offsetof(struct rt_sigframe, info) &&
	    regs->di && regs->di <= _NSIG)
		return regs->di;
	return 0;
}

static void rr_record_end_stay(struct rr_task *t, struct pt_regs *regs, u32 signo)
{
	bool all = signo || t->stay == RR_STAY_START;

	t->releasable = false;
	/* A fault from before this stay: what it wanted, lane-mates may have got since. */
	rr_record_forget_fault(t);
	if (rr_session_ended(t->s)) {
		rr_record_print_end(t);
		rr_capture_commit(t, false);
		rr_task_untag(t);
		return;
	}
	/* Dying: the exit hook logs what is left. */
	if (rr_record_take(t, true)) {
		rr_record_print_end(t);
		return;
	}
	if (rr_record_execed(t) || !t->space) {
		if (rr_record_exec(t, regs))
			return rr_record_end_stay(t, regs, signo);
		t->result = regs->ax;
		all = true;
	} else {
		rr_record_result(t, regs);
	}
	all |= rr_regs_changed(&t->entry, regs) || t->nr == __NR_rt_sigreturn ||
	       t->nr == __NR_arch_prctl;
	rr_record_leave_event(t, regs, all, signo);
	if (t->stay == RR_STAY_START)
		t->nr = 0;
	t->stay = RR_STAY_USER;
	rr_record_before_user(t, true);
	t->synced = local_clock();
}

/**
 * rr_record_leave() - a stay ends: log what it changed
 * @t: current's
 * @regs: its registers
 *
 * Context: task work on the way to user mode; sleeps.
 */
void rr_record_leave(struct rr_task *t, struct pt_regs *regs)
{
	if (t->phase == RR_PHASE_ARMED) {
		if (current->mm == t->armed_mm && !rr_session_ended(t->s))
			return;
		if (!rr_session_ended(t->s))
			rr_record_begin(t);
	} else if (t->stay == RR_STAY_USER && !rr_session_ended(t->s)) {
		rr_record_before_user(t, rr_record_not_taken(t, regs));
		return;
	}
	rr_record_end_stay(t, regs, 0);
}

/* ---- signals ---- */

/*
 * Is there, after all, nothing for arch_do_signal_or_restart() to do? Another
 * thread has taken the signal, for example. The flag is cleared in the same
 * step, so that one which comes next sets it and brings us back: called without
 * an ASYNC, the kernel could find that one and deliver it unseen.
 */
static bool rr_signal_gone(void)
{
	bool gone = false;

	spin_lock_irq(rr_siglock());
	if (!(current->signal->flags & SIGNAL_CLD_MASK)) {
		recalc_sigpending();
		gone = !task_sigpending(current);
	}
	spin_unlock_irq(rr_siglock());
	return gone && !test_thread_flag(TIF_NOTIFY_SIGNAL);
}

/*
 * Does the instruction raise it in a replay, too? That has no tracer's debug registers,
 * and no counters of perf's: these come as signals from outside do.
 */
static bool rr_signal_recurs(const kernel_siginfo_t *info)
{
	return info->si_code > SI_USER &&
	       (info->si_signo != SIGTRAP ||
		(info->si_code != TRAP_HWBKPT && info->si_code != TRAP_PERF));
}

/**
 * rr_signal_trap() - has the instruction at hand raised a signal?
 * @info: what it raised
 *
 * The kernel delivers such signals before all others.
 */
bool rr_signal_trap(kernel_siginfo_t *info)
{
	const sigset_t trap = { { sigmask(SIGSEGV) | sigmask(SIGBUS) | sigmask(SIGILL) |
				  sigmask(SIGTRAP) | sigmask(SIGFPE) | sigmask(SIGSYS) } };
	struct sigqueue *q;
	bool found = false;

	spin_lock_irq(rr_siglock());
	list_for_each_entry(q, &current->pending.list, list) {
		if (rr_signal_recurs(&q->info) &&
		    sigismember((sigset_t *)&trap, q->info.si_signo)) {
			copy_siginfo(info, &q->info);
			found = true;
			break;
		}
	}
	spin_unlock_irq(rr_siglock());
	return found;
}

static void rr_record_trap(struct rr_task *t, struct pt_regs *regs, kernel_siginfo_t *info)
{
	struct rrlog_trap *trap;
	u64 nr;

	if (t->holds_op)	/* what is mapped matters */
		rr_handover_after(t, &t->space->op.last);
	rr_record_check(t, regs);
	trap = rr_event_begin(t, RRLOG_TRAP, 0, info->si_signo, sizeof(*trap));
	if (!trap)
		return;
	trap->ip = regs->ip;
	trap->addr = (unsigned long)info->si_addr;
	nr = rr_event_end(t);
	rr_handover_trap_end(t, nr);
}

/* Take back the signal that the instruction at hand has raised. */
static void rr_signal_drop(int signo)
{
	kernel_siginfo_t info;
	enum pid_type type;
	sigset_t others;

	sigfillset(&others);
	sigdelset(&others, signo);
	spin_lock_irq(rr_siglock());
	dequeue_signal(current, &others, &info, &type);
	recalc_sigpending();
	spin_unlock_irq(rr_siglock());
}

/*
 * Several lanes: an access has failed, and meanwhile another lane may have mapped
 * what was not there. Then it is made again: so it comes behind that, as it would
 * have on a slower processor. Else nothing is mapped until the TRAP is logged.
 *
 * Return: false: user code tries again.
 */
static bool rr_record_access(struct rr_task *t, struct pt_regs *regs,
			     const kernel_siginfo_t *info)
{
	unsigned long addr = (unsigned long)info->si_addr;
	unsigned long error = current->thread.error_code;

	if (!rr_task_parallel(t) || addr >= TASK_SIZE_MAX ||
	    (info->si_signo != SIGSEGV && info->si_signo != SIGBUS) ||
	    !rr_handover_trap_begin(t))
		return true;
	if (info->si_signo == SIGSEGV && info->si_code != SEGV_PKUERR &&
	    rr_mapping_permits(addr, error)) {
		rr_signal_drop(SIGSEGV);
		rr_handover_op_end(t);
		return false;
	}
	/* In replay the lane must lose it first. */
	if (rr_handover_stolen(t, addr, error & X86_PF_WRITE))
		rr_record_async(t, regs, RRLOG_ASYNC_STOLEN);
	return true;
}

/* Words that tell a state from others with the same registers. */
struct rr_words {
	struct rrlog_page_hash	*to;
	size_t			n;
	u64			ip;
	u64			page_at;	/* the last one that was looked at, */
	struct page		*page;		/* referenced; NULL: it does not count */
	DECLARE_BITMAP(seen, 1 << RR_WORDS_BITS);	/* by a hash of the address */
};

/* Is the word there? One that only has the hash of another may be a loop's counter. */
static bool rr_record_has_word(struct rr_words *w, u64 addr)
{
	size_t i;

	if (!__test_and_set_bit(hash_64(addr, RR_WORDS_BITS), w->seen))
		return false;
	for (i = 0; i < w->n; i++)
		if (w->to[i].addr == (addr | RRLOG_WORD))
			return true;
	return false;
}

static void rr_record_words_done(struct rr_words *w)
{
	if (w->page)
		put_page(w->page);
	w->page = NULL;
}

/*
 * A page that the log has; not those of the code, which are others when a replay looks
 * for the place or are mapped as copies, nor of devices: reading may change them. One that the lane has lost, too:
 * see rr_record_kept(). Many words are of the same, the stack's first of all.
 */
static struct page *rr_record_words_page(struct rr_task *t, struct rr_words *w, u64 addr)
{
	struct vm_area_struct *vma;
	pte_t pte;

	addr &= PAGE_MASK;
	if (w->page_at == addr)
		return w->page;
	rr_record_words_done(w);
	w->page_at = addr;
	vma = vma_lookup(current->mm, addr);
	if (!vma || rr_random_may(t->s, vma) || addr - (w->ip & PAGE_MASK) < 2 * PAGE_SIZE ||
	    (!rr_page_owned(t->space, t->lane->nr, addr) && !rr_task_parallel(t)) ||
	    !rr_official_get(current->mm, addr, &pte, &w->page) || !w->page)
		return NULL;
	rr_record_used(t, addr);
	return w->page;
}

/* Four words. */
static void rr_record_words_at(struct rr_task *t, struct rr_words *w, u64 addr)
{
	struct page *page;
	char *data;
	size_t i, at;

	addr &= ~(u64)(RR_WORDS_STEP - 1);
	if (addr >= TASK_SIZE_MAX ||
	    w->n + RR_WORDS_STEP / sizeof(u64) > RR_STATE_WORDS || rr_record_has_word(w, addr))
		return;
	page = rr_record_words_page(t, w, addr);
	if (!page)
		return;
	data = kmap_local_page(page);
	for (i = 0; i < RR_WORDS_STEP / sizeof(u64); i++) {
		at = offset_in_page(addr) + i * sizeof(u64);
		if (!rr_digest_counts(data, PAGE_SIZE, at))
			continue;
		w->to[w->n].addr = (addr + i * sizeof(u64)) | RRLOG_WORD;
		w->to[w->n++].hash = *(u64 *)(data + at);
	}
	kunmap_local(data);
}

/* Where does an instruction jump to? 0: it does not, or nobody knows. */
static u64 rr_insn_target(const struct insn *insn, u64 next, bool *always)
{
	u8 op = insn->opcode.bytes[0], second = insn->opcode.bytes[1];

	*always = op == 0xe9 || op == 0xeb;
	if (*always || (op & 0xf0) == 0x70 || (op & 0xfc) == 0xe0 ||
	    (op == 0x0f && (second & 0xf0) == 0x80))
		return next + insn->immediate.value;
	/* RET, and JMP through memory or a register. */
	*always = op == 0xc2 || op == 0xc3 ||
		  (op == 0xff && (X86_MODRM_REG(insn->modrm.value) & 6) == 4);
	return 0;
}

/*
 * What the code uses from the place on, and from where it jumps back to: a loop may
 * have its counter in a variable to which no register points.
 */
static void rr_record_words_used(struct rr_task *t, struct rr_words *w)
{
	struct pt_regs regs = *current_pt_regs();
	u64 at = w->ip, target;
	bool back = false, always;
	u8 code[MAX_INSN_SIZE];
	struct insn insn;
	int i;

	for (i = 0; i < RR_LOOP_INSNS && !(back && at >= w->ip); i++) {
		if (!rr_task_peek(code, at, sizeof(code)) ||
		    rr_sym.insn_decode(&insn, code, sizeof(code), INSN_MODE_64))
			return;
		regs.ip = at;
		if (insn.modrm.nbytes)
			rr_record_words_at(t, w, (__force u64)rr_sym.insn_get_addr_ref(&insn,
									       &regs));
		at += insn.length;
		target = rr_insn_target(&insn, at, &always);
		if (target && !back && target <= w->ip && w->ip - target < RR_LOOP_BYTES) {
			at = target;
			back = true;
		} else if (always) {
			if (!target)
				return;
			at = target;
		}
	}
}

/*
 * Where loops have their counters: in what their code uses, in the frames at the end
 * of the stack, where registers point, and where what has been found points.
 */
static size_t rr_record_words(struct rr_task *t, const struct rrlog_regs *r,
			      struct rrlog_page_hash *to)
{
	const u64 at[] = { r->bp, r->bx, r->si, r->di, r->ax, r->cx, r->dx, r->r8, r->r9,
			   r->r10, r->r11, r->r12, r->r13, r->r14, r->r15 };
	struct rr_words w = { .to = to, .ip = r->ip };
	size_t i;

	mmap_read_lock(current->mm);
	rr_record_words_used(t, &w);
	for (i = 0; i < RR_STACK_BYTES; i += RR_WORDS_STEP)
		rr_record_words_at(t, &w, r->sp - RR_WORDS_STEP + i);
	for (i = 0; i < ARRAY_SIZE(at); i++)
		rr_record_words_at(t, &w, at[i]);
	for (i = 0; i < w.n && w.n < RR_STATE_WORDS; i++)
		rr_record_words_at(t, &w, to[i].hash);
	rr_record_words_done(&w);
	mmap_read_unlock(current->mm);
	return w.n;
}

/* Words of the page that has been taken, as the lane left them. Returns how many. */
static size_t rr_record_stolen(struct rr_task *t, struct rrlog_page_hash *to)
{
	u64 word[RR_STOLEN_WORDS], addr = t->stolen_at & ~(sizeof(word) - 1);
	size_t i, n = 0;

	if (!rr_handover_kept(t, addr, word, ARRAY_SIZE(word)))
		return 0;
	for (i = 0; i < ARRAY_SIZE(word); i++) {
		if (!rr_digest_counts(word, sizeof(word), i * sizeof(u64)))
			continue;
		to[n].addr = (addr + i * sizeof(u64)) | RRLOG_WORD;
		to[n++].hash = word[i];
	}
	return n;
}

/*
 * Under emulation an instruction over two pages may have written to the first when it
 * stops at the second, and others have seen that, maybe. Replay has to stop before it,
 * so what it has written does not tell the place; but it is there from the place on.
 */
static size_t rr_record_border(struct rr_task *t, u64 border, struct rrlog_page_hash *to)
{
	u64 word[RR_STORE_BYTES / sizeof(u64)], addr = border - sizeof(word);
	struct page *page;
	bool known = false;
	char *data;
	pte_t pte;
	size_t i;

	if (!border)
		return 0;
	mmap_read_lock(current->mm);
	if (rr_official_get(current->mm, addr, &pte, &page) && page) {
		data = kmap_local_page(page);
		memcpy(word, data + offset_in_page(addr), sizeof(word));
		kunmap_local(data);
		put_page(page);
		rr_record_used(t, addr);
		/* Nobody else has written there if it is the lane's even now. */
		known = rr_page_owned(t->space, t->lane->nr, addr);
	}
	mmap_read_unlock(current->mm);
	if (!known && !rr_handover_kept(t, addr, word, ARRAY_SIZE(word)))
		return 0;
	for (i = 0; i < ARRAY_SIZE(word); i++) {
		to[i].addr = (addr + i * sizeof(u64)) | RRLOG_WORD | RRLOG_WORD_SET;
		to[i].hash = word[i];
	}
	return ARRAY_SIZE(word);
}

static void rr_record_place(struct rr_task *t, const struct rrlog_regs *r, u8 flags,
			    struct rr_state *state)
{
	state->nr_own = rr_record_written(t, state, RR_PLACE_PAGES);
	state->nr_own += rr_record_words(t, r, state->own + state->nr_own);
	state->nr_stolen = 0;
	state->border = 0;
	if (flags & RRLOG_ASYNC_STOLEN && t->stolen) {
		state->nr_stolen = rr_record_stolen(t, state->stolen);
		if (!offset_in_page(t->stolen_at))
			state->border = t->stolen_at;
	}
	state->nr_part = rr_record_border(t, state->border, state->part);
}

/* Is it of there? */
static bool rr_record_in_part(u64 addr, u64 border)
{
	if (!border)
		return false;
	if (addr & RRLOG_WORD)
		return border - (addr & ~RRLOG_WORD) <= RR_STORE_BYTES;
	return addr == border - PAGE_SIZE;
}

static struct rrlog_page_hash *rr_record_put(struct rrlog_page_hash *to,
					     const struct rrlog_page_hash *from, size_t n,
					     u64 border)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!rr_record_in_part(from[i].addr, border))
			*to++ = from[i];
	return to;
}

static void rr_record_place_write(struct rr_task *t, struct rrlog_async *async,
				  const struct rr_state *state)
{
	struct rrlog_page_hash *to = async->page;
	u64 border = state->border;
	size_t pages;

	/* Words come last. */
	for (pages = 0; pages < state->nr_own; pages++)
		if (state->own[pages].addr & RRLOG_WORD)
			break;
	to = rr_record_put(to, state->own, pages, border);
	to = rr_record_put(to, state->left, t->nr_left, border);
	to = rr_record_put(to, state->own + pages, state->nr_own - pages, border);
	to = rr_record_put(to, state->stolen, state->nr_stolen, border);
	to = rr_record_put(to, state->part, state->nr_part, 0);
	async->e.aux = to - async->page;
	async->e.len = struct_size(async, page, async->e.aux);
}

static void rr_record_async(struct rr_task *t, struct pt_regs *regs, u8 flags)
{
	struct rr_state *state = rr_record_state(t);
	u64 start = local_clock(), ns;
	struct rrlog_async *async;
	u64 fpu = rr_fpu_hash();
	struct rrlog_regs r;
	size_t n = 0;

	rr_regs_read(&r, regs);
	t->nr_left = 0;
	if (state) {
		rr_record_place(t, &r, flags, state);
		n = state->nr_own + RR_LEFT_MAX + state->nr_stolen + state->nr_part;
		t->left = state->left;
	}
	async = rr_event_begin(t, RRLOG_ASYNC, flags, n, struct_size(async, page, n));
	t->left = NULL;
	if (async) {
		async->e.aux = 0;
		if (state) {
			state->nr_own = rr_record_still_own(t, state->own, state->nr_own);
			rr_record_place_write(t, async, state);
		}
		async->regs = r;
		async->fpu_hash = fpu;
		async->ns = local_clock() - t->synced;
		rr_event_end(t);
	}
	ns = local_clock() - start;
	WRITE_ONCE(t->lane->stop_ns, ns);
	if (flags & RRLOG_ASYNC_STOLEN)
		rr_merge_stopped(t, ns);
	rr_stat_inc(t->s, RR_STAT_ASYNCS);
	rr_stat_add(t->s, RR_STAT_ASYNC_NS, ns);
	trace_rrcrew_force(t->lane->nr, t->id, regs->ip, flags);
}

/* A frame that does not fit raises SIGSEGV, too, where a replay builds none. */
static bool rr_record_trapped(struct rr_task *t, kernel_siginfo_t *info)
{
	return !t->frame_failed && rr_signal_trap(info);
}

/* Begin a stay that user code did not ask for. */
static void rr_record_interrupted(struct rr_task *t, struct pt_regs *regs)
{
	kernel_siginfo_t info;

	t->entry = *regs;
	t->nr = 0;
	if (rr_record_trapped(t, &info))
		rr_record_trap(t, regs, &info);
	else
		rr_record_async(t, regs, 0);
	t->stay = RR_STAY_SIGNAL;
}

/**
 * rr_record_signal() - around the delivery of signals
 * @t: current's
 * @regs: its registers
 *
 * Context: exit to user mode; may sleep (job control), may not return (death).
 */
void rr_record_signal(struct rr_task *t, struct pt_regs *regs)
{
	bool in_user = t->stay == RR_STAY_USER;
	kernel_siginfo_t info;

	if (t->phase != RR_PHASE_ACTIVE || rr_session_ended(t->s) ||
	    fatal_signal_pending(current)) {
		rr_sym.arch_do_signal_or_restart(regs);
		return;
	}
	if (in_user && (rr_signal_gone() ||
			(rr_record_trapped(t, &info) && !rr_record_access(t, regs, &info))))
		return;
	t->releasable = false;	/* what is logged now must not be torn apart */
	if (in_user)
		rr_record_interrupted(t, regs);
	else if (!rr_record_take(t, true) && !rr_record_execed(t))
		rr_record_result(t, regs);
	if (!rr_record_execed(t) && rr_capture_begin(t))
		rr_session_end(t->s, RRCREW_RESULT_BROKEN, "no memory for a capture table");
	t->works_early = true;
	t->releasable = true;
	rr_sym.arch_do_signal_or_restart(regs);
	t->works_early = false;
	t->frame_failed = rr_signal_trap(&info);
	rr_record_end_stay(t, regs, rr_record_handler(t, regs));
}

/*
 * A tracer has seen the call that is about to be made and may have changed it:
 * the log has the program's own, and what the kernel does is that of this one.
 */
static void rr_record_retake(struct rr_task *t, struct pt_regs *regs)
{
	const struct rr_syscall *row;
	u64 args[ARRAY_SIZE(t->args)];
	u32 nr = regs->orig_ax;
	bool same;

	/* The token went with the stop; changes of mappings are made with it. */
	t->releasable = false;
	if (rr_record_take(t, true) || rr_session_ended(t->s))
		return;
	syscall_get_arguments(current, regs, (unsigned long *)args);
	same = nr == t->nr && !memcmp(args, t->args, sizeof(args));
	t->nr = nr;
	memcpy(t->args, args, sizeof(args));
	row = rr_syscall_row(nr);
	if (rr_record_answer(t, regs, row))
		regs->orig_ax = -1;	/* no call; the stop at its end puts it back */
	else if (!same)
		rr_record_prepare(t, regs, row);
	else	/* lane-mates may have computed since, and changed it */
		rr_record_changes(t, regs, row);
	t->releasable = rr_record_is_releasable(t, row);
}

/* What the call did is logged, with the token until that is done. */
static void rr_record_leaves(struct rr_task *t, struct pt_regs *regs)
{
	t->releasable = false;
	if (!rr_record_take(t, true) && !rr_record_execed(t))
		rr_record_result(t, regs);
}

/**
 * rr_record_ptrace_stop() - around a stop for a tracer, which may change all
 * @t: current's
 * @exit_code: of the stop
 * @message: of the stop
 *
 * Context: inside a system call or do_exit(); sleeps.
 * Return: what ptrace_notify() says.
 */
int rr_record_ptrace_stop(struct rr_task *t, int exit_code, unsigned long message)
{
	bool dies = exit_code >> 8 == PTRACE_EVENT_EXIT;
	bool entry = !(exit_code >> 8) ? message == PTRACE_EVENTMSG_SYSCALL_ENTRY :
					 exit_code >> 8 == PTRACE_EVENT_SECCOMP;
	bool leaves = !(exit_code >> 8) && message == PTRACE_EVENTMSG_SYSCALL_EXIT;
	struct pt_regs *regs = current_pt_regs();
	int ret;

	if (t->phase != RR_PHASE_ACTIVE || rr_session_ended(t->s) || dies)
		return rr_sym.ptrace_notify(exit_code, message);
	if (t->stay == RR_STAY_USER)
		/* Traced since: the call is logged, and this is a stay of its own. */
		rr_record_interrupted(t, regs);
	else if (leaves)
		rr_record_leaves(t, regs);	/* the tracer is to see it */
	if (leaves && t->stay == RR_STAY_SYSCALL)
		regs->orig_ax = t->nr;
	t->releasable = true;
	/* The lock comes behind the token, which goes with the stop. */
	if (entry)
		rr_handover_op_end(t);
	ret = rr_sym.ptrace_notify(exit_code, message);
	if (entry && t->stay == RR_STAY_SYSCALL)
		rr_record_retake(t, regs);
	rr_task_queue_leave(t);
	return ret;
}

/* ---- forced switches ---- */

/* A loop may compute in the x87 or vector registers alone: then those do not recur. */
static bool rr_record_recurs(struct rr_task *t, struct pt_regs *regs)
{
	struct rrlog_regs r;
	unsigned int i, n = min_t(unsigned int, t->nr_samples, RR_NR_SAMPLES);
	u64 hash;

	rr_regs_read_general(&r, regs);
	hash = rr_regs_hash(&r) ^ rr_fpu_hash();
	for (i = 0; i < n; i++)
		if (t->sample[i] == hash)
			return true;
	t->sample[t->nr_samples++ % RR_NR_SAMPLES] = hash;
	return false;
}

/*
 * Can the task be stopped here? A replay passes most places without a trap, but not all:
 * so the first kicks look for one of those, and the next ones also for the head of a short
 * loop, where each passage costs a detour. Where it spins it likely stops only once, and
 * others wait for the token: unless that is not why.
 */
static bool rr_record_stops_here(struct rr_task *t, struct pt_regs *regs, bool spins,
				 bool wanted)
{
	u8 code[RR_HEAD_BYTES];
	int len = access_process_vm(current, regs->ip, code, sizeof(code), FOLL_FORCE);
	struct insn insn;

	/* TCG reports a breakpoint on REP at each iteration, silicon at the first. */
	if (len <= 0 || rr_sym.insn_decode(&insn, code, len, INSN_MODE_64) ||
	    rr_detour_is_rep(&insn))
		return false;
	return rr_detour_suits(&insn) ||
	       (t->nr_tries > RR_PLACE_TRIES / 2 && rr_detour_heads_loop(code, len)) ||
	       (wanted && (spins || t->nr_tries > RR_PLACE_TRIES));
}

/**
 * rr_record_kick() - others wait for the token, or an event, while this task computes
 * @t: current's
 * @regs: its registers
 *
 * A task whose registers recur spins, and is stopped: replay finds that place
 * at its first passage. A task that computes is left alone until @t->force, or until
 * what the lane has lost, or the end of its slice, is overdue.
 */
void rr_record_kick(struct rr_task *t, struct pt_regs *regs)
{
	bool spins = false, due = rr_token_stop_due(t), wanted, overdue;
	struct rr_lane *lane;

	if (t->stay != RR_STAY_USER)
		return;
	if (rr_session_ended(t->s)) {
		rr_task_untag(t);
		return;
	}
	/* In looks that follow each other closely an interpreter's loop would seem to recur. */
	if (!due || READ_ONCE(t->force) || !t->nr_tries || t->nr_tries >= RR_PLACE_TRIES)
		spins = rr_record_recurs(t, regs);
	wanted = (spins || READ_ONCE(t->force)) && !list_empty(&t->lane->waiters);
	overdue = due || rr_lane_is_overdue(t->lane);
	if (!wanted && !overdue)
		return;
	/* Such a task comes to its async point by itself, on this way out. */
	if (t->stolen && t->leave_queued)
		return;
	t->nr_tries++;
	if (!rr_record_stops_here(t, regs, spins, wanted))
		return;
	t->nr_tries = 0;
	WRITE_ONCE(t->force, false);
	t->nr_samples = 0;
	rr_stat_inc(t->s, RR_STAT_FORCED);
	rr_record_async(t, regs, spins ? RRLOG_ASYNC_SPIN : 0);
	t->computed += local_clock() - t->synced;
	if (wanted || due)
		t->patience /= 2;	/* it may spin; a sync point of its own sets it right */
	t->entry = *regs;
	t->nr = 0;
	t->stay = RR_STAY_SIGNAL;
	lane = t->lane;
	rr_record_part(t);
	if (t->lane == lane)
		rr_token_release(t, false);
	rr_record_end_stay(t, regs, 0);
}

/* ---- values that instructions give ---- */

static void rr_record_value(struct rr_task *t, struct pt_regs *regs, u8 flags, u32 aux,
			    u64 value)
{
	struct rrlog_tsc *e = rr_event_begin(t, RRLOG_TSC, flags, aux, sizeof(*e));

	if (e) {
		e->value = value;
		e->ip = regs->ip;
		rr_event_end(t);
	}
	rr_record_synced(t);
	if (rr_out_full(t->s->out) || rr_token_yield_due(t))
		rr_task_queue_leave(t);
}

/**
 * rr_record_tsc() - RDTSC and RDTSCP trap in the group
 * @t: current's
 * @regs: its registers
 * @rdtscp: RDTSCP
 * @len: of the instruction
 *
 * Return: true: no signal.
 */
bool rr_record_tsc(struct rr_task *t, struct pt_regs *regs, bool rdtscp, int len)
{
	u32 aux = rdtscp ? raw_smp_processor_id() : 0;
	u64 value = rdtsc_ordered();

	rr_record_value(t, regs, rdtscp ? RRLOG_TSC_RDTSCP : 0, aux, value);
	regs->ax = (u32)value;
	regs->dx = value >> 32;
	if (rdtscp)
		regs->cx = aux;
	regs->ip += len;
	return true;
}

/**
 * rr_record_random() - RDRAND and RDSEED trap in the group
 * @t: current's
 * @regs: its registers
 * @insn: which it is
 *
 * Return: true: no signal.
 */
bool rr_record_random(struct rr_task *t, struct pt_regs *regs, const struct rr_random *insn)
{
	u64 value = rr_random_value(insn);

	rr_record_value(t, regs, RRLOG_TSC_RANDOM, 0, value);
	rr_random_set(regs, insn, value);
	return true;
}

/* ---- tasks ---- */

static u64 rr_record_clone_flags(struct task_struct *child)
{
	u64 flags = 0;

	if (child->mm == current->mm)
		flags |= CLONE_VM;
	if (child->files == current->files)
		flags |= CLONE_FILES;
	if (child->fs == current->fs)
		flags |= CLONE_FS;
	if (child->sighand == current->sighand)
		flags |= CLONE_SIGHAND;
	if (same_thread_group(child, current))
		flags |= CLONE_THREAD;
	if (child->vfork_done)
		flags |= CLONE_VFORK;
	return flags;
}

/* The child's space: its parent's, or one that owns what the parent's owns. */
static int rr_record_child_space(struct rr_task *t, struct rr_task *c,
				 struct task_struct *child)
{
	struct rr_space *space = t->space;
	int ret = 0;

	if (child->mm == current->mm) {
		space->threaded = true;
		rr_space_get(space);
		atomic_inc(&space->users);
	} else {
		space = rr_space_new(child->mm, c->id, t->s->nr_lanes);
		if (IS_ERR(space))
			return PTR_ERR(space);
		atomic_set(&space->users, 1);
		ret = rr_space_copy(space, t->space, t->lane->nr);
	}
	c->space = space;
	return ret;
}

/**
 * rr_task_adopt() - the current task has made a task: it is of the group
 * @t: current's
 * @child: new, not yet woken
 * @lane: its lane
 * @id: its number, 0 in a recording
 *
 * The kernel writes the child's memory before the child is in user mode
 * (schedule_tail()): it begins on a capture table.
 *
 * Return: the child's tag (not referenced), or NULL if memory is short.
 */
struct rr_task *rr_task_adopt(struct rr_task *t, struct task_struct *child,
			      struct rr_lane *lane, u32 id)
{
	struct rr_task *c = rr_task_new(t->s, child, lane, id);

	if (!c)
		return NULL;
	c->phase = RR_PHASE_ACTIVE;
	c->stay = RR_STAY_START;
	c->result_done = true;
	c->tsc_faults = t->tsc_faults;
	cpumask_copy(&c->cpus, &t->cpus);
	c->bound = t->bound;
	if (rr_record_child_space(t, c, child) ||
	    rr_view_init(c->space, &c->capture.view, RR_VIEW_CAPTURE))
		goto err;
	c->capture.space = c->space;
	c->capture.on = true;
	c->cr3.table = &c->capture.view.table;
	if (rr_task_tag_child(c))
		goto err;
	return c;

err:
	rr_task_abandon(c);
	return NULL;
}

/* The session ends: the child stays outside, with nothing of ours inherited. */
static void rr_record_clone_free(struct rr_task *t, struct task_struct *child)
{
	if (!t->s->start)
		return;
	clear_tsk_thread_flag(child, TIF_NOTSC);
	rr_task_unbind(child, &t->cpus);
}

/**
 * rr_record_clone() - a task of the group has made another
 * @t: current's, in its system call, with the token
 * @child: not yet woken
 */
void rr_record_clone(struct rr_task *t, struct task_struct *child)
{
	struct rrlog_clone *clone;
	struct rr_task *c;

	if (t->phase != RR_PHASE_ACTIVE || !rr_record_is_clone(t->nr))
		return;
	if (rr_session_ended(t->s)) {
		rr_record_clone_free(t, child);
		return;
	}
	/* A parent that waits for its vfork() child needs no lane of its own. */
	c = rr_task_adopt(t, child, child->vfork_done ? t->lane : rr_lane_pick(t->s), 0);
	if (!c) {
		rr_session_end(t->s, RRCREW_RESULT_BROKEN, "no memory for a new task");
		rr_record_clone_free(t, child);
		return;
	}
	clone = rr_event_begin(t, RRLOG_CLONE, 0, c->id, sizeof(*clone));
	if (clone) {
		clone->flags = rr_record_clone_flags(child);
		clone->lane = c->lane->nr;
		rr_handover_op_done(t, rr_event_end(t));
	}
	rr_handover_op_end(t);
	/*
	 * A thread may run before this stay ends, and see what it wrote; a
	 * forked child has been given the memory as it was before.
	 */
	if (t->capture.on && (rr_capture_commit(t, true) || rr_capture_begin(t)))
		rr_session_end(t->s, RRCREW_RESULT_BROKEN, "no memory for a capture table");
	/* vfork: the child needs the token while the parent waits for it. */
	t->releasable = true;
}

/* Killed inside a call that writes memory in place, of which nothing is logged? */
static bool rr_record_writes_unlogged(struct rr_task *t)
{
	const struct rr_syscall *row = rr_syscall_row(t->nr);

	return t->stay == RR_STAY_SYSCALL && !t->result_done &&
	       (!t->capture.on || t->capture.midway) &&
	       !(row->flags & RR_SC_NOMEM) && !rr_record_compares(t, row);
}

static void rr_record_exit_event(struct rr_task *t, struct task_struct *tsk, bool killed)
{
	bool group = tsk->signal->flags & SIGNAL_GROUP_EXIT;
	u64 hash = 0, pages = 0;
	struct rrlog_exit *e;
	u8 flags = 0;

	if (killed)
		flags |= RRLOG_EXIT_KILLED;
	if (group)
		flags |= RRLOG_EXIT_GROUP;
	/* Of several lanes, others may compute until they are killed. */
	if (!killed && !READ_ONCE(t->space->undigested) &&
	    ((group && !rr_task_parallel(t)) || atomic_read(&t->space->users) == 1)) {
		rr_digest_space(t->space, t->lane->nr, &hash, &pages);
		/* A fatal signal keeps the kernel from mapping what is to be read. */
		if (!fatal_signal_pending(tsk))
			flags |= RRLOG_EXIT_HASHED;
	}
	/* Nor is it known how far one that was killed has computed. */
	if (killed || (group && !rr_task_parallel(t)))
		WRITE_ONCE(t->space->undigested, true);
	e = rr_event_begin(t, RRLOG_EXIT, flags,
			   group ? tsk->signal->group_exit_code : tsk->exit_code, sizeof(*e));
	if (!e)
		return;
	e->mem_hash = hash;
	e->pages = pages;
	rr_event_end(t);
}

/* In an execve() that had the new memory already, or with nothing left to log. */
static void rr_record_exit_untold(struct rr_task *t, struct task_struct *tsk,
				  struct mm_struct *mm)
{
	rr_cr3_switch(&t->cr3, NULL);
	rr_sym.exit_mm_release(tsk, mm);
	if (t->phase == RR_PHASE_ACTIVE && t->space) {
		rr_record_take(t, false);
		if (!rr_session_ended(t->s))
			rr_record_exit_event(t, tsk, true);
	}
	rr_task_untag(t);
}

/**
 * rr_record_exit() - a task of the group ends
 * @t: current's
 * @tsk: current
 * @mm: its mm
 *
 * Around exit_mm_release(), in which the kernel writes to user memory for the
 * last time: clear_child_tid, robust futexes.
 */
void rr_record_exit(struct rr_task *t, struct task_struct *tsk, struct mm_struct *mm)
{
	bool killed = t->stay == RR_STAY_USER;
	int __user *tid;

	t->works_early = false;
	t->releasable = false;
	rr_record_reads_end(t);
	if (t->phase != RR_PHASE_ACTIVE || rr_session_ended(t->s) || !t->space ||
	    t->space->mm != mm) {
		rr_record_exit_untold(t, tsk, mm);
		return;
	}
	if (rr_record_writes_unlogged(t))
		WRITE_ONCE(t->space->undigested, true);
	/* Killed before that is logged: as if it had been before the call. */
	if (t->capture.bounced)
		rr_capture_drop(t);
	rr_record_take(t, false);
	/* The task may move to lane 0, where others may wait for the change to end. */
	rr_handover_op_end(t);
	if (t->stay == RR_STAY_START)
		rr_record_result(t, current_pt_regs());
	/* Others have what it wrote since its last event: it gets that far in replay, too. */
	if (killed && rr_task_parallel(t) && rr_handover_is_late(t))
		rr_record_async(t, current_pt_regs(), RRLOG_ASYNC_STOLEN);
	t->stay = RR_STAY_EXIT;
	if (!rr_capture_begin(t)) {
		tid = tsk->clear_child_tid;
		rr_sym.exit_mm_release(tsk, mm);
		rr_capture_commit(t, true);
		/* Of another lane, somebody may wait since, for what only now is there. */
		if (tid && rr_task_parallel(t))
			rr_syscall_make(t, __NR_futex, (unsigned long)tid, FUTEX_WAKE, 1, 0, 0);
	} else {
		rr_sym.exit_mm_release(tsk, mm);
	}
	rr_record_exit_event(t, tsk, killed);
	rr_task_untag(t);
}
