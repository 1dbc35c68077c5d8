// SPDX-License-Identifier: GPL-2.0-only
/*
 * Out: events -> blocks -> reader.
 *
 * A lane fills its block in place (reserve, commit). A block that is full is
 * sealed: it gets its number and goes on the queue, and the lane takes a new
 * one. The reader compresses, so a recorded task never pays for that nor waits
 * for another lane. The writer of the log's last words needs no memory.
 *
 * Locks, outer to inner:
 *
 *	rr_out.read_lock	the reader's buffer
 *	  out_lane.lock		a lane's open block
 *	    rr_out.lock		queue and state
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/utsname.h>
#include "block.h"
#include "logdev.h"

/* Tasks wait for the reader above this many queued blocks: 8 MiB of buffers. */
#define OUT_QUEUE_MAX		((8u << 20) / RRLOG_BLOCK_MAX)

/* So much of a recording, in jiffies, is lost at most with its reader. */
#define OUT_PARTIAL_AFTER	(HZ / 5)

/**
 * enum out_state - where the stream is; see out_set_state()
 * @OUT_OPEN: takes events
 * @OUT_FINISHED: END is queued or about to be; the reader gets the rest
 * @OUT_ABANDONED: the reader is gone, all is dropped
 */
enum out_state {
	OUT_OPEN,
	OUT_FINISHED,
	OUT_ABANDONED,
};

/**
 * struct out_block - events of a lane on their way to the reader
 * @link: in rr_out.queue
 * @head: lane, first_event, nr_events, raw_len, flags; seq once it is queued
 * @data: the events
 */
struct out_block {
	struct list_head link;
	struct rrlog_block head;
	void *data;
};

/**
 * struct out_lane - one lane's open block
 * @lock: held from rr_out_reserve() to rr_out_commit(); protects the rest. Taken
 *	with the mmap lock held (a fault logs its PAGEIN), so its holder must not
 *	touch user memory. The reader only ever tries it, and never waits for a
 *	recorded task. rr_out_finish() waits for it.
 * @block: takes the next events; NULL: none yet
 * @reserved: bytes handed out and not committed
 * @events: number of the next event; written under @lock, read anywhere
 * @raw_bytes: of all events; written under @lock, read anywhere
 */
struct out_lane {
	struct mutex lock;
	struct out_block *block;
	u32 reserved;
	u64 events;
	u64 raw_bytes;
};

/**
 * struct rr_out - a log being written
 * @lock: protects @state, @queue, @nr_queued, @next_seq; @state and @nr_queued
 *	are also read without it, as hints or where another lock orders them
 * @state: enum out_state
 * @queue: sealed blocks in the order of the log
 * @nr_queued: blocks in @queue
 * @queued_max: the most that there were; read anywhere
 * @next_seq: number of the next sealed block
 * @last: room for END, taken by rr_out_finish()
 * @start: CLOCK_BOOTTIME of the start, nanoseconds
 * @readable: the reader waits here for @queue
 * @writable: recorded tasks wait here in rr_out_throttle()
 * @read_lock: one read() at a time; protects the fields below it
 * @chunk: the bytes that read() is handing out: header, or a packed block
 * @pos: next byte of @chunk
 * @end: bytes in @chunk
 * @ended: the last block was taken
 * @partial_at: when open blocks were sealed last, jiffies
 * @bytes: of the file up to @end; read anywhere
 * @work: for rr_block_pack()
 * @handover_bytes: that the events of hand-overs took in packed blocks; read anywhere
 * @nr_lanes: entries of @lane
 * @lane: the lanes
 */
struct rr_out {
	spinlock_t lock;
	enum out_state state;
	struct list_head queue;
	u32 nr_queued;
	u32 queued_max;
	u64 next_seq;
	struct out_block *last;
	u64 start;
	wait_queue_head_t readable;
	wait_queue_head_t writable;

	struct mutex read_lock;
	u8 *chunk;
	u32 pos;
	u32 end;
	bool ended;
	unsigned long partial_at;
	u64 bytes;
	struct rr_block_work *work;
	u64 handover_bytes;

