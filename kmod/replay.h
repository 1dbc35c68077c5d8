/* SPDX-License-Identifier: GPL-2.0-only */
/* Replaying: the log instead of the kernel. Twin of record.h. */
#ifndef RR_REPLAY_H
#define RR_REPLAY_H

#include <linux/mm_types.h>
#include <linux/ptrace.h>

struct rr_random;
struct rr_session;
struct rr_task;

void rr_replay_enter(struct rr_task *t, struct pt_regs *regs);
void rr_replay_leave(struct rr_task *t, struct pt_regs *regs);
void rr_replay_signal(struct rr_task *t, struct pt_regs *regs);
void rr_replay_kick(struct rr_task *t, struct pt_regs *regs);
bool rr_replay_tsc(struct rr_task *t, struct pt_regs *regs, bool rdtscp, int len);
bool rr_replay_random(struct rr_task *t, struct pt_regs *regs, const struct rr_random *insn);
void rr_replay_clone(struct rr_task *t, struct task_struct *child);
void rr_replay_finish(struct rr_session *s);
void rr_replay_exit(struct rr_task *t);

enum rr_touch {
	RR_TOUCH_FILL,		/* the page has its contents */
	RR_TOUCH_RETRY,		/* the fault is to be repeated; locks as in @fault */
	RR_TOUCH_FAULT,		/* the fault ends with @fault */
};
enum rr_touch rr_replay_touch(struct rr_task *t, struct vm_area_struct *vma,
			      unsigned long addr, unsigned int flags,
			      struct pt_regs *regs, vm_fault_t *fault);

#endif /* RR_REPLAY_H */
