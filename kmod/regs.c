// SPDX-License-Identifier: GPL-2.0-only
#include <linux/xxhash.h>
#include <linux/sched/task_stack.h>
#include <asm/fpu/api.h>
#include <asm/fpu/xcr.h>
#include <asm/fsgsbase.h>
#include <asm/msr.h>

#include "regs.h"

/*
 * RF is left over from a breakpoint. TF is the program's, or that of a debugger
 * which steps it: either way the trap comes in a replay too. The bits that user
 * code cannot change stay out of a log and of a replay.
 */
#define RR_FLAGS_USER	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF |	\
			 X86_EFLAGS_ZF | X86_EFLAGS_SF | X86_EFLAGS_TF |	\
			 X86_EFLAGS_DF | X86_EFLAGS_OF | X86_EFLAGS_AC |	\
			 X86_EFLAGS_ID)

/**
 * rr_regs_read_general() - all but the segment bases
 * @to: filled; fs_base and gs_base are zero
 * @regs: of user mode
 *
 * Context: any, #DB included.
 */
void rr_regs_read_general(struct rrlog_regs *to, const struct pt_regs *regs)
{
	*to = (struct rrlog_regs) {
		.ip = regs->ip, .flags = regs->flags & RR_FLAGS_USER,
		.sp = regs->sp, .bp = regs->bp,
		.ax = regs->ax, .bx = regs->bx, .cx = regs->cx, .dx = regs->dx,
		.si = regs->si, .di = regs->di,
		.r8 = regs->r8, .r9 = regs->r9, .r10 = regs->r10, .r11 = regs->r11,
		.r12 = regs->r12, .r13 = regs->r13, .r14 = regs->r14, .r15 = regs->r15,
	};
}

static u64 rr_gs_base(void)
{
	u64 base;

	/* In the kernel the user's GS base is the inactive one. */
	rdmsrl(MSR_KERNEL_GS_BASE, base);
	return base;
}

/**
 * rr_regs_read() - the current task's registers
 * @to: filled
 * @regs: of user mode
 *
 * Context: the task itself.
 */
void rr_regs_read(struct rrlog_regs *to, const struct pt_regs *regs)
{
	rr_regs_read_general(to, regs);
	preempt_disable();
	to->fs_base = x86_fsbase_read_cpu();
	to->gs_base = rr_gs_base();
	preempt_enable();
}

static void rr_bases_write(const struct rrlog_regs *from)
{
	preempt_disable();
	if (x86_fsbase_read_cpu() != from->fs_base) {
		current->thread.fsbase = from->fs_base;
		x86_fsbase_write_cpu(from->fs_base);
	}
	if (rr_gs_base() != from->gs_base) {
		current->thread.gsbase = from->gs_base;
		wrmsrl(MSR_KERNEL_GS_BASE, from->gs_base);
	}
	preempt_enable();
}

/**
 * rr_regs_write() - set the current task's registers
 * @regs: of user mode
 * @from: from the log
 *
 * The log may be hostile: only flags that user code may set are taken, and
 * addresses that are no user addresses fault in user mode.
 */
void rr_regs_write(struct pt_regs *regs, const struct rrlog_regs *from)
{
	regs->ip = from->ip;
	regs->flags = (regs->flags & ~(RR_FLAGS_USER | X86_EFLAGS_RF)) |
		      (from->flags & RR_FLAGS_USER);
	regs->sp = from->sp;
	regs->bp = from->bp;
	regs->ax = from->ax;
	regs->bx = from->bx;
	regs->cx = from->cx;
	regs->dx = from->dx;
	regs->si = from->si;
	regs->di = from->di;
	regs->r8 = from->r8;
	regs->r9 = from->r9;
	regs->r10 = from->r10;
	regs->r11 = from->r11;
	regs->r12 = from->r12;
	regs->r13 = from->r13;
	regs->r14 = from->r14;
	regs->r15 = from->r15;
	if (from->fs_base < TASK_SIZE_MAX && from->gs_base < TASK_SIZE_MAX)
		rr_bases_write(from);
}

/**
 * rr_regs_equal_general() - equal but for the segment bases?
 * @a: registers
 * @b: registers
 *
 * Context: any, #DB included.
 */
bool rr_regs_equal_general(const struct rrlog_regs *a, const struct rrlog_regs *b)
{
	return !memcmp(a, b, offsetof(struct rrlog_regs, fs_base));
}

/**
 * rr_regs_changed() - has a stay changed more than rax?
 * @before: at its beginning
 * @after: at its end
 */
bool rr_regs_changed(const struct pt_regs *before, const struct pt_regs *after)
{
	/* r15 ... r8, then cx ... di; this is done for each system call. */
	return memcmp(before, after, offsetof(struct pt_regs, ax)) ||
	       memcmp(&before->cx, &after->cx,
		      offsetof(struct pt_regs, orig_ax) - offsetof(struct pt_regs, cx)) ||
	       before->ip != after->ip || before->sp != after->sp ||
	       ((before->flags ^ after->flags) & RR_FLAGS_USER);
}

u64 rr_regs_hash(const struct rrlog_regs *regs)
{
	return xxh64(regs, sizeof(*regs), 0);
}

/*
 * Control, status and tags of x87, and MXCSR. Not where the last x87 instruction
 * was: AMD processors and TCG do not keep that for each task.
 */
static u64 rr_fpu_control(const struct xregs_state *x, u64 has)
{
	bool compact = x->header.xcomp_bv & XCOMP_BV_COMPACTED_FORMAT;
	u64 control = 0x37f;

	if (has & XFEATURE_MASK_FP)
		control = x->i387.cwd | x->i387.swd << 16 | (u64)(u8)x->i387.twd << 32;
	/* In the standard format MXCSR is there, whatever @has says of SSE. */
	return (control << 16) ^ ((has & XFEATURE_MASK_SSE) || !compact ? x->i387.mxcsr
								      : MXCSR_DEFAULT);
}

/**
 * rr_fpu_hash() - digest of the current task's x87, SSE and AVX registers
 *
 * Components in their initial state count as their initial values, whatever
 * the processor's tracking says: TCG and silicon differ there.
 */
u64 rr_fpu_hash(void)
{
	static const u8 zero[256];
	struct xregs_state *x;
	u64 hash, has;

	/* Saves the live registers, if they are live, and leaves them so. */
	kernel_fpu_begin();
	kernel_fpu_end();
	x = &current->thread.fpu.fpstate->regs.xsave;
	has = boot_cpu_has(X86_FEATURE_XSAVE) ? x->header.xfeatures : XFEATURE_MASK_FPSSE;
	hash = rr_fpu_control(x, has);
	if (has & XFEATURE_MASK_FP)
		hash = xxh64(x->i387.st_space, sizeof(x->i387.st_space), hash);
	else
		hash = xxh64(zero, sizeof(x->i387.st_space), hash);
	if (has & XFEATURE_MASK_SSE)
		hash = xxh64(x->i387.xmm_space, sizeof(x->i387.xmm_space), hash);
	else
		hash = xxh64(zero, sizeof(x->i387.xmm_space), hash);
	if (has & XFEATURE_MASK_YMM)
		hash = xxh64(x->extended_state_area, 256, hash);
	else
		hash = xxh64(zero, 256, hash);
	return hash;
}
