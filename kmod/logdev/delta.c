// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hand-over has two events of 40 and 32 bytes, of which little is new. So an event is
 * stored as
 *
 *	its type, with RR_DELTA_SAME if header and length are those of the last one
 *	for each two of its first words, without that flag from the header on: a byte
 *	    that has how many bytes each takes, the first in the low half; and these
 *	what is left of it, as it is
 *
 * where a word is the difference to that of the last event of its type in the block, the
 * sign in bit 0 (as Protocol Buffers' "zigzag"), without its leading zeroes. What is not
 * there, in a shorter event or before the first, counts as zero.
 */
#include "delta.h"

#define RR_DELTA_SAME	0x80
#define RR_DELTA_WORDS	24u
#define RR_HEAD_WORDS	2u

static u64 word_at(const u8 *event, u32 i)
{
	u64 word;

	memcpy(&word, event + i * sizeof(word), sizeof(word));
	return word;
}

static u32 event_len(const u8 *event)
{
	struct rrlog_event e;

	memcpy(&e, event, sizeof(e));
	return e.len;
}

static bool len_is_good(u32 len, u32 room)
{
	return len >= sizeof(struct rrlog_event) && len <= room && len % sizeof(u64) == 0;
}

static u32 nr_words(u32 len)
{
	u32 n = len / sizeof(u64);

	if (n > RR_DELTA_WORDS)
		n = RR_DELTA_WORDS;
	return n;
}

/* The last event of a type, and how many of its words count. */
struct base {
	const u8 *event;
	u32 words;
};

static struct base delta_base(const struct rr_delta *d, const u8 *raw, u8 type)
{
	struct base base = { 0 };

	if (d->last[type]) {
		base.event = raw + d->last[type] - 1;
		base.words = nr_words(event_len(base.event));
	}
	return base;
}

static u64 base_word(const struct base *base, u32 i)
{
	return i < base->words ? word_at(base->event, i) : 0;
}

/* Returns how many bytes it takes. */
static u32 put_word(u8 *to, u64 diff)
{
	u64 word = diff << 1 ^ -(diff >> 63);
	u32 n = 0;

	for (; word; word >>= 8)
		to[n++] = word;
	return n;
}

static u64 get_word(const u8 *from, u32 n)
{
	u64 word = 0;

	while (n--)
		word = word << 8 | from[n];
	return word >> 1 ^ -(word & 1);
}

static u32 pack_words(const struct base *base, const u8 *event, u32 i, u32 words, u8 *to)
{
	u32 n, pos = 0;
	u8 *sizes;

	for (; i < words; i += 2) {
		sizes = &to[pos++];
		*sizes = put_word(to + pos, word_at(event, i) - base_word(base, i));
		pos += *sizes;
		if (i + 1 == words)
			break;
		n = put_word(to + pos, word_at(event, i + 1) - base_word(base, i + 1));
		*sizes |= n << 4;
		pos += n;
	}
	return pos;
}

/* Returns how many bytes it takes, 0: that is too many, or it is no event. */
static u32 pack_event(const struct rr_delta *d, const u8 *raw, u32 at, u32 left, u8 *to,
		      u32 room)
{
	const u8 *event = raw + at;
	u32 len, words, tail, pos = 0;
	struct base base;
	bool same;

	if (left < sizeof(struct rrlog_event) || *event >= RR_DELTA_TYPES)
		return 0;
	len = event_len(event);
	if (!len_is_good(len, left))
		return 0;
	words = nr_words(len);
	tail = len - words * sizeof(u64);
	/* At worst each word has its eight bytes, and its half of one for the sizes. */
	if (room < 1 + words * sizeof(u64) + (words + 1) / 2 + tail)
		return 0;
	base = delta_base(d, raw, *event);
	same = base.event && !memcmp(base.event, event, sizeof(struct rrlog_event));
	to[pos++] = *event | (same ? RR_DELTA_SAME : 0);
	pos += pack_words(&base, event, same ? RR_HEAD_WORDS : 0, words, to + pos);
	memcpy(to + pos, event + words * sizeof(u64), tail);
	return pos + tail;
}

/**
 * rr_delta_pack() - events as differences
 * @d: all zero; afterwards @d->bytes says what each type takes
 * @raw: events; other bytes are refused
 * @raw_len: bytes
 * @to: where to put them
 * @room: bytes
 *
 * Return: bytes used of @to; 0: it is not possible.
 */
u32 rr_delta_pack(struct rr_delta *d, const u8 *raw, u32 raw_len, u8 *to, u32 room)
{
	u32 at = 0, pos = 0, n;

	while (at < raw_len) {
		n = pack_event(d, raw, at, raw_len - at, to + pos, room - pos);
		if (!n)
			return 0;
		d->bytes[raw[at]] += n;
		d->last[raw[at]] = at + 1;
		pos += n;
		at += event_len(raw + at);
	}
	return pos;
}

/* Returns how many bytes they took, 0: they are damaged. */
static u32 unpack_words(const struct base *base, u8 *event, u32 i, u32 words, const u8 *from,
			u32 left)
{
	u32 n[2], k, pos = 0;
	u64 word;

	for (; i < words; i += 2) {
		if (pos == left)
			return 0;
		n[0] = from[pos] & 15;
		n[1] = from[pos++] >> 4;
		if (n[0] > sizeof(u64) || n[1] > sizeof(u64) || n[0] + n[1] > left - pos ||
		    (i + 1 == words && n[1]))
			return 0;
		for (k = 0; k < 2 && i + k < words; k++) {
			word = get_word(from + pos, n[k]) + base_word(base, i + k);
			memcpy(event + (i + k) * sizeof(word), &word, sizeof(word));
			pos += n[k];
		}
	}
	return pos;
}

/* The header of the event at @event. Returns how many bytes it took, 0: damaged. */
static u32 unpack_head(const struct base *base, u8 *event, u8 type, bool same, const u8 *from,
		       u32 left)
{
	u32 n;

	if (same) {
		if (base->event)
			memcpy(event, base->event, sizeof(struct rrlog_event));
		return base->event ? 1 : 0;
	}
	n = unpack_words(base, event, 0, RR_HEAD_WORDS, from + 1, left - 1);
	return n && *event == type ? n + 1 : 0;
}

/* Returns how many bytes it took, 0: they are damaged. */
static u32 unpack_event(const struct rr_delta *d, const u8 *from, u32 left, u8 *raw, u32 at,
			u32 room)
{
	u8 type = *from & ~RR_DELTA_SAME, *event = raw + at;
	struct base base = delta_base(d, raw, type);
	u32 len, words, tail, pos, n = 0;

	if (room < sizeof(struct rrlog_event))
		return 0;
	pos = unpack_head(&base, event, type, *from & RR_DELTA_SAME, from, left);
	len = pos ? event_len(event) : 0;
	if (!len_is_good(len, room))
		return 0;
	words = nr_words(len);
	tail = len - words * sizeof(u64);
	if (words > RR_HEAD_WORDS) {
		n = unpack_words(&base, event, RR_HEAD_WORDS, words, from + pos, left - pos);
		if (!n)
			return 0;
	}
	pos += n;
	if (tail > left - pos)
		return 0;
	memcpy(event + words * sizeof(u64), from + pos, tail);
	return pos + tail;
}

/**
 * rr_delta_unpack() - the events again
 * @d: all zero; afterwards @d->bytes says what each type took
 * @from: bytes from anywhere
 * @len: so many
 * @raw: room for @raw_len bytes
 * @raw_len: what they must become
 *
 * Return: false if they do not become that. What they become is whole events by their
 * lengths, and no more is known of them.
 */
bool rr_delta_unpack(struct rr_delta *d, const u8 *from, u32 len, u8 *raw, u32 raw_len)
{
	u32 at = 0, pos = 0, n;

	while (at < raw_len && pos < len) {
		n = unpack_event(d, from + pos, len - pos, raw, at, raw_len - at);
		if (!n)
			return false;
		d->bytes[raw[at]] += n;
		d->last[raw[at]] = at + 1;
		pos += n;
		at += event_len(raw + at);
	}
	return at == raw_len && pos == len;
}
