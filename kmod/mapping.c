// SPDX-License-Identifier: GPL-2.0-only
#include <linux/ctype.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hugetlb.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <asm/trap_pf.h>
#include <asm/unistd.h>

#include "compat/symbols.h"
#include "event.h"
#include "handover.h"
#include "mapping.h"
#include "order.h"
#include "vdso.h"

/* Room for any offset of a recorded file; nothing is allocated before use. */
#define RR_OBJECT_SIZE	(1ll << 46)
/* Mappings that fit in one event; more of them follow as MAP events. */
#define RR_EXEC_MAX	1024

/**
 * rr_syscall_make() - a system call on behalf of the current task
 * @t: current's
 * @nr: call
 * @a: first argument
 * @b: second
 * @c: third
 * @d: fourth
 * @e: fifth
 *
 * Return: its result.
 */
long rr_syscall_make(struct rr_task *t, u32 nr, u64 a, u64 b, u64 c, u64 d, u64 e)
{
	struct pt_regs regs = *current_pt_regs();

	regs.orig_ax = nr;
	regs.di = a;
	regs.si = b;
	regs.dx = c;
	regs.r10 = d;
	regs.r8 = e;
	return rr_sym.x64_sys_call(&regs, nr);
}

/**
 * rr_inode_hold() - keep an inode, whatever is unmounted
 * @inode: of an open file
 */
void rr_inode_hold(struct inode *inode)
{
	ihold(inode);
	atomic_inc(&inode->i_sb->s_active);
}

/**
 * rr_inode_drop() - the opposite of rr_inode_hold()
 * @inode: held
 *
 * Context: may sleep.
 */
void rr_inode_drop(struct inode *inode)
{
	struct super_block *sb = inode->i_sb;

	iput(inode);
	deactivate_super(sb);
}

static bool rr_range_ok(u64 start, u64 len)
{
	return PAGE_ALIGNED(start) && PAGE_ALIGNED(len) && len <= TASK_SIZE_MAX &&
	       start <= TASK_SIZE_MAX - len;
}

/* The number of the memory behind a shared mapping: its inode, referenced. */
static u64 rr_object_id(struct rr_session *s, struct inode *inode)
{
	struct inode *known;
	unsigned long id;

	mutex_lock(&s->objects_lock);
	xa_for_each(&s->objects, id, known)
		if (known == inode)
			goto out;
	id = ++s->nr_objects;
	rr_inode_hold(inode);
	if (xa_err(xa_store(&s->objects, id, inode, GFP_KERNEL)))
		rr_inode_drop(inode);
out:
	mutex_unlock(&s->objects_lock);
	return id;
}

/* Unlinked, and in nobody's hands but ours? It cannot come back. */
static struct inode *rr_object_dead(struct rr_session *s)
{
	struct inode *inode;
	unsigned long id;

	mutex_lock(&s->objects_lock);
	xa_for_each(&s->objects, id, inode) {
		if (READ_ONCE(inode->i_nlink) || atomic_read(&inode->i_count) > 1)
			continue;
		xa_erase(&s->objects, id);
		break;
	}
	mutex_unlock(&s->objects_lock);
	return inode;
}

/*
 * Shared memory that nobody can reach any more would take room until the session ends:
 * servers make a segment for each of their queries.
 */
static void rr_objects_sweep(struct rr_session *s)
{
	struct inode *inode;

	while (!xa_empty(&s->objects) && (inode = rr_object_dead(s)))
		rr_inode_drop(inode);
}

/**
 * rr_mapping_forget() - drop what the session remembers of shared memory
 * @s: session
 */
void rr_mapping_forget(struct rr_session *s)
{
	unsigned long id;
	void *object;

	xa_for_each(&s->objects, id, object) {
		if (rr_session_records(s))
			rr_inode_drop(object);
		else
			fput(object);
	}
	xa_destroy(&s->objects);
}

static u32 rr_vma_prot(const struct vm_area_struct *vma)
{
	return (vma->vm_flags & VM_READ ? PROT_READ : 0) |
	       (vma->vm_flags & VM_WRITE ? PROT_WRITE : 0) |
	       (vma->vm_flags & VM_EXEC ? PROT_EXEC : 0);
}

static void rr_vma_describe(struct rr_task *t, struct vm_area_struct *vma,
			    struct rrlog_vma *to)
{
	memset(to, 0, sizeof(*to));
	to->start = vma->vm_start;
	to->end = vma->vm_end;
	to->prot = rr_vma_prot(vma);
	if (vma->vm_flags & VM_GROWSDOWN)
		to->flags |= RRLOG_VMA_GROWSDOWN;
	if ((vma->vm_flags & VM_MAYSHARE) && vma->vm_file) {
		to->flags |= RRLOG_VMA_SHARED;
		to->object = rr_object_id(t->s, file_inode(vma->vm_file));
		t->space->shared = true;
		to->offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	}
}

