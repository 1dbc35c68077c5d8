// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes logs, for tests.
 */
#include <stdlib.h>

#include "logwrite.h"

static void write_or_die(struct log_writer *w, const void *data, size_t len)
{
	if (fwrite(data, 1, len, w->to) == len)
		return;
	perror("log_writer");
	exit(2);
}

/**
 * log_writer_start() - begin a log
 * @w: set up
 * @to: where; the caller closes it after END
 * @head: flags, nr_lanes, start_ns, features and release count
 */
void log_writer_start(struct log_writer *w, FILE *to, const struct rrlog_header *head)
{
	struct rrlog_header sealed = *head;

	memset(w, 0, sizeof(*w));
	w->to = to;
	w->block_max = RRLOG_BLOCK_MAX;
	rr_header_seal(&sealed);
	write_or_die(w, &sealed, sizeof(sealed));
}

/**
 * log_writer_flush() - write the block that has been begun
 * @w: after log_writer_start()
 *
 * For a log that has no END.
 */
void log_writer_flush(struct log_writer *w)
{
	u8 stored[RRLOG_BLOCK_MAX];
	static struct rr_block_work work;
	u32 len;

	if (!w->head.nr_events)
		return;
	len = rr_block_pack(&w->head, w->raw, stored, &work);
	write_or_die(w, &w->head, sizeof(w->head));
	write_or_die(w, stored, len);
	w->head = (struct rrlog_block){ .seq = w->head.seq + 1 };
}

/**
 * log_writer_put() - append an event
 * @w: after log_writer_start()
 * @lane: its lane, below LOG_WRITER_LANES
 * @e: END gets the right number of events and ends the log
 */
void log_writer_put(struct log_writer *w, u32 lane, const struct rrlog_event *e)
{
	if (w->head.lane != lane || w->head.raw_len + e->len > w->block_max)
		log_writer_flush(w);
	if (!w->head.nr_events) {
		w->head.lane = lane;
		w->head.first_event = w->next[lane];
	}
	memcpy(w->raw + w->head.raw_len, e, e->len);
	w->next[lane]++;
	w->events++;
	if (e->type == RRLOG_END) {
		((struct rrlog_end *)(w->raw + w->head.raw_len))->events = w->events;
		w->head.flags |= RRLOG_BLOCK_LAST;
	}
	w->head.raw_len += e->len;
	w->head.nr_events++;
	if (e->type == RRLOG_END)
		log_writer_flush(w);
}
