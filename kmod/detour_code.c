// SPDX-License-Identifier: GPL-2.0-only
/*
 * A jump of five bytes leads from the place to its detour, as in optimised
 * kprobes and gdb's fast tracepoints. Unlike those it is safe when other code
 * jumps to where the second to fifth byte were: these are all INT3, which makes
 * the distance, and so the detour's address, a given. In a program below 2 GiB
 * the fifth byte is free if no displaced instruction begins there.
 *
 * The detour uses no stack (the program may look below its stack pointer) and
 * saves the flags with LAHF and SETO.
 */
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <asm/insn.h>
#include <asm/processor-flags.h>

#include "compat/symbols.h"
#include "detour_code.h"

#define RR_INT3		0xcc

/*
 * Data below the entry, not in a page of the code: processors take a write there
 * for self-modifying code (TCG needs 2 us for it). In u64: the program's rax, its
 * flags, what is wanted.
 */
enum {
	RR_DATA_AX,
	RR_DATA_FLAGS,
	RR_DATA_WANT_FLAGS,
	RR_DATA_WANT,		/* 16 registers in the order of their encoding */
	RR_DATA_WORD = RR_DATA_WANT + 16,
};

/**
 * rr_detour_is_rep() - is this a string instruction with REP?
 * @insn: the instruction
 *
 * The prefixes alone do not tell: SSE has them, too.
 *
 * Context: any.
 */
bool rr_detour_is_rep(const struct insn *insn)
{
	u8 op = insn->vex_prefix.nbytes ? 0 : insn->opcode.bytes[0];

	return insn->prefixes.nbytes && ((op >= 0x6c && op <= 0x6f) ||
					 (op >= 0xa4 && op <= 0xa7) ||
					 (op >= 0xaa && op <= 0xaf));
}

/* Instructions that must trap, call or stop at their own address. */
static bool rr_detour_refuses(const struct insn *insn)
{
	const u8 *op = insn->opcode.bytes;
	u8 reg = X86_MODRM_REG(insn->modrm.bytes[0]);

	if (insn->vex_prefix.nbytes)
		return false;
	/* Each iteration is a state at the place. */
	if (rr_detour_is_rep(insn))
		return true;
	switch (op[0]) {
	case 0x9a: case 0xca: case 0xcb: case 0xcc: case 0xcd: case 0xce:
	case 0xcf: case 0xe0: case 0xe1: case 0xe2: case 0xe3: case 0xea:
	case 0xf1: case 0xf4: case 0x6c: case 0x6d: case 0x6e: case 0x6f:
	case 0xe4: case 0xe5: case 0xe6: case 0xe7: case 0xec: case 0xed:
	case 0xee: case 0xef: case 0xfa: case 0xfb:
		return true;
	case 0xc6: case 0xc7:		/* XABORT, XBEGIN */
		return reg == 7;
	case 0xff:			/* indirect calls, far jumps */
		return reg == 2 || reg == 3 || reg == 5;
	case 0x70 ... 0x7f: case 0xe8: case 0xe9: case 0xeb:
		return insn->prefixes.nbytes || insn->rex_prefix.nbytes;
	case 0x0f:
		if (op[1] >= 0x80 && op[1] <= 0x8f)
			return insn->prefixes.nbytes || insn->rex_prefix.nbytes;
		/* 0x01: RDTSCP among others; RSM, UD, MSRs, RDTSC, SYSCALL ... */
		return op[1] <= 0x0b || (op[1] >= 0x30 && op[1] <= 0x37) ||
		       op[1] == 0xaa || op[1] == 0xb9 || op[1] == 0xff || op[1] == 0xa2;
	}
	return false;
}

/**
 * rr_detour_suits() - is this a good place to jump to a detour from?
 * @insn: the instruction at the place
 *
 * At one that is shorter than the jump, code that jumps to what the jump displaces, as
 * the end of a short loop does, traps each time.
 *
 * Context: any.
 */
