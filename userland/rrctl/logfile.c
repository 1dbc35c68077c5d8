// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads a log, event by event. Checks are the module's own (kmod/logdev): what
 * is accepted here is accepted there.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "logfile.h"
#include "macros.h"
#include "text.h"
#include "../../kmod/logdev/block.h"

/* Of a file's name in a message: the cause has to fit, too. */
#define NAME_SHOWN	256

/**
 * struct rr_log - a log being read
 * @file: where from; may be a pipe
 * @name: for messages, harmless
 * @head: checked
 * @stream: what block.c knows of the blocks so far
 * @status: of the last rr_log_next(); final unless RR_LOG_EVENT
 * @totals: of whole blocks that passed all checks
 * @block: the current block
 * @stored: its payload as stored
 * @work: for unpacking
 * @raw: its payload unpacked, checked
 * @pos: the next event in @raw
 * @nr: number of the next event within the block
 * @why: why @status is what it is
 */
struct rr_log {
	FILE			*file;
	char			*name;
	struct rrlog_header	head;
	struct rr_stream	stream;
	enum rr_log_status	status;
	struct rr_log_totals	totals;
	struct rrlog_block	block;
	__u8			*stored;
	struct rr_block_work	*work;
	__u8			*raw;
	__u32			pos;
	__u32			nr;
	char			why[RR_LOG_WHY_LEN];
};

static __printf(3, 4) enum rr_log_status log_ends(struct rr_log *log, enum rr_log_status status,
				   const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(log->why, sizeof(log->why), fmt, args);
	va_end(args);
	log->status = status;
	return status;
}

static void header_why_short(struct rr_log *log, size_t have)
{
	if (ferror(log->file))
		log_ends(log, RR_LOG_BAD, "cannot read %s: %s", log->name, strerror(errno));
	else if (!have)
		log_ends(log, RR_LOG_TRUNCATED, "%s is empty: its recording wrote nothing",
			 log->name);
	else if (memcmp(log->head.magic, RRLOG_MAGIC, sizeof(log->head.magic)))
		log_ends(log, RR_LOG_BAD, "%s: not an rrcrew log", log->name);
	else
		log_ends(log, RR_LOG_TRUNCATED, "%s ends at byte %zu, inside its header",
			 log->name, have);
}

static int header_read(struct rr_log *log)
{
	size_t have = fread(&log->head, 1, sizeof(log->head), log->file);
	struct rr_reason why;
	int err;

	if (have < sizeof(log->head)) {
		header_why_short(log, have);
		return -EBADMSG;
	}
	err = rr_header_check(&log->head, &why);
	if (err)
		log_ends(log, RR_LOG_BAD, "%s: %s%s", log->name, why.text,
			 err == -EPROTONOSUPPORT ? ": install that version of rrcrew" : "");
	log->totals.bytes = sizeof(log->head);
	return err;
}

static int log_alloc(struct rr_log *log)
{
	log->stream.nr_lanes = log->head.nr_lanes;
	log->stream.lane = calloc(log->head.nr_lanes, sizeof(*log->stream.lane));
	log->stored = malloc(RRLOG_BLOCK_MAX);
	log->work = malloc(sizeof(*log->work));
	log->raw = malloc(RRLOG_BLOCK_MAX);
	if (log->stream.lane && log->stored && log->work && log->raw)
		return 0;
	log_ends(log, RR_LOG_BAD, "%s", strerror(ENOMEM));
	return -ENOMEM;
}

/**
 * rr_log_open_stream() - begin to read a log
 * @file: belongs to the log, also on failure
 * @name: for messages
 * @why: on failure: cause and remedy
 *
 * Return: a log whose header is good, or NULL.
 */
struct rr_log *rr_log_open_stream(FILE *file, const char *name, char why[RR_LOG_WHY_LEN])
{
	struct rr_log *log = calloc(1, sizeof(*log));
	char plain[NAME_SHOWN];

	if (!log) {
		fclose(file);
		snprintf(why, RR_LOG_WHY_LEN, "%s", strerror(ENOMEM));
		return NULL;
	}
	log->file = file;
	log->name = strdup(rr_plain_text(plain, sizeof(plain), name, strlen(name)));
	if (log->name && !header_read(log) && !log_alloc(log))
		return log;
	snprintf(why, RR_LOG_WHY_LEN, "%s", log->name ? log->why : strerror(ENOMEM));
	rr_log_close(log);
	return NULL;
}

/**
 * rr_log_open() - begin to read a log file
 * @path: its name, "-" for standard input
 * @why: on failure: cause and remedy
 *
 * Return: a log whose header is good, or NULL.
 */
struct rr_log *rr_log_open(const char *path, char why[RR_LOG_WHY_LEN])
{
	char plain[NAME_SHOWN];
	FILE *file;

