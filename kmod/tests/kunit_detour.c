// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine code of detours, read back with the kernel's decoder. That it also
 * does what it says is shown by replays.
 */
#include <asm/insn.h>

#include "compat/symbols.h"
#include "detour_code.h"
#include "kunit.h"

#define PLACE	0x7f0012345678ULL

struct displace_case {
	const char	*name;
	size_t		len;
	u8		bytes[16];
	int		nr;		/* of displaced instructions, or an error */
	u8		from[6];
};

static const struct displace_case displace_cases[] = {
	{ "nops", 5, { 0x90, 0x90, 0x90, 0x90, 0x90 }, 5, { 0, 1, 2, 3, 4, 5 } },
	{ "prologue", 8, { 0x55, 0x48, 0x89, 0xe5, 0x48, 0x83, 0xec, 0x10 }, 3, { 0, 1, 4, 8 } },
	{ "one long", 10, { 0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8 }, 1, { 0, 10 } },
	{ "jump", 8, { 0x75, 0x10, 0x0f, 0x84, 0, 1, 0, 0 }, 2, { 0, 2, 8 } },
	{ "call", 5, { 0xe8, 0, 1, 0, 0 }, 1, { 0, 5 } },
	{ "string without REP", 5, { 0xa4, 0x90, 0x90, 0x90, 0x90 }, 5, { 0, 1, 2, 3, 4, 5 } },
	{ "end of the page", 4, { 0x90, 0x90, 0x90, 0x90 }, -EINVAL },
	{ "cut instruction", 6, { 0x90, 0x90, 0x48, 0xb8, 1, 2 }, -EINVAL },
	{ "syscall", 5, { 0x0f, 0x05, 0x90, 0x90, 0x90 }, -EINVAL },
	{ "syscall behind", 5, { 0x90, 0x90, 0x90, 0x0f, 0x05 }, -EINVAL },
	{ "rdtsc", 5, { 0x0f, 0x31, 0x90, 0x90, 0x90 }, -EINVAL },
	{ "rdtscp", 5, { 0x0f, 0x01, 0xf9, 0x90, 0x90 }, -EINVAL },
	{ "cpuid", 5, { 0x0f, 0xa2, 0x90, 0x90, 0x90 }, -EINVAL },
	{ "int3", 5, { 0xcc, 0x90, 0x90, 0x90, 0x90 }, -EINVAL },
	{ "rep movsb", 5, { 0xf3, 0xa4, 0x90, 0x90, 0x90 }, -EINVAL },
	{ "indirect call", 5, { 0xff, 0xd0, 0x90, 0x90, 0x90 }, -EINVAL },
	{ "indirect jump", 5, { 0xff, 0xe0, 0x90, 0x90, 0x90 }, 4, { 0, 2, 3, 4, 5 } },
	{ "loop", 5, { 0xe2, 0xfe, 0x90, 0x90, 0x90 }, -EINVAL },
	{ "ud2", 5, { 0x0f, 0x0b, 0x90, 0x90, 0x90 }, -EINVAL },
	{ "xbegin", 6, { 0xc7, 0xf8, 0, 0, 0, 0 }, -EINVAL },
};

