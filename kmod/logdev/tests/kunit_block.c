// SPDX-License-Identifier: GPL-2.0-only
#include <linux/slab.h>

#include "logdev/block.h"
#include "tests/kunit.h"

static struct kunit *block_test;

static void *block_alloc(size_t len)
{
	void *p = kmalloc(len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(block_test, p);
	return p;
}

#define FUZZ_ROUNDS	5000		/* in a virtual machine */
#define malloc(len)	block_alloc(len)
#define free(p)		kfree(p)
#define abort()		((void)0)	/* not reached */
#define ok(good, name)	KUNIT_EXPECT_TRUE_MSG(block_test, good, "%s", name)

#include "test_block.c"

#define BLOCK_CASE(fn)					\
static void block_##fn(struct kunit *test)		\
{							\
	block_test = test;				\
	test_##fn();					\
}

BLOCK_CASE(crc)
BLOCK_CASE(pack)
BLOCK_CASE(log)
BLOCK_CASE(header)
BLOCK_CASE(block)
BLOCK_CASE(walk)
BLOCK_CASE(event_frame)
BLOCK_CASE(event_flags_aux)
BLOCK_CASE(event_stay)
BLOCK_CASE(event_pages)
BLOCK_CASE(event_map)
BLOCK_CASE(event_tasks)
BLOCK_CASE(fuzz)

static struct kunit_case block_tests[] = {
	KUNIT_CASE(block_crc),
	KUNIT_CASE(block_pack),
	KUNIT_CASE(block_log),
	KUNIT_CASE(block_header),
	KUNIT_CASE(block_block),
	KUNIT_CASE(block_walk),
	KUNIT_CASE(block_event_frame),
	KUNIT_CASE(block_event_flags_aux),
	KUNIT_CASE(block_event_stay),
	KUNIT_CASE(block_event_pages),
	KUNIT_CASE(block_event_map),
	KUNIT_CASE(block_event_tasks),
	KUNIT_CASE(block_fuzz),
	{}
};

struct kunit_suite rr_block_suite = {
	.name		= "rr_block",
	.test_cases	= block_tests,
};