	if (!strcmp(path, "-"))
		return rr_log_open_stream(stdin, "standard input", why);
	file = fopen(path, "re");
	if (file)
		return rr_log_open_stream(file, path, why);
	snprintf(why, RR_LOG_WHY_LEN, "cannot open %s: %s%s",
		 rr_plain_text(plain, sizeof(plain), path, strlen(path)), strerror(errno),
		 errno == ENOENT ? ": make a log with 'rrctl record', or name one" : "");
	return NULL;
}

void rr_log_close(struct rr_log *log)
{
	if (!log)
		return;
	fclose(log->file);
	free(log->name);
	free(log->stream.lane);
	free(log->work);
	free(log->stored);
	free(log->raw);
	free(log);
}

const struct rrlog_header *rr_log_header(const struct rr_log *log)
{
	return &log->head;
}

const struct rr_log_totals *rr_log_totals(const struct rr_log *log)
{
	return &log->totals;
}

/* Never NULL; empty while all is well. */
const char *rr_log_why(const struct rr_log *log)
{
	return log->why;
}

static enum rr_log_status log_bad(struct rr_log *log, const struct rr_reason *why)
{
	return log_ends(log, RR_LOG_BAD, "log is damaged at byte %llu: %s",
			log->totals.bytes, why->text);
}

/* Less was read than there should be: @have bytes behind the last good block. */
static enum rr_log_status log_short(struct rr_log *log, __u64 have)
{
	if (ferror(log->file))
		return log_ends(log, RR_LOG_BAD, "cannot read %s: %s", log->name,
				strerror(errno));
	return log_ends(log, RR_LOG_TRUNCATED, "log ends at byte %llu before its END",
			log->totals.bytes + have);
}

/* What follows END is no part of the log, and no log that rrcrew wrote. */
static enum rr_log_status log_check_tail(struct rr_log *log)
{
	if (getc(log->file) != EOF)
		return log_ends(log, RR_LOG_BAD, "log is damaged at byte %llu: data after its END",
				log->totals.bytes);
	log->status = RR_LOG_COMPLETE;
	return RR_LOG_COMPLETE;
}

/* Events that are not stored as differences take what they are long. */
static void block_count(struct rr_log *log)
{
	const struct rrlog_event *e;
	int type;
	__u32 pos;

	for (type = 0; type < RRLOG_NR_TYPES; type++)
		log->totals.packed[type] += log->work->delta.bytes[type];
	if (log->block.flags & RRLOG_BLOCK_DELTA)
		return;
	for (pos = 0; pos < log->block.raw_len; pos += e->len) {
		e = (const void *)(log->raw + pos);
		log->totals.packed[e->type] += e->len;
	}
}

static enum rr_log_status block_read_payload(struct rr_log *log)
{
	struct rr_reason why;
	size_t have = fread(log->stored, 1, log->block.stored_len, log->file);

	if (have < log->block.stored_len)
		return log_short(log, sizeof(log->block) + have);
	if (rr_block_unpack(&log->block, log->stored, log->raw, log->work, &why) ||
	    rr_block_walk(&log->stream, &log->block, log->raw, &why))
		return log_bad(log, &why);
	log->totals.bytes += sizeof(log->block) + log->block.stored_len;
	log->totals.raw_bytes += log->block.raw_len;
	block_count(log);
	log->pos = 0;
	log->nr = 0;
	return RR_LOG_EVENT;
}

static enum rr_log_status block_read(struct rr_log *log)
{
	struct rr_reason why;
	size_t have = fread(&log->block, 1, sizeof(log->block), log->file);

	if (have < sizeof(log->block))
		return log_short(log, have);
	if (rr_block_check(&log->stream, &log->block, &why))
		return log_bad(log, &why);
	return block_read_payload(log);
}

/**
 * rr_log_next() - the next event
 * @log: from rr_log_open()
 * @ev: set if RR_LOG_EVENT is returned
 *
 * Return: RR_LOG_EVENT, or how the log ends; then rr_log_why() tells more.
 */
enum rr_log_status rr_log_next(struct rr_log *log, struct rr_log_event *ev)
{
	if (log->status != RR_LOG_EVENT)
		return log->status;
	if (log->pos == log->block.raw_len) {
		if (log->stream.last)
			return log_check_tail(log);
		if (block_read(log) != RR_LOG_EVENT)
			return log->status;
	}
	ev->e = (const struct rrlog_event *)(log->raw + log->pos);
	ev->lane = log->block.lane;
	ev->nr = log->block.first_event + log->nr++;
	log->pos += ev->e->len;
	log->totals.events++;
	return RR_LOG_EVENT;
}
