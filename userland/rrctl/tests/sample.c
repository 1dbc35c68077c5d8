// SPDX-License-Identifier: GPL-2.0-only
/*
 * A log that has every type of event. It is well-formed; it is no recording of
 * anything.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "logwrite.h"
#include "sample.h"

#define EVENT(_struct, _type, _task, ...)				\
	((struct _struct){ .e = { .type = (_type), .len = sizeof(struct _struct),	\
				  .task = (_task) }, __VA_ARGS__ })

#define PUT(w, lane, event)	log_writer_put(w, lane, &(event).e)

void sample_header(struct rrlog_header *head)
{
	*head = (struct rrlog_header){
		.flags = RRLOG_CHECK_FULL,
		.nr_lanes = 2,
		.start_ns = 1700000000000000000,
		.release = "6.1.0-test",
	};
}

static void put_exec(struct log_writer *w)
{
	struct {
		struct rrlog_exec exec;
		struct rrlog_vma vma[2];
	} ev = {
		.exec = EVENT(rrlog_exec, RRLOG_EXEC, 1, .stack_limit = 8 << 20, .cpu = 1, .comm = "cat"),
		.vma = {
			{ .start = 0x400000, .end = 0x402000, .prot = PROT_READ | PROT_EXEC },
			{ .start = 0x7ffc00000000, .end = 0x7ffc00021000,
			  .prot = PROT_READ | PROT_WRITE, .flags = RRLOG_VMA_GROWSDOWN },
		},
	};

	ev.exec.e.len = sizeof(ev);
	ev.exec.e.aux = 2;
	log_writer_put(w, 0, &ev.exec.e);
}

static void put_pagein(struct log_writer *w, u64 addr, u8 flags, u64 ref, int fill)
{
	struct {
		struct rrlog_pagein pagein;
		u8 data[4096];
	} ev = { .pagein = EVENT(rrlog_pagein, RRLOG_PAGEIN, 1, .addr = addr, .ref = ref) };

	ev.pagein.e.flags = flags;
	if (!(flags & (RRLOG_PAGEIN_ZERO | RRLOG_PAGEIN_REF)))
		ev.pagein.e.len = sizeof(ev);
	memset(ev.data, fill, sizeof(ev.data));
	log_writer_put(w, 0, &ev.pagein.e);
}

static void put_mem(struct log_writer *w, u64 addr, const char *text)
{
	struct {
		struct rrlog_mem mem;
		char data[16];
	} ev = { .mem = EVENT(rrlog_mem, RRLOG_MEM, 1, .addr = addr) };

	ev.mem.e.len = sizeof(ev);
	ev.mem.e.aux = 11;
	memcpy(ev.data, text, 11);
	log_writer_put(w, 0, &ev.mem.e);
}

static void put_leave(struct log_writer *w, u32 lane, u32 task, u64 ax, u32 sig)
{
	struct {
		struct rrlog_leave leave;
		struct rrlog_regs regs;
	} ev = {
		.leave = EVENT(rrlog_leave, RRLOG_LEAVE, task, .ax = ax),
		.regs = { .ip = 0x401000, .ax = ax, .flags = 0x202 },
	};

	if (sig) {
		ev.leave.e.len = sizeof(ev);
		ev.leave.e.flags = RRLOG_LEAVE_REGS | RRLOG_LEAVE_SIGNAL;
		ev.leave.e.aux = sig;
	}
	log_writer_put(w, lane, &ev.leave.e);
}

static void put_enter(struct log_writer *w, u32 lane, u32 task, u32 nr, u64 a, u64 b, u64 c)
{
	struct rrlog_enter ev = EVENT(rrlog_enter, RRLOG_ENTER, task, .ip = 0x401002,
				      .sp = 0x7ffc00020000, .args = { a, b, c });

	ev.e.aux = nr;
	if (nr == SYS_write) {
		ev.e.flags = RRLOG_ENTER_HASHED;
		ev.out_hash = 0xfeed;
		ev.stream = 1;
	}
	PUT(w, lane, ev);
}

static void put_map(struct log_writer *w, u32 op)
{
	struct rrlog_map ev = EVENT(rrlog_map, RRLOG_MAP, 1, .vma = {
		.start = 0x10000, .end = 0x13000, .prot = PROT_READ,
		.flags = RRLOG_VMA_SHARED, .object = 5, .offset = 0x2000 });

	ev.e.aux = op;
	if (op == RRLOG_MAP_DISCARD)
		ev.vma.prot = MADV_DONTNEED;
	/* in the address space that task 2 has after its first execve() */
	if (op == RRLOG_MAP_UNOWN)
		ev.vma = (struct rrlog_vma){ .start = 0x10000, .end = 0x13000,
					     .object = 1ULL << 32 | 2 };
	if (op == RRLOG_MAP_MOVE) {
		ev.old_addr = 0x20000;
		ev.old_len = 0x1000;
	}
	PUT(w, 0, ev);
}

