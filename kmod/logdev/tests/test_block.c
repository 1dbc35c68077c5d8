// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test of block.c and event_check.c. In user space it prints TAP; kunit_block.c
 * makes KUnit cases of it, with the kernel's own LZ4 and CRC. Whatever is checked
 * lies in a buffer of exactly its size, so that the address sanitizer sees a
 * read beyond it.
 */
#ifndef __KERNEL__
#include <stdlib.h>
#include "block.h"

#define FUZZ_ROUNDS	200000

static unsigned int nr_tests, nr_failed;

static void ok(bool good, const char *name)
{
	printf("%sok %u - %s\n", good ? "" : "not ", ++nr_tests, name);
	nr_failed += !good;
}
#endif

/* The same numbers in every run. */
static u32 rnd(u32 below)
{
	static u64 state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 16) % below;
}

static void *copy_exact(const void *data, size_t len)
{
	void *copy = malloc(len);

	if (!copy)
		abort();
	return len ? memcpy(copy, data, len) : copy;
}

/* --- one valid event of each type, to be spoilt --- */

static union {
	struct rrlog_event e;
	struct rrlog_enter enter;
	struct rrlog_leave leave;
	struct rrlog_mem mem;
	struct rrlog_pagein pagein;
	struct rrlog_map map;
	struct rrlog_clone clone;
	struct rrlog_exec exec;
	struct rrlog_trap trap;
	struct rrlog_async async;
	struct rrlog_tsc tsc;
	struct rrlog_bus bus;
	struct rrlog_exit exit;
	struct rrlog_check check;
	struct rrlog_note note;
	struct rrlog_end end;
	struct rrlog_grant grant;
	struct rrlog_revoke revoke;
	struct rrlog_wait wait;
	u8 bytes[RRLOG_BLOCK_MAX];
	u64 align;
} ev;

static const struct rr_event_ctx ctx = { .lane = 0, .nr_lanes = 2, .pageins = 3 };

static void make_vma(struct rrlog_vma *vma, u64 start)
{
	vma->start = start;
	vma->end = start + 0x3000;
	vma->prot = 5;
}

static void make(u8 type)
{
	static const u32 len[RRLOG_NR_TYPES] = {
		[RRLOG_ENTER] = 96, [RRLOG_LEAVE] = 184, [RRLOG_MEM] = 40,
		[RRLOG_PAGEIN] = 4128, [RRLOG_MAP] = 72, [RRLOG_CLONE] = 40,
		[RRLOG_START] = 16, [RRLOG_EXEC] = 128, [RRLOG_TRAP] = 32,
		[RRLOG_ASYNC] = 208, [RRLOG_TSC] = 32, [RRLOG_BUS] = 24,
		[RRLOG_EXIT] = 32, [RRLOG_CHECK] = 64, [RRLOG_NOTE] = 24,
		[RRLOG_END] = 32, [RRLOG_GRANT] = 56, [RRLOG_REVOKE] = 32,
		[RRLOG_WAIT] = 48, [RRLOG_MOVE] = 16,
	};
	static const u32 aux[RRLOG_NR_TYPES] = {
		[RRLOG_MEM] = 13, [RRLOG_MAP] = RRLOG_MAP_MAP, [RRLOG_CLONE] = 2,
		[RRLOG_EXEC] = 2, [RRLOG_TRAP] = 11, [RRLOG_ASYNC] = 1, [RRLOG_CHECK] = 2,
		[RRLOG_NOTE] = 5, [RRLOG_GRANT] = 2, [RRLOG_REVOKE] = 3, [RRLOG_WAIT] = 2,
		[RRLOG_MOVE] = 1,
	};

	memset(&ev, 0, sizeof(ev));
	ev.e.type = type;
	ev.e.len = len[type];
	ev.e.aux = aux[type];
	ev.e.task = type == RRLOG_NOTE || type == RRLOG_END ? 0 : 7;
	if (type == RRLOG_LEAVE)
		ev.e.flags = RRLOG_LEAVE_REGS;
	if (type == RRLOG_MAP)
		make_vma(&ev.map.vma, 0x10000);
	if (type == RRLOG_EXEC) {
		make_vma(&ev.exec.vma[0], 0x10000);
		make_vma(&ev.exec.vma[1], 0x13000);
	}
	if (type == RRLOG_GRANT)
		ev.grant.edge[0].lane = ev.grant.edge[1].lane = 1;
	if (type == RRLOG_WAIT)
		ev.wait.edge[0].lane = ev.wait.edge[1].lane = 1;
	if (type == RRLOG_NOTE)
		memcpy(ev.note.text, "note\n", 5);
}

static int check_room(u32 room, struct rr_reason *why)
{
	void *copy = copy_exact(&ev, room);
	int err;

	why->text[0] = 0;
	err = rr_event_check(copy, room, &ctx, why);
	free(copy);
	return err;
}

static void accept(const char *name)
{
	struct rr_reason why;
	char line[300];
	int err = check_room(ev.e.len, &why);

	snprintf(line, sizeof(line), "accepted: %s %s", name, why.text);
	ok(!err, line);
}