/* Returns the event's number. */
static u64 rr_map_event(struct rr_task *t, u32 op, const struct rrlog_vma *vma,
			u64 old_addr, u64 old_len)
{
	struct rrlog_map *map = rr_event_begin(t, RRLOG_MAP, 0, op,
					       sizeof(*map));
	u64 nr;

	if (!map)
		return 0;
	map->vma = *vma;
	map->old_addr = old_addr;
	map->old_len = old_len;
	nr = rr_event_end(t);
	rr_handover_op_done(t, nr);
	return nr;
}

/* What rr_map_note() says; NULL: nothing, or no memory. To be freed. */
static char *rr_map_text(unsigned long start)
{
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL), *text = NULL, *name = NULL, *p;
	struct vm_area_struct *vma;
	struct file *file = NULL;
	unsigned long end = 0;
	u64 offset = 0;

	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, start);
	if (vma && vma->vm_file) {
		file = get_file(vma->vm_file);
		end = vma->vm_end;
		offset = ((u64)vma->vm_pgoff << PAGE_SHIFT) + start - vma->vm_start;
	}
	mmap_read_unlock(current->mm);
	if (buf && file)
		name = file_path(file, buf, PATH_MAX);
	if (!IS_ERR_OR_NULL(name)) {
		/* A note is plain text. */
		for (p = name; *p; p++)
			if (iscntrl(*p))
				*p = '?';
		text = kasprintf(GFP_KERNEL, "file %lx-%lx %llx %lld %s", start, end,
				 offset, i_size_read(file_inode(file)), name);
	}
	if (file)
		fput(file);
	kfree(buf);
	return text;
}

/*
 * Several lanes: whose pages they hand on is a question that people ask, and a log
 * has no files. So a note behind the event that says what is mapped at @start names
 * the file, if it is one.
 */
static void rr_map_note(struct rr_task *t, unsigned long start)
{
	struct rrlog_note *note;
	char *text;
	u32 len;

	if (!rr_task_parallel(t))
		return;
	text = rr_map_text(start);
	if (!text)
		return;
	len = strlen(text);
	note = rr_event_begin(t, RRLOG_NOTE, 0, len, sizeof(*note) + len);
	if (note) {
		note->e.task = 0;
		memcpy(note->text, text, len);
		rr_event_end(t);
	}
	kfree(text);
}

/* Event @nr is what makes these pages unowned. */
static void rr_map_forget(struct rr_task *t, unsigned long start, unsigned long len, u64 nr)
{
	if (rr_task_parallel(t))
		rr_handover_release(t, t->space, start, len, nr, false);
	else
		rr_page_disown(t->space, 0, start, len, RR_CREW_NONE);
}

static u64 rr_map_range(struct rr_task *t, u32 op, u64 start, u64 len, u32 prot)
{
	struct rrlog_vma vma = { .start = start, .end = start + len, .prot = prot };

	return len ? rr_map_event(t, op, &vma, 0, 0) : 0;
}

/* Log the mapping that is now at [start, start + len). */
static void rr_map_new(struct rr_task *t, unsigned long start, unsigned long len)
{
	struct vm_area_struct *vma;
	struct rrlog_vma v;
	u64 nr = 0;

	mmap_read_lock(current->mm);
	vma = find_vma(current->mm, start);
	if (vma && vma->vm_start <= start) {
		rr_vma_describe(t, vma, &v);
		v.offset += start - v.start;
		if (!(v.flags & RRLOG_VMA_SHARED))
			v.offset = 0;
		v.start = start;
		v.end = start + len;
	} else {
		vma = NULL;
	}
	mmap_read_unlock(current->mm);
	if (vma)
		nr = rr_map_event(t, RRLOG_MAP_MAP, &v, 0, 0);
	rr_map_forget(t, start, len, nr);
	rr_map_note(t, start);
}

static void rr_map_gone(struct rr_task *t, unsigned long start, unsigned long len)
{
	rr_map_forget(t, start, len, rr_map_range(t, RRLOG_MAP_UNMAP, start, len, 0));
}

static unsigned long rr_vma_len_at(unsigned long addr)
{
	struct vm_area_struct *vma;
	unsigned long len = 0;

	mmap_read_lock(current->mm);
	vma = find_vma(current->mm, addr);
	if (vma && vma->vm_start == addr)
		len = vma->vm_end - vma->vm_start;
	mmap_read_unlock(current->mm);
	return len;
}

/*
 * How far may shmdt() unmap from @addr on? It unmaps each mapping of the segment whose
 * offset is as far from @addr as it is itself: mlock() and mprotect() split them, and
 * others may lie in between.
 */
static unsigned long rr_shm_len_at(unsigned long addr)
{
	VMA_ITERATOR(vmi, current->mm, addr);
	struct vm_area_struct *vma;
	unsigned long len = 0;

	mmap_read_lock(current->mm);
	for_each_vma(vmi, vma) {
		if (vma->vm_start < addr || !vma->vm_file ||
		    vma->vm_pgoff != (vma->vm_start - addr) >> PAGE_SHIFT)
			continue;
		len = PAGE_ALIGN(i_size_read(file_inode(vma->vm_file)));
		break;
	}
	mmap_read_unlock(current->mm);
	return min(len, TASK_SIZE_MAX - addr);
}

