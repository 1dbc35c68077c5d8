/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel functions that modules cannot link against. They are looked up once,
 * at module load; a missing one refuses the load by name.
 */
#ifndef RR_SYMBOLS_H
#define RR_SYMBOLS_H

#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <asm/insn.h>

struct fpu;
struct linux_binprm;
struct notifier_block;
struct pt_regs;

/* One member per function; rr_symbol_names[] in symbols.c has the same. */
struct rr_symbols {
	vm_fault_t (*handle_mm_fault)(struct vm_area_struct *vma, unsigned long addr,
				      unsigned int flags, struct pt_regs *regs);
	bool (*syscall_user_dispatch)(struct pt_regs *regs);
	void (*arch_do_signal_or_restart)(struct pt_regs *regs);
	int (*ptrace_notify)(int exit_code, unsigned long message);
	bool (*fixup_vdso_exception)(struct pt_regs *regs, int trapnr,
				     unsigned long error_code, unsigned long addr);
	void (*wake_up_new_task)(struct task_struct *task);
	int (*begin_new_exec)(struct linux_binprm *bprm);
	void (*exit_mm_release)(struct task_struct *task, struct mm_struct *mm);
	long (*x64_sys_call)(const struct pt_regs *regs, unsigned int nr);
	void (*flush_tlb_mm_range)(struct mm_struct *mm, unsigned long start,
				   unsigned long end, unsigned int shift, bool tables);
	pid_t (*kernel_clone)(struct kernel_clone_args *args);
	void (*do_exit)(long code);
	void (*fpu__clear_user_states)(struct fpu *fpu);
	void (*disable_TSC)(void);
	int (*set_tsc_mode)(unsigned int mode);
	int (*hw_breakpoint_exceptions_notify)(struct notifier_block *nb,
					       unsigned long val, void *data);
	unsigned long (*ftrace_location)(unsigned long ip);
	void (*flush_sigqueue)(struct sigpending *queue);
	int (*insn_decode)(struct insn *insn, const void *bytes, int len,
			   enum insn_mode mode);
	void __user *(*insn_get_addr_ref)(struct insn *insn, struct pt_regs *regs);
	pgd_t *(*pgd_alloc)(struct mm_struct *mm);
	void (*pgd_free)(struct mm_struct *mm, pgd_t *pgd);
#ifdef CONFIG_CPUSETS
	void (*cpuset_cpus_allowed)(struct task_struct *task, struct cpumask *mask);
#endif
};

/* Written once by rr_symbols_init(), read-only afterwards. */
extern struct rr_symbols rr_sym;

int rr_symbols_init(void);

#endif /* RR_SYMBOLS_H */