static void refuse(const char *text)
{
	struct rr_reason why;
	char line[300];
	int err = check_room(ev.e.len <= sizeof(ev) ? ev.e.len : sizeof(ev), &why);

	snprintf(line, sizeof(line), "refused: %s (%s)", text, why.text);
	ok(err == -EBADMSG && strstr(why.text, text), line);
}

/* Each statement list spoils a valid event of @type. */
#define REFUSE(type, text, ...)	do { make(type); __VA_ARGS__; refuse(text); } while (0)
#define ACCEPT(type, text, ...)	do { make(type); __VA_ARGS__; accept(text); } while (0)

static void test_event_frame(void)
{
	struct rr_reason why;
	bool all = true;
	char name[32];
	u8 type;
	u32 room;

	for (type = 1; type < RRLOG_NR_TYPES; type++) {
		snprintf(name, sizeof(name), "type %u", type);
		ACCEPT(type, name);
		for (room = 0; room < ev.e.len; room++)
			all = all && check_room(room, &why) == -EBADMSG;
	}
	ok(all, "refused: every type cut off at every byte");
	REFUSE(0, "unknown type 0", ev.e.len = 16);
	REFUSE(RRLOG_START, "unknown type 21", ev.e.type = 21);
	REFUSE(RRLOG_START, "unknown type 255", ev.e.type = 255);
	REFUSE(RRLOG_START, "length 20", ev.e.len = 20);
	REFUSE(RRLOG_START, "length does not fit", ev.e.len = 24);
	REFUSE(RRLOG_ENTER, "length does not fit", ev.e.len = 88);
	make(RRLOG_START);
	ev.e.len = 0xfffffff8;
	ok(check_room(16, &why) == -EBADMSG, "refused: huge length");
	ev.e.len = 8;
	ok(check_room(16, &why) == -EBADMSG, "refused: length 8");
	ev.e.len = 0;
	ok(check_room(16, &why) == -EBADMSG, "refused: length 0");
	REFUSE(RRLOG_START, "START: padding", ev.e.pad = 1);
	REFUSE(RRLOG_START, "event without a task", ev.e.task = 0);
	REFUSE(RRLOG_NOTE, "event with a task", ev.e.task = 1);
	REFUSE(RRLOG_END, "event with a task", ev.e.task = 1);
}

static void test_event_flags_aux(void)
{
	static const u8 known[RRLOG_NR_TYPES] = {
		[RRLOG_ENTER] = 1, [RRLOG_LEAVE] = 3, [RRLOG_PAGEIN] = 15,
		[RRLOG_ASYNC] = 3, [RRLOG_TSC] = 3, [RRLOG_EXIT] = 7, [RRLOG_GRANT] = 7,
		[RRLOG_REVOKE] = 1, [RRLOG_MOVE] = 1,
	};
	static const u8 no_aux[] = { RRLOG_PAGEIN, RRLOG_START, RRLOG_BUS };
	struct rr_reason why;
	bool all = true;
	u32 type, bit;

	for (type = 1; type < RRLOG_NR_TYPES; type++) {
		for (bit = 1; bit < 256; bit <<= 1) {
			make(type);
			ev.e.flags |= bit;
			check_room(ev.e.len, &why);
			all = all && !(bit & known[type]) == !!strstr(why.text, "unknown flags");
		}
	}
	ok(all, "refused: every unknown flag of every type, and no other");
	for (type = 0; type < ARRAY_SIZE(no_aux); type++)
		REFUSE(no_aux[type], "aux is not zero", ev.e.aux = 1);
}