static void displace_describe(const struct displace_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(displace, displace_cases, displace_describe);

static bool suits(const u8 *bytes, size_t len)
{
	struct insn insn;

	return !rr_sym.insn_decode(&insn, bytes, len, INSN_MODE_64) && rr_detour_suits(&insn);
}

static void detour_heads_loop(struct kunit *test)
{
	/* 0: mov (%rbx), %rax; 3: test; 6: jne out; 8: sub $1, %ecx; 11: jne 0 */
	static const u8 polls[] = { 0x48, 0x8b, 0x03, 0x48, 0x85, 0xc0, 0x75, 0x20,
				    0x83, 0xe9, 0x01, 0x75, 0xf3, 0xc3 };
	/* 0: inc %eax; 2: dec %ecx; 4: jne 2; 6: jmp 0 */
	static const u8 inner[] = { 0xff, 0xc0, 0xff, 0xc9, 0x75, 0xfc, 0xeb, 0xf8 };
	static const u8 traps[] = { 0xcc, 0x90, 0xeb, 0xfc };

	KUNIT_EXPECT_TRUE(test, rr_detour_heads_loop(polls, sizeof(polls)));
	KUNIT_EXPECT_FALSE(test, rr_detour_heads_loop(polls + 3, sizeof(polls) - 3));
	/* Cut before its end: not known. */
	KUNIT_EXPECT_FALSE(test, rr_detour_heads_loop(polls, 11));
	KUNIT_EXPECT_FALSE(test, rr_detour_heads_loop(inner, sizeof(inner)));
	KUNIT_EXPECT_TRUE(test, rr_detour_heads_loop(inner + 2, sizeof(inner) - 2));
	KUNIT_EXPECT_FALSE(test, rr_detour_heads_loop(traps, sizeof(traps)));
}

static void detour_displaces(struct kunit *test)
{
	const struct displace_case *c = test->param_value;
	struct rr_detour_code *code = kunit_kzalloc(test, sizeof(*code), GFP_KERNEL);
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, code);
	ret = rr_detour_displace(code, c->bytes, c->len, PLACE);
	KUNIT_EXPECT_EQ(test, suits(c->bytes, c->len), !ret && code->nr == 1);
	KUNIT_EXPECT_EQ(test, ret, min(c->nr, 0));
	if (ret)
		return;
	KUNIT_EXPECT_EQ(test, code->place, PLACE);
	KUNIT_ASSERT_EQ(test, code->nr, c->nr);
	KUNIT_EXPECT_EQ(test, memcmp(code->from, c->from, c->nr + 1), 0);
}

static const u8 nops[] = { 0x90, 0x90, 0x90, 0x90, 0x90 };
/* push %rbp; mov %rsp, %rbp; mov 0x1000(%rip), %rax */
static const u8 rip_relative[] = { 0x55, 0x48, 0x8b, 0x05, 0x00, 0x10, 0x00, 0x00 };
/* jne +0x10; jmp -0x20; nop */
static const u8 jumps[] = { 0x75, 0x10, 0xeb, 0xe0, 0x90 };
static const u8 call[] = { 0xe8, 0x00, 0x01, 0x00, 0x00 };

static struct rr_detour_code *aimed(struct kunit *test, const u8 *bytes, size_t len, u64 place)
{
	struct rr_detour_code *code = kunit_kzalloc(test, sizeof(*code), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, code);
	KUNIT_ASSERT_EQ(test, rr_detour_displace(code, bytes, len, place), 0);
	KUNIT_ASSERT_TRUE(test, rr_detour_aim(code, 0));
	return code;
}

/* All but the first byte are INT3, and the jump leads to the entry. */
static void detour_aims(struct kunit *test)
{
	struct rr_detour_code *code = aimed(test, rip_relative, sizeof(rip_relative), PLACE);
	s32 rel;

	KUNIT_EXPECT_EQ(test, memcmp(code->jump, "\xe9\xcc\xcc\xcc\xcc", 5), 0);
	memcpy(&rel, code->jump + 1, sizeof(rel));
	KUNIT_EXPECT_EQ(test, code->entry, PLACE + 5 + rel);

	/* No instruction begins at the fifth byte, so that is free. */
	KUNIT_ASSERT_TRUE(test, rr_detour_aim(code, 1));
	KUNIT_EXPECT_EQ(test, memcmp(code->jump, "\xe9\xcc\xcc\xcc", 4), 0);
	memcpy(&rel, code->jump + 1, sizeof(rel));
	KUNIT_EXPECT_GT(test, rel, 0);
	KUNIT_EXPECT_EQ(test, code->entry, PLACE + 5 + rel);
	KUNIT_EXPECT_FALSE(test, rr_detour_aim(code, 100));

	code = aimed(test, nops, sizeof(nops), PLACE);
	KUNIT_EXPECT_FALSE(test, rr_detour_aim(code, 1));
}

static int decode(struct insn *insn, const struct rr_detour_code *code, u32 at)
{
	return rr_sym.insn_decode(insn, code->code + at, code->len - at, INSN_MODE_64);
}

static u64 target(const struct rr_detour_code *code, u32 at, const struct insn *insn)
{
	return code->entry + at + insn->length + insn->immediate.value;
}

