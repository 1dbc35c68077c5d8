// SPDX-License-Identifier: GPL-2.0-only
/*
 * The token, taken and given by kernel threads that stand for recorded tasks.
 * What a thread finds out it leaves in its struct runner: only the thread of the
 * test itself may fail it.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched/clock.h>

#include "kunit.h"
#include "lane.h"
#include "merge.h"
#include "session.h"
#include "task.h"

#define NR_RUNNERS	4
#define PATIENCE	(10 * HZ)	/* of a test for what must happen */

/**
 * struct runner - a thread of the group
 * @t: its tag
 * @race: what all of them share
 * @thread: referenced, so that it can be stopped
 * @ret: of rr_token_take()
 * @got: it returned
 * @had: the token was there when the runner woke up again
 * @go: lets it go on
 * @bound: to CPU 0
 */
struct runner {
	struct rr_task		t;
	struct race		*race;
	struct task_struct	*thread;
	int			ret;
	struct completion	got;
	bool			had;
	struct completion	go;
	bool			bound;
};

struct race {
	struct rr_session	s;
	struct rr_lane		lane;
	struct runner		me;
	struct runner		runner[NR_RUNNERS];
	atomic_t		inside;
	unsigned int		clashes;
	unsigned int		counter;	/* not atomic: the token protects it */
	int			order[NR_RUNNERS];
};

static void runner_init(struct race *race, struct runner *r)
{
	r->race = race;
	r->t.s = &race->s;
	r->t.lane = &race->lane;
	r->t.task = current;
	/* In the kernel: nobody kicks it. */
	r->t.stay = RR_STAY_SYSCALL;
	refcount_set(&r->t.ref, 1);
	INIT_LIST_HEAD(&r->t.token_link);
	preempt_notifier_init(&r->t.pn, &rr_preempt_ops);
	init_completion(&r->got);
	init_completion(&r->go);
}

static int lane_init(struct kunit *test)
{
	struct race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	int i;

	if (!race)
		return -ENOMEM;
	race->s.lane = &race->lane;
	race->s.nr_lanes = 1;
	rr_lane_init(&race->lane, 0);
	runner_init(race, &race->me);
	for (i = 0; i < NR_RUNNERS; i++)
		runner_init(race, &race->runner[i]);
	test->priv = race;
	return 0;
}

/* Also after a failed assertion: nobody waits for what will not come. */
static void lane_exit(struct kunit *test)
{
	struct race *race = test->priv;
	int i;

	if (!race)
		return;
	WRITE_ONCE(race->s.ended, true);
	for (i = 0; i < NR_RUNNERS; i++) {
		struct runner *r = &race->runner[i];

		complete_all(&r->go);
		if (!r->thread)
			continue;
		kthread_stop(r->thread);
		put_task_struct(r->thread);
	}
	irq_work_sync(&race->lane.wake);
}

static void runner_start(struct kunit *test, struct runner *r, int (*fn)(void *data))
{
	struct task_struct *thread = kthread_create(fn, r, "rr_runner");

	KUNIT_ASSERT_FALSE(test, IS_ERR(thread));
	if (r->bound)
		kthread_bind(thread, 0);
	r->thread = get_task_struct(thread);
	r->t.task = thread;
	wake_up_process(thread);
}

