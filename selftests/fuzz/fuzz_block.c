// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's log parser: what kmod/logdev/in.c does with the bytes of a log.
 *
 * Each buffer is exactly as large as the lengths in the log say, so that the
 * address sanitizer sees the first byte read or written beyond it.
 */
#include <stdlib.h>

#include "../../kmod/logdev/block.h"
#include "fuzz.h"

#define CHECK(x)	do { if (!(x)) abort(); } while (0)

/* All that a log of more lanes can do is to need more memory. */
#define LANES_MAX	64u

struct input {
	const uint8_t	*data;
	size_t		left;
};

static const void *take(struct input *in, size_t len)
{
	const void *data = in->data;

	if (in->left < len)
		return NULL;
	in->data += len;
	in->left -= len;
	return data;
}

/* The lengths are safe to follow, to the end and no further. */
static void take_apart(const struct rrlog_block *head, const u8 *raw)
{
	u32 nr, pos = 0;

	for (nr = 0; nr < head->nr_events; nr++) {
		const struct rrlog_event *e = (const void *)(raw + pos);

		CHECK(e->type < RRLOG_NR_TYPES);
		CHECK(e->len >= sizeof(*e) && e->len % 8 == 0);
		pos += e->len;
	}
	CHECK(pos == head->raw_len);
	rr_fuzz_events += nr;
}

/* What was accepted can be packed, and is the same when unpacked. */
static void pack_again(const struct rrlog_block *head, const u8 *raw)
{
	struct rrlog_block again = *head;
	static struct rr_block_work work;
	u8 *stored = malloc(head->raw_len), *copy = malloc(head->raw_len);
	struct rr_reason why;

	CHECK(stored && copy);
	CHECK(rr_block_pack(&again, raw, stored, &work) <= head->raw_len);
	CHECK(!rr_block_unpack(&again, stored, copy, &work, &why));
	CHECK(!memcmp(raw, copy, head->raw_len));
	free(stored);
	free(copy);
}

static bool walk(struct rr_stream *stream, const struct rrlog_block *head, const u8 *raw)
{
	struct rr_stream before = *stream;
	struct rr_reason why;

	why.text[0] = '\0';
	if (rr_block_walk(stream, head, raw, &why)) {
		CHECK(why.text[0]);
		CHECK(!memcmp(&before, stream, sizeof(before)));
		return false;
	}
	take_apart(head, raw);
	pack_again(head, raw);
	return true;
}

static bool take_block(struct rr_stream *stream, struct input *in)
{
	const void *from = take(in, sizeof(struct rrlog_block));
	static struct rr_block_work work;
	struct rrlog_block head;
	struct rr_reason why;
	u8 *stored, *raw;
	bool good;

	if (!from)
		return false;
	memcpy(&head, from, sizeof(head));
	if (rr_block_check(stream, &head, &why))
		return false;
	from = take(in, head.stored_len);
	if (!from)
		return false;
	stored = malloc(head.stored_len);
	raw = malloc(head.raw_len);
	CHECK(stored && raw);
	memcpy(stored, from, head.stored_len);
	good = !rr_block_unpack(&head, stored, raw, &work, &why) && walk(stream, &head, raw);
	free(stored);
	free(raw);
	return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	const void *from = take(&in, sizeof(struct rrlog_header));
	struct rr_lane_check lanes[LANES_MAX] = { 0 };
	struct rr_stream stream = { .lane = lanes };
	struct rrlog_header head;
	struct rr_reason why;

	if (!from)
		return 0;
	memcpy(&head, from, sizeof(head));
	if (rr_header_check(&head, &why) || head.nr_lanes > LANES_MAX)
		return 0;
	stream.nr_lanes = head.nr_lanes;
	while (take_block(&stream, &in))
		;
	return 0;
}
