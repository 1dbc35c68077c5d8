// SPDX-License-Identifier: GPL-2.0-only
/* The log from rr_out to rr_in by way of user memory, and what is printed. */
#include <linux/kthread.h>
#include <linux/uaccess.h>

#include "../../include/uapi/linux/rrcrew.h"
#include "logdev/logdev.h"
#include "tests/kunit.h"

static char __user *user(struct kunit *test)
{
	return (char __user *)test->priv;
}

/* An event that says where it belongs: aux is its number, task its lane. */
static bool put(struct rr_out *out, u32 lane, u32 nr, u32 len)
{
	struct rrlog_note *note = rr_out_reserve(out, lane, len);

	if (!note)
		return false;
	note->e.type = RRLOG_TSC;
	note->e.len = len;
	note->e.task = 1;
	((struct rrlog_tsc *)note)->value = nr;
	return rr_out_commit(out, lane) == nr;
}

/* The whole log through a buffer of @room bytes. What rr_in says at last. */
static ssize_t pump(struct kunit *test, struct rr_out *out, struct rr_in *in, size_t room)
{
	ssize_t got, put, ret;

	for (;;) {
		got = rr_out_read(out, user(test), room, true);
		if (got <= 0)
			return got;
		for (put = 0; put < got; put += ret) {
			ret = rr_in_write(in, user(test) + put, got - put, true);
			if (ret <= 0)
				return ret;
		}
	}
}

/* Reads @n events of @lane; false if one is not what put() made. */
static bool take(struct rr_in *in, u32 lane, u32 n)
{
	const struct rrlog_tsc *tsc;
	u32 i;

	for (i = 0; i < n; i++) {
		tsc = (const void *)rr_in_peek(in, lane);
		if (!tsc || tsc->e.type != RRLOG_TSC || tsc->value != i ||
		    rr_in_event_nr(in, lane) != i)
			return false;
		rr_in_next(in, lane);
	}
	return true;
}

#define NR_EVENTS	5000	/* more than one block */

static void stream_round_trip_by(struct kunit *test, size_t room)
{
	struct rr_out *out = rr_out_new(RRLOG_CHECK_FULL, 2);
	struct rr_in *in = rr_in_new();
	const struct rrlog_event *e;
	struct rr_out_stats st;
	bool all = true;
	u32 i;

	if (!out || !in) {
		KUNIT_FAIL(test, "no memory");
		goto out;
	}
	for (i = 0; i < NR_EVENTS; i++) {
		all &= put(out, 0, i, sizeof(struct rrlog_tsc));
		all &= i >= 10 || put(out, 1, i, sizeof(struct rrlog_tsc));
	}
	KUNIT_EXPECT_TRUE(test, all);
	rr_out_finish(out, -EINTR);
	KUNIT_EXPECT_EQ(test, pump(test, out, in, room), 0);
	KUNIT_EXPECT_EQ(test, rr_in_status(in, 0), RR_IN_OPEN);
	KUNIT_EXPECT_EQ(test, rr_in_header(in)->nr_lanes, 2);
	KUNIT_EXPECT_EQ(test, rr_in_header(in)->flags, RRLOG_CHECK_FULL);
	KUNIT_EXPECT_TRUE(test, take(in, 1, 10));
	KUNIT_EXPECT_NULL(test, rr_in_peek(in, 1));
	KUNIT_EXPECT_EQ(test, rr_in_status(in, 1), RR_IN_COMPLETE);
	KUNIT_EXPECT_TRUE(test, take(in, 0, NR_EVENTS));
	e = rr_in_peek(in, 0);
	if (e) {
		KUNIT_EXPECT_EQ(test, e->type, RRLOG_END);
		KUNIT_EXPECT_EQ(test, e->aux, EINTR);
		rr_in_next(in, 0);
	}
	KUNIT_EXPECT_NOT_NULL(test, e);
	KUNIT_EXPECT_NULL(test, rr_in_peek(in, 0));
	KUNIT_EXPECT_EQ(test, rr_in_status(in, 0), RR_IN_COMPLETE);
	KUNIT_EXPECT_STREQ(test, rr_in_error(in), "");
	rr_out_stats(out, &st);
	KUNIT_EXPECT_EQ(test, st.events, NR_EVENTS + 10 + 1);
	KUNIT_EXPECT_EQ(test, st.raw_bytes, (NR_EVENTS + 10) * sizeof(struct rrlog_tsc) +
			sizeof(struct rrlog_end));
	KUNIT_EXPECT_LT(test, st.bytes, st.raw_bytes);
out:
	rr_in_free(in);
	rr_out_free(out);
}

