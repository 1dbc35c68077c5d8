// SPDX-License-Identifier: GPL-2.0-only
/* Delivery of signals, on the way to user mode. */
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
