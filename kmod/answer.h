/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls whose true answer would show the recorder, or undo what it has set up: which
 * processors a task runs on, whether RDTSC traps. The program sees what it would see
 * without us.
 */
#ifndef RR_ANSWER_H
#define RR_ANSWER_H

#include <linux/types.h>

struct pt_regs;
struct rr_task;

bool rr_answer(struct rr_task *t, struct pt_regs *regs);

#endif /* RR_ANSWER_H */
