// SPDX-License-Identifier: GPL-2.0-only
/*
 * In: writer -> blocks -> events.
 *
 * The writer's bytes are put together to units: the header, then block header
 * and payload in turn. A payload is verified as a whole before a consumer sees
 * any of it; what comes before damage remains good.
 *
 * Locks, outer to inner:
 *
 *	rr_in.write_lock	the unit that is being put together
 *	  rr_in.lock		queues and status; all that a consumer takes
 */
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "block.h"
#include "logdev.h"

/* The writer waits above this many bytes queued ... */
#define IN_QUEUE_MAX	(8u << 20)
/*
 * ... or above this many while a lane has nothing: its next event may be behind
 * what the other lanes, which wait for it, have queued.
 */
#define IN_HUNGRY_MAX	(64u << 20)

/**
 * enum in_unit - what is being put together
 * @IN_HEADER: the log's header
 * @IN_BLOCK: a block's header
 * @IN_PAYLOAD: a block's payload, as stored
 */
enum in_unit {
	IN_HEADER,
	IN_BLOCK,
	IN_PAYLOAD,
};

/**
 * struct in_block - events of one lane
 * @link: in in_lane.blocks
 * @len: bytes of @data
 * @pos: of the next event; the lane's consumer's
 * @data: the events, verified
 */
struct in_block {
	struct list_head link;
	u32 len;
	u32 pos;
	void *data;
};

/**
 * struct in_lane - what a consumer has before it
 * @blocks: in order; under rr_in.lock
 * @ahead: the one that was last looked into, or NULL; under rr_in.lock
 * @hungry: a consumer found nothing; under rr_in.lock
 * @event_nr: number of the next event; the lane's consumer's
 */
struct in_lane {
	struct list_head blocks;
	struct in_block *ahead;
	bool hungry;
	u64 event_nr;
};

/**
 * struct rr_in - a log being read
 * @write_lock: one write() at a time; protects the fields up to @stream
 * @unit: what is being put together
 * @have: bytes of it that are there
 * @want: bytes of it that there must be
 * @offset: of its first byte in the log
 * @block: header of the block whose payload comes
 * @stored: the payload; RRLOG_BLOCK_MAX bytes
 * @work: for rr_block_unpack()
 * @stream: what was read so far
 * @lock: spinlock, leaf; protects @status, @abandoned, @queued, @nr_hungry, @spent
 *	and the blocks of the lanes. Never held over anything that sleeps.
 * @status: see in_set_status()
 * @abandoned: there is no consumer any more; also read without lock, as a hint
 * @queued: bytes of memory in blocks; also read without lock, as a hint
 * @nr_hungry: lanes that are hungry; also read without lock, as a hint
 * @spent: blocks that are done. The writer frees them: a consumer may hold a spinlock
 * @error: constant once @status is TRUNCATED or BAD
 * @data_wait: consumers wait here for blocks and status
 * @room_wait: the writer waits here for room
 * @header: constant once @nr_lanes is set
 * @lane: constant once @nr_lanes is set
 * @nr_lanes: 0 until the header is complete; released after the two above,
 *	acquired by in_nr_lanes()
 */
struct rr_in {
	struct mutex write_lock;
	enum in_unit unit;
	u32 have;
	u32 want;
	u64 offset;
	struct rrlog_block block;
	u8 *stored;
	struct rr_block_work *work;
	struct rr_stream stream;

	spinlock_t lock;
	enum rr_in_status status;
	bool abandoned;
	size_t queued;
	u32 nr_hungry;
	struct list_head spent;
	struct rr_reason error;
	wait_queue_head_t data_wait;
	wait_queue_head_t room_wait;

	struct rrlog_header header;
	struct in_lane *lane;
	u32 nr_lanes;
};

/* What a block costs: a log of tiny blocks must not pass for a small one. */
static size_t in_block_cost(const struct in_block *blk)
{
	return sizeof(*blk) + max_t(u32, blk->len, 64);
}

static void in_block_free(struct in_block *blk)
{
	if (!blk)
		return;
	kvfree(blk->data);
	kfree(blk);
}

static void in_free_spent(struct rr_in *in)
{
	struct in_block *blk, *next;
	LIST_HEAD(spent);

	spin_lock(&in->lock);
	list_splice_init(&in->spent, &spent);
	spin_unlock(&in->lock);
	list_for_each_entry_safe(blk, next, &spent, link)
		in_block_free(blk);
}

