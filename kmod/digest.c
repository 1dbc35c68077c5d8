// SPDX-License-Identifier: GPL-2.0-only
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/slab.h>
#include <linux/xxhash.h>
#include <linux/sched/task_stack.h>
#include <asm/fpu/api.h>

#include "digest.h"

/*
 * What FNSTENV stores, and with it getcontext() and fenv.h: seven words, of which the
 * last four are where the last x87 instruction was and its operand. AMD's processors
 * and TCG do not keep those for each task, so that a program stores what others have
 * left, and no replay can have it.
 */
#define RR_ENV_WORDS	7
#define RR_ENV_OFFSET	(3 * sizeof(u32))
#define RR_ENV_BYTES	(4 * sizeof(u32))

/* So near to the stack pointer, bytes, memory is taken for a stack. */
#define RR_STACK_NEAR	(256ul << 10)

/* Of the control word, what is the same whatever a program may set (feenableexcept()). */
#define RR_ENV_FIXED	0xe0c0
#define RR_ENV_CONTROL	0x40
#define RR_ENV_EMPTY	0xffff	/* tag word: no register is in use */

/* Silicon sets the upper halves of the first three; TCG clears them. */
static bool rr_is_env(const u32 *word)
{
	u32 high = word[0] >> 16;

	if (word[1] >> 16 != high || word[2] >> 16 != high)
		return false;
	if ((word[0] & RR_ENV_FIXED) != RR_ENV_CONTROL)
		return false;
	return high == 0xffff || (!high && word[2] == RR_ENV_EMPTY);
}

/*
 * Of such an environment single words may be left, where the rest has been written over.
 * Processors that keep no pointers get others as the kernel loads the state, or they would
 * tell of other tasks: those of an FILD of the task's struct fpstate. 0: not this one.
 *
 * What other tasks have stored, when they are hashed by this one, is not known.
 */
static u32 rr_fild_ip;

/**
 * rr_digest_init() - find out which pointers the kernel leaves in the x87 unit
 *
 * Context: not a kernel thread.
 */
void rr_digest_init(void)
{
	u32 env[RR_ENV_WORDS];

	if (!boot_cpu_has_bug(X86_BUG_FXSAVE_LEAK) || current->flags & PF_KTHREAD)
		return;
	fpregs_lock();
	/* Save the registers, and load them. */
	kernel_fpu_begin();
	kernel_fpu_end();
	switch_fpu_return();
	asm volatile("fnstenv %0\n\tfldenv %0" : "=m" (env));
	fpregs_unlock();
	rr_fild_ip = env[RR_ENV_OFFSET / sizeof(u32)];
}

/*
 * The kernel's CS is between the two. Chance alone would find one of them too often, but
 * for stacks, where frames leave such words and others have written over the rest.
 */
static bool rr_is_kernel_cs(const u32 *word, size_t i, size_t len)
{
	return i < len / sizeof(u32) && (u16)word[i] == __KERNEL_CS;
}

/* Bytes that do not count. */
struct rr_hole {
	size_t	start;
	size_t	end;
};

/* The first hole at or after @at, where no environment begins before. */
static bool rr_hole_next(const void *data, size_t at, size_t len, bool stack,
			 struct rr_hole *hole)
{
	const u32 fpstate = (unsigned long)current->thread.fpu.fpstate, ip = rr_fild_ip;
	const u32 *word = data;
	size_t i;

	for (i = at / sizeof(u32); i < len / sizeof(u32); i++) {
		if (((word[i] & (0xffff0000 | RR_ENV_FIXED)) == RR_ENV_CONTROL ||
		     word[i] >= 0xffff0000) &&
		    i + RR_ENV_WORDS <= len / sizeof(u32) && rr_is_env(word + i)) {
			hole->start = i * sizeof(u32) + RR_ENV_OFFSET;
			hole->end = hole->start + RR_ENV_BYTES;
			return true;
		}
		if (ip && ((word[i] == ip && (stack || rr_is_kernel_cs(data, i + 1, len))) ||
			   (word[i] == fpstate &&
			    (stack || rr_is_kernel_cs(data, i - 1, len))))) {
			hole->start = i * sizeof(u32);
			hole->end = hole->start + sizeof(u32);
			return true;
		}
	}
	return false;
}

/**
 * rr_digest() - XXH64 of memory, with zeroes where FNSTENV may have stored pointers
 * @data: memory
 * @len: bytes
 * @seed: of the hash
 * @stack: of a stack
 */
