// SPDX-License-Identifier: GPL-2.0-only
/*
 * Echo: what a replayed program prints, on its way to the reader of the device.
 */
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "../../include/uapi/linux/rrcrew.h"
#include "logdev.h"

/* Printing tasks wait above this many bytes. */
#define ECHO_QUEUE_MAX	(1u << 20)

/**
 * struct echo_piece - one output of the program
 * @link: in rr_echo.queue
 * @len: bytes of @data
 * @pos: next byte to read; the reader's
 * @data: struct rrcrew_echo and the output
 */
struct echo_piece {
	struct list_head link;
	size_t len;
	size_t pos;
	u8 data[];
};

/**
 * struct rr_echo - what waits for the reader
 * @read_lock: one read() at a time: it alone takes pieces off the queue while
 *	there is a reader. Outer to @lock.
 * @lock: protects the rest; @queued, @finished and @gone are also read without
 *	it, as hints
 * @queue: pieces in order
 * @queued: bytes in @queue
 * @finished: no more will come
 * @gone: nobody will read
 * @data_wait: the reader waits here
 * @room_wait: printing tasks wait here
 */
struct rr_echo {
	struct mutex read_lock;
	spinlock_t lock;
	struct list_head queue;
	size_t queued;
	bool finished;
	bool gone;
	wait_queue_head_t data_wait;
	wait_queue_head_t room_wait;
};

/**
 * rr_echo_new() - an empty echo
 *
 * Context: may sleep.
 * Return: the echo; NULL without memory.
 */
struct rr_echo *rr_echo_new(void)
{
	struct rr_echo *echo = kzalloc(sizeof(*echo), GFP_KERNEL);

	if (!echo)
		return NULL;
	mutex_init(&echo->read_lock);
	spin_lock_init(&echo->lock);
	INIT_LIST_HEAD(&echo->queue);
	init_waitqueue_head(&echo->data_wait);
	init_waitqueue_head(&echo->room_wait);
	return echo;
}

static void echo_drop(struct list_head *queue)
{
	struct echo_piece *piece, *next;

	list_for_each_entry_safe(piece, next, queue, link)
		kvfree(piece);
}

/**
 * rr_echo_free() - end of an echo
 * @echo: nobody uses it any more; may be NULL
 *
 * Context: may sleep.
 */
void rr_echo_free(struct rr_echo *echo)
{
	if (!echo)
		return;
	echo_drop(&echo->queue);
	kfree(echo);
}

static struct echo_piece *echo_piece_new(u32 stream, const void *data, u32 len)
{
	struct rrcrew_echo head = { .stream = stream, .len = len };
	size_t size = sizeof(head) + len;
	struct echo_piece *piece = kvmalloc(struct_size(piece, data, size), GFP_KERNEL);

	if (!piece)
		return NULL;
	piece->pos = 0;
	piece->len = size;
	memcpy(piece->data, &head, sizeof(head));
	memcpy(piece->data + sizeof(head), data, len);
	return piece;
}

static bool echo_has_room(struct rr_echo *echo)
{
	return READ_ONCE(echo->queued) < ECHO_QUEUE_MAX || READ_ONCE(echo->finished) ||
	       READ_ONCE(echo->gone);
}

/* Queues the piece unless nobody will read it. */
static bool echo_add(struct rr_echo *echo, struct echo_piece *piece)
{
	bool open;

	spin_lock(&echo->lock);
	open = !echo->finished && !echo->gone;
	if (open) {
		list_add_tail(&piece->link, &echo->queue);
		WRITE_ONCE(echo->queued, echo->queued + piece->len);
	}
	spin_unlock(&echo->lock);
	if (open)
		wake_up_interruptible(&echo->data_wait);
	return open;
}

/**
 * rr_echo_put() - the program has printed
 * @echo: the echo
 * @stream: 1 standard output, 2 standard error
 * @data: the bytes, in kernel memory
 * @len: how many
 *
 * Waits while 1 MiB is queued.
 *
 * Context: sleeps, killable and freezable.
 * Return: 0; -EINTR on a fatal signal; -EPIPE when the reader is gone or the
 * echo finished; -ENOMEM.
 */
