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

struct fpu;
struct linux_binprm;
struct notifier_block;
struct pt_regs;

/* X(return type, name, arguments) */
#define RR_SYMBOLS(X)							\
	X(vm_fault_t, handle_mm_fault, (struct vm_area_struct *,	\
		unsigned long, unsigned int, struct pt_regs *))		\
	X(bool, syscall_user_dispatch, (struct pt_regs *))		\
	X(void, arch_do_signal_or_restart, (struct pt_regs *))		\
	X(bool, fixup_vdso_exception, (struct pt_regs *, int,		\
		unsigned long, unsigned long))				\
	X(void, wake_up_new_task, (struct task_struct *))		\
	X(int, begin_new_exec, (struct linux_binprm *))			\
	X(void, exit_mm_release, (struct task_struct *, struct mm_struct *)) \
	X(long, x64_sys_call, (const struct pt_regs *, unsigned int))	\
	X(void, flush_tlb_mm_range, (struct mm_struct *, unsigned long,	\
		unsigned long, unsigned int, bool))			\
	X(pid_t, kernel_clone, (struct kernel_clone_args *))		\
	X(void, do_exit, (long))					\
	X(void, fpu__clear_user_states, (struct fpu *))			\
	X(void, disable_TSC, (void))					\
	X(int, set_tsc_mode, (unsigned int))				\
	X(int, hw_breakpoint_exceptions_notify, (struct notifier_block *, \
		unsigned long, void *))					\
	X(unsigned long, ftrace_location, (unsigned long))		\
	X(void, flush_sigqueue, (struct sigpending *))

#define RR_SYMBOL_MEMBER(ret, name, args) ret (*name) args;
struct rr_symbols {
	RR_SYMBOLS(RR_SYMBOL_MEMBER)
};
#undef RR_SYMBOL_MEMBER

/* Written once by rr_symbols_init(), read-only afterwards. */
extern struct rr_symbols rr_sym;

int rr_symbols_init(void);

#endif /* RR_SYMBOLS_H */