static void test_event_stay(void)
{
	ACCEPT(RRLOG_ENTER, "ENTER to stderr", ev.enter.stream = 2; ev.e.flags = 1);
	REFUSE(RRLOG_ENTER, "output stream", ev.enter.stream = 3);
	REFUSE(RRLOG_ENTER, "padding", ev.enter.pad = 1);

	ACCEPT(RRLOG_LEAVE, "LEAVE without registers", ev.e.flags = 0; ev.e.len = 24);
	ACCEPT(RRLOG_LEAVE, "LEAVE to a handler",
	       ev.e.flags |= RRLOG_LEAVE_SIGNAL; ev.e.aux = 64);
	REFUSE(RRLOG_LEAVE, "length does not fit", ev.e.len = 24);
	REFUSE(RRLOG_LEAVE, "length does not fit", ev.e.flags = 0);
	REFUSE(RRLOG_LEAVE, "bad signal", ev.e.aux = 9);
	REFUSE(RRLOG_LEAVE, "bad signal", ev.e.flags |= RRLOG_LEAVE_SIGNAL);
	REFUSE(RRLOG_LEAVE, "bad signal", ev.e.flags |= RRLOG_LEAVE_SIGNAL; ev.e.aux = 65);
	REFUSE(RRLOG_LEAVE, "signal without registers",
	       ev.e.flags = RRLOG_LEAVE_SIGNAL; ev.e.aux = 1; ev.e.len = 24);
	ACCEPT(RRLOG_LEAVE, "LEAVE with user flags", ev.leave.regs[0].flags = 0x254fd7);
	REFUSE(RRLOG_LEAVE, "user mode cannot", ev.leave.regs[0].flags = 0x3202);
	REFUSE(RRLOG_LEAVE, "user mode cannot", ev.leave.regs[0].flags = 1ULL << 17);
	REFUSE(RRLOG_LEAVE, "user mode cannot", ev.leave.regs[0].flags = 1ULL << 40);
	REFUSE(RRLOG_LEAVE, "not canonical", ev.leave.regs[0].fs_base = 1ULL << 56);
	REFUSE(RRLOG_LEAVE, "not canonical", ev.leave.regs[0].gs_base = 1ULL << 63);

	ACCEPT(RRLOG_MEM, "MEM at the end", ev.mem.addr = (1ULL << 56) - 13);
	ACCEPT(RRLOG_MEM, "MEM of the greatest size",
	       ev.e.aux = RRLOG_MEM_MAX; ev.e.len = 24 + RRLOG_MEM_MAX);
	REFUSE(RRLOG_MEM, "bad number", ev.e.aux = 0; ev.e.len = 24);
	REFUSE(RRLOG_MEM, "bad number",
	       ev.e.aux = RRLOG_MEM_MAX + 8; ev.e.len = 32 + RRLOG_MEM_MAX);
	REFUSE(RRLOG_MEM, "length does not fit", ev.e.aux = 17);
	REFUSE(RRLOG_MEM, "length does not fit", ev.e.aux = 8);
	REFUSE(RRLOG_MEM, "length does not fit", ev.e.aux = 0xffffffff);
	REFUSE(RRLOG_MEM, "padding", ev.mem.data[13] = 1);
	REFUSE(RRLOG_MEM, "padding", ev.mem.data[15] = 1);
	REFUSE(RRLOG_MEM, "user address", ev.mem.addr = (1ULL << 56) - 12);
	REFUSE(RRLOG_MEM, "user address", ev.mem.addr = ~0ULL);
}

/* What there is in logs of several lanes only. */
static void test_event_lanes(void)
{
	REFUSE(RRLOG_GRANT, "range of pages", ev.grant.addr = 1ULL << 56);
	REFUSE(RRLOG_GRANT, "range of pages", ev.grant.addr = (1ULL << 56) - 4096 + 1);
	REFUSE(RRLOG_GRANT, "bad edge", ev.grant.edge[1].lane = 2);
	REFUSE(RRLOG_GRANT, "bad edge", ev.grant.edge[0].lane = 0);
	REFUSE(RRLOG_GRANT, "bad edge", ev.grant.edge[0].flags = 2);
	REFUSE(RRLOG_GRANT, "length does not fit", ev.e.aux = 1);
	REFUSE(RRLOG_GRANT, "length does not fit", ev.e.aux = 0x10000002);
	ACCEPT(RRLOG_GRANT, "GRANT behind a complete event", ev.grant.edge[0].flags = 1);
	ACCEPT(RRLOG_GRANT, "GRANT that waits for nothing", ev.e.aux = 0; ev.e.len = 24);

	REFUSE(RRLOG_REVOKE, "range of pages", ev.revoke.addr = ~0xfffULL);
	REFUSE(RRLOG_REVOKE, "range of pages", ev.revoke.addr = 1);
	REFUSE(RRLOG_REVOKE, "range of pages", ev.e.aux = 0);
	REFUSE(RRLOG_REVOKE, "range of pages", ev.e.aux = 0xffffffff;
	       ev.revoke.addr = (1ULL << 56) - 0x1000);
	REFUSE(RRLOG_REVOKE, "range of pages", ev.revoke.addr = (1ULL << 56) - 0x2000);
	ACCEPT(RRLOG_REVOKE, "REVOKE at the end", ev.revoke.addr = (1ULL << 56) - 0x3000);

	REFUSE(RRLOG_WAIT, "bad edge", ev.wait.edge[1].lane = 2);
	REFUSE(RRLOG_WAIT, "bad edge", ev.wait.edge[1].lane = 0);
	REFUSE(RRLOG_WAIT, "bad edge", ev.wait.edge[1].flags = 2);
	REFUSE(RRLOG_WAIT, "length does not fit", ev.e.aux = 3);
	ACCEPT(RRLOG_WAIT, "WAIT for a complete event", ev.wait.edge[1].flags = 1);
	ACCEPT(RRLOG_WAIT, "WAIT for nothing", ev.e.aux = 0; ev.e.len = 16);
	REFUSE(RRLOG_MOVE, "bad lane", ev.e.aux = 0);
	REFUSE(RRLOG_MOVE, "bad lane", ev.e.aux = 2);
}

