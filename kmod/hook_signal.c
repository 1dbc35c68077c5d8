// SPDX-License-Identifier: GPL-2.0-only
/* Delivery of signals on the way to user mode, and stops for a tracer. */
#include <linux/sched.h>

#include "compat/symbols.h"
#include "hook.h"
#include "record.h"
#include "replay.h"
#include "task.h"

/**
 * rr_hook_signal() - around arch_do_signal_or_restart()
 * @regs: registers of user mode
 *
 * Context: may sleep, and may not return: then the task is dead, and the exit
 * hook has taken it out of the count.
 */
void rr_hook_signal(struct pt_regs *regs)
{
	struct rr_task *t = rr_task_current();

	/* Death does not come back here; the tag keeps the module loaded. */
	rr_hook_done();
	if (!t)
		rr_sym.arch_do_signal_or_restart(regs);
	else if (rr_session_records(t->s))
		rr_record_signal(t, regs);
	else
		rr_replay_signal(t, regs);
}

/**
 * rr_hook_ptrace_stop() - around ptrace_notify()
 * @exit_code: of the stop
 * @message: what PTRACE_GETEVENTMSG says
 *
 * It runs task works, though the task is not on its way out.
 *
 * Context: inside a system call or do_exit(); sleeps.
 * Return: what ptrace_notify() says.
 */
int rr_hook_ptrace_stop(int exit_code, unsigned long message)
{
	struct rr_task *t = rr_task_current();
	bool early, queued;
	int ret;

	if (!t) {
		ret = rr_sym.ptrace_notify(exit_code, message);
		goto done;
	}
	early = t->works_early;
	queued = t->leave_queued;
	t->works_early = true;
	if (rr_session_records(t->s))
		ret = rr_record_ptrace_stop(t, exit_code, message);
	else
		ret = rr_sym.ptrace_notify(exit_code, message);
	t->works_early = early;
	if (queued)
		rr_task_queue_leave(t);
done:
	rr_hook_done();
	return ret;
}