static void put_async(struct log_writer *w)
{
	struct {
		struct rrlog_async async;
		struct rrlog_page_hash page[2];
	} ev = {
		.async = EVENT(rrlog_async, RRLOG_ASYNC, 2, .regs = { .ip = 0x401234 },
			       .fpu_hash = 0xabc),
		.page = { { .addr = 0x400000, .hash = 1 },
			  { .addr = 0x400008 | RRLOG_WORD, .hash = 2 } },
	};

	ev.async.e.len = sizeof(ev);
	ev.async.e.aux = 2;
	ev.async.e.flags = RRLOG_ASYNC_SPIN | RRLOG_ASYNC_STOLEN;
	log_writer_put(w, 1, &ev.async.e);
}

static void put_check(struct log_writer *w)
{
	struct {
		struct rrlog_check check;
		struct rrlog_page_hash page[1];
	} ev = {
		.check = EVENT(rrlog_check, RRLOG_CHECK, 2, .regs_hash = 1, .fpu_hash = 2),
		.page = { { .addr = 0x400000, .hash = 3 } },
	};

	ev.check.e.len = sizeof(ev);
	ev.check.e.aux = 1;
	log_writer_put(w, 1, &ev.check.e);
}

static void put_note(struct log_writer *w)
{
	struct {
		struct rrlog_note note;
		char text[8];
	} ev = { .note = EVENT(rrlog_note, RRLOG_NOTE, 0), .text = "a\\b" };

	ev.note.e.len = sizeof(ev);
	ev.note.e.aux = 3;
	log_writer_put(w, 0, &ev.note.e);
}

static void put_grant(struct log_writer *w)
{
	struct {
		struct rrlog_grant grant;
		struct rrlog_edge edge[1];
	} ev = {
		.grant = EVENT(rrlog_grant, RRLOG_GRANT, 2, .addr = 0x400000 | 2),
		.edge = { { .lane = 0, .event = 3 } },
	};

	ev.grant.e.len = sizeof(ev);
	ev.grant.e.aux = 1;
	ev.grant.e.flags = RRLOG_GRANT_EXCLUSIVE | RRLOG_GRANT_KERNEL;
	log_writer_put(w, 1, &ev.grant.e);
}

static void put_wait(struct log_writer *w)
{
	struct {
		struct rrlog_wait wait;
		struct rrlog_edge edge[2];
	} ev = {
		.wait = EVENT(rrlog_wait, RRLOG_WAIT, 2),
		.edge = { { .lane = 0, .flags = RRLOG_EDGE_DONE, .event = 2 },
			  { .lane = 0, .event = 18 } },
	};

	ev.wait.e.len = sizeof(ev);
	ev.wait.e.aux = 2;
	log_writer_put(w, 1, &ev.wait.e);
}

static void put_revoke(struct log_writer *w, u32 pages, u8 flags, u64 space)
{
	struct rrlog_revoke ev = EVENT(rrlog_revoke, RRLOG_REVOKE, 2, .addr = 0x400000,
				       .space = space);

	ev.e.aux = pages;
	ev.e.flags = flags;
	PUT(w, 1, ev);
}

static void put_clone(struct log_writer *w)
{
	struct rrlog_clone ev = EVENT(rrlog_clone, RRLOG_CLONE, 1, .flags = SIGCHLD, .lane = 1);

	ev.e.aux = 2;
	PUT(w, 0, ev);
}