/* From the first byte to the last: instructions, jumps inside, data elsewhere. */
static void detour_code_is_whole(struct kunit *test)
{
	struct rr_detour_code *code = aimed(test, rip_relative, sizeof(rip_relative), PLACE);
	struct rr_detour_want want = {
		.regs.flags = 0x202, .nr = RR_DETOUR_WORDS,
		.word = { { 0x7f1234567890, 1 }, { 0x10000, 2 }, { 8, 3 }, { 0, 4 } },
	};
	bool match = false, over = false;
	u32 at, compares = 0, words = 0;
	struct insn insn;
	u64 to;

	KUNIT_ASSERT_EQ(test, rr_detour_build(code, rip_relative, &want), 0);
	KUNIT_ASSERT_LE(test, code->len, RR_DETOUR_ROOM);
	for (at = 0; at < code->over; at += insn.length) {
		KUNIT_ASSERT_EQ(test, decode(&insn, code, at), 0);
		match |= at == code->match && insn.opcode.bytes[0] == 0xcc;
		compares += insn.opcode.bytes[0] == 0x39;
		if (insn.opcode.bytes[0] == 0xa1) {
			KUNIT_ASSERT_LT(test, words, want.nr);
			KUNIT_EXPECT_FALSE(test, memcmp(code->code + at + 2,
							&want.word[words].addr, 8));
			words++;
		}
		if (insn.opcode.bytes[0] == 0x0f && insn.opcode.bytes[1] == 0x85) {
			to = target(code, at, &insn);
			KUNIT_EXPECT_EQ(test, to, code->entry + code->match + 1);
		}
		if (insn.modrm.nbytes && (insn.modrm.bytes[0] & 0xc7) == 5) {
			to = at + insn.length + insn.displacement.value + RR_DETOUR_DATA;
			KUNIT_EXPECT_LT(test, to, RR_DETOUR_DATA_BYTES);
			KUNIT_EXPECT_EQ(test, to % 8, 0);
		}
	}
	over = at == code->over;
	KUNIT_EXPECT_TRUE(test, match);
	KUNIT_EXPECT_TRUE(test, over);
	/* 16 registers, the flags, and the words */
	KUNIT_EXPECT_EQ(test, compares, 17 + RR_DETOUR_WORDS);
	KUNIT_EXPECT_EQ(test, words, RR_DETOUR_WORDS);
	KUNIT_EXPECT_EQ(test, code->to[0], code->over);
}

static void detour_goes_back(struct kunit *test)
{
	struct rr_detour_code *code = aimed(test, rip_relative, sizeof(rip_relative), PLACE);
	struct rr_detour_want want = {};
	struct insn insn;
	u64 to;

	KUNIT_ASSERT_EQ(test, rr_detour_build(code, rip_relative, &want), 0);
	KUNIT_ASSERT_EQ(test, code->nr, 2);
	KUNIT_EXPECT_EQ(test, code->code[code->to[0]], 0x55);

	KUNIT_ASSERT_EQ(test, decode(&insn, code, code->to[1]), 0);
	to = code->entry + code->to[1] + insn.length + insn.displacement.value;
	KUNIT_EXPECT_EQ(test, to, PLACE + sizeof(rip_relative) + 0x1000);
	KUNIT_EXPECT_EQ(test, code->to[1] + insn.length, code->to[2]);

	KUNIT_ASSERT_EQ(test, decode(&insn, code, code->to[2]), 0);
	KUNIT_EXPECT_EQ(test, insn.opcode.bytes[0], 0xe9);
	KUNIT_EXPECT_EQ(test, target(code, code->to[2], &insn), PLACE + sizeof(rip_relative));
	KUNIT_EXPECT_EQ(test, code->to[2] + insn.length, code->len);
}

static void detour_moves_jumps(struct kunit *test)
{
	struct rr_detour_code *code = aimed(test, jumps, sizeof(jumps), PLACE);
	struct rr_detour_want want = {};
	struct insn insn;

	KUNIT_ASSERT_EQ(test, rr_detour_build(code, jumps, &want), 0);
	KUNIT_ASSERT_EQ(test, decode(&insn, code, code->to[0]), 0);
	KUNIT_EXPECT_EQ(test, insn.opcode.bytes[0], 0x0f);
	KUNIT_EXPECT_EQ(test, insn.opcode.bytes[1], 0x85);
	KUNIT_EXPECT_EQ(test, target(code, code->to[0], &insn), PLACE + 2 + 0x10);
	KUNIT_ASSERT_EQ(test, decode(&insn, code, code->to[1]), 0);
	KUNIT_EXPECT_EQ(test, insn.opcode.bytes[0], 0xe9);
	KUNIT_EXPECT_EQ(test, target(code, code->to[1], &insn), PLACE + 4 - 0x20);
}