static void stream_round_trip(struct kunit *test)
{
	stream_round_trip_by(test, RR_KUNIT_USER);
}

static void stream_round_trip_by_bytes(struct kunit *test)
{
	stream_round_trip_by(test, 1);
}

/* Less than a block is handed out, too, and nothing is not the end. */
static void stream_out_partial(struct kunit *test)
{
	struct rr_out *out = rr_out_new(0, 1);
	size_t head = sizeof(struct rrlog_header);

	if (!out) {
		KUNIT_FAIL(test, "no memory");
		return;
	}
	KUNIT_EXPECT_EQ(test, rr_out_read(out, user(test), RR_KUNIT_USER, true), head);
	KUNIT_EXPECT_EQ(test, rr_out_read(out, user(test), RR_KUNIT_USER, true), -EAGAIN);
	put(out, 0, 0, sizeof(struct rrlog_tsc));
	KUNIT_EXPECT_EQ(test, rr_out_read(out, user(test) + RR_KUNIT_USER, 1, true), -EFAULT);
	KUNIT_EXPECT_GT(test, rr_out_read(out, user(test), RR_KUNIT_USER, true), 0);
	KUNIT_EXPECT_EQ(test, rr_out_read(out, user(test), RR_KUNIT_USER, true), -EAGAIN);
	rr_out_finish(out, 0);
	KUNIT_EXPECT_GT(test, rr_out_read(out, user(test), RR_KUNIT_USER, true), 0);
	KUNIT_EXPECT_EQ(test, rr_out_read(out, user(test), RR_KUNIT_USER, true), 0);
	KUNIT_EXPECT_NULL(test, rr_out_reserve(out, 0, 16));
	rr_out_free(out);
}

/* An event whose type is still 0 never was; one that is shorter than reserved is. */
static void stream_out_drops(struct kunit *test)
{
	struct rr_out *out = rr_out_new(0, 1);
	struct rr_out_stats st;
	struct rrlog_tsc *tsc;

	if (!out) {
		KUNIT_FAIL(test, "no memory");
		return;
	}
	tsc = rr_out_reserve(out, 0, 1024);
	if (tsc) {
		tsc->value = ~0ULL;
		KUNIT_EXPECT_EQ(test, rr_out_commit(out, 0), 0);
	}
	tsc = rr_out_reserve(out, 0, 1024);
	if (tsc) {
		KUNIT_EXPECT_NULL(test, memchr_inv(tsc, 0, 1024));
		tsc->e.type = RRLOG_TSC;
		tsc->e.len = sizeof(*tsc);
		KUNIT_EXPECT_EQ(test, rr_out_commit(out, 0), 0);
	}
	rr_out_stats(out, &st);
	KUNIT_EXPECT_EQ(test, st.events, 1);
	KUNIT_EXPECT_EQ(test, st.raw_bytes, sizeof(*tsc));
	rr_out_free(out);
}

struct throttled {
	struct rr_out		*out;
	struct completion	done;
};

static int throttled_run(void *data)
{
	struct throttled *t = data;
	int ret = rr_out_throttle(t->out);

	complete(&t->done);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return ret;
}

