// SPDX-License-Identifier: GPL-2.0-only
/* System call entry, and the point of no return of execve(). */
#include <linux/binfmts.h>
#include <linux/elf.h>
#include <linux/sched.h>
#include <asm/unistd.h>

#include "compat/symbols.h"
#include "hook.h"
#include "record.h"
#include "replay.h"
#include "task.h"

static bool rr_syscall_armed(struct rr_task *t, struct pt_regs *regs)
{
	if (regs->orig_ax == __NR_execve || regs->orig_ax == __NR_execveat) {
		t->armed_mm = current->mm;
		rr_task_queue_leave(t);
	}
	return false;
}

/**
 * rr_hook_syscall() - instead of syscall_user_dispatch(): first in line
 * @regs: registers of user mode
 *
 * Context: may sleep.
 * Return: true if the call is not to be made: its result is in @regs.
 */
bool rr_hook_syscall(struct pt_regs *regs)
{
	struct rr_task *t = rr_task_current();
	bool skip = false;

	/* A replayed task may die inside; its tag keeps the module loaded. */
	rr_hook_done();
	if (!t) {
		skip = rr_sym.syscall_user_dispatch(regs);
	} else if (t->phase == RR_PHASE_ARMED) {
		skip = rr_syscall_armed(t, regs);
	} else if (rr_session_records(t->s)) {
		if (rr_session_ended(t->s))
			rr_task_untag(t);
		else
			skip = rr_record_enter(t, regs);
	} else {
		rr_replay_enter(t, regs);
		skip = true;
	}
	return skip;
}

/* A 32-bit program's system calls have other numbers and structures. */
static bool rr_exec_is_32bit(struct linux_binprm *bprm)
{
	return !memcmp(bprm->buf, ELFMAG, SELFMAG) && bprm->buf[EI_CLASS] != ELFCLASS64;
}

/**
 * rr_hook_exec() - around begin_new_exec(), which replaces the address space
 * @bprm: what is executed
 *
 * From here to the end of the stay the task runs on the process's own table:
 * all pages of the new address space are unowned.
 *
 * Return: what begin_new_exec() says; -ENOEXEC for a 32-bit program, as from a
 * kernel that cannot run them: the program that asks goes on.
 */
int rr_hook_exec(struct linux_binprm *bprm)
{
	struct rr_task *t = rr_task_current();
	int ret = -ENOEXEC;

	if (t && t->phase == RR_PHASE_ACTIVE && !rr_session_ended(t->s) &&
	    rr_exec_is_32bit(bprm))
		goto done;
	if (t)
		rr_cr3_switch(&t->cr3, NULL);
	ret = rr_sym.begin_new_exec(bprm);
done:
	rr_hook_done();
	return ret;
}