	u32 nr_lanes;
	struct out_lane lane[];
};

static void out_block_free(struct out_block *blk)
{
	if (!blk)
		return;
	kvfree(blk->data);
	kfree(blk);
}

static struct out_block *out_block_new(u32 lane, u64 first_event, u32 size)
{
	struct out_block *blk = kzalloc(sizeof(*blk), GFP_KERNEL);

	if (!blk)
		return NULL;
	blk->data = kvmalloc(size, GFP_KERNEL);
	if (!blk->data) {
		kfree(blk);
		return NULL;
	}
	blk->head.lane = lane;
	blk->head.first_event = first_event;
	return blk;
}

static void out_drop_queue(struct list_head *queue)
{
	struct out_block *blk, *next;

	list_for_each_entry_safe(blk, next, queue, link)
		out_block_free(blk);
}

/* OPEN -> FINISHED -> ABANDONED, or OPEN -> ABANDONED; false for all else. */
static bool out_set_state(struct rr_out *out, enum out_state state)
{
	lockdep_assert_held(&out->lock);
	if (state <= out->state)
		return false;
	WRITE_ONCE(out->state, state);
	return true;
}

/* Queues a complete block, or drops it when nobody will read it. */
static void out_queue(struct rr_out *out, struct out_block *blk)
{
	spin_lock(&out->lock);
	if (out->state != OUT_ABANDONED) {
		blk->head.seq = out->next_seq++;
		list_add_tail(&blk->link, &out->queue);
		WRITE_ONCE(out->nr_queued, out->nr_queued + 1);
		WRITE_ONCE(out->queued_max, max(out->queued_max, out->nr_queued));
		blk = NULL;
	}
	spin_unlock(&out->lock);

	out_block_free(blk);
	wake_up_interruptible(&out->readable);
}

static void out_seal(struct rr_out *out, struct out_lane *lane)
{
	struct out_block *blk = lane->block;

	lockdep_assert_held(&lane->lock);
	if (!blk || !blk->head.nr_events)
		return;
	lane->block = NULL;
	out_queue(out, blk);
}

/* Seals what there is, except of lanes that are being written at the moment. */
static void out_seal_partial(struct rr_out *out)
{
	u32 i;

	lockdep_assert_held(&out->read_lock);
	for (i = 0; i < out->nr_lanes; i++) {
		if (!mutex_trylock(&out->lane[i].lock))
			continue;
		out_seal(out, &out->lane[i]);
		mutex_unlock(&out->lane[i].lock);
	}
	out->partial_at = jiffies;
}

/* The header is the first chunk that the reader gets. */
static void out_fill_header(struct rr_out *out, u32 flags)
{
	struct rrlog_header *head = (void *)out->chunk;

	memset(head, 0, sizeof(*head));
	head->flags = flags;
	head->nr_lanes = out->nr_lanes;
	head->start_ns = ktime_get_real_ns();
	rr_features_read(head->features);
	strscpy((char *)head->release, utsname()->release, sizeof(head->release));
	rr_header_seal(head);
	out->end = sizeof(*head);
	out->bytes = sizeof(*head);
}

static bool out_alloc_buffers(struct rr_out *out)
{
	out->chunk = kvmalloc(sizeof(struct rrlog_block) + RRLOG_BLOCK_MAX, GFP_KERNEL);
	out->work = kvmalloc(sizeof(*out->work), GFP_KERNEL);
	out->last = out_block_new(0, 0, sizeof(struct rrlog_end));
	return out->chunk && out->work && out->last;
}

/* Several lanes are locked in ascending order. */
#define OUT_LANE_KEYS	64
static struct lock_class_key out_lane_key[OUT_LANE_KEYS];

/**
 * rr_out_new() - begin a log
 * @flags: of the log, RRLOG_CHECK_FULL
 * @nr_lanes: 1 .. RR_LANES_MAX
 *
 * Context: may sleep.
 * Return: the stream, its header ready to be read; NULL without memory.
 */
struct rr_out *rr_out_new(u32 flags, u32 nr_lanes)
{
	struct rr_out *out;
	u32 i;