/* A call pushes the address behind the place, not that in the detour. */
static void detour_moves_call(struct kunit *test)
{
	struct rr_detour_code *code = aimed(test, call, sizeof(call), PLACE);
	struct rr_detour_want want = {};
	struct insn insn;
	u32 at;

	KUNIT_ASSERT_EQ(test, rr_detour_build(code, call, &want), 0);
	at = code->to[0];
	KUNIT_ASSERT_EQ(test, decode(&insn, code, at), 0);
	KUNIT_EXPECT_EQ(test, insn.opcode.bytes[0], 0x68);
	KUNIT_EXPECT_EQ(test, (u32)insn.immediate.value, lower_32_bits(PLACE + 5));
	at += insn.length;
	KUNIT_ASSERT_EQ(test, decode(&insn, code, at), 0);
	KUNIT_EXPECT_EQ(test, insn.opcode.bytes[0], 0xc7);
	KUNIT_EXPECT_EQ(test, insn.displacement.value, 4);
	KUNIT_EXPECT_EQ(test, (u32)insn.immediate.value, upper_32_bits(PLACE));
	at += insn.length;
	KUNIT_ASSERT_EQ(test, decode(&insn, code, at), 0);
	KUNIT_EXPECT_EQ(test, insn.opcode.bytes[0], 0xe9);
	KUNIT_EXPECT_EQ(test, target(code, at, &insn), PLACE + 5 + 0x100);
}

/* The detour is 0.8 GiB below the place; what is 2 GiB away is not in reach. */
static void detour_out_of_reach(struct kunit *test)
{
	static const u8 jump[] = { 0xe9, 0xff, 0xff, 0xff, 0x7f };
	/* mov 0x7fffffff(%rip), %rax */
	static const u8 load[] = { 0x48, 0x8b, 0x05, 0xff, 0xff, 0xff, 0x7f };
	struct rr_detour_want want = {};
	struct rr_detour_code *code;

	code = aimed(test, jump, sizeof(jump), PLACE);
	KUNIT_EXPECT_EQ(test, rr_detour_build(code, jump, &want), -ERANGE);
	code = aimed(test, load, sizeof(load), PLACE);
	KUNIT_EXPECT_EQ(test, rr_detour_build(code, load, &want), -ERANGE);
}

/* The flags that are compared are those that LAHF and SETO give. */
static void detour_wants(struct kunit *test)
{
	struct rr_detour_code *code = aimed(test, nops, sizeof(nops), PLACE);
	struct rr_detour_want want = {
		.regs = { .ax = 1, .cx = 2, .sp = 5, .di = 8, .r15 = 16, .flags = 0xad7 },
		.nr = 2, .word = { { 0x1000, 17 }, { 0x2000, 18 } },
	};
	u64 *data = code->data;

	KUNIT_ASSERT_EQ(test, rr_detour_build(code, nops, &want), 0);
	KUNIT_EXPECT_EQ(test, data[2], 0xd701);
	KUNIT_EXPECT_EQ(test, data[3], 1);
	KUNIT_EXPECT_EQ(test, data[3 + 1], 2);
	KUNIT_EXPECT_EQ(test, data[3 + 4], 5);
	KUNIT_EXPECT_EQ(test, data[3 + 7], 8);
	KUNIT_EXPECT_EQ(test, data[3 + 15], 16);
	KUNIT_EXPECT_EQ(test, data[3 + 16], 17);
	KUNIT_EXPECT_EQ(test, data[3 + 17], 18);
}

static struct kunit_case detour_tests[] = {
	KUNIT_CASE(detour_heads_loop),
	KUNIT_CASE_PARAM(detour_displaces, displace_gen_params),
	KUNIT_CASE(detour_aims),
	KUNIT_CASE(detour_code_is_whole),
	KUNIT_CASE(detour_goes_back),
	KUNIT_CASE(detour_moves_jumps),
	KUNIT_CASE(detour_moves_call),
	KUNIT_CASE(detour_out_of_reach),
	KUNIT_CASE(detour_wants),
	{}
};

struct kunit_suite rr_detour_suite = {
	.name		= "rr_detour",
	.test_cases	= detour_tests,
};
