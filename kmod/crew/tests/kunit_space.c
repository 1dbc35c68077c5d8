// SPDX-License-Identifier: GPL-2.0-only
/* The side table and the shadow tables of insmod's address space. */
#include <linux/kthread.h>
#include <linux/mman.h>

#include "compat/symbols.h"
#include "crew/space.h"
#include "tests/kunit.h"

#define BASE	0x10000000000UL		/* nothing is mapped there */
#define CHUNK	(1UL << RR_CHUNK_SHIFT)

static struct rr_space *space;
static unsigned long user;		/* the mapping of rr_kunit_user_init() */

static int space_init(struct kunit *test)
{
	int ret = rr_kunit_user_init(test);

	if (ret)
		return ret;
	user = (unsigned long)test->priv;
	space = rr_space_new(current->mm, 0, 1);
	if (!IS_ERR(space))
		return 0;
	ret = PTR_ERR(space);
	space = NULL;
	rr_kunit_user_exit(test);
	test->priv = NULL;
	return ret;
}

static void space_exit(struct kunit *test)
{
	if (space)
		rr_space_put(space);
	space = NULL;
	rr_kunit_user_exit(test);
}

static void space_begins_unowned(struct kunit *test)
{
	unsigned long addr = 0;
	u64 dirty[1];

	KUNIT_EXPECT_FALSE(test, rr_page_owned(space, 0, BASE));
	KUNIT_EXPECT_FALSE(test, rr_page_next(space, 0, &addr));
	KUNIT_EXPECT_EQ(test, rr_page_dirty(space, 0, dirty, 1), 0);
}

static void space_owns_one_page(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, rr_page_own(space, 0, BASE + 5 * PAGE_SIZE + 7, RR_CREW_WRITE), 0);
	KUNIT_EXPECT_TRUE(test, rr_page_owned(space, 0, BASE + 5 * PAGE_SIZE));
	KUNIT_EXPECT_TRUE(test, rr_page_owned(space, 0, BASE + 6 * PAGE_SIZE - 1));
	KUNIT_EXPECT_FALSE(test, rr_page_owned(space, 0, BASE + 5 * PAGE_SIZE - 1));
	KUNIT_EXPECT_FALSE(test, rr_page_owned(space, 0, BASE + 6 * PAGE_SIZE));
	/* The same place in another chunk */
	KUNIT_EXPECT_FALSE(test, rr_page_owned(space, 0, BASE + CHUNK + 5 * PAGE_SIZE));
}

static const unsigned long some_pages[] = {
	0x1000, BASE, BASE + PAGE_SIZE, BASE + CHUNK - PAGE_SIZE, BASE + CHUNK,
	BASE + 3 * CHUNK, 0x7fffffffe000UL,
};

static void expect_owned(struct kunit *test, const unsigned long *page, int n)
{
	unsigned long addr = 0;
	int i;

	for (i = 0; i < n; i++, addr += PAGE_SIZE) {
		KUNIT_EXPECT_TRUE(test, rr_page_next(space, 0, &addr));
		KUNIT_EXPECT_EQ(test, addr, page[i]);
	}
	KUNIT_EXPECT_FALSE(test, rr_page_next(space, 0, &addr));
}

static void own_some_pages(struct kunit *test)
{
	int i;

	for (i = ARRAY_SIZE(some_pages) - 1; i >= 0; i--)
		KUNIT_EXPECT_EQ(test, rr_page_own(space, 0, some_pages[i], RR_CREW_WRITE), 0);
}

static void space_walks_by_address(struct kunit *test)
{
	own_some_pages(test);
	expect_owned(test, some_pages, ARRAY_SIZE(some_pages));
}

/* From the middle of the one chunk to the middle of another. */
static void space_disowns_range(struct kunit *test)
{
	static const unsigned long left[] = {
		0x1000, BASE, BASE + 3 * CHUNK, 0x7fffffffe000UL,
	};

	own_some_pages(test);
	rr_page_disown(space, 0, BASE + PAGE_SIZE, 2 * CHUNK, RR_CREW_NONE);
	expect_owned(test, left, ARRAY_SIZE(left));
	rr_page_disown(space, 0, 0, TASK_SIZE_MAX, RR_CREW_NONE);
	expect_owned(test, left, 0);
}

