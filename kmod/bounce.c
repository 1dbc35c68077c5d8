// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bvec.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pkeys.h>
#include <linux/sched/xacct.h>
#include <linux/slab.h>
#include <linux/time_namespace.h>
#include <linux/timekeeping.h>
#include <linux/uio.h>
#include <asm/unistd.h>

#include "bounce.h"
#include "handover.h"
#include "task.h"

/* More at once is left to the generic capture. */
#define RR_BOUNCE_MAX	(1ul << 20)

/*
 * Can the call write all of this? If not, how far it gets is the kernel's business. Nor
 * are mapped files: what they show changes with their length.
 */
static bool rr_bounce_has_memory(unsigned long addr, unsigned long end)
{
	VMA_ITERATOR(vmi, current->mm, addr);
	struct vm_area_struct *vma;

	if (end <= addr || end > TASK_SIZE_MAX)
		return false;
	mmap_read_lock(current->mm);
	for_each_vma_range(vmi, vma, end) {
		if (vma->vm_start > addr || !(vma->vm_flags & VM_WRITE) || vma->vm_file ||
		    vma->vm_flags & (VM_IO | VM_PFNMAP) || vma_pkey(vma))
			break;
		addr = vma->vm_end;
	}
	mmap_read_unlock(current->mm);
	return addr >= end;
}

/* A regular file: its read() waits for no other task of the group. */
static bool rr_bounce_has_file(struct rr_task *t, struct file *file)
{
	if (!S_ISREG(file_inode(file)->i_mode) || file->f_op->read || !file->f_op->read_iter ||
	    !(file->f_mode & FMODE_READ) || !(file->f_mode & FMODE_CAN_READ) ||
	    file->f_mode & FMODE_STREAM)
		return false;
	return t->nr == __NR_read || (file->f_mode & FMODE_PREAD && (loff_t)t->args[3] >= 0);
}

/* The copies, without contents yet, in the order of @vec. Returns false if there are none. */
static bool rr_bounce_copies(struct rr_task *t, struct bio_vec *vec, unsigned long nr)
{
	unsigned long first = t->args[1] >> PAGE_SHIFT, end = t->args[1] + t->args[2], i, at;
	struct rr_copy *copy;

	for (i = 0; i < nr; i++) {
		copy = rr_capture_blank(t, first + i);
		if (!copy)
			return false;
		at = i ? (first + i) << PAGE_SHIFT : t->args[1];
		vec[i] = (struct bio_vec){
			.bv_page = copy->now,
			.bv_offset = offset_in_page(at),
			.bv_len = min(end, ((first + i + 1) << PAGE_SHIFT)) - at,
		};
	}
	return true;
}

/* The kernel's read() and pread64(), of which the first uses and moves the position. */
static ssize_t rr_bounce_call(struct rr_task *t, struct file *file, struct iov_iter *to)
{
	struct mutex *lock = file->f_mode & FMODE_ATOMIC_POS ? &file->f_pos_lock : NULL;
	loff_t pos = t->args[3];
	ssize_t ret;

	if (t->nr == __NR_pread64) {
		ret = vfs_iter_read(file, to, &pos, 0);
	} else {
		if (lock)
			mutex_lock(lock);
		pos = file->f_pos;
		ret = vfs_iter_read(file, to, &pos, 0);
		if (ret >= 0)
			file->f_pos = pos;
		if (lock)
			mutex_unlock(lock);
	}
	if (ret > 0)
		add_rchar(current, ret);
	inc_syscr(current);
	return ret;
}

/* So much of each copy is what the call has written. */
static void rr_bounce_written(struct rr_task *t, const struct bio_vec *vec, unsigned long nr,
			      size_t len)
{
	unsigned long first = t->args[1] >> PAGE_SHIFT, i;
	size_t n;

	for (i = 0; i < nr; i++) {
		n = min_t(size_t, len, vec[i].bv_len);
		rr_capture_wrote(t, first + i, vec[i].bv_offset, n);
		len -= n;
	}
}

/**
 * rr_bounce_read() - make the call at hand here if it reads a file
 * @t: current's, in a system call, with the capture on and nothing captured yet
 * @ax: the call's result
 *
 * Context: as the call: sleeps.
 * Return: false: it is for the kernel to make.
 */
bool rr_bounce_read(struct rr_task *t, unsigned long *ax)
{
	unsigned long addr = t->args[1], len = t->args[2], nr;
	struct bio_vec *vec = NULL;
	bool made = false;
	struct iov_iter to;
	struct fd f;

	if ((t->nr != __NR_read && t->nr != __NR_pread64) || !t->capture.on || !len ||
	    len > RR_BOUNCE_MAX || !rr_bounce_has_memory(addr, addr + len))
		return false;
	f = fdget(t->args[0]);
	if (!f.file)
		return false;
	nr = DIV_ROUND_UP(offset_in_page(addr) + len, PAGE_SIZE);
	if (rr_bounce_has_file(t, f.file))
		vec = kvmalloc_array(nr, sizeof(*vec), GFP_KERNEL);
	if (vec && rr_bounce_copies(t, vec, nr)) {
		iov_iter_bvec(&to, ITER_DEST, vec, nr, len);
		*ax = rr_bounce_call(t, f.file, &to);
		rr_bounce_written(t, vec, nr, (long)*ax > 0 ? *ax : 0);
		made = true;
	} else if (vec) {
		rr_bounce_written(t, vec, nr, 0);
	}
	kvfree(vec);
	fdput(f);
	return made;
}

