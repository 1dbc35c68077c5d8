// SPDX-License-Identifier: GPL-2.0-only
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/xxhash.h>
#include <linux/ptrace.h>
#include <asm/unistd.h>
#include <linux/sched/task_stack.h>

#include "ranges.h"

#define RR_IOV_MAX	1024
#define RR_STRING_MAX	4096

static int rr_range_iovec(struct rr_task *t, const struct rr_range *r, u64 limit,
			  rr_range_fn fn, void *arg)
{
	const struct iovec __user *iov = (void __user *)t->args[r->arg];
	u64 n = min_t(u64, t->args[r->len_arg], RR_IOV_MAX);
	struct iovec v;
	int ret = 0;
	u64 i;

	for (i = 0; i < n && limit && !ret; i++) {
		if (copy_from_user(&v, iov + i, sizeof(v)))
			break;
		v.iov_len = min_t(u64, v.iov_len, limit);
		limit -= v.iov_len;
		if (v.iov_len)
			ret = fn(t, (unsigned long)v.iov_base, v.iov_len, arg);
	}
	return ret;
}

static u64 rr_range_string(unsigned long addr)
{
	long len = strnlen_user((const char __user *)addr, RR_STRING_MAX);

	return len > 0 ? min_t(long, len, RR_STRING_MAX) : 0;
}

static u64 rr_range_bytes(struct rr_task *t, const struct rr_syscall *row,
			  const struct rr_range *r, long ret)
{
	u32 n = 0;

	switch (r->kind) {
	case RR_SIZE_U32AT:
		if (!t->args[r->len_arg] ||
		    get_user(n, (u32 __user *)t->args[r->len_arg]))
			return 0;
		return n;
	case RR_SIZE_STRING:
		return rr_range_string(t->args[r->arg]);
	default:
		return rr_range_len(row, r, t->args, ret);
	}
}

/* A failed call has written what its row says only in these cases. */
static bool rr_range_written(const struct rr_range *r, long ret)
{
	return ret >= 0 || r->dir == RR_OUT_ALWAYS || ret == -EFAULT;
}

/**
 * rr_ranges() - walk the user memory that a call reads or writes
 * @t: current's; its args are those of the call
 * @row: the call's descriptor
 * @out: walk what the kernel wrote, else what it reads
 * @ret: the call's result, with @out
 * @fn: called for each piece, lengths as the program gave them
 * @arg: for @fn
 *
 * Context: may fault. Return: what @fn returned last.
 */
int rr_ranges(struct rr_task *t, const struct rr_syscall *row, bool out, long ret,
	      rr_range_fn fn, void *arg)
{
	const struct rr_range *r;
	int err = 0;
	u64 len;

	for (r = row->range; r < row->range + RR_MAX_RANGES && r->kind && !err; r++) {
		if (out != (r->dir != RR_IN) || !t->args[r->arg])
			continue;
		if (out && !rr_range_written(r, ret))
			continue;
		if (r->kind == RR_SIZE_IOVEC) {
			err = rr_range_iovec(t, r, out && ret >= 0 ? ret : S64_MAX, fn, arg);
			continue;
		}
		len = rr_range_bytes(t, row, r, ret);
		if (len)
			err = fn(t, t->args[r->arg], len, arg);
	}
	return err;
}

struct rr_hasher {
	struct xxh64_state	state;
	u8			buf[512];
};

/**
 * rr_ranges_again() - must the reading of a call's arguments begin again?
 * @t: current's, in RR_STAY_ENTRY
 *
 * Several lanes: a page was not to be had, or others were lost to get it. Then nothing
 * more may be touched: see rr_record_hash(), rr_replay_hash(). The failed copy itself
 * touches the page once more, and may get it.
 */
bool rr_ranges_again(const struct rr_task *t)
{
	return t->stolen || t->settled || t->backs_off || t->move_to || t->at_touch;
}

static int rr_range_hash(struct rr_task *t, unsigned long addr, size_t len, void *arg)
{
	struct rr_hasher *h = arg;
	size_t n;

	while (len) {
		if (rr_ranges_again(t))
			return 1;
		n = min3(len, sizeof(h->buf), PAGE_SIZE - offset_in_page(addr));
		/* A bad pointer ends the piece at the same byte in replay. */
		if (copy_from_user(h->buf, (void __user *)addr, n))
			return 0;
		xxh64_update(&h->state, h->buf, n);
		addr += n;
		len -= n;
	}
	return 0;
}

/*
 * A replay makes rt_sigreturn() itself, for the FPU's sake: the frame that the
 * kernel built, two pages at the most, must be paged in.
 */
static void rr_touch_frame(struct rr_task *t)
{
	unsigned long sp = current_pt_regs()->sp;
	u8 byte[2];

	/* A page that cannot be read makes the call fail, here as there. */
	if (!copy_from_user(byte, (void __user *)sp, 1) && !rr_ranges_again(t) &&
	    copy_from_user(byte + 1, (void __user *)((sp | ~PAGE_MASK) + 1), 1))
		return;
}

/**
 * rr_ranges_hash() - digest of the bytes that a call takes from user memory
 * @t: current's, in RR_STAY_ENTRY: pages touched here are paged in
 * @row: the call's descriptor
 * @hash: the digest
 *
 * Return: false if the descriptor names no such bytes.
 */
bool rr_ranges_hash(struct rr_task *t, const struct rr_syscall *row, u64 *hash)
{
	const struct rr_range *r;
	struct rr_hasher h;
	bool any = false;

	if (t->nr == __NR_rt_sigreturn)
		rr_touch_frame(t);
	for (r = row->range; r < row->range + RR_MAX_RANGES && r->kind; r++)
		any |= r->dir == RR_IN;
	if (!any)
		return false;
	xxh64_reset(&h.state, 0);
	rr_ranges(t, row, false, 0, rr_range_hash, &h);
	*hash = xxh64_digest(&h.state);
	return true;
}
