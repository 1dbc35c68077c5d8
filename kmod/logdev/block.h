/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Headers and blocks of the log as bytes: fill, verify, pack, unpack. Pure: no
 * locks, no allocation, no globals; also compiled in user space.
 *
 * Everything that a reader is given may have been made to hurt it. The order
 * for a reader is rr_header_check(), then for every block rr_block_check() on
 * its header, rr_block_unpack() on its payload and rr_block_walk() on the
 * result. What came through all of them is safe to take apart by its lengths.
 */
#ifndef RR_BLOCK_H
#define RR_BLOCK_H

#include "block_shim.h"
#include "delta.h"
#include "event_check.h"

#define RR_LANES_MAX	1024u	/* more in a header are refused */

/**
 * struct rr_lane_check - what has been read of one lane
 * @events: its events so far, which is the number of the next one
 * @pageins: its PAGEIN events with data so far
 */
struct rr_lane_check {
	u64 events;
	u64 pageins;
};

/**
 * struct rr_stream - what has been read of a log
 * @nr_lanes: from the header
 * @last: the block with RRLOG_BLOCK_LAST was read
 * @seq: number of the next block
 * @events: events of all lanes so far
 * @lane: @nr_lanes entries, zero at the start; the caller's
 */
struct rr_stream {
	u32 nr_lanes;
	bool last;
	u64 seq;
	u64 events;
	struct rr_lane_check *lane;
};

/**
 * struct rr_block_work - scratch for packing and unpacking
 * @delta: afterwards @delta.bytes says what the types of events took, before compression;
 *	nothing if the block is not RRLOG_BLOCK_DELTA
 * @packed: as differences
 * @lz4: for the compressor
 */
struct rr_block_work {
	struct rr_delta delta;
	u8 packed[RRLOG_BLOCK_MAX + RR_DELTA_SPARE];
	u8 lz4[RR_LZ4_WORK_BYTES];
};

void rr_header_seal(struct rrlog_header *head);
int rr_header_check(const struct rrlog_header *head, struct rr_reason *why);

u32 rr_block_pack(struct rrlog_block *head, const void *raw, void *stored,
		  struct rr_block_work *work);
int rr_block_check(const struct rr_stream *stream, const struct rrlog_block *head,
		   struct rr_reason *why);
int rr_block_unpack(const struct rrlog_block *head, const void *stored, void *raw,
		    struct rr_block_work *work, struct rr_reason *why);
int rr_block_walk(struct rr_stream *stream, const struct rrlog_block *head,
		  const void *raw, struct rr_reason *why);

#endif /* RR_BLOCK_H */
