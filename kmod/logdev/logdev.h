/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The log as a byte stream: out (record) and in (replay). Knows bytes, events
 * as (length, lane) and blocks; knows nothing of tasks, pages or system calls.
 */
#ifndef RR_LOGDEV_H
#define RR_LOGDEV_H

#include <linux/fs.h>
#include <linux/types.h>
#include <linux/wait.h>
#include "../../include/uapi/linux/rrcrew_log.h"

struct rr_out;
struct rr_in;
struct rr_echo;
struct rr_chardev;

/* --- out: events -> blocks -> reader (out.c) --- */

struct rr_out_stats {
	u64	events;
	u64	bytes;		/* of the file so far, compressed */
	u64	raw_bytes;
	u64	handover_bytes;	/* of GRANT and REVOKE in @bytes, before compression */
	u32	queued_max;	/* blocks that have waited for the reader at a time */
};

struct rr_out *rr_out_new(u32 flags, u32 nr_lanes);
void rr_out_free(struct rr_out *out);
void *rr_out_reserve(struct rr_out *out, u32 lane, u32 len);
u64 rr_out_commit(struct rr_out *out, u32 lane);
void rr_out_lock(struct rr_out *out, u32 lane);
void rr_out_unlock(struct rr_out *out, u32 lane);
u64 rr_out_nr(struct rr_out *out, u32 lane);
void *rr_out_put(struct rr_out *out, u32 lane, u32 len);
u64 rr_out_done(struct rr_out *out, u32 lane);
bool rr_out_full(struct rr_out *out);
int rr_out_throttle(struct rr_out *out);
void rr_out_finish(struct rr_out *out, int error);
void rr_out_abandon(struct rr_out *out);
void rr_out_stats(struct rr_out *out, struct rr_out_stats *st);
ssize_t rr_out_read(struct rr_out *out, char __user *buf, size_t len, bool nonblock);
__poll_t rr_out_poll(struct rr_out *out, struct file *file, struct poll_table_struct *wait);

/* --- features: what this CPU offers (features.c) --- */

void rr_features_read(u64 features[4]);

/* --- in: writer -> blocks -> events (in.c) --- */

enum rr_in_status {
	RR_IN_OPEN = 0,		/* more may come */
	RR_IN_COMPLETE,		/* the LAST block is here */
	RR_IN_TRUNCATED,	/* writer gone before the LAST block */
	RR_IN_BAD,		/* damaged; rr_in_error() says what and where */
};

struct rr_in *rr_in_new(void);
void rr_in_free(struct rr_in *in);
ssize_t rr_in_write(struct rr_in *in, const char __user *buf, size_t len, bool nonblock);
void rr_in_writer_gone(struct rr_in *in);
const struct rrlog_header *rr_in_header(struct rr_in *in);
const struct rrlog_event *rr_in_peek(struct rr_in *in, u32 lane);
const struct rrlog_event *rr_in_after(struct rr_in *in, u32 lane,
				      const struct rrlog_event *e);
void rr_in_next(struct rr_in *in, u32 lane);
u64 rr_in_event_nr(struct rr_in *in, u32 lane);
enum rr_in_status rr_in_status(struct rr_in *in, u32 lane);
enum rr_in_status rr_in_stream_status(struct rr_in *in);
const char *rr_in_error(struct rr_in *in);
wait_queue_head_t *rr_in_wait(struct rr_in *in);
void rr_in_abandon(struct rr_in *in);

/* --- echo: what a replayed program prints (echo.c) --- */

struct rr_echo *rr_echo_new(void);
void rr_echo_free(struct rr_echo *echo);
int rr_echo_put(struct rr_echo *echo, u32 stream, const void *data, u32 len);
void rr_echo_finish(struct rr_echo *echo);
void rr_echo_reader_gone(struct rr_echo *echo);
ssize_t rr_echo_read(struct rr_echo *echo, char __user *buf, size_t len, bool nonblock);

/* --- chardev: /dev/rrcrewN (chardev.c) --- */

/*
 * The device calls back into its session; @data is the session. Called in the
 * context of the task that opens, reads, writes or closes.
 */
struct rr_chardev_ops {
	ssize_t	(*read)(void *data, char __user *buf, size_t len, bool nonblock);
	ssize_t	(*write)(void *data, const char __user *buf, size_t len, bool nonblock);
	void	(*last_reader_gone)(void *data);
	void	(*last_writer_gone)(void *data);
	void	(*get)(void *data);	/* one reference per open file */
	void	(*put)(void *data);
	/* Optional; without it the device always polls as ready. */
	__poll_t (*poll)(void *data, struct file *file, struct poll_table_struct *wait);
};

int rr_chardev_init(void);
void rr_chardev_exit(void);
struct rr_chardev *rr_chardev_new(u32 id, const struct rr_chardev_ops *ops, void *data);
void rr_chardev_remove(struct rr_chardev *dev);

#endif /* RR_LOGDEV_H */