u64 rr_digest(const void *data, size_t len, u64 seed, bool stack)
{
	static const u8 zero[RR_ENV_BYTES];
	struct xxh64_state state;
	struct rr_hole hole;
	size_t done = 0;

	if (!rr_hole_next(data, 0, len, stack, &hole))
		return xxh64(data, len, seed);
	xxh64_reset(&state, seed);
	do {
		xxh64_update(&state, data + done, hole.start - done);
		xxh64_update(&state, zero, hole.end - hole.start);
		done = hole.end;
	} while (rr_hole_next(data, done, len, stack, &hole));
	xxh64_update(&state, data + done, len - done);
	return xxh64_digest(&state);
}

/**
 * rr_digest_counts() - is a word the same in record and replay?
 * @data: memory
 * @len: bytes
 * @at: offset of the word, 8 bytes
 *
 * Return: false if FNSTENV may have stored a pointer there.
 */
bool rr_digest_counts(const void *data, size_t len, size_t at)
{
	/* The first that reaches into the word, and the end of the last that does. */
	size_t first = RR_ENV_OFFSET + RR_ENV_BYTES - sizeof(u32);
	size_t end = min(len, at + RR_ENV_BYTES + sizeof(u32));
	struct rr_hole hole = { .end = at > first ? at - first : 0 };

	while (rr_hole_next(data, hole.end, end, true, &hole))
		if (hole.start < at + sizeof(u64) && hole.end > at)
			return false;
	return true;
}

/* Is this a stack, as far as one can tell, or near the top of the task's? */
static bool rr_digest_is_stack(unsigned long addr)
{
	unsigned long sp = current_pt_regs()->sp & PAGE_MASK;
	struct vm_area_struct *vma = vma_lookup(current->mm, addr);

	return (vma && vma->vm_flags & VM_GROWSDOWN) ||
	       (addr < sp + RR_STACK_NEAR && addr + RR_STACK_NEAR > sp);
}

/*
 * What is there is hashed where it is. A task that is being killed gets no more from
 * get_user_pages().
 */
static bool rr_digest_mapped(unsigned long addr, u64 seed, u64 *hash)
{
	struct page *page = NULL;
	bool found, stack;
	void *data;
	pte_t pte;

	mmap_read_lock(current->mm);
	found = rr_official_get(current->mm, addr, &pte, &page) && page;
	stack = rr_digest_is_stack(addr);
	mmap_read_unlock(current->mm);
	if (!found)
		return false;
	data = kmap_local_page(page);
	*hash = rr_digest(data, PAGE_SIZE, seed, stack);
	kunmap_local(data);
	put_page(page);
	return true;
}

/**
 * rr_digest_page() - XXH64 of a page of the current task
 * @addr: page address
 * @seed: of the hash
 * @hash: the digest; an unreadable page counts as empty
 *
 * Context: may sleep; reads the process's own table, so nothing is paged in.
 * Return: 0 or -ENOMEM.
 */
int rr_digest_page(unsigned long addr, u64 seed, u64 *hash)
{
	size_t len = PAGE_SIZE;
	void *buf;

	if (rr_digest_mapped(addr, seed, hash))
		return 0;
	buf = (void *)__get_free_page(GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	if (access_process_vm(current, addr, buf, PAGE_SIZE, FOLL_FORCE) != PAGE_SIZE)
		len = 0;
	*hash = rr_digest(buf, len, seed, false);
	free_page((unsigned long)buf);
	return 0;
}

/**
 * rr_digest_space() - XXH64 chain over the pages that were paged in
 * @space: of the current task
 * @lane: number of its lane; of several, only what that may read counts
 * @hash: the digest
 * @pages: how many pages
 */
void rr_digest_space(struct rr_space *space, u32 lane, u64 *hash, u64 *pages)
{
	unsigned long addr = 0;

	*hash = 0;
	*pages = 0;
	while (rr_page_next(space, lane, &addr)) {
		if (rr_digest_page(addr, *hash ^ addr, hash))
			return;
		++*pages;
		addr += PAGE_SIZE;
		cond_resched();
	}
}

/**
 * rr_digest_differs() - compare pages of the current task with their digests
 * @page: addresses and digests
 * @n: how many
 *
 * Return: index of the first page that differs, @n if none does.
 */
u32 rr_digest_differs(const struct rrlog_page_hash *page, u32 n)
{
	u64 hash;
	u32 i;

	for (i = 0; i < n; i++)
		if (rr_digest_page(page[i].addr, 0, &hash) || hash != page[i].hash)
			break;
	return i;
}
