/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RDRAND and RDSEED do not trap as RDTSC does. So a lane's table maps a copy of the page of
 * code, in which the first byte of their opcode is HLT, and what they give is an event.
 */
#ifndef RR_RANDOM_H
#define RR_RANDOM_H

#include "crew/pte.h"

struct page;
struct pt_regs;
struct rr_session;
struct rr_task;
struct vm_area_struct;

/**
 * struct rr_random - an RDRAND or RDSEED
 * @len: bytes of the instruction
 * @bytes: of its operand: 2, 4 or 8
 * @reg: number of its register
 */
struct rr_random {
	unsigned int	len;
	unsigned int	bytes;
	unsigned int	reg;
};

bool rr_random_patch(u8 *copy, const u8 *code);
bool rr_random_may(struct rr_session *s, const struct vm_area_struct *vma);
bool rr_random_pte(struct rr_task *t, const struct vm_area_struct *vma, unsigned long addr,
		   struct page *page, pte_t *pte);
bool rr_random_at(const struct pt_regs *regs, struct rr_random *insn);
u64 rr_random_value(const struct rr_random *insn);
void rr_random_set(struct pt_regs *regs, const struct rr_random *insn, u64 value);

#endif /* RR_RANDOM_H */