bool rr_detour_suits(const struct insn *insn)
{
	return insn->length >= RR_DETOUR_JUMP && !rr_detour_refuses(insn);
}

/* Is this a direct jump, and how far from its own address does it lead? */
static bool rr_detour_jumps(const struct insn *insn, long *to)
{
	const u8 *op = insn->opcode.bytes;

	*to = (long)insn->length + insn->immediate.value;
	return !insn->vex_prefix.nbytes &&
	       ((op[0] >= 0x70 && op[0] <= 0x7f) || op[0] == 0xe9 || op[0] == 0xeb ||
		(op[0] == 0x0f && op[1] >= 0x80 && op[1] <= 0x8f));
}

/**
 * rr_detour_heads_loop() - does a short loop begin here?
 * @bytes: code, from the place on
 * @len: how much of it there is
 *
 * Such a loop may have no place where one instruction is as long as the jump. At its head
 * it is as good: what the jump displaces is not jumped to, as far as can be seen.
 *
 * Context: any.
 */
bool rr_detour_heads_loop(const u8 *bytes, size_t len)
{
	struct insn insn;
	size_t at;
	long to;

	for (at = 0; at < len; at += insn.length) {
		if (rr_sym.insn_decode(&insn, bytes + at, len - at, INSN_MODE_64) ||
		    (at < RR_DETOUR_JUMP && rr_detour_refuses(&insn)))
			return false;
		if (!rr_detour_jumps(&insn, &to))
			continue;
		to += at;
		if (to >= 0 && to < RR_DETOUR_JUMP)
			return !to;
	}
	return false;
}

/**
 * rr_detour_displace() - which instructions does the jump displace?
 * @c: cleared, @place, @nr and @from are set
 * @bytes: the code at @place
 * @avail: how much of it there is
 * @place: its user address
 *
 * Context: any. Return: 0, or -EINVAL: no detour is possible there.
 */
int rr_detour_displace(struct rr_detour_code *c, const u8 *bytes, size_t avail, u64 place)
{
	struct insn insn;
	u32 at = 0;

	memset(c, 0, sizeof(*c));
	c->place = place;
	while (at < RR_DETOUR_JUMP) {
		if (at >= avail ||
		    rr_sym.insn_decode(&insn, bytes + at, avail - at, INSN_MODE_64) ||
		    rr_detour_refuses(&insn))
			return -EINVAL;
		c->from[c->nr++] = at;
		at += insn.length;
	}
	c->from[c->nr] = at;
	return 0;
}

/**
 * rr_detour_aim() - where may the detour be?
 * @c: after rr_detour_displace(); @entry and @jump are set
 * @try: 0, 1, 2 ...
 *
 * Return: false if there are no more addresses to try.
 */
bool rr_detour_aim(struct rr_detour_code *c, unsigned int try)
{
	static const u8 last[] = { RR_INT3, 0x20, 0x30, 0x40, 0x50, 0x60 };
	u32 i;

	if (try >= ARRAY_SIZE(last))
		return false;
	for (i = 1; try && i < c->nr; i++)
		if (c->from[i] == RR_DETOUR_JUMP - 1)
			return false;
	c->jump[0] = 0xe9;
	memset(c->jump + 1, RR_INT3, 3);
	c->jump[4] = last[try];
	c->entry = c->place + RR_DETOUR_JUMP + (s32)((u32)last[try] << 24 | 0xcccccc);
	return true;
}

static void rr_emit(struct rr_detour_code *c, const void *bytes, u32 len)
{
	/* @len counts on, so that the caller sees that it was too much. */
	if (c->len + len <= sizeof(c->code))
		memcpy(c->code + c->len, bytes, len);
	c->len += len;
}

#define RR_EMIT(c, ...)	do {						\
	const u8 bytes_[] = { __VA_ARGS__ };				\
	rr_emit(c, bytes_, sizeof(bytes_));				\
} while (0)

static void rr_emit_u32(struct rr_detour_code *c, u32 value)
{
	rr_emit(c, &value, sizeof(value));
}

