// SPDX-License-Identifier: GPL-2.0-only
/* A replay's order, with a log of which only the beginning is there. */
#include "../../include/uapi/linux/rrcrew_log.h"
#include "kunit.h"
#include "lane.h"
#include "logdev/logdev.h"
#include "order.h"
#include "session.h"
#include "task.h"

struct cut {
	struct rr_session	s;
	struct rr_lane		lane[2];
	struct rr_task		t;
};

/* In lane 0 an event of task 1 that waits for event 5 of lane 1: the log has none. */
static bool cut_put(struct rr_out *out)
{
	struct rrlog_grant *grant = rr_out_reserve(out, 0, struct_size(grant, edge, 1));

	if (!grant)
		return false;
	grant->e.type = RRLOG_GRANT;
	grant->e.len = struct_size(grant, edge, 1);
	grant->e.task = 1;
	grant->e.aux = 1;
	grant->addr = PAGE_SIZE;
	grant->edge[0] = (struct rrlog_edge){ .lane = 1, .event = 5 };
	rr_out_commit(out, 0);
	return true;
}

static bool cut_log(struct kunit *test, struct rr_in *in)
{
	char __user *user = (char __user *)test->priv;
	struct rr_out *out = rr_out_new(0, 2);
	ssize_t len = 0;
	bool good;

	good = out && cut_put(out);
	while (good && (len = rr_out_read(out, user, RR_KUNIT_USER, true)) > 0)
		good = rr_in_write(in, user, len, true) == len;
	rr_in_writer_gone(in);
	rr_out_free(out);
	return good;
}

static struct cut *cut_new(struct kunit *test)
{
	struct cut *cut = kunit_kzalloc(test, sizeof(*cut), GFP_KERNEL);

	if (!cut)
		return NULL;
	cut->s.mode = RRCREW_MODE_REPLAY;
	cut->s.lane = cut->lane;
	cut->s.nr_lanes = 2;
	cut->s.in = rr_in_new();
	xa_init(&cut->s.tasks);
	xa_init(&cut->s.gone);
	rr_lane_init(&cut->lane[0], 0);
	rr_lane_init(&cut->lane[1], 1);
	atomic_set(&cut->lane[0].tasks, 1);
	cut->t.s = &cut->s;
	cut->t.id = 1;
	cut->t.lane = &cut->lane[0];
	cut->t.task = current;
	return cut;
}

static void cut_free(struct cut *cut)
{
	xa_destroy(&cut->s.tasks);
	rr_lane_exit(&cut->lane[0]);
	rr_lane_exit(&cut->lane[1]);
	rr_in_free(cut->s.in);
}

/*
 * A task waits at its event while another one is about to end: that might still do what
 * the first waits for. When it is gone somebody must notice that nobody will.
 */
static void order_last_waits(struct kunit *test)
{
	struct cut *cut = cut_new(test);
	const struct rrlog_event *e;
	struct rr_waiter w;
	bool woken;

	if (!cut || !cut->s.in || xa_err(xa_store(&cut->s.tasks, 1, &cut->t, GFP_KERNEL)) ||
	    !cut_log(test, cut->s.in)) {
		KUNIT_FAIL(test, "no memory");
		goto free;
	}
	e = rr_order_mine(&cut->t);
	if (!e) {
		KUNIT_FAIL(test, "no event");
		goto free;
	}
	rr_order_arrive(&cut->t);
	KUNIT_EXPECT_FALSE(test, rr_order_ready(&cut->s, e));
	atomic_set(&cut->s.waiting, 1);
	atomic_set(&cut->s.nr_tasks, 2);
	KUNIT_EXPECT_FALSE(test, rr_order_stuck(&cut->s, &cut->lane[0]));

	rr_order_wait_init(&w, &cut->t, e);
	prepare_to_wait_event(rr_in_wait(cut->s.in), &w.entry, TASK_UNINTERRUPTIBLE);
	atomic_dec(&cut->s.nr_tasks);
	rr_order_gone(&cut->s, &cut->lane[0]);
	woken = list_empty(&w.entry.entry);
	finish_wait(rr_in_wait(cut->s.in), &w.entry);
	KUNIT_EXPECT_TRUE(test, woken);
	KUNIT_EXPECT_TRUE(test, rr_order_stuck(&cut->s, &cut->lane[0]));
free:
	if (cut)
		cut_free(cut);
}

static struct kunit_case order_tests[] = {
	KUNIT_CASE(order_last_waits),
	{}
};

struct kunit_suite rr_order_suite = {
	.name		= "rr_order",
	.init		= rr_kunit_user_init,
	.exit		= rr_kunit_user_exit,
	.test_cases	= order_tests,
};
