// SPDX-License-Identifier: GPL-2.0-only
#include "event.h"
#include "kunit.h"

struct logger {
	struct rr_session	s;
	struct rr_lane		lane[2];
	struct rr_task		t;		/* of lane 1 */
};

static int event_init(struct kunit *test)
{
	struct logger *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);

	if (!l)
		return -ENOMEM;
	l->s.mode = RRCREW_MODE_RECORD;
	l->s.lane = l->lane;
	l->s.nr_lanes = 2;
	rr_lane_init(&l->lane[0], 0);
	rr_lane_init(&l->lane[1], 1);
	l->t.s = &l->s;
	l->t.lane = &l->lane[1];
	l->t.id = 7;
	l->s.out = rr_out_new(0, 2);
	if (!l->s.out)
		return -ENOMEM;
	test->priv = l;
	return 0;
}

static void event_exit(struct kunit *test)
{
	struct logger *l = test->priv;

	if (l)
		rr_out_free(l->s.out);
}

static void event_fields(struct kunit *test)
{
	struct logger *l = test->priv;
	struct rrlog_tsc *tsc = rr_event_begin(&l->t, RRLOG_TSC, RRLOG_TSC_RDTSCP, 3,
					       sizeof(*tsc));

	KUNIT_ASSERT_NOT_NULL(test, tsc);
	KUNIT_EXPECT_EQ(test, tsc->e.type, RRLOG_TSC);
	KUNIT_EXPECT_EQ(test, tsc->e.flags, RRLOG_TSC_RDTSCP);
	KUNIT_EXPECT_EQ(test, tsc->e.pad, 0);
	KUNIT_EXPECT_EQ(test, tsc->e.len, sizeof(*tsc));
	KUNIT_EXPECT_EQ(test, tsc->e.task, 7);
	KUNIT_EXPECT_EQ(test, tsc->e.aux, 3);
	KUNIT_EXPECT_NULL(test, memchr_inv(&tsc->e + 1, 0, sizeof(*tsc) - sizeof(tsc->e)));
	KUNIT_EXPECT_EQ(test, rr_event_end(&l->t), 0);
}

/* Numbers follow each other; lengths are rounded up, and the padding is zero. */
static void event_lengths(struct kunit *test)
{
	struct logger *l = test->priv;
	struct rr_out_stats st;
	struct rrlog_event *e;
	u32 len, sum = 0;

	for (len = 17; len < 60; len++) {
		e = rr_event_begin(&l->t, RRLOG_NOTE, 0, 0, len);
		KUNIT_ASSERT_NOT_NULL(test, e);
		KUNIT_EXPECT_EQ(test, e->len, round_up(len, 8));
		KUNIT_EXPECT_NULL(test, memchr_inv(e + 1, 0, e->len - sizeof(*e)));
		memset(e + 1, 0xff, e->len - sizeof(*e));
		sum += e->len;
		KUNIT_EXPECT_EQ(test, rr_event_end(&l->t), len - 17);
	}
	rr_out_stats(l->s.out, &st);
	KUNIT_EXPECT_EQ(test, st.events, 60 - 17);
	KUNIT_EXPECT_EQ(test, st.raw_bytes, sum);
}

static void event_after_end(struct kunit *test)
{
	struct logger *l = test->priv;

	l->s.ended = true;
	KUNIT_EXPECT_NULL(test, rr_event_begin(&l->t, RRLOG_START, 0, 0, 16));
}

static void event_names(struct kunit *test)
{
	int a, b;

	for (a = 1; a < RRLOG_NR_TYPES; a++) {
		KUNIT_EXPECT_STRNEQ(test, rr_event_name(a), "?");
		for (b = 1; b < a; b++)
			KUNIT_EXPECT_STRNEQ(test, rr_event_name(a), rr_event_name(b));
	}
	KUNIT_EXPECT_STREQ(test, rr_event_name(RRLOG_PAGEIN), "PAGEIN");
	KUNIT_EXPECT_STREQ(test, rr_event_name(0), "?");
	KUNIT_EXPECT_STREQ(test, rr_event_name(RRLOG_NR_TYPES), "?");
	KUNIT_EXPECT_STREQ(test, rr_event_name(255), "?");
}

static struct kunit_case event_tests[] = {
	KUNIT_CASE(event_fields),
	KUNIT_CASE(event_lengths),
	KUNIT_CASE(event_after_end),
	KUNIT_CASE(event_names),
	{}
};

struct kunit_suite rr_event_suite = {
	.name		= "rr_event",
	.init		= event_init,
	.exit		= event_exit,
	.test_cases	= event_tests,
};
