// SPDX-License-Identifier: GPL-2.0-only
#include "kunit.h"
#include "random.h"

#define AT	300
#define NOP	0x90

struct random_param {
	const char	*name;
	const char	*code;
	size_t		len;
	u32		hlt;	/* bit per byte that becomes HLT */
};

#define CODE(name, code, hlt) { name, code, sizeof(code) - 1, hlt }

static const struct random_param random_params[] = {
	CODE("rdrand eax, jc", "\x0f\xc7\xf0\x72\x02", 1),
	CODE("rdseed edx, mov, jnc", "\x0f\xc7\xfa\x89\x54\x24\x0c\x73\x0f", 1),
	CODE("rdrand eax, mov, cmovc", "\x0f\xc7\xf0\x89\x01\x0f\x42\xc2", 1),
	CODE("rdrand rax, setc", "\x48\x0f\xc7\xf0\x0f\x92\xc1", 2),
	CODE("rdrand ax, jc", "\x66\x0f\xc7\xf0\x72\x02", 2),
	CODE("rdrand r10w, adc", "\x66\x41\x0f\xc7\xf2\x83\xd1\x00", 4),
	CODE("two, 64 bits", "\x48\x0f\xc7\xf0\x72\x08\x48\x0f\xc7\xf0\x72\x02", 2 | 1 << 7),
	CODE("two, setc", "\x0f\xc7\xf0\x0f\x92\xc1\x0f\xc7\xf2\x0f\x92\xc3", 1 | 1 << 6),
	CODE("in a constant", "\xb8\x0f\xc7\xf0\x72\x02\x90", 0),
	CODE("in a displacement", "\x8b\x80\x0f\xc7\xf0\x72\x02", 0),
	CODE("carry not used", "\x0f\xc7\xf0\x90\x90\x90\x90\x90", 0),
	CODE("RDPID", "\xf3\x0f\xc7\xf8\x72\x02", 0),
	CODE("CMPXCHG8B", "\x0f\xc7\x08\x72\x02", 0),
};

static void random_desc(const struct random_param *p, char *desc)
{
	strscpy(desc, p->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(random, random_params, random_desc);

/* Nothing else changes; and what is patched is let be. */
static void random_finds(struct kunit *test)
{
	const struct random_param *p = test->param_value;
	u8 *code = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	u8 *copy = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	size_t i;
	u8 want;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, code);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, copy);
	memset(code, NOP, PAGE_SIZE);
	memcpy(code + AT, p->code, p->len);
	memcpy(copy, code, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, rr_random_patch(copy, code), !!p->hlt);
	for (i = 0; i < PAGE_SIZE; i++) {
		want = i >= AT && i < AT + p->len && p->hlt >> (i - AT) & 1 ? 0xf4 : code[i];
		KUNIT_ASSERT_EQ(test, copy[i], want);
	}
}

/* At the borders of the page; the last one that lies in it has nothing behind it. */
static void random_borders(struct kunit *test)
{
	u8 *code = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	u8 *copy = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, code);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, copy);
	memset(code, NOP, PAGE_SIZE);
	memcpy(code, "\x0f\xc7\xf0\x72\x02", 5);
	memcpy(code + PAGE_SIZE - 3, "\x0f\xc7\xf0", 3);
	memcpy(copy, code, PAGE_SIZE);
	KUNIT_EXPECT_TRUE(test, rr_random_patch(copy, code));
	KUNIT_EXPECT_EQ(test, copy[0], 0xf4);
	KUNIT_EXPECT_EQ(test, copy[PAGE_SIZE - 3], 0xf4);
	memset(code, NOP, PAGE_SIZE);
	memcpy(code + PAGE_SIZE - 2, "\x0f\xc7", 2);
	KUNIT_EXPECT_FALSE(test, rr_random_patch(copy, code));
}

static void random_operands(struct kunit *test)
{
	struct rr_random insn = { .len = 4, .bytes = 2, .reg = 15 };
	struct pt_regs regs = { .ip = 100, .r15 = ~0ul, .ax = ~0ul };

	rr_random_set(&regs, &insn, 0x1234);
	KUNIT_EXPECT_EQ(test, regs.r15, 0xffffffffffff1234ul);
	insn = (struct rr_random){ .len = 3, .bytes = 4 };
	regs.flags = X86_EFLAGS_ZF | X86_EFLAGS_IF;
	rr_random_set(&regs, &insn, 0x12345678);
	KUNIT_EXPECT_EQ(test, regs.ax, 0x12345678ul);
	KUNIT_EXPECT_EQ(test, regs.ip, 107ul);
	KUNIT_EXPECT_EQ(test, regs.flags, (unsigned long)(X86_EFLAGS_CF | X86_EFLAGS_IF));
	insn.bytes = 2;
	KUNIT_EXPECT_LE(test, rr_random_value(&insn), 0xffffull);
}

static struct kunit_case random_tests[] = {
	KUNIT_CASE_PARAM(random_finds, random_gen_params),
	KUNIT_CASE(random_borders),
	KUNIT_CASE(random_operands),
	{}
};

struct kunit_suite rr_random_suite = {
	.name		= "rr_random",
	.test_cases	= random_tests,
};