	if (WARN_ON_ONCE(!nr_lanes || nr_lanes > RR_LANES_MAX))
		return NULL;
	out = kvzalloc(struct_size(out, lane, nr_lanes), GFP_KERNEL);
	if (!out)
		return NULL;
	spin_lock_init(&out->lock);
	mutex_init(&out->read_lock);
	INIT_LIST_HEAD(&out->queue);
	init_waitqueue_head(&out->readable);
	init_waitqueue_head(&out->writable);
	out->start = ktime_get_boottime_ns();
	out->partial_at = jiffies;
	out->nr_lanes = nr_lanes;
	for (i = 0; i < nr_lanes; i++) {
		mutex_init(&out->lane[i].lock);
		lockdep_set_class(&out->lane[i].lock, &out_lane_key[i % OUT_LANE_KEYS]);
	}
	if (!out_alloc_buffers(out)) {
		rr_out_free(out);
		return NULL;
	}
	out_fill_header(out, flags);
	return out;
}

/**
 * rr_out_free() - end of a stream
 * @out: nobody uses it any more; may be NULL
 *
 * Context: may sleep.
 */
void rr_out_free(struct rr_out *out)
{
	u32 i;

	if (!out)
		return;
	out_drop_queue(&out->queue);
	for (i = 0; i < out->nr_lanes; i++)
		out_block_free(out->lane[i].block);
	out_block_free(out->last);
	kvfree(out->work);
	kvfree(out->chunk);
	kvfree(out);
}

/* Makes @lane's block one with room for @len bytes. */
static bool out_make_room(struct rr_out *out, struct out_lane *lane, u32 len)
{
	u32 nr = lane - out->lane;

	lockdep_assert_held(&lane->lock);
	if (READ_ONCE(out->state) != OUT_OPEN)
		return false;
	if (lane->block && RRLOG_BLOCK_MAX - lane->block->head.raw_len < len)
		out_seal(out, lane);
	if (!lane->block)
		lane->block = out_block_new(nr, lane->events, RRLOG_BLOCK_MAX);
	return lane->block;
}

/**
 * rr_out_reserve() - room for one event
 * @out: the stream
 * @lane: whose event it is
 * @len: bytes, 16 .. RRLOG_BLOCK_MAX, a multiple of 8
 *
 * Unless NULL is returned, the lane is locked until rr_out_commit(), which must
 * follow. Until then do not touch user memory: the fault would log a PAGEIN and
 * wait for the same lock. No mmu notifier may reserve: it may run for the memory
 * that is allocated here.
 *
 * Context: may sleep, for memory and for the lane's lock, never for the reader.
 * Return: @len zero bytes, aligned to 8; NULL when the stream is finished or
 * abandoned, or there is no memory (the log is whole up to here, and the next
 * reservation may succeed).
 */
void *rr_out_reserve(struct rr_out *out, u32 lane, u32 len)
{
	void *room;

	rr_out_lock(out, lane);
	room = rr_out_put(out, lane, len);
	if (!room)
		rr_out_unlock(out, lane);
	return room;
}

/**
 * rr_out_lock() - hold off all others who append to a lane
 * @out: the stream
 * @lane: the lane; of several, take them in ascending order
 *
 * Context: may sleep.
 */
void rr_out_lock(struct rr_out *out, u32 lane)
{
	mutex_lock(&out->lane[lane].lock);
}

void rr_out_unlock(struct rr_out *out, u32 lane)
{
	mutex_unlock(&out->lane[lane].lock);
}

/**
 * rr_out_nr() - the number of a lane's next event
 * @out: the stream
 * @lane: the lane, locked
 */
u64 rr_out_nr(struct rr_out *out, u32 lane)
{
	lockdep_assert_held(&out->lane[lane].lock);
	return out->lane[lane].events;
}

/**
 * rr_out_put() - rr_out_reserve() for a lane that the caller has locked
 * @out: the stream
 * @lane: the lane
 * @len: bytes, a multiple of 8, from sizeof(struct rrlog_event) to RRLOG_BLOCK_MAX
 *
 * Return: as rr_out_reserve(); the lane stays locked in any case.
 */
