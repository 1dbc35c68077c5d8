/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads a log, event by event. The input may be anything.
 */
#ifndef RRCTL_LOGFILE_H
#define RRCTL_LOGFILE_H

#include <stdio.h>
#include <linux/rrcrew_log.h>

#define RR_LOG_WHY_LEN	512

struct rr_log;

enum rr_log_status {
	RR_LOG_EVENT,		/* here is an event */
	RR_LOG_COMPLETE,	/* the log's END was the event before */
	RR_LOG_TRUNCATED,	/* the file ends before the log's END */
	RR_LOG_BAD,		/* damaged from here on */
};

/**
 * struct rr_log_event - an event and where it is from
 * @lane: its lane
 * @nr: its number within the lane
 * @e: checked; valid until the next call
 */
struct rr_log_event {
	__u32				lane;
	__u64				nr;
	const struct rrlog_event	*e;
};

/**
 * struct rr_log_totals - what was read so far
 * @bytes: of the file
 * @raw_bytes: unpacked
 * @packed: by type of event, before compression
 * @events: of all lanes
 */
struct rr_log_totals {
	__u64	bytes;
	__u64	raw_bytes;
	__u64	packed[RRLOG_NR_TYPES];
	__u64	events;
};

struct rr_log *rr_log_open(const char *path, char why[RR_LOG_WHY_LEN]);
struct rr_log *rr_log_open_stream(FILE *file, const char *name, char why[RR_LOG_WHY_LEN]);
void rr_log_close(struct rr_log *log);
const struct rrlog_header *rr_log_header(const struct rr_log *log);
enum rr_log_status rr_log_next(struct rr_log *log, struct rr_log_event *ev);
const struct rr_log_totals *rr_log_totals(const struct rr_log *log);
const char *rr_log_why(const struct rr_log *log);

#endif /* RRCTL_LOGFILE_H */
