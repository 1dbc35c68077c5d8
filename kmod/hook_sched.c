// SPDX-License-Identifier: GPL-2.0-only
/* Birth and death of tasks. */
#include <linux/sched.h>

#include "compat/symbols.h"
#include "hook.h"
#include "record.h"
#include "replay.h"
#include "task.h"

/**
 * rr_hook_new_task() - before wake_up_new_task(): the child joins the group
 * @child: complete, has not run
 *
 * Context: the parent; may sleep.
 */
void rr_hook_new_task(struct task_struct *child)
{
	struct rr_task *t = rr_task_current();

	if (t && !(child->flags & (PF_KTHREAD | PF_IO_WORKER))) {
		if (rr_session_records(t->s))
			rr_record_clone(t, child);
		else
			rr_replay_clone(t, child);
	}
	rr_sym.wake_up_new_task(child);
	rr_hook_done();
}

/**
 * rr_hook_exit() - around exit_mm_release(): the last use of user memory
 * @tsk: current
 * @mm: its mm
 */
void rr_hook_exit(struct task_struct *tsk, struct mm_struct *mm)
{
	struct rr_task *t = rr_task_current();

	if (!t) {
		rr_sym.exit_mm_release(tsk, mm);
	} else if (rr_session_records(t->s)) {
		rr_record_exit(t, tsk, mm);
	} else {
		rr_replay_exit(t);
		rr_sym.exit_mm_release(tsk, mm);
	}
	rr_hook_done();
}
