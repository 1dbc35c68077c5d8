// SPDX-License-Identifier: GPL-2.0-only
/* Which user memory a descriptor names; the rows here are made up. */
#include <linux/uaccess.h>
#include <linux/uio.h>

#include "kunit.h"
#include "ranges.h"

#define XXH64_HELLOWORLD	0x80111601aa1c6a4fULL	/* "helloworld" */
#define XXH64_PASSWD		0x84a5295e79fbd848ULL	/* "/etc/passwd" and NUL */
#define XXH64_NOTHING		0xef46db3751d8e999ULL

#define NR_PIECES	8

static struct pieces {
	struct rr_task	t;
	int		n;
	unsigned long	addr[NR_PIECES];
	size_t		len[NR_PIECES];
	int		stop_at;
} got;

static int piece(struct rr_task *t, unsigned long addr, size_t len, void *arg)
{
	if (got.n < NR_PIECES) {
		got.addr[got.n] = addr;
		got.len[got.n] = len;
	}
	return ++got.n == got.stop_at ? -ENOSPC : 0;
}

static int walk(const struct rr_syscall *row, bool out, long ret)
{
	got.n = 0;
	return rr_ranges(&got.t, row, out, ret, piece, NULL);
}

static unsigned long put(struct kunit *test, unsigned long offset, const void *data, size_t len)
{
	unsigned long addr = (unsigned long)test->priv + offset;

	memset(&got, 0, sizeof(got));
	if (copy_to_user((void __user *)addr, data, len))
		KUNIT_FAIL(test, "no user memory");
	return addr;
}

static const struct rr_syscall in_arg = { "in_arg", 3, { RR_A_FD, RR_A_PTR, RR_A_SIZE }, 0,
	{ { .arg = 1, .kind = RR_SIZE_ARG, .dir = RR_IN, .len_arg = 2, .n = 1 } } };
static const struct rr_syscall in_iovec = { "in_iovec", 3, { RR_A_FD, RR_A_PTR, RR_A_SIZE }, 0,
	{ { .arg = 1, .kind = RR_SIZE_IOVEC, .dir = RR_IN, .len_arg = 2, .n = 1 } } };
static const struct rr_syscall out_iovec = { "out_iovec", 3, { RR_A_FD, RR_A_PTR, RR_A_SIZE }, 0,
	{ { .arg = 1, .kind = RR_SIZE_IOVEC, .dir = RR_OUT, .len_arg = 2, .n = 1 } } };
static const struct rr_syscall in_str = { "in_str", 1, { RR_A_STR }, 0,
	{ { .arg = 0, .kind = RR_SIZE_STRING, .dir = RR_IN, .n = 1 } } };
static const struct rr_syscall out_u32at = { "out_u32at", 2, { RR_A_PTR, RR_A_PTR }, 0,
	{ { .arg = 0, .kind = RR_SIZE_U32AT, .dir = RR_OUT, .len_arg = 1, .n = 1 } } };
static const struct rr_syscall out_both = { "out_both", 2, { RR_A_PTR, RR_A_PTR }, 0,
	{ { .arg = 0, .kind = RR_SIZE_CONST, .dir = RR_OUT, .n = 16 },
	  { .arg = 1, .kind = RR_SIZE_CONST, .dir = RR_OUT_ALWAYS, .n = 4 },
	  { .arg = 1, .kind = RR_SIZE_CONST, .dir = RR_IN, .n = 2 } } };

static void ranges_directions(struct kunit *test)
{
	memset(&got, 0, sizeof(got));
	got.t.args[0] = 0x1000;
	got.t.args[1] = 0x2000;
	KUNIT_EXPECT_EQ(test, walk(&out_both, true, 0), 0);
	KUNIT_EXPECT_EQ(test, got.n, 2);
	KUNIT_EXPECT_EQ(test, got.addr[0], 0x1000);
	KUNIT_EXPECT_EQ(test, got.len[0], 16);
	KUNIT_EXPECT_EQ(test, got.addr[1], 0x2000);
	KUNIT_EXPECT_EQ(test, got.len[1], 4);
	/* Failed: only what is written always; with EFAULT perhaps some of it. */
	walk(&out_both, true, -EINVAL);
	KUNIT_EXPECT_EQ(test, got.n, 1);
	KUNIT_EXPECT_EQ(test, got.addr[0], 0x2000);
	walk(&out_both, true, -EFAULT);
	KUNIT_EXPECT_EQ(test, got.n, 2);
	walk(&out_both, false, 0);
	KUNIT_EXPECT_EQ(test, got.n, 1);
	KUNIT_EXPECT_EQ(test, got.len[0], 2);
	/* A null pointer is nothing. */
	got.t.args[0] = 0;
	walk(&out_both, true, 0);
	KUNIT_EXPECT_EQ(test, got.n, 1);
}

static void ranges_stop(struct kunit *test)
{
	memset(&got, 0, sizeof(got));
	got.t.args[0] = 0x1000;
	got.t.args[1] = 0x2000;
	got.stop_at = 1;
	KUNIT_EXPECT_EQ(test, walk(&out_both, true, 0), -ENOSPC);
	KUNIT_EXPECT_EQ(test, got.n, 1);
}

