// SPDX-License-Identifier: GPL-2.0-only
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sched/task_stack.h>

#include "compat/symbols.h"
#include "crew/space.h"
#include "logdev/logdev.h"
#include "random.h"
#include "session.h"
#include "task.h"

#define RR_HLT		0xf4
#define RR_RANDOM_MINOR	5	/* of the log format */
#define RR_PREFIXES	2	/* 66, REX */
/* From so far before, decoding comes into step wherever it begins. */
#define RR_STEP_BYTES	64
#define RR_STEP_STARTS	MAX_INSN_SIZE
/* So many instructions behind it, one of them uses the carry flag. */
#define RR_CARRY_INSNS	4

/* Is RDRAND's or RDSEED's opcode there? */
static bool rr_random_opcode(const u8 *code)
{
	return code[0] == 0x0f && code[1] == 0xc7 && code[2] >= 0xf0;
}

/* The first such opcode in a page at or after @from, or NULL. */
static const u8 *rr_random_next(const u8 *code, const u8 *from)
{
	const u8 *end = code + PAGE_SIZE - 2;

	for (; (from = memchr(from, 0x0f, end - from)); from++)
		if (rr_random_opcode(from))
			break;
	return from;
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
		} else if ((op & 0xfc) == 0x80 &&
			   (X86_MODRM_REG(insn.modrm.value) & 6) == 2) {
			return true;	/* ADC, SBB with a constant */
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
 * rr_random_patch() - make RDRAND and RDSEED trap in a copy of a page of code
 * @copy: the copy
 * @code: the page
 *
 * One that lies over the end of the page is not found.
 *
 * Return: true if there are any.
 */
bool rr_random_patch(u8 *copy, const u8 *code)
{
	const u8 *p = code;
	bool any = false;

	for (; (p = rr_random_next(code, p)); p++) {
		if (!rr_random_is_code(code, p - code))
			continue;
		copy[p - code] = RR_HLT;
		any = true;
	}
	return any;
}

/* The copy for an address; if something else is there than last time, it goes. */
static struct page *rr_random_copy(struct rr_space *space, unsigned long addr,
				   struct page *page)
{
	struct page *copy = alloc_page(GFP_KERNEL_ACCOUNT), *old;

	if (!copy)
		return ERR_PTR(-ENOMEM);
	copy_highpage(copy, page);
	if (!rr_random_patch(page_address(copy), page_address(page))) {
		__free_page(copy);
		return NULL;
	}
	old = xa_load(&space->code, addr >> PAGE_SHIFT);
	if (old && !memcmp(page_address(old), page_address(copy), PAGE_SIZE)) {
		__free_page(copy);
		return old;
	}
	if (rr_space_code(space, addr, copy))
		return ERR_PTR(-ENOMEM);
	return copy;
}

/**
 * rr_random_may() - may pages of a mapping be copied and patched?
 * @s: session
 * @vma: the mapping
 *
 * Code that the program may not write to, here or through another mapping. It is the
 * mapping that decides: the entry of a page is not writable at times, and not the same in
 * record and replay. Logs before version 1.5 are of programs that were let be.
 */
bool rr_random_may(struct rr_session *s, const struct vm_area_struct *vma)
{
	if ((vma->vm_flags & (VM_EXEC | VM_WRITE | VM_MAYSHARE)) != VM_EXEC)
		return false;
	return rr_session_records(s) || rr_in_header(s->in)->minor >= RR_RANDOM_MINOR;
}

/**
 * rr_random_pte() - a page is about to be mapped for reading: is it code that must trap?
 * @t: current's
 * @vma: its mapping
 * @addr: user address
 * @page: its page, or NULL
 * @pte: in: the official entry; out: what to map instead
 *
 * Ends the session if memory is short.
 *
 * Context: mmap lock held for reading, and in a recording of several lanes rr_space.pagein;
 * may sleep.
 */
bool rr_random_pte(struct rr_task *t, const struct vm_area_struct *vma, unsigned long addr,
		   struct page *page, pte_t *pte)
{
	struct page *copy;

	if (!page || !rr_random_may(t->s, vma))
		return false;
	/* Most pages have not even the bytes. */
	if (!rr_random_next(page_address(page), page_address(page)))
		return false;
	copy = rr_random_copy(t->space, addr, page);
	if (IS_ERR(copy))
		rr_session_end(t->s, RRCREW_RESULT_BROKEN, "no memory to copy a page of code");
	if (IS_ERR_OR_NULL(copy))
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
	u8 code[RR_PREFIXES + 3] = { 0 }, rex = 0;
	unsigned int at = 0;
	int n;

	/* The program's own: one that is HLT there, too, is its business. */
	n = access_process_vm(current, regs->ip, code, sizeof(code), FOLL_FORCE);
	insn->bytes = 4;
	if (code[at] == 0x66) {
		insn->bytes = 2;
		at++;
	}
	if ((code[at] & 0xf0) == 0x40)
		rex = code[at++];
	if ((int)at + 3 > n || !rr_random_opcode(code + at))
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