/* The rest of an instruction whose operand is a datum, relative to RIP. */
static void rr_emit_datum(struct rr_detour_code *c, u32 index)
{
	s32 at = (s32)(index * sizeof(u64)) - RR_DETOUR_DATA;

	rr_emit_u32(c, at - (s32)(c->len + 4));
}

static int rr_emit_target(struct rr_detour_code *c, u64 target)
{
	s64 dist = target - (c->entry + c->len + 4);

	rr_emit_u32(c, dist);
	return dist == (s32)dist ? 0 : -ERANGE;
}

static void rr_emit_restore(struct rr_detour_code *c)
{
	RR_EMIT(c, 0x66, 0x8b, 0x05);		/* mov flags, %ax */
	rr_emit_datum(c, RR_DATA_FLAGS);
	RR_EMIT(c, 0x04, 0x7f);			/* add $0x7f, %al: sets OF */
	RR_EMIT(c, 0x9e);			/* sahf */
	RR_EMIT(c, 0x48, 0x8b, 0x05);		/* mov ax, %rax */
	rr_emit_datum(c, RR_DATA_AX);
}

/* Return: where in the code its distance belongs. */
static u32 rr_emit_jne(struct rr_detour_code *c)
{
	RR_EMIT(c, 0x0f, 0x85);
	rr_emit_u32(c, 0);
	return c->len - sizeof(u32);
}

/* Compare; all that differs goes on after the match. */
static void rr_emit_compare(struct rr_detour_code *c, const struct rr_detour_want *want)
{
	static const u8 order[] = { 1, 2, 3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 5, 4 };
	u32 out[ARRAY_SIZE(order) + 2 + RR_DETOUR_WORDS], i, nr = 0;
	s32 dist;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		RR_EMIT(c, order[i] < 8 ? 0x48 : 0x4c, 0x39, (order[i] & 7) << 3 | 5);
		rr_emit_datum(c, RR_DATA_WANT + order[i]);	/* cmp %reg, want */
		out[nr++] = rr_emit_jne(c);
	}
	RR_EMIT(c, 0x66, 0x39, 0x05);		/* cmp %ax, flags wanted */
	rr_emit_datum(c, RR_DATA_WANT_FLAGS);
	out[nr++] = rr_emit_jne(c);
	RR_EMIT(c, 0x48, 0x8b, 0x05);		/* mov ax, %rax */
	rr_emit_datum(c, RR_DATA_AX);
	RR_EMIT(c, 0x48, 0x39, 0x05);		/* cmp %rax, want */
	rr_emit_datum(c, RR_DATA_WANT);
	out[nr++] = rr_emit_jne(c);
	for (i = 0; i < want->nr; i++) {
		RR_EMIT(c, 0x48, 0xa1);			/* mov word, %rax */
		rr_emit(c, &want->word[i].addr, sizeof(u64));
		RR_EMIT(c, 0x48, 0x39, 0x05);		/* cmp %rax, want */
		rr_emit_datum(c, RR_DATA_WORD + i);
		out[nr++] = rr_emit_jne(c);
	}

	rr_emit_restore(c);
	c->match = c->len;
	RR_EMIT(c, RR_INT3);
	for (i = 0; i < nr; i++) {
		dist = c->len - (out[i] + 4);
		if (c->len <= sizeof(c->code))
			memcpy(c->code + out[i], &dist, sizeof(dist));
	}
	rr_emit_restore(c);
	c->over = c->len;
}

/* What a call at the place would have pushed. */
static void rr_emit_push(struct rr_detour_code *c, u64 value)
{
	RR_EMIT(c, 0x68);			/* push $low */
	rr_emit_u32(c, value);
	RR_EMIT(c, 0xc7, 0x44, 0x24, 0x04);	/* movl $high, 4(%rsp) */
	rr_emit_u32(c, value >> 32);
}

