// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions whose values are events: RDTSC and RDTSCP trap (TIF_NOTSC), RDRAND and RDSEED
 * are made to (random.h).
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <asm/trapnr.h>

#include "compat/symbols.h"
#include "hook.h"
#include "random.h"
#include "record.h"
#include "replay.h"
#include "task.h"

/* Is it RDTSC or RDTSCP? Returns its length, or 0. */
static int rr_trap_tsc(const struct pt_regs *regs)
{
	u8 insn[3] = { 0 };

	/* Not through the lane's table: that is no event, and the page may have been lost. */
	access_process_vm(current, regs->ip, insn, sizeof(insn), FOLL_FORCE);
	if (insn[0] == 0x0f && insn[1] == 0x31)
		return 2;
	return insn[0] == 0x0f && insn[1] == 0x01 && insn[2] == 0xf9 ? 3 : 0;
}

static bool rr_trap_value(struct rr_task *t, struct pt_regs *regs)
{
	int tsc = t->tsc_faults ? 0 : rr_trap_tsc(regs);
	struct rr_random random;

	if (!tsc && !rr_random_at(regs, &random))
		return false;
	if (rr_session_ended(t->s)) {
		/* A recorded program runs on as if nothing had been. */
		if (rr_session_records(t->s))
			rr_task_untag(t);
		else
			rr_task_queue_leave(t);
		return true;
	}
	if (!tsc)
		return rr_session_records(t->s) ? rr_record_random(t, regs, &random) :
						  rr_replay_random(t, regs, &random);
	if (rr_session_records(t->s))
		return rr_record_tsc(t, regs, tsc == 3, tsc);
	return rr_replay_tsc(t, regs, tsc == 3, tsc);
}

/**
 * rr_hook_trap() - instead of fixup_vdso_exception(), before a trap's signal
 * @regs: registers of user mode
 * @trapnr: X86_TRAP_*
 * @error_code: of the trap
 * @addr: of the trap
 *
 * Context: interrupts on, no locks held.
 * Return: true if the trap is dealt with: no signal.
 */
bool rr_hook_trap(struct pt_regs *regs, int trapnr, unsigned long error_code,
		  unsigned long addr)
{
	struct rr_task *t = rr_task_current();
	bool done = false;

	if (t && t->phase == RR_PHASE_ACTIVE && trapnr == X86_TRAP_GP && !error_code &&
	    user_mode(regs))
		done = rr_trap_value(t, regs);
	if (!done)
		done = rr_sym.fixup_vdso_exception(regs, trapnr, error_code, addr);
	rr_hook_done();
	return done;
}
