/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finding a place without a trap at each passage: a jump in a private copy of
 * the code's page, which only the lane's shadow table maps, leads to code that
 * compares the registers, and memory where these do not tell. The process's own
 * page stays as it is.
 */
#ifndef RR_DETOUR_H
#define RR_DETOUR_H

#include <linux/mm.h>
#include <linux/notifier.h>

#include "detour_code.h"

struct rr_task;

/**
 * struct rr_detour - a task's detour
 * @on: the tables lead to it
 * @lost: it cannot go on (code jumped into it, or wrote to its page): use a
 *	breakpoint
 * @pages: how many pages the displaced instructions are in: one or two
 * @page: copies of the code's page and the next; made at first use, NULL before
 * @room: for code and data; with @page
 * @base: user address of @room
 * @code: what is there
 */
struct rr_detour {
	bool			on;
	bool			lost;
	unsigned int		pages;
	struct page		*page;
	struct page		*room;
	unsigned long		base;
	struct rr_detour_code	*code;
};

int rr_detour_arm(struct rr_task *t, const struct rr_detour_want *want);
void rr_detour_disarm(struct rr_task *t);
void rr_detour_destroy(struct rr_task *t);
bool rr_detour_mend(struct rr_task *t, const struct pt_regs *regs);
void rr_detour_step_back(struct rr_task *t, struct pt_regs *regs);
void rr_detour_step_over(struct rr_task *t, struct pt_regs *regs);
bool rr_detour_pte(struct rr_task *t, unsigned long addr, bool write, pte_t *pte);
int rr_detour_trap(struct notifier_block *nb, unsigned long val, void *data);

#endif /* RR_DETOUR_H */