static int rr_emit_displaced(struct rr_detour_code *c, const u8 *bytes, u32 i)
{
	u64 next = c->place + c->from[i + 1];
	struct insn insn;
	const u8 *op = insn.opcode.bytes;
	u32 start = c->len, at;
	s64 disp;
	s32 disp32;

	c->to[i] = start;
	if (rr_sym.insn_decode(&insn, bytes + c->from[i], c->from[i + 1] - c->from[i],
			       INSN_MODE_64))
		return -EINVAL;
	if (!insn.vex_prefix.nbytes) {
		if (op[0] >= 0x70 && op[0] <= 0x7f) {
			RR_EMIT(c, 0x0f, op[0] + 0x10);
			return rr_emit_target(c, next + insn.immediate.value);
		}
		if (op[0] == 0x0f && op[1] >= 0x80 && op[1] <= 0x8f) {
			RR_EMIT(c, 0x0f, op[1]);
			return rr_emit_target(c, next + insn.immediate.value);
		}
		if (op[0] == 0xe8)
			rr_emit_push(c, next);
		if (op[0] == 0xe8 || op[0] == 0xe9 || op[0] == 0xeb) {
			RR_EMIT(c, 0xe9);
			return rr_emit_target(c, next + insn.immediate.value);
		}
	}
	rr_emit(c, bytes + c->from[i], insn.length);
	if (!insn.modrm.nbytes || (insn.modrm.bytes[0] & 0xc7) != 5 ||
	    c->len > sizeof(c->code))
		return 0;
	disp = insn.displacement.value + (s64)(next - (c->entry + c->len));
	disp32 = disp;
	at = start + insn_offset_displacement(&insn);
	memcpy(c->code + at, &disp32, sizeof(disp32));
	return disp == disp32 ? 0 : -ERANGE;
}

static void rr_detour_data(struct rr_detour_code *c, const struct rr_detour_want *want)
{
	const struct rrlog_regs *w = &want->regs;
	const u64 in_order[16] = {
		w->ax, w->cx, w->dx, w->bx, w->sp, w->bp, w->si, w->di,
		w->r8, w->r9, w->r10, w->r11, w->r12, w->r13, w->r14, w->r15,
	};
	u32 i;

	memcpy(c->data + RR_DATA_WANT, in_order, sizeof(in_order));
	for (i = 0; i < want->nr; i++)
		c->data[RR_DATA_WORD + i] = want->word[i].value;
	c->data[RR_DATA_WANT_FLAGS] =
		((w->flags & (X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF |
			      X86_EFLAGS_ZF | X86_EFLAGS_SF)) | X86_EFLAGS_FIXED) << 8 |
		(w->flags & X86_EFLAGS_OF ? 1 : 0);
}

/**
 * rr_detour_build() - make the code
 * @c: after rr_detour_aim(); the rest is set
 * @bytes: as for rr_detour_displace()
 * @want: what to stop at
 *
 * Context: any. Return: 0 or a negative errno: no detour from here to there.
 */
int rr_detour_build(struct rr_detour_code *c, const u8 *bytes,
		    const struct rr_detour_want *want)
{
	int ret;
	u32 i;

	c->len = 0;
	rr_detour_data(c, want);
	RR_EMIT(c, 0x48, 0x89, 0x05);		/* mov %rax, ax */
	rr_emit_datum(c, RR_DATA_AX);
	RR_EMIT(c, 0x9f, 0x0f, 0x90, 0xc0);	/* lahf; seto %al */
	RR_EMIT(c, 0x66, 0x89, 0x05);		/* mov %ax, flags */
	rr_emit_datum(c, RR_DATA_FLAGS);
	rr_emit_compare(c, want);
	for (i = 0; i < c->nr; i++) {
		ret = rr_emit_displaced(c, bytes, i);
		if (ret)
			return ret;
	}
	c->to[c->nr] = c->len;
	RR_EMIT(c, 0xe9);
	ret = rr_emit_target(c, c->place + c->from[c->nr]);
	return c->len > sizeof(c->code) ? -ENOSPC : ret;
}