/* Returns false: the clock is not for us to read. */
static bool rr_bounce_now(clockid_t id, struct timespec64 *now)
{
	switch (id) {
	case CLOCK_REALTIME:
		ktime_get_real_ts64(now);
		break;
	case CLOCK_REALTIME_COARSE:
		ktime_get_coarse_real_ts64(now);
		break;
	case CLOCK_MONOTONIC:
		ktime_get_ts64(now);
		timens_add_monotonic(now);
		break;
	case CLOCK_MONOTONIC_RAW:
		ktime_get_raw_ts64(now);
		timens_add_monotonic(now);
		break;
	case CLOCK_MONOTONIC_COARSE:
		ktime_get_coarse_ts64(now);
		timens_add_monotonic(now);
		break;
	case CLOCK_BOOTTIME:
		ktime_get_boottime_ts64(now);
		timens_add_boottime(now);
		break;
	default:
		return false;
	}
	return true;
}

/* What the call would write, two words; false: that is not for us to say. */
static bool rr_bounce_time(struct rr_task *t, long *words)
{
	bool is_timeval = t->nr == __NR_gettimeofday;
	struct timespec64 now;

	if (is_timeval && t->args[1])
		return false;
	if (!rr_bounce_now(is_timeval ? CLOCK_REALTIME : t->args[0], &now))
		return false;
	words[0] = now.tv_sec;
	words[1] = is_timeval ? now.tv_nsec / NSEC_PER_USEC : now.tv_nsec;
	return true;
}

/* Write these bytes, which are within a page, and log them. False: no memory. */
static bool rr_bounce_page(struct rr_task *t, unsigned long addr, const void *data, size_t len)
{
	struct rr_copy copy = { .start = offset_in_page(addr), .now = alloc_page(GFP_KERNEL) };

	if (!copy.now)
		return false;
	copy.end = copy.start + len;
	memcpy(page_address(copy.now) + copy.start, data, len);
	rr_handover_commit(t, addr & PAGE_MASK, &copy, 1, true);
	__free_page(copy.now);
	return true;
}

/**
 * rr_bounce_clock() - make the call at hand here if it reads a clock
 * @t: current's, in a system call, with the lane's token and without a capture
 *
 * Programs of several threads read clocks all the time, and with a capture each reading
 * would cost a fault, and two copies of a page for 16 bytes.
 *
 * Context: sleeps. Return: true: it has been made and what it wrote is logged, its
 * result is 0; false: it is for the kernel to make.
 */
bool rr_bounce_clock(struct rr_task *t)
{
	unsigned long addr = t->nr == __NR_gettimeofday ? t->args[0] : t->args[1];
	long words[2];

	if (t->nr != __NR_gettimeofday && t->nr != __NR_clock_gettime)
		return false;
	return offset_in_page(addr) + sizeof(words) <= PAGE_SIZE &&
	       rr_bounce_has_memory(addr, addr + sizeof(words)) &&
	       rr_bounce_time(t, words) && rr_bounce_page(t, addr, words, sizeof(words));
}

/* As the kernel's copy_to_user() would find out, but before anything is written. */
static bool rr_bounce_can_write(unsigned long addr, size_t len)
{
	unsigned long page = addr & PAGE_MASK;
	bool can = access_ok((void __user *)addr, len);
	struct vm_area_struct *vma;

	mmap_read_lock(current->mm);
	for (; can && page < addr + len; page += PAGE_SIZE) {
		vma = vma_lookup(current->mm, page);
		can = vma && !(vma->vm_flags & (VM_IO | VM_PFNMAP)) &&
		      !fixup_user_fault(current->mm, page, FAULT_FLAG_WRITE, NULL);
	}
	mmap_read_unlock(current->mm);
	return can;
}

/**
 * rr_bounce_put() - write what a call that is answered here tells
 * @t: current's, in such a call, with the lane's token, in a process of several threads
 * @addr: where
 * @data: what
 * @len: bytes
 *
 * The kernel's copy_to_user() would fail where a page is only not to be had now.
 *
 * Context: sleeps. Return: true: it is written and logged; false: the task cannot write
 * there.
 */
bool rr_bounce_put(struct rr_task *t, unsigned long addr, const void *data, size_t len)
{
	enum rr_stay stay = t->stay;
	bool done = t->result_done, good;
	size_t n;

	good = rr_bounce_can_write(addr, len);
	/* The kernel writes, if not by the call's descriptor. */
	t->stay = RR_STAY_SYSCALL;
	t->result_done = true;
	for (; good && len; addr += n, data += n, len -= n) {
		n = min_t(size_t, len, PAGE_SIZE - offset_in_page(addr));
		good = rr_bounce_page(t, addr, data, n);
	}
	t->result_done = done;
	t->stay = stay;
	return good;
}
