// SPDX-License-Identifier: GPL-2.0-only
/*
 * Headers and blocks of the log as bytes.
 */
#include "block.h"

static_assert(sizeof(struct rrlog_header) == 128);
static_assert(sizeof(struct rrlog_block) == 48);
static_assert(offsetof(struct rrlog_header, crc) == 124);
static_assert(offsetof(struct rrlog_block, crc) == 44);

/**
 * rr_header_seal() - complete a log header
 * @head: flags, nr_lanes, start_ns, features and release are set, the rest is
 *	filled in
 */
void rr_header_seal(struct rrlog_header *head)
{
	memcpy(head->magic, RRLOG_MAGIC, sizeof(head->magic));
	head->major = RRLOG_MAJOR;
	head->minor = RRLOG_MINOR;
	head->header_len = sizeof(*head);
	memset(head->pad, 0, sizeof(head->pad));
	head->crc = rr_crc32c(head, offsetof(struct rrlog_header, crc));
}

/* The magic and version fields are where they are in every version. */
static int header_check_version(const struct rrlog_header *head, struct rr_reason *why)
{
	if (memcmp(head->magic, RRLOG_MAGIC, sizeof(head->magic)))
		return rr_reason_set(why, "not an rrcrew log");
	if (head->major == RRLOG_MAJOR && head->minor <= RRLOG_MINOR)
		return 0;
	rr_reason_set(why, "log of version %u.%u, " RR_READER " reads up to %u.%u",
		      head->major, head->minor, RRLOG_MAJOR, RRLOG_MINOR);
	return -EPROTONOSUPPORT;
}

/* Bytes after the first zero are zero, and there is one. */
static bool is_zero_filled(const u8 *text, size_t len)
{
	size_t used = strnlen((const char *)text, len);

	return used < len && rr_is_zero(text + used, len - used);
}

/**
 * rr_header_check() - is this the header of a log that can be read?
 * @head: sizeof(struct rrlog_header) bytes from anywhere
 * @why: set on refusal
 *
 * Whether the features suffice is for the caller to say.
 *
 * Return: 0, -EPROTONOSUPPORT for another version, -EBADMSG for damage.
 */
int rr_header_check(const struct rrlog_header *head, struct rr_reason *why)
{
	int err = header_check_version(head, why);

	if (err)
		return err;
	if (head->crc != rr_crc32c(head, offsetof(struct rrlog_header, crc)))
		return rr_reason_set(why, "log header CRC mismatch");
	if (head->header_len != sizeof(*head))
		return rr_reason_set(why, "log header of %u bytes", head->header_len);
	if (head->flags & ~RRLOG_CHECK_FULL)
		return rr_reason_set(why, "unknown log flags %#x", head->flags);
	if (!head->nr_lanes || head->nr_lanes > RR_LANES_MAX)
		return rr_reason_set(why, "log of %u lanes", head->nr_lanes);
	if (!is_zero_filled(head->release, sizeof(head->release)))
		return rr_reason_set(why, "log header: release is not zero filled");
	if (!rr_is_zero(head->pad, sizeof(head->pad)))
		return rr_reason_set(why, "log header: padding is not zero");
	return 0;
}

/**
 * rr_block_pack() - make the stored form of a block
 * @head: lane, seq, first_event, nr_events, raw_len and RRLOG_BLOCK_LAST are
 *	set, the rest is filled in
 * @raw: @head->raw_len bytes, at most RRLOG_BLOCK_MAX
 * @stored: room for @head->raw_len bytes
 * @work: scratch
 *
 * Return: bytes used of @stored.
 */
u32 rr_block_pack(struct rrlog_block *head, const void *raw, void *stored,
		  struct rr_block_work *work)
{
	const void *from = raw;
	u32 from_len;
	int len;