static int runner_end(struct runner *r)
{
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule_timeout(HZ / 100);
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

static bool got(struct runner *r)
{
	return wait_for_completion_timeout(&r->got, PATIENCE);
}

static unsigned int nr_waiters(struct rr_lane *lane)
{
	struct rr_task *t;
	unsigned long flags;
	unsigned int n = 0;

	raw_spin_lock_irqsave(&lane->lock, flags);
	list_for_each_entry(t, &lane->waiters, token_link)
		n++;
	raw_spin_unlock_irqrestore(&lane->lock, flags);
	return n;
}

static bool waiters_become(struct race *race, unsigned int n)
{
	unsigned long end = jiffies + PATIENCE;

	while (nr_waiters(&race->lane) != n) {
		if (time_after(jiffies, end))
			return false;
		usleep_range(1000, 2000);
	}
	return true;
}

static void lane_free_token(struct kunit *test)
{
	struct race *race = test->priv;

	KUNIT_EXPECT_EQ(test, rr_token_take(&race->me.t, false), 0);
	KUNIT_EXPECT_TRUE(test, race->me.t.has_token);
	KUNIT_EXPECT_PTR_EQ(test, race->lane.holder, &race->me.t);
	/* Again is no change. */
	KUNIT_EXPECT_EQ(test, rr_token_take(&race->me.t, true), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&race->s.stat[RR_STAT_SWITCHES]), 1);

	/* Who does not have it gives nothing away. */
	rr_token_release(&race->runner[0].t, false);
	KUNIT_EXPECT_PTR_EQ(test, race->lane.holder, &race->me.t);

	rr_token_release(&race->me.t, false);
	KUNIT_EXPECT_FALSE(test, race->me.t.has_token);
	KUNIT_EXPECT_NULL(test, race->lane.holder);
}

#define ROUNDS	200

static int run_exclusive(void *data)
{
	struct runner *r = data;
	struct race *race = r->race;
	unsigned int seen, i;

	for (i = 0; i < ROUNDS && !r->ret; i++) {
		r->ret = rr_token_take(&r->t, i & 1);
		if (atomic_inc_return(&race->inside) != 1)
			race->clashes++;
		seen = READ_ONCE(race->counter);
		if (i % 16 == 0)
			usleep_range(50, 100);
		WRITE_ONCE(race->counter, seen + 1);
		atomic_dec(&race->inside);
		rr_token_release(&r->t, i % 3 == 0);
	}
	complete(&r->got);
	return runner_end(r);
}

static void lane_mutual_exclusion(struct kunit *test)
{
	struct race *race = test->priv;
	int i;

	for (i = 0; i < NR_RUNNERS; i++)
		runner_start(test, &race->runner[i], run_exclusive);
	for (i = 0; i < NR_RUNNERS; i++) {
		KUNIT_ASSERT_TRUE(test, got(&race->runner[i]));
		KUNIT_EXPECT_EQ(test, race->runner[i].ret, 0);
	}
	KUNIT_EXPECT_EQ(test, race->clashes, 0);
	KUNIT_EXPECT_EQ(test, race->counter, NR_RUNNERS * ROUNDS);
	KUNIT_EXPECT_EQ(test, atomic64_read(&race->s.stat[RR_STAT_SWITCHES]),
			NR_RUNNERS * ROUNDS);
	KUNIT_EXPECT_NULL(test, race->lane.holder);
}

static int run_in_turn(void *data)
{
	struct runner *r = data;

	r->ret = rr_token_take(&r->t, false);
	r->race->order[r->race->counter++] = r - r->race->runner;
	complete(&r->got);
	rr_token_release(&r->t, false);
	return runner_end(r);
}

static void lane_first_come_first_served(struct kunit *test)
{
	struct race *race = test->priv;
	int i;

	rr_token_take(&race->me.t, false);
	for (i = NR_RUNNERS - 1; i >= 0; i--) {
		runner_start(test, &race->runner[i], run_in_turn);
		KUNIT_ASSERT_TRUE(test, waiters_become(race, NR_RUNNERS - i));
	}
	KUNIT_EXPECT_EQ(test, race->counter, 0);
	rr_token_release(&race->me.t, false);
	for (i = 0; i < NR_RUNNERS; i++)
		KUNIT_ASSERT_TRUE(test, got(&race->runner[i]));
	for (i = 0; i < NR_RUNNERS; i++)
		KUNIT_EXPECT_EQ(test, race->order[i], NR_RUNNERS - 1 - i);
}