/* Log what is no longer mapped of [addr, addr + len), which was not used for else. */
static void rr_map_gaps(struct rr_task *t, unsigned long addr, unsigned long len)
{
	unsigned long end = addr + len, next, stop;
	struct vm_area_struct *vma;

	for (; addr < end; addr = stop) {
		mmap_read_lock(current->mm);
		vma = find_vma(current->mm, addr);
		next = vma ? clamp(vma->vm_start, addr, end) : end;
		stop = vma ? clamp(vma->vm_end, addr, end) : end;
		mmap_read_unlock(current->mm);
		if (next > addr)
			rr_map_gone(t, addr, next - addr);
	}
}

/* Several lanes: where the call at hand may change what others use. */
static void rr_mapping_ranges(struct rr_task *t)
{
	unsigned long addr = t->args[0], len = t->args[1];

	switch (t->nr) {
	case __NR_mmap:
		if (t->args[3] & MAP_FIXED)
			rr_handover_op_range(t, addr, len);
		break;
	case __NR_mremap:
		rr_handover_op_range(t, addr, len);
		if (t->args[3] & MREMAP_FIXED)
			rr_handover_op_range(t, t->args[4], t->args[2]);
		break;
	case __NR_brk:
		if (addr < t->old_brk && addr >= current->mm->start_brk)
			rr_handover_op_range(t, PAGE_ALIGN(addr),
					     PAGE_ALIGN(t->old_brk) - PAGE_ALIGN(addr));
		break;
	case __NR_shmdt:
		rr_handover_op_range(t, addr, t->old_len);
		break;
	case __NR_shmat:
		/* How long it is, the kernel will know. */
		addr = t->args[1] & PAGE_MASK;
		if (t->args[2] & SHM_REMAP && addr < TASK_SIZE_MAX)
			rr_handover_op_range(t, addr, TASK_SIZE_MAX - addr);
		break;
	case __NR_munmap:
	case __NR_mprotect:
	case __NR_pkey_mprotect:
	case __NR_madvise:
	case __NR_remap_file_pages:
		rr_handover_op_range(t, addr, len);
		break;
	}
}

/**
 * rr_mapping_permits() - would an access that has failed succeed now?
 * @addr: where
 * @error: the fault's error code
 *
 * Context: may sleep.
 */
bool rr_mapping_permits(unsigned long addr, unsigned long error)
{
	struct vm_area_struct *vma;
	unsigned long need = VM_READ | VM_WRITE | VM_EXEC;	/* one of them */
	bool ok;

	if (error & X86_PF_WRITE)
		need = VM_WRITE;
	else if (error & X86_PF_INSTR)
		need = VM_EXEC;
	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, addr);
	ok = vma && vma->vm_flags & need;
	mmap_read_unlock(current->mm);
	return ok;
}

static void rr_mapping_amend(struct rr_task *t, struct pt_regs *regs, unsigned long start,
			     unsigned long len, unsigned long how)
{
	t->amended = true;
	t->args[0] = start;
	t->args[1] = len;
	t->args[2] = how;
	regs->di = start;
	regs->si = len;
	regs->dx = how;
}

/* Down to where the mapping begins, as the kernel would find out. */
static void rr_mapping_amend_protect(struct rr_task *t, struct pt_regs *regs)
{
	unsigned long start = t->args[0], len = t->args[1], how = t->args[2], from = 0;
	struct vm_area_struct *vma;

	if (!(how & PROT_GROWSDOWN) || how & PROT_GROWSUP || !PAGE_ALIGNED(start) ||
	    !rr_range_ok(start, PAGE_ALIGN(len)))
		return;
	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, start);
	if (vma && vma->vm_flags & VM_GROWSDOWN)
		from = vma->vm_start;
	mmap_read_unlock(current->mm);
	if (from)
		rr_mapping_amend(t, regs, from, start + len - from, how & ~PROT_GROWSDOWN);
}

/**
 * rr_mapping_before() - remember what a call is about to change
 * @t: current's, in a system call with RR_SC_MM
 * @regs: its registers. MADV_FREE becomes MADV_DONTNEED here, because when the
 *	kernel frees such pages depends on the host; and mprotect() of what grows down is
 *	of all of it.
 */
void rr_mapping_before(struct rr_task *t, struct pt_regs *regs)
{
	t->amended = false;
	if (t->nr == __NR_madvise && t->args[2] == MADV_FREE)
		rr_mapping_amend(t, regs, t->args[0], t->args[1], MADV_DONTNEED);
	if (t->nr == __NR_mprotect || t->nr == __NR_pkey_mprotect)
		rr_mapping_amend_protect(t, regs);
	rr_handover_op_begin(t);
	/* From here on no other lane changes them. */
	t->old_brk = current->mm->brk;
	t->old_len = t->nr == __NR_shmdt ? rr_shm_len_at(t->args[0]) : 0;
	if (t->holds_op)
		rr_mapping_ranges(t);
}