static struct in_block *in_block_new(u32 len)
{
	struct in_block *blk = kzalloc(sizeof(*blk), GFP_KERNEL);

	if (!blk)
		return NULL;
	blk->len = len;
	blk->data = kvmalloc(len, GFP_KERNEL);
	if (!blk->data) {
		kfree(blk);
		return NULL;
	}
	return blk;
}

static u32 in_nr_lanes(struct rr_in *in)
{
	/* Pairs with the release in in_take_header(). */
	return smp_load_acquire(&in->nr_lanes);
}

static struct in_lane *in_lane(struct rr_in *in, u32 lane)
{
	return lane < in_nr_lanes(in) ? &in->lane[lane] : NULL;
}

/* OPEN -> anything, COMPLETE -> BAD. The first error is the one that stays. */
static void in_set_status(struct rr_in *in, enum rr_in_status status)
{
	lockdep_assert_held(&in->write_lock);
	spin_lock(&in->lock);
	if (in->status == RR_IN_OPEN ||
	    (in->status == RR_IN_COMPLETE && status == RR_IN_BAD))
		in->status = status;
	spin_unlock(&in->lock);
	wake_up_all(&in->data_wait);
}

static int in_fail(struct rr_in *in, int err, const char *what)
{
	if (err == -EPROTONOSUPPORT)
		rr_reason_set(&in->error, "%s", what);
	else if (err == -ENOMEM)
		rr_reason_set(&in->error, "no memory for the log at byte %llu", in->offset);
	else
		rr_reason_set(&in->error, "log damaged at byte %llu: %s", in->offset, what);
	in_set_status(in, RR_IN_BAD);
	return err == -ENOMEM ? -ENOMEM : -EBADMSG;
}

/**
 * rr_in_new() - begin to read a log
 *
 * Context: may sleep.
 * Return: the stream; NULL without memory.
 */
struct rr_in *rr_in_new(void)
{
	struct rr_in *in = kzalloc(sizeof(*in), GFP_KERNEL);

	if (!in)
		return NULL;
	mutex_init(&in->write_lock);
	spin_lock_init(&in->lock);
	INIT_LIST_HEAD(&in->spent);
	init_waitqueue_head(&in->data_wait);
	init_waitqueue_head(&in->room_wait);
	in->unit = IN_HEADER;
	in->want = sizeof(in->header);
	in->stored = kvmalloc(RRLOG_BLOCK_MAX, GFP_KERNEL);
	in->work = kvmalloc(sizeof(*in->work), GFP_KERNEL);
	if (!in->stored || !in->work) {
		rr_in_free(in);
		return NULL;
	}
	return in;
}

/**
 * rr_in_free() - end of a stream
 * @in: nobody uses it any more; may be NULL
 *
 * Context: may sleep.
 */
void rr_in_free(struct rr_in *in)
{
	struct in_block *blk, *next;
	u32 i;

	if (!in)
		return;
	for (i = 0; i < in->nr_lanes; i++)
		list_for_each_entry_safe(blk, next, &in->lane[i].blocks, link)
			in_block_free(blk);
	in_free_spent(in);
	kvfree(in->lane);
	kvfree(in->stream.lane);
	kvfree(in->work);
	kvfree(in->stored);
	kfree(in);
}

static void in_next_unit(struct rr_in *in, enum in_unit unit, u32 want)
{
	in->unit = unit;
	in->offset += in->want;
	in->have = 0;
	in->want = want;
}

static int in_alloc_lanes(struct rr_in *in, u32 nr_lanes)
{
	u32 i;

	in->stream.lane = kvcalloc(nr_lanes, sizeof(*in->stream.lane), GFP_KERNEL);
	in->lane = kvcalloc(nr_lanes, sizeof(*in->lane), GFP_KERNEL);
	if (!in->lane || !in->stream.lane)
		return -ENOMEM;
	for (i = 0; i < nr_lanes; i++)
		INIT_LIST_HEAD(&in->lane[i].blocks);
	in->stream.nr_lanes = nr_lanes;
	return 0;
}

