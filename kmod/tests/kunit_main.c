// SPDX-License-Identifier: GPL-2.0-only
/* rrcrew_kunit.ko: the KUnit tests of rrcrew.ko; see selftests/kunit. */
#include <linux/kthread.h>
#include <linux/mman.h>
#include <linux/module.h>

#include "compat/symbols.h"
#include "digest.h"
#include "kunit.h"

static struct kunit_suite *rr_suites[] = {
	&rr_block_suite,
	&rr_detour_suite,
	&rr_diff_suite,
	&rr_digest_suite,
	&rr_event_suite,
	&rr_lane_suite,
	&rr_order_suite,
	&rr_random_suite,
	&rr_ranges_suite,
	&rr_space_suite,
	&rr_stream_suite,
	&rr_syscalls_suite,
};

/* insmod's, which waits for us. */
static struct mm_struct *rr_kunit_mm;

int rr_kunit_user_init(struct kunit *test)
{
	unsigned long addr;

	kthread_use_mm(rr_kunit_mm);
	addr = vm_mmap(NULL, 0, RR_KUNIT_USER + PAGE_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(addr)) {
		kthread_unuse_mm(rr_kunit_mm);
		return addr;
	}
	vm_munmap(addr + RR_KUNIT_USER, PAGE_SIZE);
	test->priv = (void *)addr;
	return 0;
}

void rr_kunit_user_exit(struct kunit *test)
{
	if (!test->priv)
		return;
	vm_munmap((unsigned long)test->priv, RR_KUNIT_USER);
	kthread_unuse_mm(rr_kunit_mm);
}

/*
 * Not kunit_test_suites(): that runs them before this function, and only where
 * the kernel has KUnit built in.
 */
static int __init rr_kunit_init(void)
{
	int ret = rr_symbols_init();

	if (ret)
		return ret;
	rr_digest_init();
	rr_kunit_mm = current->mm;
	pr_info("KTAP version 1\n");
	pr_info("1..%zu\n", ARRAY_SIZE(rr_suites));
	return __kunit_test_suites_init(rr_suites, ARRAY_SIZE(rr_suites));
}

static void __exit rr_kunit_exit(void)
{
	__kunit_test_suites_exit(rr_suites, ARRAY_SIZE(rr_suites));
}

module_init(rr_kunit_init);
module_exit(rr_kunit_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit tests of rrcrew");