/* 8 MiB that nobody reads: writing goes on, but whoever is asked to wait waits. */
static void stream_out_full(struct kunit *test)
{
	struct rr_out *out = rr_out_new(0, 1);
	struct throttled t = { .out = out };
	struct task_struct *thread;
	u32 i;

	init_completion(&t.done);
	if (!out) {
		KUNIT_FAIL(test, "no memory");
		return;
	}
	for (i = 0; i < 140 && !rr_out_full(out); i++)
		put(out, 0, i, RRLOG_BLOCK_MAX);
	/* The first is in no queue until the next one comes. */
	KUNIT_EXPECT_EQ(test, i, (8 << 20) / RRLOG_BLOCK_MAX + 2);
	KUNIT_EXPECT_TRUE(test, put(out, 0, i, RRLOG_BLOCK_MAX));
	thread = kthread_run(throttled_run, &t, "rr_throttled");
	KUNIT_EXPECT_FALSE(test, IS_ERR(thread));
	KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&t.done, HZ / 20), 0);
	rr_out_abandon(out);
	KUNIT_EXPECT_FALSE(test, rr_out_full(out));
	KUNIT_EXPECT_NULL(test, rr_out_reserve(out, 0, 16));
	if (!IS_ERR(thread)) {
		KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&t.done, 10 * HZ), 0);
		KUNIT_EXPECT_EQ(test, kthread_stop(thread), 0);
	}
	rr_out_free(out);
}

/* Cut: what came before stays, and the reader hears that no more comes. */
static void stream_in_truncated(struct kunit *test)
{
	struct rr_out *out = rr_out_new(0, 1);
	struct rr_in *in = rr_in_new();

	if (!out || !in) {
		KUNIT_FAIL(test, "no memory");
		goto out;
	}
	KUNIT_EXPECT_NULL(test, rr_in_header(in));
	KUNIT_EXPECT_NULL(test, rr_in_peek(in, 0));
	put(out, 0, 0, sizeof(struct rrlog_tsc));
	KUNIT_EXPECT_EQ(test, pump(test, out, in, 100), -EAGAIN);
	rr_in_writer_gone(in);
	KUNIT_EXPECT_EQ(test, rr_in_status(in, 0), RR_IN_OPEN);
	KUNIT_EXPECT_TRUE(test, take(in, 0, 1));
	KUNIT_EXPECT_EQ(test, rr_in_status(in, 0), RR_IN_TRUNCATED);
	KUNIT_EXPECT_NOT_NULL(test, strstr(rr_in_error(in), "before its END"));
	KUNIT_EXPECT_EQ(test, rr_in_write(in, user(test), 1, true), -EPIPE);
out:
	rr_in_free(in);
	rr_out_free(out);
}

static void stream_in_damaged(struct kunit *test)
{
	struct rr_out *out = rr_out_new(0, 1);
	struct rr_in *in = rr_in_new();
	ssize_t len;
	char byte;

	if (!out || !in) {
		KUNIT_FAIL(test, "no memory");
		goto out;
	}
	rr_out_read(out, user(test), RR_KUNIT_USER, true);
	KUNIT_EXPECT_EQ(test, rr_in_write(in, user(test), sizeof(struct rrlog_header), true),
			sizeof(struct rrlog_header));
	put(out, 0, 0, sizeof(struct rrlog_tsc));
	len = rr_out_read(out, user(test), RR_KUNIT_USER, true);
	KUNIT_EXPECT_EQ(test, rr_in_write(in, user(test), len, true), len);
	put(out, 0, 1, sizeof(struct rrlog_tsc));
	len = rr_out_read(out, user(test), RR_KUNIT_USER, true);
	if (len <= 0 || get_user(byte, user(test) + len - 1) ||
	    put_user(byte ^ 1, user(test) + len - 1))
		KUNIT_FAIL(test, "nothing to damage");
	KUNIT_EXPECT_EQ(test, rr_in_write(in, user(test), len, true), -EBADMSG);
	KUNIT_EXPECT_TRUE(test, take(in, 0, 1));
	KUNIT_EXPECT_NULL(test, rr_in_peek(in, 0));
	KUNIT_EXPECT_EQ(test, rr_in_status(in, 0), RR_IN_BAD);
	KUNIT_EXPECT_NOT_NULL(test, strstr(rr_in_error(in), "payload CRC"));
	KUNIT_EXPECT_EQ(test, rr_in_write(in, user(test), 1, true), -EBADMSG);
out:
	rr_in_free(in);
	rr_out_free(out);
}