static int in_take_header(struct rr_in *in)
{
	struct rr_reason why;
	int err = rr_header_check(&in->header, &why);

	if (!err)
		err = in_alloc_lanes(in, in->header.nr_lanes);
	if (err)
		return in_fail(in, err, why.text);
	in_next_unit(in, IN_BLOCK, sizeof(in->block));
	/* Pairs with in_nr_lanes(): header and lanes are there. */
	smp_store_release(&in->nr_lanes, in->header.nr_lanes);
	wake_up_all(&in->data_wait);
	return 0;
}

static int in_take_block(struct rr_in *in)
{
	struct rr_reason why;
	int err = rr_block_check(&in->stream, &in->block, &why);

	if (err)
		return in_fail(in, err, why.text);
	in_next_unit(in, IN_PAYLOAD, in->block.stored_len);
	return 0;
}

static void in_queue(struct rr_in *in, struct in_lane *lane, struct in_block *blk)
{
	spin_lock(&in->lock);
	list_add_tail(&blk->link, &lane->blocks);
	WRITE_ONCE(in->queued, in->queued + in_block_cost(blk));
	if (lane->hungry) {
		lane->hungry = false;
		WRITE_ONCE(in->nr_hungry, in->nr_hungry - 1);
	}
	spin_unlock(&in->lock);
	wake_up_all(&in->data_wait);
}

static int in_take_payload(struct rr_in *in)
{
	struct in_block *blk = in_block_new(in->block.raw_len);
	struct rr_reason why;
	int err;

	if (!blk)
		return in_fail(in, -ENOMEM, "");
	err = rr_block_unpack(&in->block, in->stored, blk->data, in->work, &why);
	if (!err)
		err = rr_block_walk(&in->stream, &in->block, blk->data, &why);
	if (err) {
		in_block_free(blk);
		return in_fail(in, err, why.text);
	}
	in_queue(in, &in->lane[in->block.lane], blk);
	in_next_unit(in, IN_BLOCK, sizeof(in->block));
	if (in->stream.last)
		in_set_status(in, RR_IN_COMPLETE);
	return 0;
}

static void *in_unit_start(struct rr_in *in)
{
	if (in->unit == IN_HEADER)
		return &in->header;
	return in->unit == IN_BLOCK ? (void *)&in->block : in->stored;
}

static int in_take_unit(struct rr_in *in)
{
	if (in->unit == IN_HEADER)
		return in_take_header(in);
	return in->unit == IN_BLOCK ? in_take_block(in) : in_take_payload(in);
}

/* Takes bytes of one unit, at least one: how many, or what is wrong. */
static ssize_t in_take(struct rr_in *in, const char __user *buf, size_t len)
{
	size_t n = min_t(size_t, len, in->want - in->have);
	int err;

	n -= copy_from_user(in_unit_start(in) + in->have, buf, n);
	if (!n)
		return -EFAULT;
	in->have += n;
	if (in->have < in->want)
		return n;
	err = in_take_unit(in);
	return err ? err : n;
}

static bool in_has_room(struct rr_in *in)
{
	size_t queued = READ_ONCE(in->queued);

	/* Nothing will be queued, and the writer must be told. */
	if (READ_ONCE(in->status) != RR_IN_OPEN)
		return true;
	if (READ_ONCE(in->nr_hungry) && queued <= IN_HUNGRY_MAX)
		return true;
	return queued <= IN_QUEUE_MAX || READ_ONCE(in->abandoned);
}

/* May more bytes come? Waits until there is room for them. */
static int in_wait_room(struct rr_in *in, bool nonblock)
{
	lockdep_assert_held(&in->write_lock);
	if (!in_has_room(in)) {
		if (nonblock)
			return -EAGAIN;
		if (wait_event_interruptible(in->room_wait, in_has_room(in)))
			return -ERESTARTSYS;
	}
	if (READ_ONCE(in->abandoned))
		return -EPIPE;
	/* Only write_lock's holder changes the status. */
	switch (READ_ONCE(in->status)) {
	case RR_IN_OPEN:
		return 0;
	case RR_IN_COMPLETE:
		return in_fail(in, -EBADMSG, "bytes after the last block");
	case RR_IN_BAD:
		return -EBADMSG;
	default:
		return -EPIPE;
	}
}

static int in_lock_write(struct rr_in *in, bool nonblock)
{
	if (nonblock)
		return mutex_trylock(&in->write_lock) ? 0 : -EAGAIN;
	return mutex_lock_interruptible(&in->write_lock) ? -ERESTARTSYS : 0;
}