/* Waits without rr_token_take()'s timer: until the token's giver wakes it. */
static int run_woken(void *data)
{
	struct runner *r = data;
	struct rr_lane *lane = &r->race->lane;

	raw_spin_lock_irq(&lane->lock);
	list_add_tail(&r->t.token_link, &lane->waiters);
	raw_spin_unlock_irq(&lane->lock);
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (READ_ONCE(r->t.has_token) || kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	complete(&r->got);
	rr_token_release(&r->t, false);
	return runner_end(r);
}

static void lane_release_wakes_by(struct kunit *test, bool atomic)
{
	struct race *race = test->priv;
	struct runner *r = &race->runner[0];

	rr_token_take(&race->me.t, false);
	runner_start(test, r, run_woken);
	KUNIT_ASSERT_TRUE(test, waiters_become(race, 1));
	msleep(50);	/* it sleeps */
	preempt_disable();
	rr_token_release(&race->me.t, atomic);
	preempt_enable();
	KUNIT_EXPECT_TRUE(test, got(r));
}

static void lane_release_wakes(struct kunit *test)
{
	lane_release_wakes_by(test, false);
}

/* As sched_out does it: by way of the irq_work. */
static void lane_atomic_release_wakes(struct kunit *test)
{
	lane_release_wakes_by(test, true);
}

static void runner_watch(struct runner *r)
{
	preempt_disable();
	preempt_notifier_register(&r->t.pn);
	preempt_enable();
}

static void runner_unwatch(struct runner *r)
{
	preempt_disable();
	preempt_notifier_unregister(&r->t.pn);
	preempt_enable();
}

/* Takes the token, sleeps with it as @t.releasable says, and wakes up. */
static int run_asleep(void *data)
{
	struct runner *r = data;

	runner_watch(r);
	r->ret = rr_token_take(&r->t, false);
	complete(&r->got);
	wait_for_completion(&r->go);
	r->had = r->t.has_token;
	runner_unwatch(r);
	rr_token_release(&r->t, false);
	return runner_end(r);
}

static void lane_sleep_releases(struct kunit *test)
{
	struct race *race = test->priv;
	struct runner *sleeper = &race->runner[0], *other = &race->runner[1];

	sleeper->t.releasable = true;
	runner_start(test, sleeper, run_asleep);
	KUNIT_ASSERT_TRUE(test, got(sleeper));
	KUNIT_EXPECT_EQ(test, sleeper->ret, 0);
	runner_start(test, other, run_in_turn);
	KUNIT_EXPECT_TRUE(test, got(other));
	complete(&sleeper->go);
	kthread_stop(sleeper->thread);
	put_task_struct(sleeper->thread);
	sleeper->thread = NULL;
	KUNIT_EXPECT_FALSE(test, sleeper->had);
	KUNIT_EXPECT_NULL(test, race->lane.unlogged);
}

static void lane_sleep_keeps(struct kunit *test)
{
	struct race *race = test->priv;
	struct runner *sleeper = &race->runner[0], *other = &race->runner[1];

	runner_start(test, sleeper, run_asleep);
	KUNIT_ASSERT_TRUE(test, got(sleeper));
	runner_start(test, other, run_in_turn);
	KUNIT_ASSERT_TRUE(test, waiters_become(race, 1));
	msleep(20);
	KUNIT_EXPECT_EQ(test, race->counter, 0);
	complete(&sleeper->go);
	KUNIT_EXPECT_TRUE(test, got(other));
	KUNIT_EXPECT_TRUE(test, sleeper->had);
}

/* A word that the sleeping call may write is for the next holder to log. */
static void lane_sleep_leaves_words(struct kunit *test)
{
	struct race *race = test->priv;
	struct runner *sleeper = &race->runner[0], *other = &race->runner[1];

	sleeper->t.releasable = true;
	sleeper->t.word[0] = PAGE_SIZE;
	runner_start(test, sleeper, run_asleep);
	KUNIT_ASSERT_TRUE(test, got(sleeper));
	runner_start(test, other, run_in_turn);
	KUNIT_ASSERT_TRUE(test, got(other));
	KUNIT_EXPECT_PTR_EQ(test, race->lane.unlogged, &sleeper->t);
	KUNIT_EXPECT_EQ(test, refcount_read(&sleeper->t.ref), 2);
}

static int run_preempted(void *data)
{
	struct runner *r = data;
	unsigned long enough;

	r->t.releasable = true;
	runner_watch(r);
	r->ret = rr_token_take(&r->t, false);
	complete(&r->got);
	enough = current->nivcsw + 5;
	while (current->nivcsw < enough && !kthread_should_stop())
		cond_resched();
	r->had = r->t.has_token;
	runner_unwatch(r);
	rr_token_release(&r->t, false);
	return runner_end(r);
}

/* On one CPU, where the waiter's looking up preempts the holder. */
static void lane_preemption_keeps(struct kunit *test)
{
	struct race *race = test->priv;
	struct runner *busy = &race->runner[0], *other = &race->runner[1];

	busy->bound = true;
	other->bound = true;
	runner_start(test, busy, run_preempted);
	KUNIT_ASSERT_TRUE(test, got(busy));
	runner_start(test, other, run_in_turn);
	KUNIT_EXPECT_TRUE(test, got(other));
	KUNIT_EXPECT_TRUE(test, busy->had);
}

/* A whole tag, as do_exit() takes it off. */
static int run_to_exit(void *data)
{
	struct runner *r = data;
	struct rr_task *t = rr_task_new(&r->race->s, current, &r->race->lane, 0);

	r->ret = -ENOMEM;
	if (t) {
		t->stay = RR_STAY_EXIT;
		preempt_disable();
		preempt_notifier_register(&t->pn);
		preempt_enable();
		r->ret = rr_token_take(t, false);
	}
	complete(&r->got);
	wait_for_completion(&r->go);
	if (t)
		rr_task_untag(t);
	return runner_end(r);
}

static void lane_exit_releases(struct kunit *test)
{
	struct race *race = test->priv;
	struct runner *dying = &race->runner[0], *other = &race->runner[1];

	xa_init(&race->s.tasks);
	xa_init(&race->s.gone);
	spin_lock_init(&race->s.lock);
	refcount_set(&race->s.ref, 2);
	atomic_set(&race->s.nr_tasks, 1);	/* one that stays */
	runner_start(test, dying, run_to_exit);
	KUNIT_ASSERT_TRUE(test, got(dying));
	KUNIT_ASSERT_EQ(test, dying->ret, 0);
	runner_start(test, other, run_in_turn);
	KUNIT_EXPECT_TRUE(test, waiters_become(race, 1));
	complete(&dying->go);
	KUNIT_EXPECT_TRUE(test, got(other));
	kthread_stop(dying->thread);
	put_task_struct(dying->thread);
	dying->thread = NULL;
	KUNIT_EXPECT_TRUE(test, xa_empty(&race->s.tasks));
	/* A session that does not record remembers who has been. */
	KUNIT_EXPECT_FALSE(test, xa_empty(&race->s.gone));
	xa_destroy(&race->s.gone);
	KUNIT_EXPECT_EQ(test, refcount_read(&race->s.ref), 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&race->s.nr_tasks), 1);
}