static void space_moves(struct kunit *test)
{
	unsigned long to = BASE + 10 * CHUNK - PAGE_SIZE;
	const unsigned long moved[] = {
		BASE + 3 * PAGE_SIZE, to, to + 2 * PAGE_SIZE,
	};

	rr_page_own(space, 0, BASE, RR_CREW_WRITE);
	rr_page_own(space, 0, BASE + 2 * PAGE_SIZE, RR_CREW_WRITE);
	rr_page_own(space, 0, BASE + 3 * PAGE_SIZE, RR_CREW_WRITE);
	rr_page_own(space, 0, to + PAGE_SIZE, RR_CREW_WRITE);	/* forgotten */
	KUNIT_EXPECT_EQ(test, rr_page_move(space, 0, BASE, to, 3 * PAGE_SIZE), 0);
	expect_owned(test, moved, ARRAY_SIZE(moved));
	KUNIT_EXPECT_EQ(test, rr_page_move(space, 0, to, to, 3 * PAGE_SIZE), 0);
	expect_owned(test, moved, ARRAY_SIZE(moved));
}

static void space_copies(struct kunit *test)
{
	struct rr_space *parent = space, *child = rr_space_new(current->mm, 0, 1);

	if (IS_ERR(child)) {
		KUNIT_FAIL(test, "no second space: %ld", PTR_ERR(child));
		return;
	}
	own_some_pages(test);
	parent->shared = true;
	KUNIT_EXPECT_EQ(test, rr_space_copy(child, parent, 0), 0);
	KUNIT_EXPECT_TRUE(test, child->shared);
	rr_page_disown(parent, 0, BASE, CHUNK, RR_CREW_NONE);
	space = child;
	expect_owned(test, some_pages, ARRAY_SIZE(some_pages));
	space = parent;
	rr_space_put(child);
}

static pte_t some_pte(bool dirty)
{
	pte_t pte = pfn_pte(page_to_pfn(ZERO_PAGE(0)), PAGE_READONLY);

	return dirty ? __pte(pte_val(pte) | _PAGE_DIRTY) : pte;
}

static pte_t entry(unsigned long addr)
{
	pte_t pte;

	spin_lock(&space->lock);
	pte = rr_table_get(&space->lane[0].table, addr);
	spin_unlock(&space->lock);
	return pte;
}

static bool fill(unsigned long addr, bool dirty)
{
	return rr_fill(space, &space->lane[0].table, addr, some_pte(dirty), rr_fill_begin(space));
}

static void space_fills(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, pte_present(entry(BASE)));
	KUNIT_EXPECT_TRUE(test, fill(BASE + 9, false));
	KUNIT_EXPECT_EQ(test, pte_val(entry(BASE)), pte_val(some_pte(false)));
	KUNIT_EXPECT_FALSE(test, pte_present(entry(BASE + PAGE_SIZE)));
	/* An entry is a cache: it says nothing of ownership, nor the other way. */
	KUNIT_EXPECT_FALSE(test, rr_page_owned(space, 0, BASE));
	rr_page_own(space, 0, BASE, RR_CREW_WRITE);
	rr_unfill(space, BASE, PAGE_SIZE);
	KUNIT_EXPECT_FALSE(test, pte_present(entry(BASE)));
	KUNIT_EXPECT_TRUE(test, rr_page_owned(space, 0, BASE));
	fill(BASE, false);
	rr_page_disown(space, 0, BASE, PAGE_SIZE, RR_CREW_NONE);
	KUNIT_EXPECT_FALSE(test, pte_present(entry(BASE)));
}

/* All shadow tables of a space are emptied together. */
static void space_empties_views(struct kunit *test)
{
	struct rr_view view = {};
	pte_t pte;

	KUNIT_EXPECT_EQ(test, rr_view_init(space, &view, RR_VIEW_CAPTURE), 0);
	KUNIT_EXPECT_TRUE(test, rr_fill(space, &view.table, BASE, some_pte(false),
					rr_fill_begin(space)));
	rr_unfill(space, BASE, PAGE_SIZE);
	spin_lock(&space->lock);
	pte = rr_table_get(&view.table, BASE);
	spin_unlock(&space->lock);
	KUNIT_EXPECT_FALSE(test, pte_present(pte));
	rr_view_destroy(space, &view);
}

