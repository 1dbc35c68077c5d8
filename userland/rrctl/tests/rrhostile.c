// SPDX-License-Identifier: GPL-2.0-only
/*
 * rrhostile LOG OUT KIND
 * rrhostile --kinds
 *
 * Copies a log and puts one event into it that a recorder would never write, but
 * that is well-formed: a replay must refuse it and leave the machine as it was.
 * The event goes into the stay of the N-th LEAVE (the third), before it.
 */
#include <stdlib.h>

#include "logwrite.h"
#include "../logfile.h"

#define USER_END_4	(1ULL << 47)	/* where the kernel begins with 4-level tables */
#define USER_END_5	(1ULL << 56)
#define KERNEL_TEXT	0xffffffff81000000ULL
#define NTH_LEAVE	3

union any_event {
	struct rrlog_event e;
	struct rrlog_map map;
	struct rrlog_clone clone;
	struct rrlog_mem mem;
	struct rrlog_pagein pagein;
	struct rrlog_async async;
	struct rrlog_leave leave;
	struct rrlog_exit exit;
	u8 bytes[512];
};

static void map(union any_event *any, u32 op, u64 start, u64 end, u64 old)
{
	any->e.type = RRLOG_MAP;
	any->e.len = sizeof(any->map);
	any->e.aux = op;
	any->map.vma.start = start;
	any->map.vma.end = end;
	if (op == RRLOG_MAP_MOVE) {
		any->map.old_addr = old;
		any->map.old_len = end - start;
	}
}

static void unown_kernel(union any_event *any)
{
	map(any, RRLOG_MAP_UNOWN, USER_END_4, USER_END_5, 0);
}

static void unmap_kernel(union any_event *any)
{
	map(any, RRLOG_MAP_UNMAP, 0, USER_END_5, 0);
}

static void map_kernel(union any_event *any)
{
	map(any, RRLOG_MAP_MAP, USER_END_4, USER_END_4 + 4096, 0);
}

static void discard_kernel(union any_event *any)
{
	map(any, RRLOG_MAP_DISCARD, USER_END_4, USER_END_5, 0);
	any->map.vma.prot = 4;	/* MADV_DONTNEED */
}

static void move_huge(union any_event *any)
{
	map(any, RRLOG_MAP_MOVE, 1ULL << 40, 1ULL << 46, 4096);
}

static void clone_self(union any_event *any)
{
	any->e.type = RRLOG_CLONE;
	any->e.len = sizeof(any->clone);
	any->e.aux = any->e.task;
}

static void mem_kernel(union any_event *any)
{
	any->e.type = RRLOG_MEM;
	any->e.len = sizeof(any->mem) + 8;
	any->e.aux = 8;
	any->mem.addr = USER_END_4 + 4096;
}

static void pagein_kernel(union any_event *any)
{
	any->e.type = RRLOG_PAGEIN;
	any->e.flags = RRLOG_PAGEIN_KERNEL | RRLOG_PAGEIN_ZERO;
	any->e.len = sizeof(any->pagein);
	any->pagein.addr = USER_END_5 - 4096;
}

/* Ends the stay: what follows is at a place in the kernel. */
static void leave_kernel(union any_event *any)
{
	any->e.type = RRLOG_LEAVE;
	any->e.flags = RRLOG_LEAVE_REGS;
	any->e.len = sizeof(any->leave) + sizeof(struct rrlog_regs);
	any->leave.regs[0] = (struct rrlog_regs){
		.ip = KERNEL_TEXT, .sp = KERNEL_TEXT, .flags = ~0ULL,
		.fs_base = KERNEL_TEXT, .gs_base = KERNEL_TEXT,
	};
}

static void exit_early(union any_event *any)
{
	any->e.type = RRLOG_EXIT;
	any->e.flags = RRLOG_EXIT_KILLED;
	any->e.len = sizeof(any->exit);
	any->e.aux = 9;
}

static const struct kind {
	const char	*name;
	void		(*make)(union any_event *any);
} kinds[] = {
	{ "unown_kernel",	unown_kernel },
	{ "unmap_kernel",	unmap_kernel },
	{ "map_kernel",		map_kernel },
	{ "discard_kernel",	discard_kernel },
	{ "move_huge",		move_huge },
	{ "clone_self",		clone_self },
	{ "mem_kernel",		mem_kernel },
	{ "pagein_kernel",	pagein_kernel },
	{ "leave_kernel",	leave_kernel },
	{ "exit_early",		exit_early },
	{ }
};

static int copy(struct rr_log *log, FILE *to, const struct kind *kind)
{
	static struct log_writer w;
	union any_event any;
	struct rr_log_event ev;
	unsigned int leaves = 0;

	log_writer_start(&w, to, rr_log_header(log));
	while (rr_log_next(log, &ev) == RR_LOG_EVENT) {
		if (ev.e->type == RRLOG_LEAVE && ++leaves == NTH_LEAVE) {
			memset(&any, 0, sizeof(any));
			any.e.task = ev.e->task;
			kind->make(&any);
			log_writer_put(&w, ev.lane, &any.e);
		}
		log_writer_put(&w, ev.lane, ev.e);
	}
	return leaves >= NTH_LEAVE ? 0 : 1;
}

int main(int argc, char **argv)
{
	const struct kind *kind = kinds;
	char why[RR_LOG_WHY_LEN];
	struct rr_log *log;
	FILE *to;
	int ret;

	if (argc == 2 && !strcmp(argv[1], "--kinds")) {
		for (; kind->name; kind++)
			puts(kind->name);
		return 0;
	}
	while (argc == 4 && kind->name && strcmp(kind->name, argv[3]))
		kind++;
	if (argc != 4 || !kind->name) {
		fputs("Usage: rrhostile LOG OUT KIND\n       rrhostile --kinds\n", stderr);
		return 2;
	}
	log = rr_log_open(argv[1], why);
	to = log ? fopen(argv[2], "we") : NULL;
	if (!to) {
		fprintf(stderr, "rrhostile: %s\n", log ? argv[2] : why);
		return 2;
	}
	ret = copy(log, to, kind);
	rr_log_close(log);
	return fclose(to) ? 2 : ret;
}