	memset(&work->delta, 0, sizeof(work->delta));
	head->magic = RRLOG_BLOCK_MAGIC;
	head->flags &= RRLOG_BLOCK_LAST;
	from_len = rr_delta_pack(&work->delta, raw, head->raw_len, work->packed,
				 sizeof(work->packed));
	if (from_len && from_len < head->raw_len) {
		head->flags |= RRLOG_BLOCK_DELTA;
		from = work->packed;
	} else {
		memset(&work->delta, 0, sizeof(work->delta));
		from_len = head->raw_len;
	}
	len = rr_lz4_pack(from, stored, from_len, from_len - 1, work->lz4);
	if (len > 0) {
		head->flags |= RRLOG_BLOCK_LZ4;
		head->stored_len = len;
	} else {
		head->stored_len = from_len;
		memcpy(stored, from, from_len);
	}
	head->payload_crc = rr_crc32c(stored, head->stored_len);
	head->pad = 0;
	head->crc = rr_crc32c(head, offsetof(struct rrlog_block, crc));
	return head->stored_len;
}

static int block_check_lengths(const struct rrlog_block *head, struct rr_reason *why)
{
	if (!head->raw_len || head->raw_len > RRLOG_BLOCK_MAX || head->raw_len % 8)
		return rr_reason_set(why, "block of %u bytes", head->raw_len);
	if (!head->stored_len || head->stored_len > head->raw_len)
		return rr_reason_set(why, "block of %u bytes stored as %u",
				     head->raw_len, head->stored_len);
	if (!(head->flags & (RRLOG_BLOCK_LZ4 | RRLOG_BLOCK_DELTA)) && head->stored_len != head->raw_len)
		return rr_reason_set(why, "uncompressed block of %u bytes stored as %u",
				     head->raw_len, head->stored_len);
	if (!head->nr_events || head->nr_events > head->raw_len / sizeof(struct rrlog_event))
		return rr_reason_set(why, "block of %u bytes with %u events",
				     head->raw_len, head->nr_events);
	return 0;
}

static int block_check_order(const struct rr_stream *stream, const struct rrlog_block *head,
			     struct rr_reason *why)
{
	if (stream->last)
		return rr_reason_set(why, "block after the last one");
	if (head->seq != stream->seq)
		return rr_reason_set(why, "block %llu where block %llu belongs",
				     head->seq, stream->seq);
	if (head->lane >= stream->nr_lanes)
		return rr_reason_set(why, "block of lane %u in a log of %u lanes",
				     head->lane, stream->nr_lanes);
	if (head->first_event != stream->lane[head->lane].events)
		return rr_reason_set(why, "event %llu of lane %u where event %llu belongs",
				     head->first_event, head->lane,
				     stream->lane[head->lane].events);
	return 0;
}

/**
 * rr_block_check() - is this a block header, and the one that must come now?
 * @stream: what was read before
 * @head: sizeof(struct rrlog_block) bytes from anywhere
 * @why: set on refusal
 *
 * Return: 0: the lengths in @head are within their limits; or -EBADMSG.
 */
int rr_block_check(const struct rr_stream *stream, const struct rrlog_block *head,
		   struct rr_reason *why)
{
	int err;

	if (head->magic != RRLOG_BLOCK_MAGIC)
		return rr_reason_set(why, "no block where one belongs");
	if (head->crc != rr_crc32c(head, offsetof(struct rrlog_block, crc)))
		return rr_reason_set(why, "block header CRC mismatch");
	if (head->flags & ~(RRLOG_BLOCK_LZ4 | RRLOG_BLOCK_LAST | RRLOG_BLOCK_DELTA))
		return rr_reason_set(why, "unknown block flags %#x", head->flags);
	if (head->pad)
		return rr_reason_set(why, "block header: padding is not zero");
	err = block_check_lengths(head, why);
	if (err)
		return err;
	return block_check_order(stream, head, why);
}

/* Decompress, if it is compressed. Return: bytes, or a negative number. */
static int block_decompress(const struct rrlog_block *head, const void *stored, void *to)
{
	if (head->flags & RRLOG_BLOCK_LZ4)
		return LZ4_decompress_safe(stored, to, head->stored_len, head->raw_len);
	memcpy(to, stored, head->stored_len);
	return head->stored_len;
}

