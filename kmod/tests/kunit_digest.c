// SPDX-License-Identifier: GPL-2.0-only
/*
 * Digests are of the current process's memory, and a KUnit case runs in a kernel
 * thread, which has none. So the suite's init, which runs in insmod, takes them.
 * The vectors come from an XXH64 written from its specification.
 */
#include <linux/mman.h>
#include <linux/uaccess.h>

#include "digest.h"
#include "kunit.h"

#define XXH64_NOTHING		0xef46db3751d8e999ULL
#define XXH64_NOTHING_SEED1	0xd5afba1336a3be4bULL
#define XXH64_ZEROS		0xac869b6f32d8bbdbULL
#define XXH64_COUNT		0x0f6e64be186af6a4ULL	/* 0 1 .. 255 0 1 .. */
#define XXH64_COUNT_SEED1	0x56a5998059d44c19ULL

/* What was found; the pages are zeros, count, hole. */
static struct {
	u64 zeros, count, count_seed1, hole, hole_seed1;
	u64 space, space_expected, pages;
	u32 equal, differs;
} found;

static int digest_fill(unsigned long addr)
{
	u8 buf[256];
	int i;

	for (i = 0; i < sizeof(buf); i++)
		buf[i] = i;
	for (i = 0; i < PAGE_SIZE; i += sizeof(buf))
		if (copy_to_user((void __user *)addr + i, buf, sizeof(buf)))
			return -EFAULT;
	return 0;
}

static int digest_pages(unsigned long addr)
{
	int ret = rr_digest_page(addr, 0, &found.zeros);

	ret = ret ?: rr_digest_page(addr + PAGE_SIZE, 0, &found.count);
	ret = ret ?: rr_digest_page(addr + PAGE_SIZE, 1, &found.count_seed1);
	ret = ret ?: rr_digest_page(addr + 2 * PAGE_SIZE, 0, &found.hole);
	return ret ?: rr_digest_page(addr + 2 * PAGE_SIZE, 1, &found.hole_seed1);
}

static void digest_compare(unsigned long addr)
{
	struct rrlog_page_hash page[] = {
		{ addr, XXH64_ZEROS },
		{ addr + PAGE_SIZE, XXH64_COUNT },
		{ addr + 2 * PAGE_SIZE, XXH64_NOTHING },
	};

	found.equal = rr_digest_differs(page, ARRAY_SIZE(page));
	page[1].hash++;
	found.differs = rr_digest_differs(page, ARRAY_SIZE(page));
}

static int digest_space(unsigned long addr)
{
	struct rr_space *space = rr_space_new(current->mm, 0, 1);
	int ret;

	if (IS_ERR(space))
		return PTR_ERR(space);
	ret = rr_page_own(space, 0, addr + PAGE_SIZE, RR_CREW_WRITE);
	ret = ret ?: rr_page_own(space, 0, addr, RR_CREW_WRITE);
	rr_digest_space(space, 0, &found.space, &found.pages);
	rr_space_put(space);
	/* A chain by address: each page's hash is in the next one's seed. */
	ret = ret ?: rr_digest_page(addr, addr, &found.space_expected);
	return ret ?: rr_digest_page(addr + PAGE_SIZE,
				     found.space_expected ^ (addr + PAGE_SIZE),
				     &found.space_expected);
}

static int digest_suite_init(struct kunit_suite *suite)
{
	unsigned long addr = vm_mmap(NULL, 0, 3 * PAGE_SIZE, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, 0);
	int ret;

	if (IS_ERR_VALUE(addr))
		return addr;
	vm_munmap(addr + 2 * PAGE_SIZE, PAGE_SIZE);
	ret = digest_fill(addr + PAGE_SIZE);
	ret = ret ?: digest_pages(addr);
	ret = ret ?: digest_space(addr);
	if (!ret)
		digest_compare(addr);
	vm_munmap(addr, 2 * PAGE_SIZE);
	return ret;
}

static void digest_page_vectors(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, found.zeros, XXH64_ZEROS);
	KUNIT_EXPECT_EQ(test, found.count, XXH64_COUNT);
	KUNIT_EXPECT_EQ(test, found.count_seed1, XXH64_COUNT_SEED1);
}

static void digest_unreadable_page(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, found.hole, XXH64_NOTHING);
	KUNIT_EXPECT_EQ(test, found.hole_seed1, XXH64_NOTHING_SEED1);
}

static void digest_space_chain(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, found.pages, 2);
	KUNIT_EXPECT_EQ(test, found.space, found.space_expected);
}

static void digest_differing_page(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, found.equal, 3);
	KUNIT_EXPECT_EQ(test, found.differs, 1);
}

static struct kunit_case digest_tests[] = {
	KUNIT_CASE(digest_page_vectors),
	KUNIT_CASE(digest_unreadable_page),
	KUNIT_CASE(digest_space_chain),
	KUNIT_CASE(digest_differing_page),
	{}
};

struct kunit_suite rr_digest_suite = {
	.name		= "rr_digest",
	.suite_init	= digest_suite_init,
	.test_cases	= digest_tests,
};