static void test_event_pages(void)
{
	ACCEPT(RRLOG_PAGEIN, "PAGEIN zero", ev.e.flags = RRLOG_PAGEIN_ZERO; ev.e.len = 32);
	ACCEPT(RRLOG_PAGEIN, "PAGEIN reference",
	       ev.e.flags = RRLOG_PAGEIN_REF; ev.e.len = 32; ev.pagein.ref = 2);
	REFUSE(RRLOG_PAGEIN, "later page",
	       ev.e.flags = RRLOG_PAGEIN_REF; ev.e.len = 32; ev.pagein.ref = 3);
	REFUSE(RRLOG_PAGEIN, "both", ev.e.flags = RRLOG_PAGEIN_REF | RRLOG_PAGEIN_ZERO;
	       ev.e.len = 32);
	REFUSE(RRLOG_PAGEIN, "length does not fit", ev.e.len = 32);
	REFUSE(RRLOG_PAGEIN, "length does not fit", ev.e.flags = RRLOG_PAGEIN_ZERO);
	REFUSE(RRLOG_PAGEIN, "length does not fit", ev.e.flags = RRLOG_PAGEIN_REF);
	REFUSE(RRLOG_PAGEIN, "without its flag", ev.pagein.ref = 1);
	REFUSE(RRLOG_PAGEIN, "page address", ev.pagein.addr = 0x1001);
	REFUSE(RRLOG_PAGEIN, "page address", ev.pagein.addr = 1ULL << 56);

	REFUSE(RRLOG_BUS, "user address", ev.bus.addr = 1ULL << 56);
	REFUSE(RRLOG_CHECK, "page address", ev.check.page[1].addr = 1);
	REFUSE(RRLOG_CHECK, "length does not fit", ev.e.aux = 3);
	REFUSE(RRLOG_CHECK, "length does not fit", ev.e.aux = 0x20000002);
	test_event_lanes();
}

static void test_event_map(void)
{
	struct rrlog_vma *vma = &ev.map.vma;

	ACCEPT(RRLOG_MAP, "MAP shared", vma->flags = 3; vma->object = 4; vma->offset = 0x1000);
	ACCEPT(RRLOG_MAP, "MAP unown in another space",
	       ev.e.aux = RRLOG_MAP_UNOWN; vma->object = 4);
	ACCEPT(RRLOG_MAP, "MAP move", ev.e.aux = RRLOG_MAP_MOVE; ev.map.old_addr = 0x1000;
	       ev.map.old_len = 0x2000);
	ACCEPT(RRLOG_MAP, "MAP discard", ev.e.aux = RRLOG_MAP_DISCARD; vma->prot = 24);
	REFUSE(RRLOG_MAP, "unknown protection", ev.e.aux = RRLOG_MAP_DISCARD; vma->prot = 100);
	REFUSE(RRLOG_MAP, "unknown protection", ev.e.aux = RRLOG_MAP_PROTECT; vma->prot = 24);
	REFUSE(RRLOG_MAP, "unknown operation", ev.e.aux = 0);
	REFUSE(RRLOG_MAP, "unknown operation", ev.e.aux = RRLOG_MAP_NR_OPS);
	REFUSE(RRLOG_MAP, "bad range", ev.e.aux = RRLOG_MAP_MOVE; ev.map.old_addr = 1);
	REFUSE(RRLOG_MAP, "bad range", ev.e.aux = RRLOG_MAP_MOVE; ev.map.old_len = ~0xfffULL);
	REFUSE(RRLOG_MAP, "without a move", ev.map.old_addr = 0x1000);
	REFUSE(RRLOG_MAP, "without a move", ev.map.old_len = 0x1000);
	REFUSE(RRLOG_MAP, "bad bounds", vma->end = vma->start);
	REFUSE(RRLOG_MAP, "bad bounds", vma->end = vma->start - 0x1000);
	REFUSE(RRLOG_MAP, "bad bounds", vma->end++);
	REFUSE(RRLOG_MAP, "bad bounds", vma->start++);
	REFUSE(RRLOG_MAP, "bad bounds", vma->end = (1ULL << 56) + 0x1000);
	REFUSE(RRLOG_MAP, "unknown protection", vma->prot = 8);
	REFUSE(RRLOG_MAP, "unknown flags", vma->flags = 4);
	REFUSE(RRLOG_MAP, "private mapping", vma->object = 1);
	REFUSE(RRLOG_MAP, "private mapping", ev.e.aux = RRLOG_MAP_UNMAP; vma->object = 1);
	REFUSE(RRLOG_MAP, "private mapping", ev.e.aux = RRLOG_MAP_UNOWN; vma->offset = 0x1000);
	REFUSE(RRLOG_MAP, "private mapping", vma->offset = 0x1000);
	REFUSE(RRLOG_MAP, "bad offset", vma->flags = 1; vma->offset = 1);
	REFUSE(RRLOG_MAP, "bad offset", vma->flags = 1; vma->offset = ~0xfffULL);
}