static int run_killed(void *data)
{
	struct runner *r = data;

	allow_signal(SIGKILL);
	r->ret = rr_token_take(&r->t, true);
	complete(&r->got);
	flush_signals(current);
	return runner_end(r);
}

static void lane_fatal_signal(struct kunit *test)
{
	struct race *race = test->priv;
	struct runner *r = &race->runner[0];

	rr_token_take(&race->me.t, false);
	runner_start(test, r, run_killed);
	KUNIT_ASSERT_TRUE(test, waiters_become(race, 1));
	send_sig(SIGKILL, r->thread, 1);
	KUNIT_ASSERT_TRUE(test, got(r));
	KUNIT_EXPECT_EQ(test, r->ret, -EINTR);
	KUNIT_EXPECT_EQ(test, nr_waiters(&race->lane), 0);
	rr_token_release(&race->me.t, false);
	KUNIT_EXPECT_NULL(test, race->lane.holder);
}

static void lane_session_end(struct kunit *test)
{
	struct race *race = test->priv;
	struct runner *r = &race->runner[0];

	rr_token_take(&race->me.t, false);
	runner_start(test, r, run_in_turn);
	KUNIT_ASSERT_TRUE(test, waiters_become(race, 1));
	WRITE_ONCE(race->s.ended, true);
	KUNIT_ASSERT_TRUE(test, got(r));
	KUNIT_EXPECT_EQ(test, r->ret, 0);
	KUNIT_EXPECT_EQ(test, nr_waiters(&race->lane), 0);
	KUNIT_EXPECT_PTR_EQ(test, race->lane.holder, &race->me.t);
}

