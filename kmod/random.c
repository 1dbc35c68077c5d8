// SPDX-License-Identifier: GPL-2.0-only
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "compat/symbols.h"
#include "crew/space.h"
#include "random.h"

#define RR_HLT		0xf4
#define RR_PREFIXES	2	/* 66, REX */
/* From so far before, decoding comes into step wherever it begins. */
#define RR_STEP_BYTES	64
#define RR_STEP_STARTS	MAX_INSN_SIZE
/* So many instructions behind it, one of them uses the carry flag. */
#define RR_CARRY_INSNS	4

/* Is RDRAND's or RDSEED's opcode there, whatever the first byte is? */
static bool rr_random_opcode(const u8 *code)
{
	return code[1] == 0xc7 && code[2] >= 0xf0;
}

/* With F3 it is RDPID, and the opcode tells VEX codes apart. */
static bool rr_random_prefixes(const struct insn *insn)
{
	return !insn->vex_prefix.nbytes && insn->prefixes.nbytes <= 1 &&
	       (!insn->prefixes.nbytes || insn->prefixes.bytes[0] == 0x66);
}

/* Does decoding from @pos on come to an instruction whose opcode is at @at? */
static bool rr_random_reached(const u8 *code, size_t pos, size_t at)
{
	struct insn insn;

	while (pos <= at) {
		if (rr_sym.insn_decode(&insn, code + pos, PAGE_SIZE - pos, INSN_MODE_64)) {
			pos++;
			continue;
		}
		if (pos + insn.prefixes.nbytes + insn.rex_prefix.nbytes == at)
			return rr_random_prefixes(&insn);
		pos += insn.length;
	}
	return false;
}

/* Whether a value came is in the carry flag: nobody leaves it at that. */
static bool rr_random_carry(const u8 *code, size_t pos)
{
	struct insn insn;
	u8 op;
	int i;

	for (i = 0; i < RR_CARRY_INSNS; i++, pos += insn.length) {
		/* Cut by the end of the page. */
		if (pos >= PAGE_SIZE ||
		    rr_sym.insn_decode(&insn, code + pos, PAGE_SIZE - pos, INSN_MODE_64))
			return pos + MAX_INSN_SIZE > PAGE_SIZE;
		op = insn.opcode.bytes[0];
		if (op == 0x0f) {
			op = insn.opcode.bytes[1];
			/* CMOVcc, Jcc, SETcc */
			if ((op & 0xfe) == 0x42 || (op & 0xee) == 0x82)
				return true;
		} else if ((op & 0xfe) == 0x72 || (op >= 0x10 && op <= 0x1d) || op == 0x9c) {
			return true;	/* Jcc; ADC, SBB; PUSHF */
		}
	}
	return false;
}

/*
 * Is there code, rather than data, or the middle of another instruction? A function of
 * the page alone: a replay must come to the same.
 */
static bool rr_random_is_code(const u8 *code, size_t at)
{
	size_t first = at > RR_STEP_BYTES + RR_STEP_STARTS ?
		       at - RR_STEP_BYTES - RR_STEP_STARTS : 0;
	unsigned int starts = min_t(size_t, RR_STEP_STARTS, at + 1), i, reached = 0;

	for (i = 0; i < starts; i++)
		reached += rr_random_reached(code, first + i, at);
	return 4 * reached >= 3 * starts && rr_random_carry(code, at + 3);
}

/**
 * rr_random_patch() - make RDRAND and RDSEED trap in a page of code
 * @code: a copy of it
 *
 * One that lies over the end of the page is not found.
 *
 * Return: true if there are any.
 */
bool rr_random_patch(u8 *code)
{
	u8 *p = code, *end = code + PAGE_SIZE - 2;
	bool any = false;

	for (; (p = memchr(p, 0x0f, end - p)); p++) {
		if (!rr_random_opcode(p) || !rr_random_is_code(code, p - code))
			continue;
		*p = RR_HLT;
		any = true;
	}
	return any;
}

/* Most pages have not even the bytes. */
static bool rr_random_suspect(const u8 *code)
{
	const u8 *p = code, *end = code + PAGE_SIZE - 2;

	for (; (p = memchr(p, 0x0f, end - p)); p++)
		if (rr_random_opcode(p))
			return true;
	return false;
}