static void rr_record_brk(struct rr_task *t)
{
	unsigned long old = PAGE_ALIGN(t->old_brk), now = PAGE_ALIGN(current->mm->brk);

	if (now > old)
		rr_map_new(t, old, now - old);
	else if (now < old)
		rr_map_gone(t, now, old - now);
}

static void rr_record_mremap(struct rr_task *t, unsigned long ret)
{
	unsigned long old = t->args[0], old_len = PAGE_ALIGN(t->args[1]);
	unsigned long len = PAGE_ALIGN(t->args[2]);
	struct rrlog_vma vma = { .start = ret, .end = ret + len };
	u64 nr;

	if (!old_len) {		/* a second mapping of shared memory */
		rr_map_new(t, ret, len);
		return;
	}
	/* What grows on its way covers more than moves there. */
	if (t->args[3] & MREMAP_FIXED)
		rr_map_gone(t, ret, len);
	nr = rr_map_event(t, RRLOG_MAP_MOVE, &vma, old, old_len);
	if (ret != old && rr_task_parallel(t))
		rr_handover_moved(t, old, ret, min(len, old_len), nr);
	else if (rr_page_move(t->space, 0, old, ret, min(len, old_len)))
		rr_session_end(t->s, RRCREW_RESULT_BROKEN, "no memory for mremap");
	if (len < old_len)
		rr_map_forget(t, old + len, old_len - len, nr);
	if (t->args[3] & MREMAP_DONTUNMAP)
		rr_map_new(t, old, old_len);
}

/*
 * Where the call has failed it has changed what comes before: as far as mappings have what
 * it was to give them.
 */
static unsigned long rr_mprotect_end(unsigned long start, unsigned long end, u32 prot)
{
	struct vm_area_struct *vma;
	unsigned long at = start;

	mmap_read_lock(current->mm);
	while (at < end) {
		vma = vma_lookup(current->mm, at);
		if (!vma || rr_vma_prot(vma) != prot)
			break;
		at = min(vma->vm_end, end);
	}
	mmap_read_unlock(current->mm);
	return at;
}

static void rr_record_mprotect(struct rr_task *t, long ret)
{
	bool with_key = t->nr == __NR_pkey_mprotect && (int)t->args[3] >= 0;
	struct rrlog_vma vma = {
		.start = t->args[0],
		.end = t->args[0] + PAGE_ALIGN(t->args[1]),
		.prot = t->args[2] & (PROT_READ | PROT_WRITE | PROT_EXEC),
	};
	u64 nr;

	/* A wrong argument changes nothing, and a wrong key is none for a replay. */
	if (ret == -EINVAL || (ret && !rr_range_ok(vma.start, vma.end - vma.start)))
		return;
	if (ret)
		vma.end = rr_mprotect_end(vma.start, vma.end, vma.prot);
	if (vma.end <= vma.start)
		return;
	nr = rr_map_event(t, RRLOG_MAP_PROTECT, &vma, with_key ? t->args[3] : 0, with_key);
	/* Who goes on using it does so behind this. */
	if (rr_task_parallel(t))
		rr_handover_release(t, t->space, vma.start, vma.end - vma.start, nr, true);
}

static void rr_record_madvise(struct rr_task *t, long ret)
{
	unsigned long start = t->args[0], len = PAGE_ALIGN(t->args[1]);

	if (!rr_range_ok(start, len))
		return;
	switch (t->args[2]) {
	case MADV_REMOVE:
		/* Locked or sealed here, which a replay's memory is not. */
		if (ret)
			break;
		fallthrough;
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
		rr_map_forget(t, start, len,
			      rr_map_range(t, RRLOG_MAP_DISCARD, start, len, t->args[2]));
		break;
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
		if (!ret || ret == -ENOMEM)
			rr_map_range(t, RRLOG_MAP_DISCARD, start, len, t->args[2]);
	}
}

/**
 * rr_mapping_restore() - the program finds its registers as they were
 * @t: current's, behind rr_mapping_before() and the call
 * @regs: its registers
 */
void rr_mapping_restore(struct rr_task *t, struct pt_regs *regs)
{
	if (!t->amended)
		return;
	regs->di = t->entry.di;
	regs->si = t->entry.si;
	regs->dx = t->entry.dx;
}

/* A call that has failed may have unmapped what was where it was to map something. */
static void rr_record_made_room(struct rr_task *t)
{
	unsigned long start, len;

	if (t->nr == __NR_mmap && t->args[3] & MAP_FIXED) {
		start = t->args[0];
		len = t->args[1];
	} else if (t->nr == __NR_mremap && t->args[3] & MREMAP_FIXED) {
		start = t->args[4];
		len = t->args[2];
	} else {
		return;
	}
	if (rr_range_ok(start, PAGE_ALIGN(len)))
		rr_map_gaps(t, start, PAGE_ALIGN(len));
}

/* Of a mapping that the call at hand has made; huge pages may be more than was asked for. */
static unsigned long rr_mapped_len(struct rr_task *t, unsigned long addr)
{
	unsigned long len = PAGE_ALIGN(t->args[1]);
	struct vm_area_struct *vma;

	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, addr);
	if (vma)
		len = ALIGN(len, vma_kernel_pagesize(vma));
	mmap_read_unlock(current->mm);
	return len;
}

