// SPDX-License-Identifier: GPL-2.0-only
#include "diff.h"
#include "kunit.h"

#define LEN	64

struct diff_case {
	const char	*name;
	u8		changed[8];	/* offsets, ascending, ended by LEN */
	size_t		gap;
	u8		runs[8];	/* start, end, start, end ... ended by LEN */
};

static const struct diff_case diff_cases[] = {
	{ "nothing",		{ LEN }, 0, { LEN } },
	{ "first byte",		{ 0, LEN }, 0, { 0, 1, LEN } },
	{ "last byte",		{ 63, LEN }, 8, { 63, 64, LEN } },
	{ "both ends",		{ 0, 63, LEN }, 8, { 0, 1, 63, 64, LEN } },
	{ "inside a word",	{ 13, LEN }, 0, { 13, 14, LEN } },
	{ "across words",	{ 7, 8, LEN }, 0, { 7, 9, LEN } },
	{ "gap 0 separates",	{ 10, 12, LEN }, 0, { 10, 11, 12, 13, LEN } },
	{ "gap that is enough",	{ 10, 15, LEN }, 4, { 10, 16, LEN } },
	{ "gap that is not",	{ 10, 15, LEN }, 3, { 10, 11, 15, 16, LEN } },
	{ "gaps in a row",	{ 8, 16, 24, LEN }, 7, { 8, 25, LEN } },
	{ "run then far one",	{ 1, 2, 40, LEN }, 16, { 1, 3, 40, 41, LEN } },
};

static void diff_describe(const struct diff_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(diff, diff_cases, diff_describe);

static void diff_runs(struct kunit *test)
{
	const struct diff_case *c = test->param_value;
	u8 a[LEN] __aligned(8) = {}, b[LEN] __aligned(8) = {};
	size_t start, end, from = 0;
	const u8 *p;

	for (p = c->changed; *p != LEN; p++)
		b[*p] = 1;
	for (p = c->runs; rr_diff_next(a, b, LEN, from, c->gap, &start, &end); p += 2) {
		KUNIT_ASSERT_NE(test, *p, LEN);
		KUNIT_EXPECT_EQ(test, start, p[0]);
		KUNIT_EXPECT_EQ(test, end, p[1]);
		from = end;
	}
	KUNIT_EXPECT_EQ(test, *p, LEN);
}

/* Whatever changed: the runs, applied to the old bytes, make the new ones. */
static void diff_rebuilds(struct kunit *test)
{
	u8 a[LEN] __aligned(8), b[LEN] __aligned(8);
	size_t start, end, from, len, gap;
	u32 seed = 1, i;
	int round;

	for (round = 0; round < 5000; round++) {
		len = LEN - round % 9;
		gap = round % 17;
		for (i = 0; i < LEN; i++) {
			seed = seed * 1664525 + 1013904223;
			a[i] = seed >> 24;
			b[i] = a[i] ^ (seed >> 16 & 7 ? 0 : 1);
		}
		for (from = 0; rr_diff_next(a, b, len, from, gap, &start, &end); from = end) {
			KUNIT_ASSERT_LE(test, from, start);
			KUNIT_ASSERT_LT(test, start, end);
			KUNIT_ASSERT_LE(test, end, len);
			KUNIT_ASSERT_NE(test, a[start], b[start]);
			KUNIT_ASSERT_NE(test, a[end - 1], b[end - 1]);
			memcpy(a + start, b + start, end - start);
		}
		KUNIT_ASSERT_EQ(test, memcmp(a, b, len), 0);
	}
}

static struct kunit_case diff_tests[] = {
	KUNIT_CASE_PARAM(diff_runs, diff_gen_params),
	KUNIT_CASE(diff_rebuilds),
	{}
};

struct kunit_suite rr_diff_suite = {
	.name		= "rr_diff",
	.test_cases	= diff_tests,
};
