/* SPDX-License-Identifier: GPL-2.0-only */
/* What the KUnit suites share. They run while rrcrew_kunit.ko is loaded. */
#ifndef RR_KUNIT_H
#define RR_KUNIT_H

#include <kunit/test.h>

extern struct kunit_suite rr_block_suite;
extern struct kunit_suite rr_detour_suite;
extern struct kunit_suite rr_diff_suite;
extern struct kunit_suite rr_digest_suite;
extern struct kunit_suite rr_event_suite;
extern struct kunit_suite rr_lane_suite;
extern struct kunit_suite rr_order_suite;
extern struct kunit_suite rr_random_suite;
extern struct kunit_suite rr_ranges_suite;
extern struct kunit_suite rr_space_suite;
extern struct kunit_suite rr_stream_suite;
extern struct kunit_suite rr_syscalls_suite;

/*
 * init and exit of suites whose cases need user memory, @test->priv: a mapping
 * of RR_KUNIT_USER bytes with a hole behind it. Such cases must not assert: a
 * kernel thread must not end with insmod's memory on.
 */
#define RR_KUNIT_USER	(64 * PAGE_SIZE)

int rr_kunit_user_init(struct kunit *test);
void rr_kunit_user_exit(struct kunit *test);

#endif /* RR_KUNIT_H */