/**
 * rr_mapping_record() - log what the call at hand changed
 * @t: current's, with the lane's token
 * @ret: the call's result
 */
void rr_mapping_record(struct rr_task *t, long ret)
{
	bool failed = IS_ERR_VALUE(ret);

	if (failed)
		rr_record_made_room(t);
	/* These may have done some or all of their work, and fail. */
	if (failed && t->nr != __NR_madvise && t->nr != __NR_mprotect &&
	    t->nr != __NR_pkey_mprotect)
		return;
	switch (t->nr) {
	case __NR_mmap:
		rr_objects_sweep(t->s);
		rr_map_new(t, ret, rr_mapped_len(t, ret));
		break;
	case __NR_shmat:
		rr_objects_sweep(t->s);
		rr_map_new(t, ret, rr_vma_len_at(ret));
		break;
	case __NR_shmdt:
		if (t->old_len)
			rr_map_gaps(t, t->args[0], t->old_len);
		break;
	case __NR_munmap:
		rr_map_gone(t, t->args[0], PAGE_ALIGN(t->args[1]));
		rr_objects_sweep(t->s);
		break;
	case __NR_mprotect:
	case __NR_pkey_mprotect:
		rr_record_mprotect(t, ret);
		break;
	case __NR_brk:
		rr_record_brk(t);
		break;
	case __NR_mremap:
		rr_record_mremap(t, ret);
		break;
	case __NR_madvise:
		rr_record_madvise(t, ret);
		break;
	case __NR_remap_file_pages:
		rr_map_new(t, t->args[0] & PAGE_MASK, t->args[1] & PAGE_MASK);
		break;
	}
}

/* Which open file may a call have changed the contents of? -1: none. */
static int rr_changed_fd(struct rr_task *t, long ret)
{
	switch (t->nr) {
	case __NR_write:
	case __NR_pwrite64:
	case __NR_writev:
	case __NR_pwritev:
	case __NR_pwritev2:
	case __NR_ftruncate:
	case __NR_fallocate:
	case __NR_sendfile:
		return t->args[0];
	case __NR_splice:
	case __NR_copy_file_range:
		return t->args[2];
	case __NR_open:
		return t->args[1] & O_TRUNC ? ret : -1;
	case __NR_openat:
		return t->args[2] & O_TRUNC ? ret : -1;
	case __NR_creat:
		return ret;
	}
	return -1;
}

/*
 * A member of the group with its address space, both referenced, so that it may
 * die meanwhile: the next one from @id on.
 */
static struct rr_task *rr_member_next(struct rr_session *s, unsigned long *id,
				      struct rr_space **space)
{
	struct rr_task *t;

	xa_lock(&s->tasks);
	for (t = xa_find(&s->tasks, id, ULONG_MAX, XA_PRESENT); t;
	     t = xa_find_after(&s->tasks, id, ULONG_MAX, XA_PRESENT)) {
		if (t->phase != RR_PHASE_ACTIVE || !t->space)
			continue;
		rr_task_get(t);
		*space = t->space;
		rr_space_get(*space);
		break;
	}
	xa_unlock(&s->tasks);
	++*id;
	return t;
}

static void rr_member_put(struct rr_task *t, struct rr_space *space)
{
	rr_space_put(space);
	rr_task_put(t);
}

/* A range is to be paged in anew: an event of the task that has changed it. */
static void rr_unown(struct rr_task *t, struct rr_space *space, struct rrlog_vma *range)
{
	u64 nr;

	range->object = space == t->space ? 0 : space->id;
	if (!rr_task_parallel(t)) {
		rr_page_disown(space, 0, range->start, range->end - range->start,
			       RR_CREW_NONE);
		rr_map_event(t, RRLOG_MAP_UNOWN, range, 0, 0);
		return;
	}
	rr_handover_unown_begin(t, space, range->start, range->end);
	nr = rr_map_event(t, RRLOG_MAP_UNOWN, range, 0, 0);
	rr_handover_unown_end(t, space, range->start, range->end, nr);
}

/* The mappings of @inode at or after @from, as many as there is room for. */
static int rr_inode_ranges(struct mm_struct *mm, struct inode *inode, unsigned long from,
			   struct rrlog_vma *range, int room)
{
	VMA_ITERATOR(vmi, mm, from);
	struct vm_area_struct *vma;
	int n = 0;

	mmap_read_lock(mm);
	for_each_vma(vmi, vma) {
		if (!vma->vm_file || file_inode(vma->vm_file) != inode)
			continue;
		range[n++] = (struct rrlog_vma){ .start = vma->vm_start, .end = vma->vm_end };
		if (n == room)
			break;
	}
	mmap_read_unlock(mm);
	return n;
}