int rr_echo_put(struct rr_echo *echo, u32 stream, const void *data, u32 len)
{
	struct echo_piece *piece;

	if (wait_event_state(echo->room_wait, echo_has_room(echo),
			     (TASK_KILLABLE | TASK_FREEZABLE)))
		return -EINTR;
	piece = echo_piece_new(stream, data, len);
	if (!piece)
		return -ENOMEM;
	if (echo_add(echo, piece))
		return 0;
	kvfree(piece);
	return -EPIPE;
}

/**
 * rr_echo_finish() - nothing more will be printed
 * @echo: the echo
 *
 * The reader gets what is queued, then 0.
 *
 * Context: any.
 */
void rr_echo_finish(struct rr_echo *echo)
{
	spin_lock(&echo->lock);
	WRITE_ONCE(echo->finished, true);
	spin_unlock(&echo->lock);
	wake_up_all(&echo->data_wait);
	wake_up_all(&echo->room_wait);
}

/**
 * rr_echo_reader_gone() - nobody will read any more
 * @echo: the echo; no rr_echo_read() is running
 *
 * Context: may sleep.
 */
void rr_echo_reader_gone(struct rr_echo *echo)
{
	LIST_HEAD(dropped);

	spin_lock(&echo->lock);
	WRITE_ONCE(echo->gone, true);
	list_splice_init(&echo->queue, &dropped);
	WRITE_ONCE(echo->queued, 0);
	spin_unlock(&echo->lock);
	echo_drop(&dropped);
	wake_up_all(&echo->room_wait);
	wake_up_all(&echo->data_wait);
}

static struct echo_piece *echo_first(struct rr_echo *echo)
{
	struct echo_piece *piece;

	spin_lock(&echo->lock);
	piece = list_first_entry_or_null(&echo->queue, struct echo_piece, link);
	spin_unlock(&echo->lock);
	return piece;
}

static void echo_drop_first(struct rr_echo *echo, struct echo_piece *piece)
{
	spin_lock(&echo->lock);
	list_del(&piece->link);
	WRITE_ONCE(echo->queued, echo->queued - piece->len);
	spin_unlock(&echo->lock);
	kvfree(piece);
	wake_up_all(&echo->room_wait);
}

static ssize_t echo_copy(struct rr_echo *echo, struct echo_piece *piece,
			 char __user *buf, size_t len)
{
	size_t n = min(len, piece->len - piece->pos);

	n -= copy_to_user(buf, piece->data + piece->pos, n);
	if (!n)
		return -EFAULT;
	piece->pos += n;
	if (piece->pos == piece->len)
		echo_drop_first(echo, piece);
	return n;
}

static bool echo_readable(struct rr_echo *echo)
{
	return READ_ONCE(echo->queued) || READ_ONCE(echo->finished) || READ_ONCE(echo->gone);
}

static int echo_lock_read(struct rr_echo *echo, bool nonblock)
{
	if (nonblock)
		return mutex_trylock(&echo->read_lock) ? 0 : -EAGAIN;
	return mutex_lock_interruptible(&echo->read_lock) ? -ERESTARTSYS : 0;
}

/* Waits for the first piece or the end. */
static int echo_wait_data(struct rr_echo *echo, bool nonblock)
{
	if (nonblock)
		return echo_readable(echo) ? 0 : -EAGAIN;
	return wait_event_interruptible(echo->data_wait, echo_readable(echo)) ? -ERESTARTSYS : 0;
}

/**
 * rr_echo_read() - hand out what was printed
 * @echo: the echo
 * @buf: where to
 * @len: bytes; any cut of the stream of struct rrcrew_echo and output is right
 * @nonblock: do not wait
 *
 * Context: sleeps, interruptible.
 * Return: bytes copied; 0 when the echo is finished and drained, or the reader
 * is gone; -EAGAIN, -EFAULT, -ERESTARTSYS.
 */
ssize_t rr_echo_read(struct rr_echo *echo, char __user *buf, size_t len, bool nonblock)
{
	struct echo_piece *piece;
	size_t done = 0;
	ssize_t ret = echo_lock_read(echo, nonblock);

	if (ret)
		return ret;
	ret = echo_wait_data(echo, nonblock);
	while (!ret && done < len) {
		piece = echo_first(echo);
		if (!piece)
			break;
		ret = echo_copy(echo, piece, buf + done, len - done);
		if (ret < 0)
			break;
		done += ret;
		ret = 0;
	}
	mutex_unlock(&echo->read_lock);
	return done ? done : ret;
}