/**
 * rr_in_write() - take the next bytes of the log
 * @in: the stream
 * @buf: from where
 * @len: bytes, any number
 * @nonblock: do not wait for the consumers
 *
 * Waits while more than 8 MiB are queued (with a lane that has nothing: 64 MiB).
 *
 * Context: sleeps, interruptible.
 * Return: bytes taken, maybe less than @len; -EBADMSG: the log is damaged or of
 * another version, see rr_in_error(), also when some bytes were good; -EPIPE:
 * nobody wants it any more; -EAGAIN, -EFAULT, -ENOMEM, -ERESTARTSYS.
 */
ssize_t rr_in_write(struct rr_in *in, const char __user *buf, size_t len, bool nonblock)
{
	size_t done = 0;
	ssize_t ret = in_lock_write(in, nonblock);

	if (ret)
		return ret;
	while (done < len) {
		ret = in_wait_room(in, nonblock || done);
		in_free_spent(in);
		if (ret)
			break;
		ret = in_take(in, buf + done, len - done);
		if (ret < 0)
			break;
		done += ret;
	}
	mutex_unlock(&in->write_lock);
	if (ret == -EBADMSG || ret == -ENOMEM)
		return ret;
	return done ? done : ret;
}

/**
 * rr_in_writer_gone() - no more bytes will come
 * @in: the stream
 *
 * Without the LAST block the log is truncated here.
 *
 * Context: may sleep.
 */
void rr_in_writer_gone(struct rr_in *in)
{
	mutex_lock(&in->write_lock);
	if (READ_ONCE(in->status) == RR_IN_OPEN) {
		rr_reason_set(&in->error, "log ends at byte %llu before its END",
			      in->offset + in->have);
		in_set_status(in, RR_IN_TRUNCATED);
	}
	mutex_unlock(&in->write_lock);
}

/**
 * rr_in_header() - the log's header
 * @in: the stream
 *
 * Context: any.
 * Return: the header, verified, valid as long as @in; NULL until it is complete.
 */
const struct rrlog_header *rr_in_header(struct rr_in *in)
{
	return in_nr_lanes(in) ? &in->header : NULL;
}

static void in_set_hungry(struct rr_in *in, struct in_lane *lane)
{
	lockdep_assert_held(&in->lock);
	if (lane->hungry)
		return;
	lane->hungry = true;
	WRITE_ONCE(in->nr_hungry, in->nr_hungry + 1);
	wake_up(&in->room_wait);
}

/**
 * rr_in_peek() - the next event of a lane
 * @in: the stream
 * @lane: the lane
 *
 * One consumer per lane at a time.
 *
 * Context: does not sleep.
 * Return: the event, verified, aligned to 8, valid until rr_in_next(); NULL when
 * none is there now: rr_in_status() says whether one may come.
 */
const struct rrlog_event *rr_in_peek(struct rr_in *in, u32 lane)
{
	struct in_lane *l = in_lane(in, lane);
	struct in_block *blk;

	if (!l)
		return NULL;
	spin_lock(&in->lock);
	blk = list_first_entry_or_null(&l->blocks, struct in_block, link);
	if (!blk)
		in_set_hungry(in, l);
	spin_unlock(&in->lock);
	return blk ? blk->data + blk->pos : NULL;
}

static bool in_block_has(const struct in_block *blk, const void *e)
{
	return blk && e >= blk->data && e < blk->data + blk->len;
}

/* The block that @e is in: mostly the last one again, of maybe very many. */
static struct in_block *in_block_of(struct in_lane *l, const void *e)
{
	struct in_block *blk;

	if (in_block_has(l->ahead, e))
		return l->ahead;
	list_for_each_entry(blk, &l->blocks, link)
		if (in_block_has(blk, e))
			return blk;
	return NULL;
}

/**
 * rr_in_after() - look further ahead
 * @in: the stream
 * @lane: the lane
 * @e: from rr_in_peek() or this function, since the last rr_in_next()
 *
 * Context: as for rr_in_peek().
 * Return: the event behind @e, as rr_in_peek() does.
 */