/* All pages of @inode in one address space are to be paged in anew. */
static void rr_unown_inode(struct rr_task *t, struct rr_space *space, struct inode *inode)
{
	struct rrlog_vma range[8];
	unsigned long from = 0;
	int i, n;

	do {
		n = rr_inode_ranges(space->mm, inode, from, range, ARRAY_SIZE(range));
		for (i = 0; i < n; i++) {
			from = range[i].end;
			rr_unown(t, space, &range[i]);
		}
	} while (n == ARRAY_SIZE(range));
}

static void rr_unown_range(struct rr_task *t, struct rr_space *space, unsigned long addr,
			   unsigned long len)
{
	struct rrlog_vma range = {
		.start = addr & PAGE_MASK,
		.end = PAGE_ALIGN(addr + len),
	};

	if (range.end <= range.start || range.end > TASK_SIZE_MAX)
		return;
	rr_unown(t, space, &range);
}

/* The member of the group that a pid, or a thread's id, names; referenced. */
static struct rr_task *rr_member_by_pid(struct rr_session *s, pid_t pid,
					struct rr_space **space)
{
	unsigned long id = 0;
	struct rr_task *t;

	while ((t = rr_member_next(s, &id, space))) {
		if (task_pid_vnr(t->task) == pid || task_tgid_vnr(t->task) == pid)
			return t;
		rr_member_put(t, *space);
	}
	return NULL;
}

/* process_vm_writev(pid, local, n, remote, n, flags) has written @ret bytes. */
static void rr_unown_remote(struct rr_task *t, long ret)
{
	const struct iovec __user *iov = (void __user *)t->args[3];
	struct rr_space *space;
	struct rr_task *other = rr_member_by_pid(t->s, t->args[0], &space);
	struct iovec v;
	u64 i;

	if (!other)
		return;
	for (i = 0; i < t->args[4] && ret > 0; i++) {
		if (copy_from_user(&v, iov + i, sizeof(v)))
			break;
		v.iov_len = min_t(size_t, v.iov_len, ret);
		rr_unown_range(t, space, (unsigned long)v.iov_base, v.iov_len);
		ret -= v.iov_len;
	}
	rr_member_put(other, space);
}

/* A write to /proc/PID/mem ends at the file's position, or is at an offset. */
static void rr_unown_proc_mem(struct rr_task *t, struct file *file, long ret)
{
	struct dentry *dentry = file->f_path.dentry;
	char name[16] = "";
	struct rr_space *space;
	struct rr_task *other;
	pid_t pid;

	if (file_inode(file)->i_sb->s_magic != PROC_SUPER_MAGIC ||
	    strcmp(dentry->d_name.name, "mem"))
		return;
	spin_lock(&dentry->d_lock);
	strscpy(name, dentry->d_parent->d_name.name, sizeof(name));
	spin_unlock(&dentry->d_lock);
	if (kstrtoint(name, 10, &pid))
		return;
	other = rr_member_by_pid(t->s, pid, &space);
	if (!other)
		return;
	rr_unown_range(t, space, t->nr == __NR_pwrite64 ? t->args[3] : file->f_pos - ret, ret);
	rr_member_put(other, space);
}

static void rr_unown_ptrace(struct rr_task *t)
{
	struct rr_space *space;
	struct rr_task *other;

	if (t->args[0] != PTRACE_POKETEXT && t->args[0] != PTRACE_POKEDATA)
		return;
	other = rr_member_by_pid(t->s, t->args[1], &space);
	if (!other)
		return;
	rr_unown_range(t, space, t->args[2], sizeof(long));
	rr_member_put(other, space);
}

/**
 * rr_mapping_record_file() - the call at hand may have changed memory by way of
 *	a file that is mapped, or of another process
 * @t: current's, with the lane's token
 * @ret: the call's result
 *
 * The lanes' tables do not see what the kernel writes to the page cache.
 */
void rr_mapping_record_file(struct rr_task *t, long ret)
{
	struct rr_space *space;
	struct rr_task *other;
	struct inode *inode;
	unsigned long id = 0;
	struct fd f;
	int fd = rr_changed_fd(t, ret);

	if (IS_ERR_VALUE(ret))
		return;
	if (t->nr == __NR_process_vm_writev)
		rr_unown_remote(t, ret);
	if (t->nr == __NR_ptrace)
		rr_unown_ptrace(t);
	if (fd < 0)
		return;
	f = fdget(fd);
	if (!f.file)
		return;
	/* What is mapped of an overlay's file is the file below. */
	inode = d_real_inode(f.file->f_path.dentry);
	while (inode && S_ISREG(inode->i_mode) && mapping_mapped(inode->i_mapping) &&
	       (other = rr_member_next(t->s, &id, &space))) {
		if (other == t || space != t->space)
			rr_unown_inode(t, space, inode);
		rr_member_put(other, space);
	}
	rr_unown_proc_mem(t, f.file, ret);
	fdput(f);
}

static u32 rr_vma_count(struct mm_struct *mm)
{
	return mm->map_count;
}

/**
 * rr_mapping_record_exec() - log the address space after an execve()
 * @t: current's, with a new space and the lane's token
 *
 * Patches the vDSO first: from here on its clocks are system calls.
 *
 * Return: 0 or a negative errno.
 */
