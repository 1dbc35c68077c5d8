// SPDX-License-Identifier: GPL-2.0-only
/*
 * Digests are of the current process's memory, and a KUnit case runs in a kernel
 * thread, which has none. So the suite's init, which runs in insmod, takes them.
 * The vectors come from an XXH64 written from its specification.
 */
#include <linux/mman.h>
#include <linux/uaccess.h>
#include <linux/xxhash.h>

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

/* What FNSTENV stores on silicon, and under TCG. */
static const u32 envs[][7] = {
	{ 0xffff037f, 0xffff4020, 0xffffffff, 0x401615, 0x05d40033, 0x7ffe1000, 0xffff002b },
	{ 0x0000037f, 0x00004020, 0x0000ffff, 0x401615, 0x00000000, 0x7ffe1000, 0x00000000 },
	/* after feenableexcept() */
	{ 0x00000372, 0x00000000, 0x0000ffff, 0x401615, 0x00000000, 0x7ffe1000, 0x00000000 },
};

static u64 digest_of_env(u32 *page, const u32 *env, size_t at, bool pointers)
{
	size_t i;

	memset(page, 0x11, PAGE_SIZE);
	for (i = 0; i < 7 && at + i < PAGE_SIZE / sizeof(u32); i++)
		page[at + i] = pointers || i < 3 ? env[i] : 0;
	return rr_digest(page, PAGE_SIZE, 5, false);
}

static void digest_without_pointers(struct kunit *test)
{
	static const size_t places[] = { 0, 1, 500, 1024 - 7 };
	u32 *page = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	u64 hash;
	int i, j;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	for (i = 0; i < ARRAY_SIZE(envs); i++) {
		for (j = 0; j < ARRAY_SIZE(places); j++) {
			hash = digest_of_env(page, envs[i], places[j], true);
			KUNIT_EXPECT_EQ(test, hash, digest_of_env(page, envs[i], places[j], false));
			KUNIT_EXPECT_EQ(test, hash, xxh64(page, PAGE_SIZE, 5));
			page[places[j] + 1]++;
			KUNIT_EXPECT_NE(test, hash, rr_digest(page, PAGE_SIZE, 5, false));
		}
		/* Cut by the end of the page: not known. */
		hash = digest_of_env(page, envs[i], 1024 - 6, true);
		KUNIT_EXPECT_NE(test, hash, digest_of_env(page, envs[i], 1024 - 6, false));
	}
}

/* All that is left of one: a pointer that the kernel has loaded. */
static void digest_without_fpstate(struct kunit *test)
{
	u32 *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	u64 hash;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	if (!boot_cpu_has_bug(X86_BUG_FXSAVE_LEAK))
		kunit_skip(test, "the processor keeps x87 pointers");
	hash = rr_digest(page, PAGE_SIZE, 5, false);
	page[1023] = (unsigned long)current->thread.fpu.fpstate;
	KUNIT_EXPECT_NE(test, hash, rr_digest(page, PAGE_SIZE, 5, false));
	/* Of a stack maybe not even what was beside it. */
	KUNIT_EXPECT_EQ(test, hash, rr_digest(page, PAGE_SIZE, 5, true));
	page[1022] = __KERNEL_CS;
	hash = rr_digest(page, PAGE_SIZE, 5, false);
	page[1023] = 0;
	KUNIT_EXPECT_EQ(test, hash, rr_digest(page, PAGE_SIZE, 5, false));
	page[1023] = (unsigned long)current->thread.fpu.fpstate;
	KUNIT_EXPECT_FALSE(test, rr_digest_counts(page, PAGE_SIZE, PAGE_SIZE - 8));
	KUNIT_EXPECT_TRUE(test, rr_digest_counts(page, PAGE_SIZE, PAGE_SIZE - 16));
	page[1023]++;
	KUNIT_EXPECT_NE(test, hash, rr_digest(page, PAGE_SIZE, 5, false));
}

static void digest_word_counts(struct kunit *test)
{
	u32 *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	size_t at;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	/* Bytes 404 to 431; its pointers from 416 on. */
	memcpy(page + 101, envs[0], sizeof(envs[0]));
	for (at = 0; at < PAGE_SIZE; at += sizeof(u64))
		KUNIT_EXPECT_EQ(test, rr_digest_counts(page, PAGE_SIZE, at),
				at < 416 || at >= 432);
}

static struct kunit_case digest_tests[] = {
	KUNIT_CASE(digest_without_pointers),
	KUNIT_CASE(digest_without_fpstate),
	KUNIT_CASE(digest_word_counts),
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