static void lane_yield_due(struct kunit *test)
{
	struct race *race = test->priv;
	struct rr_task *me = &race->me.t;
	bool due = true;
	int i;

	rr_token_take(me, false);
	me->token_since = ktime_sub_ms(ktime_get(), 1000);
	KUNIT_EXPECT_FALSE(test, rr_token_yield_due(me));
	runner_start(test, &race->runner[0], run_in_turn);
	KUNIT_ASSERT_TRUE(test, waiters_become(race, 1));
	KUNIT_EXPECT_TRUE(test, rr_token_yield_due(me));
	/* Just taken: unless the machine stands still here, again and again. */
	for (i = 0; i < 100 && due; i++) {
		me->token_since = ktime_get();
		due = rr_token_yield_due(me);
	}
	KUNIT_EXPECT_FALSE(test, due);
}

/* Stopping who computes is to cost a part of the time: a slice is longer where it costs more. */
static void lane_stop_due(struct kunit *test)
{
	struct race *race = test->priv;
	struct rr_task *me = &race->me.t;

	rr_token_take(me, false);
	me->token_since = ktime_sub_ms(ktime_get(), 10000);
	KUNIT_EXPECT_FALSE(test, rr_token_stop_due(me));
	runner_start(test, &race->runner[0], run_in_turn);
	KUNIT_ASSERT_TRUE(test, waiters_become(race, 1));
	KUNIT_EXPECT_TRUE(test, rr_token_stop_due(me));
	race->lane.stop_ns = 10ull * NSEC_PER_SEC;
	KUNIT_EXPECT_FALSE(test, rr_token_stop_due(me));
	KUNIT_EXPECT_TRUE(test, rr_token_yield_due(me));
	me->token_since = ktime_sub_ms(ktime_get(), 161 * MSEC_PER_SEC);
	KUNIT_EXPECT_TRUE(test, rr_token_stop_due(me));
}

/* Who waits long makes the holder stop anywhere; how long, the holder's past tells. */
static void lane_waiter_forces(struct kunit *test)
{
	struct race *race = test->priv;
	struct rr_task *me = &race->me.t;
	unsigned long end = jiffies + PATIENCE;
	ktime_t start = ktime_get();

	me->patience = 25 * NSEC_PER_MSEC;
	rr_token_take(me, false);
	runner_start(test, &race->runner[0], run_in_turn);
	while (!READ_ONCE(me->force) && time_before(jiffies, end))
		usleep_range(1000, 2000);
	KUNIT_EXPECT_TRUE(test, me->force);
	KUNIT_EXPECT_GE(test, ktime_ms_delta(ktime_get(), start), 50);
	KUNIT_EXPECT_EQ(test, me->kick_queued, 0);
	KUNIT_EXPECT_EQ(test, refcount_read(&me->ref), 1);
}

static int lane_suite_init(struct kunit_suite *suite)
{
	preempt_notifier_inc();
	return 0;
}