static void put_trap(struct log_writer *w)
{
	struct rrlog_trap ev = EVENT(rrlog_trap, RRLOG_TRAP, 2, .ip = 0x401300, .addr = 0x8);

	ev.e.aux = SIGSEGV;
	PUT(w, 1, ev);
}

static void put_tsc(struct log_writer *w)
{
	struct rrlog_tsc ev = EVENT(rrlog_tsc, RRLOG_TSC, 2, .value = 12345, .ip = 0x401400);

	ev.e.aux = 3;
	ev.e.flags = RRLOG_TSC_RDTSCP;
	PUT(w, 1, ev);
}

static void put_exit(struct log_writer *w, u32 lane, u32 task, u32 code, u8 flags)
{
	struct rrlog_exit ev = EVENT(rrlog_exit, RRLOG_EXIT, task);

	ev.e.aux = code;
	ev.e.flags = flags;
	PUT(w, lane, ev);
}

/* The first task: reads, writes, maps, forks, exits with 3. */
static void put_first_task(struct log_writer *w)
{
	put_exec(w);
	put_leave(w, 0, 1, 0, 0);
	put_pagein(w, 0x400000, 0, 0, 0x90);
	put_pagein(w, 0x401000, RRLOG_PAGEIN_EXCLUSIVE, 0, 0x91);
	put_pagein(w, 0x7ffc00020000, RRLOG_PAGEIN_ZERO | RRLOG_PAGEIN_KERNEL, 0, 0);
	put_enter(w, 0, 1, SYS_read, 0, 0x7ffc00020000, 4096);
	put_mem(w, 0x7ffc00020000, "hello world");
	put_leave(w, 0, 1, 11, 0);
	put_enter(w, 0, 1, SYS_write, 1, 0x7ffc00020000, 11);
	put_leave(w, 0, 1, 11, 0);
	put_enter(w, 0, 1, SYS_mmap, 0, 12288, PROT_READ);
	put_map(w, RRLOG_MAP_MAP);
	put_map(w, RRLOG_MAP_MOVE);
	put_map(w, RRLOG_MAP_DISCARD);
	put_leave(w, 0, 1, 0x7f0000010000, 0);
	put_pagein(w, 0x10000, RRLOG_PAGEIN_REF, 0, 0);
	put_pagein(w, 0x11000, RRLOG_PAGEIN_REF, 0, 0);
	put_pagein(w, 0x12000, RRLOG_PAGEIN_REF, 1, 0);
	put_map(w, RRLOG_MAP_UNOWN);
	put_clone(w);
}

/* The second, in a lane of its own: sleeps, spins, faults, comes home, is killed. */
static void put_second_task(struct log_writer *w)
{
	PUT(w, 1, EVENT(rrlog_start, RRLOG_START, 2));
	put_async(w);
	put_check(w);
	put_trap(w);
	put_leave(w, 1, 2, 0, SIGSEGV);
	put_tsc(w);
	PUT(w, 1, EVENT(rrlog_bus, RRLOG_BUS, 2, .addr = 0x5000));
	put_grant(w);
	put_revoke(w, 1, RRLOG_REVOKE_DOWNGRADE, 1);
	put_revoke(w, 2, 0, 1ULL << 32 | 2);
	put_wait(w);
	PUT(w, 1, EVENT(rrlog_move, RRLOG_MOVE, 2));
	put_exit(w, 0, 2, SIGSEGV, RRLOG_EXIT_KILLED);
}

/**
 * sample_log() - make the log
 * @len: set to its bytes
 * @block_max: bytes of a block's payload, for more and smaller ones
 *
 * Return: the log, the caller's.
 */
void *sample_log(size_t *len, unsigned int block_max)
{
	struct rrlog_header head;
	struct log_writer *w = malloc(sizeof(*w));
	char *log;
	FILE *to = open_memstream(&log, len);

	sample_header(&head);
	log_writer_start(w, to, &head);
	w->block_max = block_max;
	put_first_task(w);
	put_second_task(w);
	put_note(w);
	put_exit(w, 0, 1, 3 << 8, RRLOG_EXIT_GROUP);
	PUT(w, 0, EVENT(rrlog_end, RRLOG_END, 0, .ns = 1500000000));
	fclose(to);
	free(w);
	return log;
}