static void test_event_tasks(void)
{
	REFUSE(RRLOG_CLONE, "without a number", ev.e.aux = 0);
	ACCEPT(RRLOG_CLONE, "CLONE with a stale TLS", ev.clone.tls = 1ULL << 60);
	REFUSE(RRLOG_CLONE, "TLS is not", ev.clone.tls = 1ULL << 60; ev.clone.flags = 0x80000);
	ACCEPT(RRLOG_CLONE, "CLONE in another lane", ev.clone.lane = 1);
	REFUSE(RRLOG_CLONE, "bad lane", ev.clone.lane = 2);
	REFUSE(RRLOG_CLONE, "bad lane", ev.clone.pad = 1);

	REFUSE(RRLOG_EXEC, "no mappings", ev.e.aux = 0; ev.e.len = sizeof(struct rrlog_exec));
	REFUSE(RRLOG_EXEC, "length does not fit", ev.e.aux = 3);
	REFUSE(RRLOG_EXEC, "length does not fit", ev.e.aux = 0x66666668);
	REFUSE(RRLOG_EXEC, "without its end", memset(ev.exec.comm, 'x', 16));
	REFUSE(RRLOG_EXEC, "out of order", make_vma(&ev.exec.vma[1], 0x12000));
	REFUSE(RRLOG_EXEC, "out of order", make_vma(&ev.exec.vma[1], 0x1000));
	REFUSE(RRLOG_EXEC, "bad bounds", ev.exec.vma[1].end = 0);
	REFUSE(RRLOG_EXEC, "unknown protection", ev.exec.vma[0].prot = ~0u);
	REFUSE(RRLOG_EXEC, "private mapping", ev.exec.vma[1].object = 1);

	REFUSE(RRLOG_TRAP, "bad signal", ev.e.aux = 0);
	REFUSE(RRLOG_TRAP, "bad signal", ev.e.aux = 65);
	REFUSE(RRLOG_ASYNC, "RF is set", ev.async.regs.flags = 0x10000);
	REFUSE(RRLOG_ASYNC, "address of a word", ev.async.page[0].addr = 0x1005);
	REFUSE(RRLOG_ASYNC, "address of a word", ev.async.page[0].addr = ~0ull);
	REFUSE(RRLOG_ASYNC, "user mode cannot", ev.async.regs.flags = 0x3000);
	REFUSE(RRLOG_ASYNC, "not canonical", ev.async.regs.gs_base = 1ULL << 57);
	REFUSE(RRLOG_ASYNC, "page address", ev.async.page[0].addr = 8);
	REFUSE(RRLOG_ASYNC, "length does not fit", ev.e.aux = 2);
	ACCEPT(RRLOG_TSC, "TSC by RDTSCP", ev.e.flags = RRLOG_TSC_RDTSCP; ev.e.aux = 1);
	REFUSE(RRLOG_TSC, "without RDTSCP", ev.e.aux = 1);
	ACCEPT(RRLOG_TSC, "TSC of RDRAND", ev.e.flags = RRLOG_TSC_RANDOM);
	REFUSE(RRLOG_TSC, "two instructions",
	       ev.e.flags = RRLOG_TSC_RDTSCP | RRLOG_TSC_RANDOM);
	REFUSE(RRLOG_TSC, "without RDTSCP", ev.e.flags = RRLOG_TSC_RANDOM; ev.e.aux = 1);
	REFUSE(RRLOG_EXIT, "bad exit code", ev.e.aux = 0x10000);
	REFUSE(RRLOG_NOTE, "length does not fit", ev.e.aux = 9);
	REFUSE(RRLOG_NOTE, "control characters", ev.note.text[1] = 0x1b);
	REFUSE(RRLOG_NOTE, "control characters", ev.note.text[1] = 0);
	REFUSE(RRLOG_NOTE, "control characters", ev.note.text[1] = 0x7f);
	REFUSE(RRLOG_NOTE, "padding", ev.note.text[5] = 'x');
	ACCEPT(RRLOG_END, "END with an error", ev.e.aux = 12);
	REFUSE(RRLOG_END, "bad error", ev.e.aux = 4096);
}

/* --- whole logs --- */

struct log {
	u8 bytes[40000];
	size_t len;
	struct rr_stream stream;	/* what was written */
	struct rr_lane_check lane[2];
};

static void log_begin(struct log *log)
{
	struct rrlog_header head = { .nr_lanes = 2, .release = "6.1.0" };

	memset(log, 0, sizeof(*log));
	log->stream.nr_lanes = 2;
	log->stream.lane = log->lane;
	rr_header_seal(&head);
	memcpy(log->bytes, &head, sizeof(head));
	log->len = sizeof(head);
}

static void log_block(struct log *log, u16 lane, const void *raw, u32 len, u32 nr, u16 flags)
{
	struct rrlog_block head = {
		.lane = lane, .seq = log->stream.seq++, .raw_len = len, .nr_events = nr,
		.first_event = log->lane[lane].events, .flags = flags,
	};
	static struct rr_block_work work;
	u8 *at = log->bytes + log->len;

	len = rr_block_pack(&head, raw, at + sizeof(head), &work);
	memcpy(at, &head, sizeof(head));
	log->len += sizeof(head) + len;
	log->lane[lane].events += nr;
	log->stream.events += nr;
}

/* A block that packs, one that does not, another lane, and END. */
static void log_make(struct log *log)
{
	u32 i;

	log_begin(log);
	make(RRLOG_PAGEIN);
	log_block(log, 0, &ev, ev.e.len, 1, 0);
	make(RRLOG_MEM);
	for (i = 0; i < 13; i++)
		ev.mem.data[i] = rnd(256);
	ev.mem.addr = 0x123456789abcd;
	log_block(log, 0, &ev, ev.e.len, 1, 0);
	make(RRLOG_START);
	memcpy(ev.bytes + 16, ev.bytes, 16);
	log_block(log, 1, &ev, 32, 2, 0);
	make(RRLOG_END);
	ev.end.events = 5;
	log_block(log, 0, &ev, ev.e.len, 1, RRLOG_BLOCK_LAST);
}

