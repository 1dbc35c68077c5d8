/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hooks: kernel functions that call ours instead, for tagged tasks only, and
 * only while a session exists. Ours run in the caller's context and call the
 * original at its real entry; a call that comes from this module is let through.
 */
#ifndef RR_HOOK_H
#define RR_HOOK_H

#include <linux/mm.h>

struct linux_binprm;
struct notifier_block;
struct pt_regs;

int rr_hooks_init(void);
void rr_hooks_exit(void);
int rr_hooks_get(char *text);
void rr_hooks_put(void);
void rr_hook_done(void);

/* hook_fault.c */
vm_fault_t rr_hook_fault(struct vm_area_struct *vma, unsigned long addr,
			 unsigned int flags, struct pt_regs *regs);
/* hook_syscall.c */
bool rr_hook_syscall(struct pt_regs *regs);
int rr_hook_exec(struct linux_binprm *bprm);
/* hook_signal.c */
void rr_hook_signal(struct pt_regs *regs);
int rr_hook_ptrace_stop(int exit_code, unsigned long message);
/* hook_sched.c */
void rr_hook_new_task(struct task_struct *child);
void rr_hook_exit(struct task_struct *tsk, struct mm_struct *mm);
/* place.c */
int rr_hook_debug(struct notifier_block *nb, unsigned long val, void *data);
/* hook_time.c */
bool rr_hook_trap(struct pt_regs *regs, int trapnr, unsigned long error_code,
		  unsigned long addr);

#endif /* RR_HOOK_H */