void *rr_out_put(struct rr_out *out, u32 lane, u32 len)
{
	struct out_lane *l = &out->lane[lane];
	u64 *room;
	u32 i;

	if (WARN_ON_ONCE(len < sizeof(struct rrlog_event) || len > RRLOG_BLOCK_MAX ||
			 len % 8) || !out_make_room(out, l, len))
		return NULL;
	l->reserved = len;
	room = l->block->data + l->block->head.raw_len;
	/* Short ones are the most frequent: no call, no REP. */
	if (len <= 128)
		for (i = 0; i < len / sizeof(*room); i++)
			room[i] = 0;
	else
		memset(room, 0, len);
	return room;
}

/* What the event says of itself, as long as it fits the reservation. */
static u32 out_event_len(struct rrlog_event *e, u32 reserved)
{
	if (WARN_ON_ONCE(e->len < sizeof(*e) || e->len > reserved || e->len % 8))
		e->len = reserved;
	return e->len;
}

/**
 * rr_out_commit() - the reserved event is complete
 * @out: the stream
 * @lane: as reserved
 *
 * The event's len counts; it may be less than was reserved. An event whose type
 * is still 0 is dropped.
 *
 * Context: the task that reserved; unlocks the lane.
 * Return: the event's number within its lane; for a dropped one the number that
 * the next event gets.
 */
u64 rr_out_commit(struct rr_out *out, u32 lane)
{
	u64 nr = rr_out_done(out, lane);

	rr_out_unlock(out, lane);
	return nr;
}

/**
 * rr_out_done() - rr_out_commit() for what rr_out_put() gave; the lane stays locked
 * @out: the stream
 * @lane: the lane
 *
 * Return: as rr_out_commit().
 */
u64 rr_out_done(struct rr_out *out, u32 lane)
{
	struct out_lane *l = &out->lane[lane];
	struct rrlog_block *head = &l->block->head;
	struct rrlog_event *e = l->block->data + head->raw_len;
	u64 nr = l->events;
	u32 len;

	lockdep_assert_held(&l->lock);
	if (e->type) {
		len = out_event_len(e, l->reserved);
		head->raw_len += len;
		head->nr_events++;
		WRITE_ONCE(l->events, nr + 1);
		WRITE_ONCE(l->raw_bytes, l->raw_bytes + len);
	}
	l->reserved = 0;
	return nr;
}

/**
 * rr_out_full() - does the reader lag?
 * @out: the stream
 *
 * Context: any.
 * Return: true when more than 8 MiB wait for the reader.
 */
bool rr_out_full(struct rr_out *out)
{
	return READ_ONCE(out->nr_queued) > OUT_QUEUE_MAX;
}

static bool out_writable(struct rr_out *out)
{
	return !rr_out_full(out) || READ_ONCE(out->state) != OUT_OPEN;
}

/**
 * rr_out_throttle() - wait until the reader has caught up
 * @out: the stream
 *
 * Context: sleeps, killable and freezable; hold no lock that a reader may need. At a
 * task's end no signal comes any more: there it does not wait.
 * Return: 0 also when the reader is gone or the stream finished; -EINTR on a
 * fatal signal.
 */
int rr_out_throttle(struct rr_out *out)
{
	if (current->flags & PF_EXITING)
		return 0;
	if (wait_event_state(out->writable, out_writable(out),
			     (TASK_KILLABLE | TASK_FREEZABLE)))
		return -EINTR;
	return 0;
}