const struct rrlog_event *rr_in_after(struct rr_in *in, u32 lane,
				      const struct rrlog_event *e)
{
	const void *next = (const void *)e + e->len;
	struct in_lane *l = in_lane(in, lane);
	struct in_block *blk;

	spin_lock(&in->lock);
	blk = in_block_of(l, e);
	if (!blk) {
		next = NULL;
	} else if (next == blk->data + blk->len) {
		blk = list_is_last(&blk->link, &l->blocks) ? NULL : list_next_entry(blk, link);
		next = blk ? blk->data : NULL;
	}
	l->ahead = blk;
	if (!next)
		in_set_hungry(in, l);
	spin_unlock(&in->lock);
	return next;
}

static void in_drop_first(struct rr_in *in, struct in_lane *l, struct in_block *blk)
{
	spin_lock(&in->lock);
	if (l->ahead == blk)
		l->ahead = NULL;
	list_move(&blk->link, &in->spent);
	WRITE_ONCE(in->queued, in->queued - in_block_cost(blk));
	spin_unlock(&in->lock);
	wake_up(&in->room_wait);
}

/**
 * rr_in_next() - done with the event that rr_in_peek() returned
 * @in: the stream
 * @lane: the lane
 *
 * Context: does not sleep. Does nothing if there is no event.
 */
void rr_in_next(struct rr_in *in, u32 lane)
{
	const struct rrlog_event *e = rr_in_peek(in, lane);
	struct in_lane *l = in_lane(in, lane);
	struct in_block *blk;

	if (!e)
		return;
	/* Blocks are added at the other end only: the first one is the consumer's. */
	blk = list_first_entry(&l->blocks, struct in_block, link);
	blk->pos += e->len;
	l->event_nr++;
	if (blk->pos == blk->len)
		in_drop_first(in, l, blk);
}

/**
 * rr_in_event_nr() - number of the next event
 * @in: the stream
 * @lane: the lane
 *
 * Context: any; exact for the lane's consumer.
 * Return: the number, within its lane, of what rr_in_peek() returns.
 */
u64 rr_in_event_nr(struct rr_in *in, u32 lane)
{
	struct in_lane *l = in_lane(in, lane);

	return l ? READ_ONCE(l->event_nr) : 0;
}

/**
 * rr_in_status() - what a consumer without an event can hope for
 * @in: the stream
 * @lane: the lane
 *
 * Context: does not sleep.
 * Return: RR_IN_OPEN: wait, or look again (an event may have come meanwhile);
 * anything else: no event will come, and why.
 */
enum rr_in_status rr_in_status(struct rr_in *in, u32 lane)
{
	struct in_lane *l = in_lane(in, lane);
	enum rr_in_status status;

	spin_lock(&in->lock);
	status = in->status;
	if (l && !list_empty(&l->blocks))
		status = RR_IN_OPEN;
	spin_unlock(&in->lock);
	return status;
}

/**
 * rr_in_stream_status() - what all lanes together can hope for
 * @in: the stream
 *
 * Context: does not sleep.
 * Return: RR_IN_OPEN: events may come; anything else: what is not there now, in any
 * lane, will not come, and why.
 */
enum rr_in_status rr_in_stream_status(struct rr_in *in)
{
	enum rr_in_status status;

	spin_lock(&in->lock);
	status = in->status;
	spin_unlock(&in->lock);
	return status;
}

/**
 * rr_in_error() - why the log ended early
 * @in: the stream
 *
 * Context: any.
 * Return: one line for people, valid as long as @in; "" unless the stream is
 * TRUNCATED or BAD.
 */
const char *rr_in_error(struct rr_in *in)
{
	enum rr_in_status status = rr_in_stream_status(in);

	return status == RR_IN_TRUNCATED || status == RR_IN_BAD ? in->error.text : "";
}

/**
 * rr_in_wait() - where to wait for events
 * @in: the stream
 *
 * Wait for rr_in_peek() != NULL or rr_in_status() != RR_IN_OPEN.
 *
 * Return: the queue that is woken when data or status change.
 */
wait_queue_head_t *rr_in_wait(struct rr_in *in)
{
	return &in->data_wait;
}

/**
 * rr_in_abandon() - there is no consumer any more
 * @in: the stream
 *
 * Writes return -EPIPE from now on. What is queued remains until rr_in_free().
 *
 * Context: any.
 */
void rr_in_abandon(struct rr_in *in)
{
	WRITE_ONCE(in->abandoned, true);
	wake_up_all(&in->room_wait);
}