/**
 * rr_block_unpack() - verify and unpack a payload
 * @head: passed rr_block_check()
 * @stored: @head->stored_len bytes
 * @raw: room for @head->raw_len bytes
 * @work: scratch
 * @why: set on refusal
 *
 * Return: 0 or -EBADMSG.
 */
int rr_block_unpack(const struct rrlog_block *head, const void *stored, void *raw,
		    struct rr_block_work *work, struct rr_reason *why)
{
	bool delta = head->flags & RRLOG_BLOCK_DELTA;
	int len;

	memset(&work->delta, 0, sizeof(work->delta));
	if (head->payload_crc != rr_crc32c(stored, head->stored_len))
		return rr_reason_set(why, "block payload CRC mismatch");
	len = block_decompress(head, stored, delta ? work->packed : raw);
	if (len < 0 || (!delta && (u32)len != head->raw_len) ||
	    (delta && !rr_delta_unpack(&work->delta, work->packed, len, raw, head->raw_len)))
		return rr_reason_set(why, "block payload does not unpack to %u bytes",
				     head->raw_len);
	return 0;
}

/* END ends the log, the log ends with END, and END knows how long it was. */
static int walk_check_end(const struct rr_stream *stream, const struct rrlog_block *head,
			  const struct rrlog_event *e, u32 nr, struct rr_reason *why)
{
	bool last = (head->flags & RRLOG_BLOCK_LAST) && nr + 1 == head->nr_events;

	if (last != (e->type == RRLOG_END))
		return rr_reason_set(why, last ? "the last event is not END" :
						 "END before the end of the log");
	if (last && ((const struct rrlog_end *)e)->events != stream->events + nr + 1)
		return rr_reason_set(why, "END of %llu events after %llu",
				     ((const struct rrlog_end *)e)->events,
				     stream->events + nr + 1);
	return 0;
}

static bool event_has_page(const struct rrlog_event *e)
{
	return e->type == RRLOG_PAGEIN && !(e->flags & (RRLOG_PAGEIN_ZERO | RRLOG_PAGEIN_REF));
}

static int walk_event(const struct rr_stream *stream, const struct rrlog_block *head,
		      const struct rrlog_event *e, u32 room, u32 nr,
		      const struct rr_event_ctx *ctx, struct rr_reason *why)
{
	struct rr_reason what;
	int err = rr_event_check(e, room, ctx, &what);

	if (!err)
		err = walk_check_end(stream, head, e, nr, &what);
	if (err)
		rr_reason_set(why, "event %llu of lane %u: %s", head->first_event + nr,
			      head->lane, what.text);
	return err;
}

/**
 * rr_block_walk() - verify the events of a block and advance past it
 * @stream: what was read before; unchanged on refusal
 * @head: passed rr_block_check()
 * @raw: its unpacked payload, aligned to 8
 * @why: set on refusal
 *
 * Return: 0 or -EBADMSG.
 */
int rr_block_walk(struct rr_stream *stream, const struct rrlog_block *head,
		  const void *raw, struct rr_reason *why)
{
	struct rr_lane_check *lane = &stream->lane[head->lane];
	struct rr_event_ctx ctx = {
		.lane = head->lane,
		.nr_lanes = stream->nr_lanes,
		.pageins = lane->pageins,
	};
	u32 pos = 0, nr;
	int err;

	for (nr = 0; nr < head->nr_events; nr++) {
		const struct rrlog_event *e = (const void *)((const u8 *)raw + pos);

		err = walk_event(stream, head, e, head->raw_len - pos, nr, &ctx, why);
		if (err)
			return err;
		ctx.pageins += event_has_page(e);
		pos += e->len;
	}
	if (pos != head->raw_len)
		return rr_reason_set(why, "block with bytes after its %u events", nr);

	lane->events += nr;
	lane->pageins = ctx.pageins;
	stream->events += nr;
	stream->seq++;
	stream->last = head->flags & RRLOG_BLOCK_LAST;
	return 0;
}