static int read_payload(struct rr_stream *stream, const struct rrlog_block *head,
			const u8 *bytes, struct rr_reason *why)
{
	void *stored = copy_exact(bytes, head->stored_len);
	void *raw = malloc(head->raw_len);
	static struct rr_block_work work;
	int err = rr_block_unpack(head, stored, raw, &work, why);

	if (!err)
		err = rr_block_walk(stream, head, raw, why);
	free(stored);
	free(raw);
	return err;
}

/* As a reader does it: 0: whole; 1: ends before its END; else what is wrong. */
static int read_log(const u8 *bytes, size_t len, struct rr_stream *stream, struct rr_reason *why)
{
	struct rrlog_header head;
	struct rrlog_block blk;
	size_t pos = sizeof(head);
	int err;

	if (len < sizeof(head))
		return 1;
	memcpy(&head, bytes, sizeof(head));
	err = rr_header_check(&head, why);
	while (!err && pos < len) {
		if (len - pos < sizeof(blk))
			return 1;
		memcpy(&blk, bytes + pos, sizeof(blk));
		err = rr_block_check(stream, &blk, why);
		pos += sizeof(blk);
		if (err)
			break;
		if (len - pos < blk.stored_len)
			return 1;
		err = read_payload(stream, &blk, bytes + pos, why);
		pos += blk.stored_len;
	}
	return err ? err : !stream->last;
}

static int read_fresh(const u8 *bytes, size_t len, struct rr_stream *result, struct rr_reason *why)
{
	struct rr_lane_check lane[2] = {};
	struct rr_stream stream = { .nr_lanes = 2, .lane = lane };
	int err = read_log(bytes, len, &stream, why);

	if (result)
		*result = stream;
	return err;
}

static void expect_log(const struct log *log, int err, const char *text, const char *name)
{
	struct rr_reason why = { "" };
	char line[400];
	int got = read_fresh(log->bytes, log->len, NULL, &why);

	snprintf(line, sizeof(line), "%s (%d %s)", name, got, why.text);
	ok(got == err && strstr(why.text, text), line);
}

static void test_crc(void)
{
	u8 zeros[32] = {};

	ok(rr_crc32c("123456789", 9) == 0xe3069283, "CRC32C check value");
	ok(rr_crc32c(zeros, 32) == 0x8a9136aa, "CRC32C of 32 zeros (RFC 3720)");
	ok(rr_crc32c("", 0) == 0, "CRC32C of nothing");
}

static void test_pack_size(u32 len, bool random)
{
	static u8 raw[RRLOG_BLOCK_MAX], stored[RRLOG_BLOCK_MAX], back[RRLOG_BLOCK_MAX];
	struct rrlog_block head = { .raw_len = len, .nr_events = 1 };
	static struct rr_block_work work;
	struct rr_reason why;
	char line[80];
	u32 i, size;

	for (i = 0; i < len; i++)
		raw[i] = random ? rnd(256) : i / 100;
	size = rr_block_pack(&head, raw, stored, &work);
	snprintf(line, sizeof(line), "%u %s bytes stored as %u", len,
		 random ? "random" : "regular", size);
	ok(size == head.stored_len && size <= len &&
	   !rr_block_unpack(&head, stored, back, &work, &why) && !memcmp(raw, back, len), line);
}

static u32 packs(struct rr_delta *d, const u8 *raw, u32 len, u8 *to, u32 room)
{
	memset(d, 0, sizeof(*d));
	return rr_delta_pack(d, raw, len, to, room);
}

static bool unpacks(struct rr_delta *d, const u8 *from, u32 len, u8 *raw, u32 raw_len)
{
	memset(d, 0, sizeof(*d));
	return rr_delta_unpack(d, from, len, raw, raw_len);
}

/* A page goes to and fro between two lanes: that is the usual event, and must be short. */
static void test_delta_handover(void)
{
	static u8 raw[72 * 100], to[sizeof(raw) + RR_DELTA_SPARE], back[sizeof(raw)];
	static struct rr_delta d, again;
	u32 i, len;
	char line[80];

	for (i = 0; i < 100; i++) {
		struct rrlog_revoke revoke = {
			.e = { .type = RRLOG_REVOKE, .len = 32, .task = 2, .aux = 1 },
			.addr = 0x7f1234560000 + i % 7 * 4096, .space = 1,
		};
		struct rrlog_grant grant = {
			.e = { .type = RRLOG_GRANT, .flags = 1, .len = 40, .task = 2, .aux = 1 },
			.addr = revoke.addr,
		};
		struct rrlog_edge edge = { .lane = 1, .event = 100000 + 3 * i };

		memcpy(raw + 72 * i, &revoke, 32);
		memcpy(raw + 72 * i + 32, &grant, 24);
		memcpy(raw + 72 * i + 56, &edge, 16);
	}
	len = packs(&d, raw, sizeof(raw), to, sizeof(to));
	snprintf(line, sizeof(line), "100 hand-overs in %u bytes", len);
	ok(len && len <= 100 * 15, line);
	ok(d.bytes[RRLOG_GRANT] + d.bytes[RRLOG_REVOKE] == len, "of grants and revokes");
	ok(unpacks(&again, to, len, back, sizeof(back)) &&
	   !memcmp(raw, back, sizeof(raw)) && !memcmp(&d, &again, sizeof(d)), "and back");
	ok(!unpacks(&again, to, len - 1, back, sizeof(back)), "cut");
	ok(!unpacks(&again, to, len, back, sizeof(back) - 8), "too long");
	ok(!unpacks(&again, to + 1, len - 1, back, sizeof(back)), "shifted");
}