static void space_keeps_dirty(struct kunit *test)
{
	u64 dirty[2] = {};

	rr_page_own(space, 0, BASE, RR_CREW_WRITE);
	rr_page_own(space, 0, BASE + PAGE_SIZE, RR_CREW_WRITE);
	rr_page_own(space, 0, BASE + CHUNK, RR_CREW_WRITE);
	fill(BASE, true);
	fill(BASE + PAGE_SIZE, false);
	fill(BASE + CHUNK, true);
	/* Replaced by a clean entry it stays dirty; emptied, the side table knows. */
	fill(BASE, false);
	rr_unfill(space, BASE + CHUNK, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, rr_page_dirty(space, 0, dirty, 1), 2);
	KUNIT_EXPECT_EQ(test, dirty[0], BASE);
	KUNIT_EXPECT_EQ(test, dirty[1], 0);
	KUNIT_EXPECT_EQ(test, rr_page_dirty(space, 0, dirty, 2), 0);
	KUNIT_EXPECT_TRUE(test, pte_present(entry(BASE)));

	fill(BASE + PAGE_SIZE, true);
	rr_page_disown(space, 0, BASE + PAGE_SIZE, PAGE_SIZE, RR_CREW_NONE);
	KUNIT_EXPECT_EQ(test, rr_page_dirty(space, 0, dirty, 2), 0);
}

static u64 idle_since(unsigned long addr, unsigned long pages)
{
	rr_unfill(space, addr, pages * PAGE_SIZE);
	return rr_page_idle(space, 0, addr, pages);
}

/* A page that is used, through the table or not, is idle no more; nor is one not known. */
static void space_knows_idle(struct kunit *test)
{
	rr_page_own(space, 0, BASE, RR_CREW_WRITE);
	rr_page_own(space, 0, BASE + PAGE_SIZE, RR_CREW_WRITE);
	fill(BASE, true);
	KUNIT_EXPECT_EQ(test, idle_since(BASE, 1), 0);
	fill(BASE, true);
	rr_page_age(space, 0, false);
	KUNIT_EXPECT_FALSE(test, pte_young(entry(BASE)));
	KUNIT_EXPECT_TRUE(test, pte_dirty(entry(BASE)));
	KUNIT_EXPECT_EQ(test, rr_page_idle(space, 0, BASE, 1), 0);
	rr_page_aged(space, 0, 7);
	KUNIT_EXPECT_EQ(test, idle_since(BASE, 2), 7);
	KUNIT_EXPECT_EQ(test, idle_since(BASE + CHUNK, 1), 0);
	fill(BASE + PAGE_SIZE, false);
	KUNIT_EXPECT_EQ(test, idle_since(BASE, 2), 0);
	KUNIT_EXPECT_EQ(test, idle_since(BASE, 1), 7);
	rr_page_used(space, 0, BASE);
	KUNIT_EXPECT_EQ(test, idle_since(BASE, 1), 0);

	rr_page_age(space, 0, true);
	rr_page_aged(space, 0, 9);
	KUNIT_EXPECT_EQ(test, idle_since(BASE, 2), 9);
	KUNIT_EXPECT_EQ(test, rr_page_dirty(space, 0, NULL, 0), 0);
}

/* What the kernel unmaps goes from the shadow table; what was read before is stale. */
static void space_follows_the_kernel(struct kunit *test)
{
	unsigned long seq;

	if (clear_user((void __user *)user, 2 * PAGE_SIZE)) {
		KUNIT_FAIL(test, "no user memory");
		return;
	}
	KUNIT_EXPECT_TRUE(test, fill(user, false));
	KUNIT_EXPECT_TRUE(test, fill(user + PAGE_SIZE, false));
	seq = rr_fill_begin(space);
	KUNIT_EXPECT_EQ(test, vm_munmap(user + PAGE_SIZE, PAGE_SIZE), 0);
	KUNIT_EXPECT_TRUE(test, pte_present(entry(user)));
	KUNIT_EXPECT_FALSE(test, pte_present(entry(user + PAGE_SIZE)));
	KUNIT_EXPECT_FALSE(test, rr_fill(space, &space->lane[0].table, user + PAGE_SIZE,
					 some_pte(false), seq));
	KUNIT_EXPECT_TRUE(test, fill(user + PAGE_SIZE, false));
}