/* No lane can reserve any more: the totals are final. */
static void out_queue_end(struct rr_out *out, int error)
{
	struct out_block *blk = out->last;
	struct rrlog_end *end = blk->data;
	struct rr_out_stats st;

	blk->head.first_event = out->lane[0].events;
	blk->head.nr_events = 1;
	blk->head.raw_len = sizeof(*end);
	blk->head.flags = RRLOG_BLOCK_LAST;
	WRITE_ONCE(out->lane[0].events, out->lane[0].events + 1);
	WRITE_ONCE(out->lane[0].raw_bytes, out->lane[0].raw_bytes + sizeof(*end));
	rr_out_stats(out, &st);

	memset(end, 0, sizeof(*end));
	end->e.type = RRLOG_END;
	end->e.len = sizeof(*end);
	end->e.aux = abs(error);
	end->events = st.events;
	end->ns = ktime_get_boottime_ns() - out->start;
	out->last = NULL;
	out_queue(out, blk);
}

/**
 * rr_out_finish() - complete the log
 * @out: the stream
 * @error: errno that ended the recording, of either sign; 0: all tasks ended
 *
 * Appends END and seals everything. Afterwards rr_out_reserve() returns NULL.
 * Does nothing if the stream was finished or abandoned before. Needs no memory.
 *
 * Context: sleeps until every reservation is committed, so hold none.
 */
void rr_out_finish(struct rr_out *out, int error)
{
	bool mine;
	u32 i;

	spin_lock(&out->lock);
	mine = out_set_state(out, OUT_FINISHED);
	spin_unlock(&out->lock);
	if (!mine)
		return;
	/* Who gets a lane's lock after us sees the state; who had it has committed. */
	for (i = 0; i < out->nr_lanes; i++) {
		mutex_lock(&out->lane[i].lock);
		out_seal(out, &out->lane[i]);
		mutex_unlock(&out->lane[i].lock);
	}
	out_queue_end(out, error);
	wake_up_all(&out->writable);
}

/**
 * rr_out_abandon() - the reader is gone
 * @out: the stream
 *
 * Drops what is queued; from now on rr_out_reserve() returns NULL and
 * rr_out_throttle() does not wait.
 *
 * Context: may sleep.
 */
void rr_out_abandon(struct rr_out *out)
{
	LIST_HEAD(dropped);

	spin_lock(&out->lock);
	out_set_state(out, OUT_ABANDONED);
	list_splice_init(&out->queue, &dropped);
	WRITE_ONCE(out->nr_queued, 0);
	spin_unlock(&out->lock);
	out_drop_queue(&dropped);
	wake_up_all(&out->writable);
	wake_up_all(&out->readable);
}

/**
 * rr_out_stats() - how much was logged
 * @out: the stream
 * @st: filled in; bytes counts what the reader has taken, since the rest is
 *	compressed only then
 *
 * Context: any. The figures are those of about the same moment.
 */
void rr_out_stats(struct rr_out *out, struct rr_out_stats *st)
{
	u32 i;

	memset(st, 0, sizeof(*st));
	st->bytes = READ_ONCE(out->bytes);
	st->handover_bytes = READ_ONCE(out->handover_bytes);
	st->queued_max = READ_ONCE(out->queued_max);
	for (i = 0; i < out->nr_lanes; i++) {
		st->events += READ_ONCE(out->lane[i].events);
		st->raw_bytes += READ_ONCE(out->lane[i].raw_bytes);
	}
}

static struct out_block *out_dequeue(struct rr_out *out)
{
	struct out_block *blk;

	spin_lock(&out->lock);
	blk = list_first_entry_or_null(&out->queue, struct out_block, link);
	if (blk) {
		list_del(&blk->link);
		WRITE_ONCE(out->nr_queued, out->nr_queued - 1);
	}
	spin_unlock(&out->lock);
	if (blk)
		wake_up_all(&out->writable);
	return blk;
}

/* What the block that has been packed tells of. */
static void out_count(struct rr_out *out)
{
	const u32 *bytes = out->work->delta.bytes;

	WRITE_ONCE(out->handover_bytes, out->handover_bytes + bytes[RRLOG_GRANT] +
		   bytes[RRLOG_REVOKE]);
}

