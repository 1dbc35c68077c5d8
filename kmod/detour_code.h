/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine code of a detour: compares all general registers and some words
 * with the wanted ones, and executes what was displaced for the jump to it. Knows
 * no task, page or lock.
 */
#ifndef RR_DETOUR_CODE_H
#define RR_DETOUR_CODE_H

#include <linux/types.h>

#include "../include/uapi/linux/rrcrew_log.h"

#define RR_DETOUR_JUMP		5	/* bytes: jmp rel32 */
#define RR_DETOUR_DATA		4352	/* bytes below the entry, where its data are */
#define RR_DETOUR_DATA_BYTES	256
#define RR_DETOUR_ROOM		512	/* bytes at and above the entry */
#define RR_DETOUR_WORDS		4	/* of memory that are compared, too */

/**
 * struct rr_detour_want - what a detour compares
 * @regs: registers
 * @nr: of the words
 * @word: aligned user addresses and what is there; the detour reads them only
 *	if all registers are equal
 */
struct rr_detour_want {
	struct rrlog_regs	regs;
	u32			nr;
	struct {
		u64	addr;
		u64	value;
	} word[RR_DETOUR_WORDS];
};

struct insn;

/**
 * struct rr_detour_code - a detour for one place
 * @place: user address of the place
 * @entry: user address that the jump at @place goes to
 * @data: what belongs at @entry - RR_DETOUR_DATA
 * @code: what belongs at @entry
 * @len: bytes of @code
 * @match: offset in @code of the INT3 that tells that all is equal
 * @over: offset in @code of the first displaced instruction
 * @nr: displaced instructions
 * @from: their offsets from @place, and the first byte after them
 * @to: where they are in @code
 * @jump: what belongs at @place
 */
struct rr_detour_code {
	u64	place;
	u64	entry;
	u64	data[RR_DETOUR_DATA_BYTES / sizeof(u64)];
	u8	code[RR_DETOUR_ROOM];
	u32	len;
	u32	match;
	u32	over;
	u32	nr;
	u8	from[RR_DETOUR_JUMP + 1];
	u32	to[RR_DETOUR_JUMP + 1];
	u8	jump[RR_DETOUR_JUMP];
};

bool rr_detour_is_rep(const struct insn *insn);
bool rr_detour_suits(const struct insn *insn);
bool rr_detour_heads_loop(const u8 *bytes, size_t len);
int rr_detour_displace(struct rr_detour_code *c, const u8 *bytes, size_t avail, u64 place);
bool rr_detour_aim(struct rr_detour_code *c, unsigned int try);
int rr_detour_build(struct rr_detour_code *c, const u8 *bytes,
		    const struct rr_detour_want *want);

#endif /* RR_DETOUR_CODE_H */