static void space_waits_for_the_kernel(struct kunit *test)
{
	struct mmu_notifier_range range = { .start = BASE, .end = BASE + PAGE_SIZE };
	const struct mmu_notifier_ops *ops = space->mn.ops;

	range.mm = space->mm;
	ops->invalidate_range_start(&space->mn, &range);
	ops->invalidate_range_start(&space->mn, &range);
	KUNIT_EXPECT_FALSE(test, fill(BASE, false));
	ops->invalidate_range_end(&space->mn, &range);
	KUNIT_EXPECT_FALSE(test, fill(BASE, false));
	ops->invalidate_range_end(&space->mn, &range);
	KUNIT_EXPECT_TRUE(test, fill(BASE, false));
}

static void space_reads_official(struct kunit *test)
{
	struct page *page = NULL;
	pte_t pte;

	if (clear_user((void __user *)user, PAGE_SIZE)) {
		KUNIT_FAIL(test, "no user memory");
		return;
	}
	mmap_read_lock(current->mm);
	KUNIT_EXPECT_TRUE(test, rr_official_get(current->mm, user, &pte, &page));
	KUNIT_EXPECT_TRUE(test, pte_present(pte));
	KUNIT_EXPECT_PTR_EQ(test, page, pte_page(pte));
	KUNIT_EXPECT_TRUE(test, pte_write(rr_pte_shadow(pte, true)));
	KUNIT_EXPECT_FALSE(test, pte_dirty(rr_pte_shadow(pte, false)));
	if (page)
		put_page(page);
	KUNIT_EXPECT_FALSE(test, rr_official_get(current->mm, BASE, &pte, &page));
	mmap_read_unlock(current->mm);
}

/* Whether a table remembers what it maps, or has to be walked through. */
static void space_zaps_tables(struct kunit *test)
{
	static const unsigned int counts[] = { 0, 1, RR_TABLE_FEW, RR_TABLE_FEW + 1, 3 };
	struct rr_table table;
	unsigned int n, i;

	KUNIT_ASSERT_EQ(test, rr_table_init(&table, current->mm), 0);
	spin_lock(&space->lock);
	for (n = 0; n < ARRAY_SIZE(counts); n++) {
		unsigned long end = BASE + counts[n] * CHUNK;

		for (i = 0; i < counts[n]; i++)
			KUNIT_EXPECT_TRUE(test, rr_table_set(&table, BASE + i * CHUNK,
							     rr_pte_private(ZERO_PAGE(0))));
		/* The last goes and comes back. */
		if (counts[n]) {
			KUNIT_EXPECT_TRUE(test, rr_table_zap(&table, end - CHUNK, end, NULL, NULL));
			KUNIT_EXPECT_FALSE(test, pte_present(rr_table_get(&table, end - CHUNK)));
			KUNIT_EXPECT_TRUE(test, rr_table_set(&table, end - CHUNK,
							     rr_pte_private(ZERO_PAGE(0))));
		}
		KUNIT_EXPECT_EQ(test, rr_table_zap(&table, 0, TASK_SIZE_MAX, NULL, NULL),
				counts[n] > 0);
		for (i = 0; i < counts[n]; i++)
			KUNIT_EXPECT_FALSE(test, pte_present(rr_table_get(&table,
									  BASE + i * CHUNK)));
		KUNIT_EXPECT_FALSE(test, rr_table_zap(&table, 0, TASK_SIZE_MAX, NULL, NULL));
	}
	spin_unlock(&space->lock);
	rr_table_destroy(&table);
}

static struct kunit_case space_tests[] = {
	KUNIT_CASE(space_begins_unowned),
	KUNIT_CASE(space_owns_one_page),
	KUNIT_CASE(space_walks_by_address),
	KUNIT_CASE(space_disowns_range),
	KUNIT_CASE(space_moves),
	KUNIT_CASE(space_copies),
	KUNIT_CASE(space_fills),
	KUNIT_CASE(space_empties_views),
	KUNIT_CASE(space_keeps_dirty),
	KUNIT_CASE(space_knows_idle),
	KUNIT_CASE(space_follows_the_kernel),
	KUNIT_CASE(space_waits_for_the_kernel),
	KUNIT_CASE(space_zaps_tables),
	KUNIT_CASE(space_reads_official),
	{}
};

struct kunit_suite rr_space_suite = {
	.name		= "rr_space",
	.init		= space_init,
	.exit		= space_exit,
	.test_cases	= space_tests,
};
