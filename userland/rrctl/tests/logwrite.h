/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes logs, for tests: events in, blocks out.
 */
#ifndef RRCTL_LOGWRITE_H
#define RRCTL_LOGWRITE_H

#include <stdio.h>

#include "../macros.h"
#include "../../../kmod/logdev/block.h"

#define LOG_WRITER_LANES	16

/**
 * struct log_writer - a log being written
 * @to: where
 * @block_max: bytes of a block's payload
 * @head: of the current block
 * @raw: its payload
 * @next: number of the next event of each lane
 * @events: of all lanes
 */
struct log_writer {
	FILE			*to;
	u32			block_max;
	struct rrlog_block	head;
	u8			raw[RRLOG_BLOCK_MAX] __aligned(8);
	u64			next[LOG_WRITER_LANES];
	u64			events;
};

void log_writer_start(struct log_writer *w, FILE *to, const struct rrlog_header *head);
void log_writer_put(struct log_writer *w, u32 lane, const struct rrlog_event *e);
void log_writer_flush(struct log_writer *w);

#endif /* RRCTL_LOGWRITE_H */
