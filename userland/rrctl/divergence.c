// SPDX-License-Identifier: GPL-2.0-only
/*
 * The report of a divergence, for people.
 */
#include <stdio.h>

#include "divergence.h"
#include "regs.h"
#include "rrctl.h"

#define REGS_PER_LINE	3

static void insn_print(const struct rr_divergence *div)
{
	__u32 i;

	if (!div->has_regs)
		return;
	fprintf(stderr, "  at       %#llx:", div->regs.ip);
	for (i = 0; i < div->insn_len; i++)
		fprintf(stderr, " %02x", div->insn[i]);
	fputc('\n', stderr);
}

static void regs_print(const struct rrlog_regs *regs)
{
	unsigned int i;

	for (i = 0; i < RR_NR_REGS; i++)
		fprintf(stderr, "  %-7s %016llx%s", rr_reg_name(i), rr_reg_value(regs, i),
			i % REGS_PER_LINE == REGS_PER_LINE - 1 || i == RR_NR_REGS - 1 ? "\n" : "");
}

/**
 * rr_divergence_print() - report on standard error where a replay diverged
 * @div: from the session
 */
void rr_divergence_print(const struct rr_divergence *div)
{
	rr_say("replay diverged from the log at lane %u, task %u, event %llu",
	       div->lane, div->task, div->event);
	fprintf(stderr, "  expected %s\n  got      %s\n", div->expected, div->got);
	insn_print(div);
	if (div->has_regs)
		regs_print(&div->regs);
}