static void stream_in_abandoned(struct kunit *test)
{
	struct rr_in *in = rr_in_new();

	if (!in) {
		KUNIT_FAIL(test, "no memory");
		return;
	}
	rr_in_abandon(in);
	KUNIT_EXPECT_EQ(test, rr_in_write(in, user(test), 1, true), -EPIPE);
	rr_in_free(in);
}

static void stream_echo(struct kunit *test)
{
	struct rr_echo *echo = rr_echo_new();
	struct rrcrew_echo head;
	char text[5];

	if (!echo) {
		KUNIT_FAIL(test, "no memory");
		return;
	}
	KUNIT_EXPECT_EQ(test, rr_echo_read(echo, user(test), 100, true), -EAGAIN);
	KUNIT_EXPECT_EQ(test, rr_echo_put(echo, 1, "hello", 5), 0);
	KUNIT_EXPECT_EQ(test, rr_echo_put(echo, 2, "oops", 4), 0);
	/* Any cut is right. */
	KUNIT_EXPECT_EQ(test, rr_echo_read(echo, user(test), 10, true), 10);
	KUNIT_EXPECT_EQ(test, rr_echo_read(echo, user(test) + 10, 100, true), 15);
	if (copy_from_user(&head, user(test), sizeof(head)) ||
	    copy_from_user(text, user(test) + sizeof(head), sizeof(text)))
		KUNIT_FAIL(test, "no user memory");
	KUNIT_EXPECT_EQ(test, head.stream, 1);
	KUNIT_EXPECT_EQ(test, head.len, 5);
	KUNIT_EXPECT_EQ(test, memcmp(text, "hello", 5), 0);
	if (copy_from_user(&head, user(test) + sizeof(head) + 5, sizeof(head)) ||
	    copy_from_user(text, user(test) + 2 * sizeof(head) + 5, 4))
		KUNIT_FAIL(test, "no user memory");
	KUNIT_EXPECT_EQ(test, head.stream, 2);
	KUNIT_EXPECT_EQ(test, head.len, 4);
	KUNIT_EXPECT_EQ(test, memcmp(text, "oops", 4), 0);

	KUNIT_EXPECT_EQ(test, rr_echo_put(echo, 1, "end", 3), 0);
	rr_echo_finish(echo);
	KUNIT_EXPECT_EQ(test, rr_echo_put(echo, 1, "more", 4), -EPIPE);
	KUNIT_EXPECT_EQ(test, rr_echo_read(echo, user(test), 100, false), sizeof(head) + 3);
	KUNIT_EXPECT_EQ(test, rr_echo_read(echo, user(test), 100, false), 0);
	rr_echo_free(echo);
}

static void stream_echo_reader_gone(struct kunit *test)
{
	struct rr_echo *echo = rr_echo_new();

	if (!echo) {
		KUNIT_FAIL(test, "no memory");
		return;
	}
	KUNIT_EXPECT_EQ(test, rr_echo_put(echo, 1, "hello", 5), 0);
	KUNIT_EXPECT_EQ(test, rr_echo_read(echo, user(test) + RR_KUNIT_USER, 9, true), -EFAULT);
	rr_echo_reader_gone(echo);
	KUNIT_EXPECT_EQ(test, rr_echo_put(echo, 1, "hello", 5), -EPIPE);
	KUNIT_EXPECT_EQ(test, rr_echo_read(echo, user(test), 100, true), 0);
	rr_echo_free(echo);
}

static struct kunit_case stream_tests[] = {
	KUNIT_CASE(stream_round_trip),
	KUNIT_CASE(stream_round_trip_by_bytes),
	KUNIT_CASE(stream_out_partial),
	KUNIT_CASE(stream_out_drops),
	KUNIT_CASE(stream_out_full),
	KUNIT_CASE(stream_in_truncated),
	KUNIT_CASE(stream_in_damaged),
	KUNIT_CASE(stream_in_abandoned),
	KUNIT_CASE(stream_echo),
	KUNIT_CASE(stream_echo_reader_gone),
	{}
};

struct kunit_suite rr_stream_suite = {
	.name		= "rr_stream",
	.init		= rr_kunit_user_init,
	.exit		= rr_kunit_user_exit,
	.test_cases	= stream_tests,
};