/* The copy for an address, made once: what else comes there later is mapped as it is. */
static struct page *rr_random_copy(struct rr_space *space, unsigned long addr,
				   struct page *page)
{
	struct page *copy = alloc_page(GFP_KERNEL_ACCOUNT), *old;

	if (!copy)
		return NULL;
	copy_highpage(copy, page);
	if (!rr_random_patch(page_address(copy))) {
		__free_page(copy);
		return NULL;
	}
	old = xa_cmpxchg(&space->code, addr >> PAGE_SHIFT, NULL, copy, GFP_KERNEL);
	if (!old)
		return copy;
	if (xa_is_err(old) || memcmp(page_address(old), page_address(copy), PAGE_SIZE))
		old = NULL;
	__free_page(copy);
	return old;
}

/**
 * rr_random_pte() - a page is about to be mapped for reading: is it code that must trap?
 * @space: address space
 * @addr: user address
 * @page: its page
 * @pte: in: the official entry; out: what to map instead
 *
 * Not if the program may write there.
 *
 * Context: mmap lock held for reading; may sleep.
 */
bool rr_random_pte(struct rr_space *space, unsigned long addr, struct page *page, pte_t *pte)
{
	struct page *copy = NULL;
	void *code;
	bool suspect;

	if (!page || !pte_exec(*pte) || pte_write(*pte))
		return false;
	code = kmap_local_page(page);
	suspect = rr_random_suspect(code);
	kunmap_local(code);
	if (suspect)
		copy = rr_random_copy(space, addr, page);
	if (!copy)
		return false;
	*pte = rr_pte_copy(*pte, copy);
	return true;
}

/**
 * rr_random_at() - has a task trapped at an RDRAND or RDSEED?
 * @regs: its registers
 * @insn: what it is
 *
 * Context: current, interrupts on.
 */
bool rr_random_at(const struct pt_regs *regs, struct rr_random *insn)
{
	u8 code[RR_PREFIXES + 3], rex = 0, was;
	unsigned int at = 0;
	size_t left;

	left = copy_from_user(code, (void __user *)regs->ip, sizeof(code));
	insn->bytes = 4;
	if (code[at] == 0x66) {
		insn->bytes = 2;
		at++;
	}
	if ((code[at] & 0xf0) == 0x40)
		rex = code[at++];
	if (at + 3 > sizeof(code) - left || code[at] != RR_HLT || !rr_random_opcode(code + at))
		return false;
	/* Or is it the program's own HLT? */
	if (access_process_vm(current, regs->ip + at, &was, 1, FOLL_FORCE) != 1 || was != 0x0f)
		return false;
	if (rex & 8)
		insn->bytes = 8;
	insn->reg = (code[at + 2] & 7) | (rex & 1) << 3;
	insn->len = at + 3;
	return true;
}

/**
 * rr_random_value() - a value for the operand
 * @insn: the instruction
 */
u64 rr_random_value(const struct rr_random *insn)
{
	return get_random_u64() >> (64 - 8 * insn->bytes);
}

/**
 * rr_random_set() - the instruction is done, and has been successful
 * @regs: of the current task, at the instruction
 * @insn: the instruction
 * @value: what it gives
 */
void rr_random_set(struct pt_regs *regs, const struct rr_random *insn, u64 value)
{
	unsigned long *reg[] = {
		&regs->ax, &regs->cx, &regs->dx, &regs->bx, &regs->sp, &regs->bp,
		&regs->si, &regs->di, &regs->r8, &regs->r9, &regs->r10, &regs->r11,
		&regs->r12, &regs->r13, &regs->r14, &regs->r15,
	};

	if (insn->bytes == 2)
		value = (*reg[insn->reg] & ~0xfffful) | (u16)value;
	*reg[insn->reg] = value;
	regs->flags &= ~(X86_EFLAGS_OF | X86_EFLAGS_SF | X86_EFLAGS_ZF | X86_EFLAGS_AF |
			 X86_EFLAGS_PF);
	regs->flags |= X86_EFLAGS_CF;
	regs->ip += insn->len;
}