static void ranges_iovec(struct kunit *test)
{
	struct iovec v[] = {
		{ (void __user *)0x1000, 10 }, { NULL, 0 }, { (void __user *)0x2000, 100 },
	};
	unsigned long addr = put(test, 0, v, sizeof(v));

	got.t.args[1] = addr;
	got.t.args[2] = ARRAY_SIZE(v);
	walk(&in_iovec, false, 0);
	KUNIT_EXPECT_EQ(test, got.n, 2);
	KUNIT_EXPECT_EQ(test, got.addr[1], 0x2000);
	KUNIT_EXPECT_EQ(test, got.len[1], 100);
	/* A read that returned less has written less; one that failed, anything. */
	walk(&out_iovec, true, 12);
	KUNIT_EXPECT_EQ(test, got.n, 2);
	KUNIT_EXPECT_EQ(test, got.len[0], 10);
	KUNIT_EXPECT_EQ(test, got.len[1], 2);
	walk(&out_iovec, true, 10);
	KUNIT_EXPECT_EQ(test, got.n, 1);
	walk(&out_iovec, true, -EFAULT);
	KUNIT_EXPECT_EQ(test, got.len[1], 100);
}

/* A vector that reaches into a hole, and one that is longer than the kernel takes. */
static void ranges_iovec_limits(struct kunit *test)
{
	struct iovec v = { (void __user *)0x1000, 10 };
	unsigned long addr = put(test, RR_KUNIT_USER - sizeof(v), &v, sizeof(v));
	unsigned long many = (unsigned long)test->priv;
	int i;

	got.t.args[1] = addr;
	got.t.args[2] = 2;
	walk(&in_iovec, false, 0);
	KUNIT_EXPECT_EQ(test, got.n, 1);
	for (i = 0; i < 1025; i++)
		put(test, i * sizeof(v), &v, sizeof(v));
	got.t.args[1] = many;
	got.t.args[2] = ~0ULL;
	walk(&in_iovec, false, 0);
	KUNIT_EXPECT_EQ(test, got.n, 1024);
}

static void ranges_string(struct kunit *test)
{
	u64 hash = 0;

	got.t.args[0] = put(test, PAGE_SIZE - 5, "/etc/passwd", 12);
	walk(&in_str, false, 0);
	KUNIT_EXPECT_EQ(test, got.n, 1);
	KUNIT_EXPECT_EQ(test, got.len[0], 12);
	KUNIT_EXPECT_TRUE(test, rr_ranges_hash(&got.t, &in_str, &hash));
	KUNIT_EXPECT_EQ(test, hash, XXH64_PASSWD);
	/* It does not end before the hole. */
	got.t.args[0] = put(test, RR_KUNIT_USER - 3, "abc", 3);
	walk(&in_str, false, 0);
	KUNIT_EXPECT_EQ(test, got.n, 0);
}

static void ranges_u32at(struct kunit *test)
{
	u32 len = 28;
	unsigned long addr = put(test, 0, &len, sizeof(len));

	got.t.args[0] = 0x1000;
	got.t.args[1] = addr;
	walk(&out_u32at, true, 0);
	KUNIT_EXPECT_EQ(test, got.n, 1);
	KUNIT_EXPECT_EQ(test, got.len[0], 28);
	got.t.args[1] = 0;
	walk(&out_u32at, true, 0);
	KUNIT_EXPECT_EQ(test, got.n, 0);
	got.t.args[1] = (unsigned long)test->priv + RR_KUNIT_USER;
	walk(&out_u32at, true, 0);
	KUNIT_EXPECT_EQ(test, got.n, 0);
}

/* The same bytes have the same digest, however they lie. */
static void ranges_hash(struct kunit *test)
{
	struct iovec v[2];
	unsigned long base = (unsigned long)test->priv, addr;
	u64 hash = 0;

	addr = put(test, 2 * PAGE_SIZE - 3, "helloworld", 10);
	got.t.args[1] = addr;
	got.t.args[2] = 10;
	KUNIT_EXPECT_TRUE(test, rr_ranges_hash(&got.t, &in_arg, &hash));
	KUNIT_EXPECT_EQ(test, hash, XXH64_HELLOWORLD);

	v[0] = (struct iovec){ (void __user *)addr, 5 };
	v[1] = (struct iovec){ (void __user *)addr + 5, 5 };
	put(test, 0, v, sizeof(v));
	got.t.args[1] = base;
	got.t.args[2] = 2;
	KUNIT_EXPECT_TRUE(test, rr_ranges_hash(&got.t, &in_iovec, &hash));
	KUNIT_EXPECT_EQ(test, hash, XXH64_HELLOWORLD);

	got.t.args[2] = 0;
	KUNIT_EXPECT_TRUE(test, rr_ranges_hash(&got.t, &in_iovec, &hash));
	KUNIT_EXPECT_EQ(test, hash, XXH64_NOTHING);

	/* What is there before a hole counts. */
	got.t.args[1] = put(test, RR_KUNIT_USER - 10, "helloworld", 10);
	got.t.args[2] = 100;
	KUNIT_EXPECT_TRUE(test, rr_ranges_hash(&got.t, &in_arg, &hash));
	KUNIT_EXPECT_EQ(test, hash, XXH64_HELLOWORLD);
	hash = 5;
	KUNIT_EXPECT_FALSE(test, rr_ranges_hash(&got.t, &out_iovec, &hash));
	KUNIT_EXPECT_EQ(test, hash, 5);
}

static struct kunit_case ranges_tests[] = {
	KUNIT_CASE(ranges_directions),
	KUNIT_CASE(ranges_stop),
	KUNIT_CASE(ranges_iovec),
	KUNIT_CASE(ranges_iovec_limits),
	KUNIT_CASE(ranges_string),
	KUNIT_CASE(ranges_u32at),
	KUNIT_CASE(ranges_hash),
	{}
};

struct kunit_suite rr_ranges_suite = {
	.name		= "rr_ranges",
	.init		= rr_kunit_user_init,
	.exit		= rr_kunit_user_exit,
	.test_cases	= ranges_tests,
};