/* Makes the next queued block the chunk, if there is one. */
static bool out_load(struct rr_out *out)
{
	struct out_block *blk = out_dequeue(out);
	u32 len;

	lockdep_assert_held(&out->read_lock);
	if (!blk)
		return false;
	len = rr_block_pack(&blk->head, blk->data, out->chunk + sizeof(blk->head), out->work);
	memcpy(out->chunk, &blk->head, sizeof(blk->head));
	out_count(out);
	out->pos = 0;
	out->end = sizeof(blk->head) + len;
	out->ended = blk->head.flags & RRLOG_BLOCK_LAST;
	WRITE_ONCE(out->bytes, out->bytes + out->end);
	out_block_free(blk);
	return true;
}

static bool out_at_end(struct rr_out *out)
{
	return READ_ONCE(out->ended) || READ_ONCE(out->state) == OUT_ABANDONED;
}

static bool out_readable(struct rr_out *out)
{
	return READ_ONCE(out->nr_queued) || out_at_end(out);
}

/* Gets the next chunk: 1, 0 at the end, -EAGAIN, -ERESTARTSYS. */
static int out_wait_load(struct rr_out *out, bool nonblock)
{
	long left;

	for (;;) {
		if (nonblock || time_after_eq(jiffies, out->partial_at + OUT_PARTIAL_AFTER))
			out_seal_partial(out);
		if (out_at_end(out))
			return 0;
		if (out_load(out))
			return 1;
		if (nonblock)
			return -EAGAIN;
		left = wait_event_interruptible_timeout(out->readable, out_readable(out),
							OUT_PARTIAL_AFTER);
		if (left < 0)
			return left;
	}
}

static ssize_t out_copy(struct rr_out *out, char __user *buf, size_t len)
{
	size_t n = min_t(size_t, len, out->end - out->pos);

	n -= copy_to_user(buf, out->chunk + out->pos, n);
	out->pos += n;
	return n ? n : -EFAULT;
}

static int out_lock_read(struct rr_out *out, bool nonblock)
{
	if (nonblock)
		return mutex_trylock(&out->read_lock) ? 0 : -EAGAIN;
	return mutex_lock_interruptible(&out->read_lock) ? -ERESTARTSYS : 0;
}

/**
 * rr_out_read() - hand out the next bytes of the log
 * @out: the stream
 * @buf: where to
 * @len: bytes
 * @nonblock: do not wait for events
 *
 * Waits for the first byte only. While it waits, what the lanes have is sealed
 * every 200 ms; without waiting, at every call that would find nothing.
 *
 * Context: sleeps, interruptible.
 * Return: bytes copied; 0 at the end of the log or when it was abandoned;
 * -EAGAIN, -EFAULT, -ERESTARTSYS.
 */
ssize_t rr_out_read(struct rr_out *out, char __user *buf, size_t len, bool nonblock)
{
	size_t done = 0;
	ssize_t ret = out_lock_read(out, nonblock);

	if (ret)
		return ret;
	while (done < len) {
		if (out->pos == out->end) {
			/* With some bytes in hand, take no more than is ready. */
			ret = done ? out_load(out) : out_wait_load(out, nonblock);
			if (ret <= 0)
				break;
		}
		ret = out_copy(out, buf + done, len - done);
		if (ret < 0)
			break;
		done += ret;
	}
	mutex_unlock(&out->read_lock);
	return done ? done : ret;
}

/**
 * rr_out_poll() - can rr_out_read() go on without waiting?
 * @out: the stream
 * @file: of the poll
 * @wait: of the poll
 *
 * Seals what the lanes have if nothing else is there. What they write after that
 * wakes the poller only once a block is full, so poll with a timeout.
 *
 * Context: may sleep.
 * Return: EPOLLIN, and EPOLLHUP when the stream was abandoned.
 */
__poll_t rr_out_poll(struct rr_out *out, struct file *file, struct poll_table_struct *wait)
{
	__poll_t mask = 0;

	poll_wait(file, &out->readable, wait);
	if (!mutex_trylock(&out->read_lock))
		return 0;
	if (out->pos == out->end && !out_readable(out))
		out_seal_partial(out);
	if (out->pos < out->end || out_readable(out))
		mask = EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(out->state) == OUT_ABANDONED)
		mask |= EPOLLHUP;
	mutex_unlock(&out->read_lock);
	return mask;
}