/* Words of all sizes, both signs, and events that are longer or shorter than the last. */
static void test_delta_words(void)
{
	static u8 raw[RRLOG_BLOCK_MAX], to[sizeof(raw) + RR_DELTA_SPARE], back[sizeof(raw)];
	struct rrlog_event e = { .type = RRLOG_NOTE };
	static struct rr_delta d, again;
	u32 i, at = 0, len;
	u64 word;

	while (at + 16 + 8 * 40 <= sizeof(raw)) {
		e.len = 16 + 8 * rnd(40);
		memcpy(raw + at, &e, sizeof(e));
		for (i = 16; i < e.len; i += 8) {
			word = ((u64)rnd(1 << 30) << 34 ^ rnd(1 << 30)) >> rnd(64);
			word = rnd(2) ? word : -word;
			memcpy(raw + at + i, &word, 8);
		}
		at += e.len;
	}
	len = packs(&d, raw, at, to, sizeof(to));
	ok(len && unpacks(&again, to, len, back, at) && !memcmp(raw, back, at),
	   "words of all sizes");
	memset(raw, 0xff, 64);
	ok(!packs(&d, raw, 64, to, sizeof(to)), "no event");
	ok(!unpacks(&again, raw, 64, back, 64), "no differences");
	to[0] = RRLOG_NOTE | 0x80;
	ok(!unpacks(&again, to, 1, back, 16), "the same as nothing");
}

static void test_pack(void)
{
	test_delta_handover();
	test_delta_words();
	test_pack_size(16, false);
	test_pack_size(16, true);
	test_pack_size(4128, false);
	test_pack_size(4128, true);
	test_pack_size(RRLOG_BLOCK_MAX, false);
	test_pack_size(RRLOG_BLOCK_MAX, true);
}

static void test_flips(struct log *log)
{
	struct rr_reason why;
	bool all = true;
	size_t at;
	u32 mask;

	for (at = 0; at < log->len; at++) {
		for (mask = 1; mask < 256; mask++) {
			log->bytes[at] ^= mask;
			why.text[0] = 0;
			all = all && read_fresh(log->bytes, log->len, NULL, &why) < 0 &&
			      why.text[0];
			log->bytes[at] ^= mask;
		}
	}
	ok(all, "every change of one byte is found");
}

static void test_cuts(const struct log *log)
{
	struct rr_stream stream;
	struct rr_reason why;
	u64 events = 0;
	bool all = true;
	size_t len;

	for (len = 0; len < log->len; len++) {
		u8 *cut = copy_exact(log->bytes, len);

		all = all && read_fresh(cut, len, &stream, &why) == 1 &&
		      stream.events >= events;
		events = stream.events;
		free(cut);
	}
	ok(all && events == 4, "a cut at every byte leaves what is before it");
}

static void test_log(void)
{
	static struct log log;
	struct rr_stream stream;
	struct rr_reason why;

	log_make(&log);
	ok(!read_fresh(log.bytes, log.len, &stream, &why) && stream.last &&
	   stream.events == 5 && stream.seq == 4, "a whole log is read");
	test_flips(&log);
	test_cuts(&log);
	log_block(&log, 0, &ev, ev.e.len, 1, RRLOG_BLOCK_LAST);
	expect_log(&log, -EBADMSG, "block after the last one", "a block after the last");
}

/* What only somebody who can compute a CRC can send. */

#define HEADER(name, err, text, change) do {				\
	struct rrlog_header *h = (void *)log.bytes;			\
	log_make(&log);							\
	change;								\
	h->crc = rr_crc32c(h, offsetof(struct rrlog_header, crc));	\
	expect_log(&log, err, text, name);				\
} while (0)

static void test_header(void)
{
	static struct log log;

	HEADER("version 2.5", -EPROTONOSUPPORT, "log of version 2.5", h->major = 2);
	HEADER("version 1.6", -EPROTONOSUPPORT, RR_READER " reads up to 1.5", h->minor = 6);
	HEADER("version 0.9", -EPROTONOSUPPORT, "log of version 0.9", h->major = 0; h->minor = 9);
	HEADER("magic", -EBADMSG, "not an rrcrew log", h->magic[7] = 0);
	HEADER("header length", -EBADMSG, "header of 136", h->header_len = 136);
	HEADER("header flags", -EBADMSG, "unknown log flags", h->flags = 2);
	HEADER("no lanes", -EBADMSG, "0 lanes", h->nr_lanes = 0);
	HEADER("many lanes", -EBADMSG, "lanes", h->nr_lanes = RR_LANES_MAX + 1);
	HEADER("release without end", -EBADMSG, "release", memset(h->release, 'x', 48));
	HEADER("release with more behind", -EBADMSG, "release", h->release[47] = 'x');
	HEADER("header padding", -EBADMSG, "padding", h->pad[11] = 1);
}

