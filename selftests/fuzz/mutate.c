// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mutates logs. A change of any byte breaks a checksum, and one inside LZ4 data
 * breaks nearly everything else: so most changes are made to what is inside, and
 * checksums, lengths and numbers around it are made right again.
 */
#include <stdlib.h>

#include "../../userland/rrctl/logfile.h"
#include "../../userland/rrctl/tests/logwrite.h"
#include "fuzz.h"

static u8 scratch[RRLOG_BLOCK_MAX];

/* Another body, whose length the event tells; or another header but for that. */
static void change_event(struct rrlog_event *e, size_t room)
{
	u32 len = e->len;

	if (rand() % 2) {
		e->len = sizeof(*e) + LLVMFuzzerMutate((u8 *)(e + 1), len - sizeof(*e),
						       room - sizeof(*e));
		e->len = (e->len + 7) & ~7u;
	} else {
		LLVMFuzzerMutate((u8 *)e, sizeof(*e), sizeof(*e));
		e->len = len;
	}
	/* The writer fills in END's number of events. */
	if (e->type == RRLOG_END && e->len < sizeof(struct rrlog_end))
		e->type = RRLOG_NOTE;
}

/* Writes @log again with event @nr dropped, doubled or changed. */
static void rewrite(struct rr_log *log, FILE *to, u64 nr)
{
	static struct log_writer w;
	struct rrlog_event *e = (void *)scratch;
	struct rr_log_event ev;

	log_writer_start(&w, to, rr_log_header(log));
	w.block_max = 512 << rand() % 8;
	while (rr_log_next(log, &ev) == RR_LOG_EVENT) {
		memset(scratch, 0, sizeof(scratch));
		memcpy(e, ev.e, ev.e->len);
		if (!nr--) {
			int what = rand() % 8;

			if (what == 0)
				continue;
			if (what == 1)
				log_writer_put(&w, ev.lane, e);
			else
				change_event(e, sizeof(scratch) - 8);
		}
		log_writer_put(&w, ev.lane, e);
	}
}

static u64 count_events(const u8 *data, size_t size)
{
	char why[RR_LOG_WHY_LEN];
	struct rr_log *log = rr_log_open_stream(fmemopen((void *)data, size, "r"), "", why);
	struct rr_log_event ev;
	u64 nr;

	if (!log)
		return 0;
	while (rr_log_next(log, &ev) == RR_LOG_EVENT)
		;
	nr = rr_log_header(log)->nr_lanes <= LOG_WRITER_LANES ? rr_log_totals(log)->events : 0;
	rr_log_close(log);
	return nr;
}

/* Return: the new length, 0 if it is too long or there is no event. */
static size_t mutate_event(u8 *data, size_t size, size_t max)
{
	u64 nr = count_events(data, size);
	char why[RR_LOG_WHY_LEN], *out;
	struct rr_log *log;
	size_t len;
	FILE *to;

	if (!nr)
		return 0;
	log = rr_log_open_stream(fmemopen(data, size, "r"), "", why);
	to = open_memstream(&out, &len);
	rewrite(log, to, rand() % nr);
	rr_log_close(log);
	fclose(to);
	if (len > max)
		len = 0;
	memcpy(data, out, len);
	free(out);
	return len;
}

/* Changes bytes, not their number. */
static void change_bytes(void *data, size_t size)
{
	LLVMFuzzerMutate(data, size, size);
}

/* The bytes of the differences, which are stored without LZ4 then. */
static size_t change_packed(u8 *at, struct rrlog_block *head, size_t left, size_t room)
{
	u8 *stored = at + sizeof(*head);
	u32 old = head->stored_len;
	int len = old;

	if (head->flags & RRLOG_BLOCK_LZ4)
		len = LZ4_decompress_safe((const char *)stored, (char *)scratch, old,
					  head->raw_len);
	else
		memcpy(scratch, stored, old);
	if (len <= 0 || left - old + len > room)
		return left;
	change_bytes(scratch, len);
	memmove(stored + len, stored + old, left - sizeof(*head) - old);
	memcpy(stored, scratch, len);
	head->flags &= ~RRLOG_BLOCK_LZ4;
	head->stored_len = len;
	head->payload_crc = rr_crc32c(stored, len);
	head->crc = rr_crc32c(head, offsetof(struct rrlog_block, crc));
	memcpy(at, head, sizeof(*head));
	return left - old + len;
}

static size_t change_payload(u8 *at, size_t left, size_t room)
{
	u8 *stored = at + sizeof(struct rrlog_block);
	static struct rr_block_work work;
	static u8 packed[RRLOG_BLOCK_MAX];
	struct rrlog_block head;
	struct rr_reason why;
	u32 old, len;

	memcpy(&head, at, sizeof(head));
	old = head.stored_len;
	/* What rr_block_unpack() relies on. */
	if (head.raw_len > RRLOG_BLOCK_MAX || old > left - sizeof(head) ||
	    old > head.raw_len ||
	    (!(head.flags & (RRLOG_BLOCK_LZ4 | RRLOG_BLOCK_DELTA)) && old != head.raw_len) ||
	    rr_block_unpack(&head, stored, scratch, &work, &why))
		return left;
	if ((head.flags & RRLOG_BLOCK_DELTA) && rand() % 2)
		return change_packed(at, &head, left, room);
	change_bytes(scratch, head.raw_len);
	len = rr_block_pack(&head, scratch, packed, &work);
	if (left - old + len > room)
		return left;
	memcpy(at, &head, sizeof(head));
	memmove(stored + len, stored + old, left - sizeof(head) - old);
	memcpy(stored, packed, len);
	return left - old + len;
}

static void change_block_header(u8 *at)
{
	struct rrlog_block head;

	memcpy(&head, at, sizeof(head));
	change_bytes(&head, sizeof(head));
	head.crc = rr_crc32c(&head, offsetof(struct rrlog_block, crc));
	memcpy(at, &head, sizeof(head));
}

static void change_log_header(u8 *at)
{
	struct rrlog_header head;

	memcpy(&head, at, sizeof(head));
	change_bytes(&head, sizeof(head));
	head.crc = rr_crc32c(&head, offsetof(struct rrlog_header, crc));
	memcpy(at, &head, sizeof(head));
}

/* Return: where the block header number @skip is, or the last one. */
static size_t find_block(const u8 *data, size_t size, int skip)
{
	size_t pos = sizeof(struct rrlog_header);
	struct rrlog_block head;

	while (skip--) {
		size_t next;

		memcpy(&head, data + pos, sizeof(head));
		next = pos + sizeof(head) + head.stored_len;
		if (next + sizeof(head) > size)
			break;
		pos = next;
	}
	return pos;
}

/* A header or a payload, anything in it, with the checksum right. */
static size_t mutate_sealed(u8 *data, size_t size, size_t max)
{
	size_t pos;

	if (size < sizeof(struct rrlog_header) + sizeof(struct rrlog_block))
		return 0;
	if (rand() % 8 == 0) {
		change_log_header(data);
		return size;
	}
	pos = find_block(data, size, rand() % 8);
	if (rand() % 2)
		return pos + change_payload(data + pos, size - pos, max - pos);
	change_block_header(data + pos);
	return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	size_t len = 0;

	srand(seed);
	if (seed % 8 >= 3)
		len = mutate_event(data, size, max);
	else if (seed % 8)
		len = mutate_sealed(data, size, max);
	return len ? len : LLVMFuzzerMutate(data, size, max);
}