int rr_mapping_record_exec(struct rr_task *t)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	struct rrlog_exec *exec;
	struct rrlog_vma *v;
	u32 n, first, i = 0;
	struct vma_iterator vmi;
	int ret;

	ret = rr_vdso_patch(mm);
	if (ret)
		return ret;
	v = kvcalloc(rr_vma_count(mm) + 8, sizeof(*v), GFP_KERNEL);
	if (!v)
		return -ENOMEM;
	mmap_read_lock(mm);
	n = rr_vma_count(mm) + 8;
	vma_iter_init(&vmi, mm, 0);
	for_each_vma(vmi, vma) {
		if (i == n)
			break;
		rr_vma_describe(t, vma, v + i++);
	}
	mmap_read_unlock(mm);
	n = i;
	first = min_t(u32, n, RR_EXEC_MAX);
	exec = rr_event_begin(t, RRLOG_EXEC, 0, first,
			      struct_size(exec, vma, first));
	if (exec) {
		exec->stack_limit = rlimit(RLIMIT_STACK);
		exec->cpu = t->s->cpu;
		strscpy((char *)exec->comm, current->comm, sizeof(exec->comm));
		memcpy(exec->vma, v, first * sizeof(*v));
		rr_event_end(t);
	}
	for (i = first; i < n; i++)
		rr_map_event(t, RRLOG_MAP_MAP, v + i, 0, 0);
	for (i = 0; i < n; i++)
		rr_map_note(t, v[i].start);
	kvfree(v);
	return exec ? 0 : -EIO;
}

static struct file *rr_object_file(struct rr_session *s, u64 id)
{
	struct file *file;

	mutex_lock(&s->objects_lock);
	file = xa_load(&s->objects, id);
	if (file)
		goto out;
	file = shmem_file_setup("rrcrew", RR_OBJECT_SIZE, VM_NORESERVE);
	if (!IS_ERR(file) && xa_err(xa_store(&s->objects, id, file, GFP_KERNEL))) {
		fput(file);
		file = ERR_PTR(-ENOMEM);
	}
out:
	mutex_unlock(&s->objects_lock);
	return file;
}

static int rr_vma_make(struct rr_session *s, const struct rrlog_vma *v)
{
	unsigned long flags = MAP_FIXED | MAP_NORESERVE, ret;
	u32 prot = v->prot & (PROT_READ | PROT_WRITE | PROT_EXEC);
	struct file *file = NULL;

	if (v->start >= v->end || v->end > TASK_SIZE_MAX || !PAGE_ALIGNED(v->start))
		return -EINVAL;
	if (v->flags & RRLOG_VMA_SHARED) {
		if (v->offset > RR_OBJECT_SIZE || !PAGE_ALIGNED(v->offset))
			return -EINVAL;
		flags |= MAP_SHARED;
		file = rr_object_file(s, v->object);
		if (IS_ERR(file))
			return PTR_ERR(file);
	} else {
		flags |= MAP_PRIVATE | MAP_ANONYMOUS;
		if (v->flags & RRLOG_VMA_GROWSDOWN)
			flags |= MAP_GROWSDOWN;
	}
	ret = vm_mmap(file, v->start, v->end - v->start, prot, flags,
		      file ? v->offset : 0);
	return IS_ERR_VALUE(ret) ? (int)ret : 0;
}

static int rr_replay_move(struct rr_task *t, const struct rrlog_map *map)
{
	u64 len = map->vma.end - map->vma.start, to = map->vma.start;
	unsigned long flags = to == map->old_addr ? 0 : MREMAP_MAYMOVE | MREMAP_FIXED;
	long ret;

	ret = rr_syscall_make(t, __NR_mremap, map->old_addr, map->old_len, len, flags, to);
	if (IS_ERR_VALUE(ret))
		return ret;
	if (to != map->old_addr) {
		ret = rr_page_move(t->space, t->lane->nr, map->old_addr, to,
				   min(len, map->old_len));
		if (len < map->old_len)
			rr_page_disown(t->space, t->lane->nr, map->old_addr + len,
				       map->old_len - len, RR_CREW_NONE);
		return ret;
	}
	if (len < map->old_len)
		rr_page_disown(t->space, t->lane->nr, to + len, map->old_len - len,
			       RR_CREW_NONE);
	return 0;
}

/**
 * rr_mapping_replay() - change the address space as the log says
 * @t: current's
 * @map: the event
 *
 * Return: 0 or a negative errno: the replay cannot go on.
 */