#define BLOCK(name, text, change) do {					\
	struct rrlog_block b;						\
	log_make(&log);							\
	memcpy(&b, log.bytes + 128, sizeof(b));				\
	change;								\
	b.crc = rr_crc32c(&b, offsetof(struct rrlog_block, crc));	\
	memcpy(log.bytes + 128, &b, sizeof(b));				\
	expect_log(&log, -EBADMSG, text, name);				\
} while (0)

static void test_block(void)
{
	static struct log log;

	BLOCK("block magic", "no block", b.magic++);
	BLOCK("block flags", "unknown block flags", b.flags |= 8);
	BLOCK("block padding", "padding", b.pad = 1);
	BLOCK("empty block", "block of 0", b.raw_len = 0);
	BLOCK("long block", "block of 65544", b.raw_len = RRLOG_BLOCK_MAX + 8);
	BLOCK("odd block", "block of 4127", b.raw_len = 4127);
	BLOCK("stored as nothing", "stored as 0", b.stored_len = 0);
	BLOCK("stored as more", "stored as 4129", b.stored_len = 4129);
	BLOCK("not compressed", "uncompressed", b.flags = 0);
	BLOCK("no events", "0 events", b.nr_events = 0);
	BLOCK("too many events", "259 events", b.nr_events = 259);
	BLOCK("sequence", "block 1 where block 0", b.seq = 1);
	BLOCK("lane", "block of lane 2", b.lane = 2);
	BLOCK("first event", "event 1 of lane 0 where event 0", b.first_event = 1);
	BLOCK("payload CRC", "payload CRC", b.payload_crc++);
	BLOCK("unpacks to more", "does not unpack", b.raw_len = 4120);
	BLOCK("unpacks to less", "does not unpack", b.raw_len = 4136);
	BLOCK("too few events", "event 1 of lane 0: cut off", b.nr_events = 2);
	BLOCK("last without END", "the last event is not END", b.flags |= RRLOG_BLOCK_LAST);
}

static void test_walk(void)
{
	static struct log log;

	log_begin(&log);
	make(RRLOG_START);
	memcpy(ev.bytes + 16, ev.bytes, 16);
	log_block(&log, 0, &ev, 32, 1, 0);
	expect_log(&log, -EBADMSG, "bytes after its 1 events", "more events than counted");

	log_begin(&log);
	make(RRLOG_END);
	ev.end.events = 1;
	log_block(&log, 0, &ev, 32, 1, 0);
	expect_log(&log, -EBADMSG, "END before the end", "END without LAST");

	log_begin(&log);
	log_block(&log, 1, &ev, 32, 1, RRLOG_BLOCK_LAST);
	expect_log(&log, -EBADMSG, "END: not in lane 0", "END in lane 1");

	log_begin(&log);
	ev.end.events = 2;
	log_block(&log, 0, &ev, 32, 1, RRLOG_BLOCK_LAST);
	expect_log(&log, -EBADMSG, "END of 2 events after 1", "END with a wrong count");

	log_begin(&log);
	make(RRLOG_PAGEIN);
	memmove(ev.bytes + 4128, &ev, 4128);
	log_block(&log, 1, &ev, 8256, 2, 0);
	make(RRLOG_PAGEIN);
	ev.e.flags = RRLOG_PAGEIN_REF;
	ev.e.len = 32;
	ev.pagein.ref = 1;
	log_block(&log, 1, &ev, 32, 1, 0);
	expect_log(&log, 1, "", "a reference to a page of an earlier block");
	log_block(&log, 0, &ev, 32, 1, 0);
	expect_log(&log, -EBADMSG, "event 0 of lane 0: PAGEIN: reference",
		   "a reference to another lane's page");
}

/* Random damage to valid events: nothing may be read beyond them. */
static void test_fuzz(void)
{
	struct rr_reason why;
	u32 i, n, good = 0;
	bool all = true;

	for (i = 0; i < FUZZ_ROUNDS; i++) {
		make(1 + rnd(RRLOG_NR_TYPES - 1));
		u32 room = ev.e.len;

		for (n = rnd(3); n; n--)
			ev.bytes[rnd(room < 64 ? room : 64)] = rnd(256);
		if (check_room(room, &why))
			all = all && why.text[0];
		else
			good += ev.e.len <= room;
	}
	ok(all && good, "random damage to events");
}

#ifndef __KERNEL__
int main(void)
{
	test_crc();
	test_pack();
	test_log();
	test_header();
	test_block();
	test_walk();
	test_event_frame();
	test_event_flags_aux();
	test_event_stay();
	test_event_pages();
	test_event_map();
	test_event_tasks();
	test_fuzz();
	printf("1..%u\n", nr_tests);
	return nr_failed != 0;
}
#endif
