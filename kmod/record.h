/* SPDX-License-Identifier: GPL-2.0-only */
/* Recording: what each stay of a task adds to the log. Twin of replay.h. */
#ifndef RR_RECORD_H
#define RR_RECORD_H

#include <linux/mm_types.h>
#include <linux/ptrace.h>
#include <linux/signal_types.h>

struct rr_lane;
struct rr_random;
struct rr_session;
struct rr_task;

bool rr_record_enter(struct rr_task *t, struct pt_regs *regs);
void rr_record_leave(struct rr_task *t, struct pt_regs *regs);
int rr_record_ptrace_stop(struct rr_task *t, int exit_code, unsigned long message);
void rr_record_signal(struct rr_task *t, struct pt_regs *regs);
void rr_record_kick(struct rr_task *t, struct pt_regs *regs);
bool rr_record_tsc(struct rr_task *t, struct pt_regs *regs, bool rdtscp, int len);
bool rr_record_random(struct rr_task *t, struct pt_regs *regs, const struct rr_random *insn);
void rr_record_clone(struct rr_task *t, struct task_struct *child);
void rr_record_exit(struct rr_task *t, struct task_struct *tsk, struct mm_struct *mm);
int rr_record_touch(struct rr_task *t, unsigned long addr, struct page *page,
		    unsigned long pfn);
void rr_record_bus(struct rr_task *t, unsigned long addr);
bool rr_signal_trap(kernel_siginfo_t *info);
void rr_record_captured(struct rr_task *t, unsigned long addr, size_t len);
bool rr_record_pagein(struct rr_task *t, unsigned long addr, struct page *page,
		      unsigned long pfn, bool write);
void rr_record_forget(struct rr_session *s);
void rr_record_kept(struct rr_task *t, unsigned long addr, const void *data);
void rr_record_move(struct rr_task *t, struct rr_lane *to);
void rr_record_taken(struct rr_task *t);
void rr_record_age(struct rr_task *t);
int rr_record_mem(struct rr_task *t, unsigned long addr, const void *data, size_t len);

#endif /* RR_RECORD_H */