int rr_mapping_replay(struct rr_task *t, const struct rrlog_map *map)
{
	u64 start = map->vma.start, len = map->vma.end - start;

	/* The log may be hostile: nothing outside of the user half is touched. */
	if (!rr_range_ok(start, len) ||
	    (map->e.aux == RRLOG_MAP_MOVE && !rr_range_ok(map->old_addr, map->old_len)))
		return -EINVAL;
	switch (map->e.aux) {
	case RRLOG_MAP_MAP:
		rr_page_disown(t->space, t->lane->nr, start, len, RR_CREW_NONE);
		return rr_vma_make(t->s, &map->vma);
	case RRLOG_MAP_UNMAP:
		rr_page_disown(t->space, t->lane->nr, start, len, RR_CREW_NONE);
		return vm_munmap(start, len);
	case RRLOG_MAP_UNOWN:
		rr_order_disown(t->s, t->lane, map->vma.object ?: t->space->id, start, len,
				RR_CREW_NONE);
		return 0;
	case RRLOG_MAP_PROTECT:
		if (rr_task_parallel(t))
			rr_page_disown(t->space, t->lane->nr, start, len, RR_CREW_NONE);
		if (map->old_len)
			return rr_syscall_make(t, __NR_pkey_mprotect, start, len,
					       map->vma.prot, map->old_addr, 0);
		return rr_syscall_make(t, __NR_mprotect, start, len, map->vma.prot, 0, 0);
	case RRLOG_MAP_MOVE:
		return rr_replay_move(t, map);
	case RRLOG_MAP_DISCARD:
		if (map->vma.prot == MADV_DONTNEED || map->vma.prot == MADV_REMOVE ||
		    map->vma.prot == MADV_DONTNEED_LOCKED)
			rr_page_disown(t->space, t->lane->nr, start, len, RR_CREW_NONE);
		rr_syscall_make(t, __NR_madvise, start, len, map->vma.prot, 0, 0);
		return 0;
	}
	return -EINVAL;
}

/* A string that the kernel will read as an argument of our own execve(). */
static const char rr_stub[] = "/proc/thread-self/exe";

/*
 * A new, empty address space by the one way that the kernel has for it, for
 * threads and vfork children as well: execute something. What it loads is
 * unmapped before a single instruction runs.
 */
static int rr_exec_stub(struct rr_task *t)
{
	unsigned long page, argv[2], off = 64;
	long ret;

	page = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(page))
		return page;
	/* The kernel reads the arguments: that is no touch of the program's. */
	rr_cr3_switch(&t->cr3, NULL);
	argv[0] = page;
	argv[1] = 0;
	if (access_process_vm(current, page, (void *)rr_stub, sizeof(rr_stub),
			      FOLL_WRITE) != sizeof(rr_stub) ||
	    access_process_vm(current, page + off, argv, sizeof(argv),
			      FOLL_WRITE) != sizeof(argv))
		return -EFAULT;
	ret = rr_syscall_make(t, __NR_execve, page, page + off, page + off + 8, 0, 0);
	return ret;
}

/* How far the stack may grow decides which access faults. */
static void rr_stack_limit(u64 limit)
{
	task_lock(current->group_leader);
	current->signal->rlim[RLIMIT_STACK].rlim_cur = limit;
	if (current->signal->rlim[RLIMIT_STACK].rlim_max < limit)
		current->signal->rlim[RLIMIT_STACK].rlim_max = limit;
	task_unlock(current->group_leader);
}

/**
 * rr_mapping_replay_limit() - the call at hand may have changed the stack's limit
 * @t: current's
 */
void rr_mapping_replay_limit(struct rr_task *t)
{
	u64 from = 0, limit;

	if (t->nr == __NR_setrlimit && t->args[0] == RLIMIT_STACK)
		from = t->args[1];
	if (t->nr == __NR_prlimit64 && t->args[1] == RLIMIT_STACK && !t->args[0])
		from = t->args[2];
	if (from && access_process_vm(current, from, &limit, sizeof(limit),
				      FOLL_FORCE) == sizeof(limit))
		rr_stack_limit(limit);
}

/**
 * rr_mapping_replay_exec() - the current task gets the logged address space
 * @t: current's
 * @exec: the event
 *
 * Return: 0 or a negative errno: the replay cannot go on.
 */
int rr_mapping_replay_exec(struct rr_task *t, const struct rrlog_exec *exec)
{
	struct mm_struct *old = t->space ? t->space->mm : NULL;
	u32 i;
	int ret;

	ret = rr_exec_stub(t);
	if (ret)
		return ret;
	if (t->space && old != current->mm)
		rr_task_leave_space(t);
	ret = vm_munmap(0, TASK_SIZE_MAX);
	if (ret)
		return ret;
	rr_stack_limit(exec->stack_limit);
	if (!t->space) {
		ret = rr_task_set_space(t);
		if (ret)
			return ret;
	}
	/* Another processor is only another answer of CPUID. */
	rr_task_may_run(current, &t->s->lane_cpus);
	t->s->cpu = exec->cpu < nr_cpu_ids && cpumask_test_cpu(exec->cpu, &t->s->lane_cpus) &&
		    cpu_online(exec->cpu) ?
		    exec->cpu : cpumask_first_and(&t->s->lane_cpus, cpu_online_mask);
	t->bound = NULL;
	rr_lane_bind(t);
	for (i = 0; i < exec->e.aux && !ret; i++)
		ret = rr_vma_make(t->s, &exec->vma[i]);
	task_lock(current);
	strscpy_pad(current->comm, (const char *)exec->comm, TASK_COMM_LEN);
	task_unlock(current);
	return ret;
}