/* A task of lane 1 has taken pages for a while: does it go to lane 0? */
static bool merges(struct race *race, const struct rr_fight *fight)
{
	struct rr_lane other = { .nr = 1, .fight = *fight };
	struct rr_task *t = &race->me.t;
	struct rr_lane *to;

	other.fight.since = local_clock() - 60 * NSEC_PER_MSEC;
	t->lane = &other;
	t->own_lane = NULL;
	to = rr_merge_with(t, BIT(0));
	t->lane = &race->lane;
	return to == &race->lane;
}

/* What bench_mutex, pigz, race_queue, a pool that computes and Python look like. */
static void lane_merges(struct kunit *test)
{
	static const struct rr_fight mutex = {
		.ns = 10 * NSEC_PER_MSEC, .takes = 60, .again = 56, .stops = 13,
		.sleeps = 40, .vacant = 20 * NSEC_PER_MSEC, .user = 50 * NSEC_PER_MSEC,
	};
	static const struct rr_fight interpreter = {
		.ns = 20 * NSEC_PER_MSEC, .takes = 20, .again = 8, .stops = 4,
		.sleeps = 10, .vacant = 5 * NSEC_PER_MSEC, .user = 20 * NSEC_PER_MSEC,
	};
	struct rr_fight fight = mutex;
	struct race *race = test->priv;

	KUNIT_EXPECT_TRUE(test, merges(race, &fight));
	fight.again = 6;
	KUNIT_EXPECT_FALSE(test, merges(race, &fight));
	fight = mutex;
	fight.sleeps = 0;
	fight.stops = 60;
	KUNIT_EXPECT_FALSE(test, merges(race, &fight));
	fight = mutex;
	fight.vacant = 5 * NSEC_PER_MSEC;
	KUNIT_EXPECT_FALSE(test, merges(race, &fight));
	fight.ns = 40 * NSEC_PER_MSEC;
	fight.stops = 0;
	KUNIT_EXPECT_TRUE(test, merges(race, &fight));
	fight = interpreter;
	KUNIT_EXPECT_TRUE(test, merges(race, &fight));
	fight.stops = 60;
	KUNIT_EXPECT_FALSE(test, merges(race, &fight));
	/* The other lane computes as well, */
	race->lane.fight.look.computes = 60;
	race->lane.fight.since = local_clock();
	fight = interpreter;
	KUNIT_EXPECT_FALSE(test, merges(race, &fight));
	/* or has not been heard of for long: it does nothing else. */
	race->lane.fight.since -= 400 * NSEC_PER_MSEC;
	race->lane.fight.user_at = race->lane.fight.since;
	KUNIT_EXPECT_FALSE(test, merges(race, &fight));
	KUNIT_EXPECT_EQ(test, race->lane.fight.look.computes, 100);
	KUNIT_EXPECT_EQ(test, race->lane.fight.user, 0);
}

static void lane_suite_exit(struct kunit_suite *suite)
{
	preempt_notifier_dec();
}

static struct kunit_case lane_tests[] = {
	KUNIT_CASE(lane_free_token),
	KUNIT_CASE(lane_mutual_exclusion),
	KUNIT_CASE(lane_first_come_first_served),
	KUNIT_CASE(lane_release_wakes),
	KUNIT_CASE(lane_atomic_release_wakes),
	KUNIT_CASE(lane_sleep_releases),
	KUNIT_CASE(lane_sleep_keeps),
	KUNIT_CASE(lane_sleep_leaves_words),
	KUNIT_CASE(lane_preemption_keeps),
	KUNIT_CASE(lane_exit_releases),
	KUNIT_CASE(lane_fatal_signal),
	KUNIT_CASE(lane_session_end),
	KUNIT_CASE(lane_yield_due),
	KUNIT_CASE(lane_stop_due),
	KUNIT_CASE(lane_waiter_forces),
	KUNIT_CASE(lane_merges),
	{}
};

struct kunit_suite rr_lane_suite = {
	.name		= "rr_lane",
	.suite_init	= lane_suite_init,
	.suite_exit	= lane_suite_exit,
	.init		= lane_init,
	.exit		= lane_exit,
	.test_cases	= lane_tests,
};
