// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events as text for people and as JSON for scripts. Events come from
 * logfile.c: their lengths are right.
 */
#include <assert.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "decode.h"
#include "macros.h"
#include "regs.h"
#include "sink.h"
#include "syscall_text.h"
#include "text.h"

#define TEXT_MAX	1024	/* of a NOTE */

/* Everything that a decoder of one type may use. */
struct decode {
	struct sink			sink;
	const struct rr_log_event	*ev;
	struct rr_tasks			*tasks;
};

/* "exit 3", "SIGSEGV", "SIGABRT (core dumped)" */
const char *rr_exit_text(char *buf, size_t len, __u32 exit_code)
{
	char sig[16];

	if (WIFEXITED(exit_code))
		snprintf(buf, len, "exit %d", WEXITSTATUS(exit_code));
	else
		snprintf(buf, len, "%s%s",
			 rr_signal_text(sig, sizeof(sig), exit_code & 0x7f),
			 WCOREDUMP(exit_code) ? " (core dumped)" : "");
	return buf;
}

static void put_signal(struct decode *d, const char *name, unsigned int sig)
{
	char buf[16];

	sink_str(&d->sink, name, rr_signal_text(buf, sizeof(buf), sig));
}

static void put_regs(struct decode *d, const struct rrlog_regs *regs)
{
	struct sink sub = d->sink;
	unsigned int i;

	if (sub.json) {
		sub.json = json_object_new_object();
		json_object_object_add(d->sink.json, "regs", sub.json);
	}
	for (i = 0; i < RR_NR_REGS; i++)
		sink_hex(&sub, rr_reg_name(i), rr_reg_value(regs, i));
}

static void put_vma_text(FILE *to, const struct rrlog_vma *vma)
{
	fprintf(to, " %llx-%llx %c%c%c%c", vma->start, vma->end,
		vma->prot & PROT_READ ? 'r' : '-', vma->prot & PROT_WRITE ? 'w' : '-',
		vma->prot & PROT_EXEC ? 'x' : '-',
		vma->flags & RRLOG_VMA_SHARED ? 's' : 'p');
	if (vma->flags & RRLOG_VMA_GROWSDOWN)
		fputs(" growsdown", to);
	if (vma->flags & RRLOG_VMA_SHARED)
		fprintf(to, " object=%llu offset=%#llx", vma->object, vma->offset);
}

static struct json_object *vma_json(const struct rrlog_vma *vma)
{
	struct sink sub = { .json = json_object_new_object() };

	sink_hex(&sub, "start", vma->start);
	sink_hex(&sub, "end", vma->end);
	sink_num(&sub, "prot", vma->prot);
	if (vma->flags & RRLOG_VMA_GROWSDOWN)
		sink_flag(&sub, "growsdown");
	if (vma->flags & RRLOG_VMA_SHARED) {
		sink_flag(&sub, "shared");
		sink_num(&sub, "object", vma->object);
		sink_hex(&sub, "offset", vma->offset);
	}
	return sub.json;
}

static void put_vma(struct decode *d, const struct rrlog_vma *vma)
{
	if (d->sink.json)
		json_object_object_add(d->sink.json, "vma", vma_json(vma));
	else
		put_vma_text(d->sink.text, vma);
}

/* People get each mapping on a line of its own. */
static void put_vmas(struct decode *d, const struct rrlog_vma *vma, __u32 nr)
{
	struct json_object *array = d->sink.json ? json_object_new_array() : NULL;
	__u32 i;

	for (i = 0; i < nr; i++) {
		if (array) {
			json_object_array_add(array, vma_json(&vma[i]));
			continue;
		}
		fputs("\n\t", d->sink.text);
		put_vma_text(d->sink.text, &vma[i]);
	}
	if (array)
		json_object_object_add(d->sink.json, "vmas", array);
}

/* People get their number. */
static void put_pages(struct decode *d, const struct rrlog_page_hash *page, __u32 nr)
{
	struct json_object *array;
	__u32 i;

	if (!d->sink.json) {
		sink_num(&d->sink, "pages", nr);
		return;
	}
	array = json_object_new_array();
	for (i = 0; i < nr; i++) {
		struct sink sub = { .json = json_object_new_object() };

		sink_hex(&sub, "addr", page[i].addr);
		sink_hex(&sub, "hash", page[i].hash);
		json_object_array_add(array, sub.json);
	}
	json_object_object_add(d->sink.json, "pages", array);
}

static void decode_enter(struct decode *d)
{
	const struct rrlog_enter *enter = (const struct rrlog_enter *)d->ev->e;

	rr_syscall_args(&d->sink, enter->e.aux, enter->args);
	sink_hex(&d->sink, "ip", enter->ip);
	if (d->sink.json)
		sink_hex(&d->sink, "sp", enter->sp);
	if (enter->e.flags & RRLOG_ENTER_HASHED)
		sink_hex(&d->sink, "out_hash", enter->out_hash);
	if (enter->stream)
		sink_str(&d->sink, "stream", enter->stream == 1 ? "stdout" : "stderr");
}

static void decode_leave(struct decode *d)
{
	const struct rrlog_leave *leave = (const struct rrlog_leave *)d->ev->e;
	const struct rr_task *task = rr_tasks_find(d->tasks, leave->e.task);
	__u32 call = task ? rr_task_call(task, d->ev->lane) : RR_NO_CALL;

	if (call != RR_NO_CALL)
		rr_syscall_result(&d->sink, call, leave->ax);
	else
		sink_hex(&d->sink, "ax", leave->ax);
	if (leave->e.flags & RRLOG_LEAVE_SIGNAL)
		put_signal(d, "signal", leave->e.aux);
	if (!(leave->e.flags & RRLOG_LEAVE_REGS))
		return;
	if (d->sink.json)
		put_regs(d, leave->regs);
	else
		sink_hex(&d->sink, "ip", leave->regs->ip);
}

static void decode_mem(struct decode *d)
{
	const struct rrlog_mem *mem = (const struct rrlog_mem *)d->ev->e;

	sink_hex(&d->sink, "addr", mem->addr);
	sink_num(&d->sink, "bytes", mem->e.aux);
}

static void decode_pagein(struct decode *d)
{
	const struct rrlog_pagein *pagein = (const struct rrlog_pagein *)d->ev->e;

	sink_hex(&d->sink, "addr", pagein->addr);
	if (pagein->e.flags & RRLOG_PAGEIN_ZERO)
		sink_flag(&d->sink, "zero");
	if (pagein->e.flags & RRLOG_PAGEIN_REF)
		sink_num(&d->sink, "ref", pagein->ref);
	if (pagein->e.flags & RRLOG_PAGEIN_KERNEL)
		sink_flag(&d->sink, "kernel");
	if (pagein->e.flags & RRLOG_PAGEIN_EXCLUSIVE)
		sink_flag(&d->sink, "exclusive");
}

/* Of a DISCARD, prot is the advice. */
static void put_discard(struct decode *d, const struct rrlog_vma *vma)
{
	static const struct {
		__u32		advice;
		const char	*name;
	} rows[] = {
		{ MADV_DONTNEED, "DONTNEED" }, { MADV_REMOVE, "REMOVE" },
		{ MADV_DONTFORK, "DONTFORK" }, { MADV_DOFORK, "DOFORK" },
		{ MADV_WIPEONFORK, "WIPEONFORK" }, { MADV_KEEPONFORK, "KEEPONFORK" },
		{ MADV_DONTNEED_LOCKED, "DONTNEED_LOCKED" },
	};
	struct rrlog_vma range = *vma;
	size_t i;

	range.prot = 0;
	put_vma(d, &range);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].advice == vma->prot)
			sink_str(&d->sink, "advice", rows[i].name);
}

static void decode_map(struct decode *d)
{
	static const char * const ops[] = {
		[RRLOG_MAP_MAP]		= "map",
		[RRLOG_MAP_UNMAP]	= "unmap",
		[RRLOG_MAP_PROTECT]	= "protect",
		[RRLOG_MAP_MOVE]	= "move",
		[RRLOG_MAP_DISCARD]	= "discard",
		[RRLOG_MAP_UNOWN]	= "unown",
	};
	const struct rrlog_map *map = (const struct rrlog_map *)d->ev->e;

	static_assert(ARRAY_SIZE(ops) == RRLOG_MAP_NR_OPS);
	sink_str(&d->sink, "op", ops[map->e.aux]);
	if (map->e.aux == RRLOG_MAP_DISCARD)
		put_discard(d, &map->vma);
	else
		put_vma(d, &map->vma);
	if (map->e.aux == RRLOG_MAP_UNOWN && map->vma.object)
		sink_hex(&d->sink, "space", map->vma.object);
	if (map->e.aux == RRLOG_MAP_MOVE) {
		sink_hex(&d->sink, "old_addr", map->old_addr);
		sink_hex(&d->sink, "old_len", map->old_len);
	}
}

static void decode_clone(struct decode *d)
{
	const struct rrlog_clone *clone = (const struct rrlog_clone *)d->ev->e;

	sink_num(&d->sink, "new_task", clone->e.aux);
	sink_hex(&d->sink, "flags", clone->flags);
	if (clone->lane)
		sink_num(&d->sink, "lane", clone->lane);
	if (clone->tls)
		sink_hex(&d->sink, "tls", clone->tls);
}

static void decode_exec(struct decode *d)
{
	const struct rrlog_exec *exec = (const struct rrlog_exec *)d->ev->e;
	char comm[4 * sizeof(exec->comm) + 8];

	sink_str(&d->sink, "comm", rr_plain_text(comm, sizeof(comm), exec->comm,
						 sizeof(exec->comm)));
	sink_hex(&d->sink, "stack_limit", exec->stack_limit);
	sink_num(&d->sink, "cpu", exec->cpu);
	put_vmas(d, exec->vma, exec->e.aux);
}

static void decode_trap(struct decode *d)
{
	const struct rrlog_trap *trap = (const struct rrlog_trap *)d->ev->e;

	put_signal(d, "signal", trap->e.aux);
	sink_hex(&d->sink, "ip", trap->ip);
	sink_hex(&d->sink, "addr", trap->addr);
}

static void decode_async(struct decode *d)
{
	const struct rrlog_async *async = (const struct rrlog_async *)d->ev->e;
	__u32 nr = 0;

	if (d->sink.json)
		put_regs(d, &async->regs);
	else
		sink_hex(&d->sink, "ip", async->regs.ip);
	if (async->e.flags & RRLOG_ASYNC_SPIN)
		sink_flag(&d->sink, "spin");
	if (async->e.flags & RRLOG_ASYNC_STOLEN)
		sink_flag(&d->sink, "stolen");
	sink_hex(&d->sink, "fpu_hash", async->fpu_hash);
	while (nr < async->e.aux && !(async->page[nr].addr & RRLOG_WORD))
		nr++;
	put_pages(d, async->page, nr);
}

static void decode_tsc(struct decode *d)
{
	const struct rrlog_tsc *tsc = (const struct rrlog_tsc *)d->ev->e;

	sink_num(&d->sink, "value", tsc->value);
	sink_hex(&d->sink, "ip", tsc->ip);
	if (tsc->e.flags & RRLOG_TSC_RDTSCP)
		sink_num(&d->sink, "tsc_aux", tsc->e.aux);
	if (tsc->e.flags & RRLOG_TSC_RANDOM)
		sink_flag(&d->sink, "random");
}

static void decode_bus(struct decode *d)
{
	sink_hex(&d->sink, "addr", ((const struct rrlog_bus *)d->ev->e)->addr);
}

static void decode_exit(struct decode *d)
{
	const struct rrlog_exit *last = (const struct rrlog_exit *)d->ev->e;
	char buf[64];

	rr_exit_text(buf, sizeof(buf), last->e.aux);
	sink_plain(&d->sink, " %s", buf);
	if (d->sink.json)
		sink_num(&d->sink, "code", last->e.aux);
	if (last->e.flags & RRLOG_EXIT_GROUP)
		sink_flag(&d->sink, "group");
	if (last->e.flags & RRLOG_EXIT_KILLED)
		sink_flag(&d->sink, "killed");
	if (last->e.flags & RRLOG_EXIT_HASHED) {
		sink_hex(&d->sink, "mem_hash", last->mem_hash);
		sink_num(&d->sink, "pages", last->pages);
	}
}

static void decode_check(struct decode *d)
{
	const struct rrlog_check *check = (const struct rrlog_check *)d->ev->e;

	sink_hex(&d->sink, "regs_hash", check->regs_hash);
	sink_hex(&d->sink, "fpu_hash", check->fpu_hash);
	put_pages(d, check->page, check->e.aux);
}

static void decode_note(struct decode *d)
{
	char text[TEXT_MAX];

	rr_plain_text(text, sizeof(text), ((const struct rrlog_note *)d->ev->e)->text,
		      d->ev->e->aux);
	sink_plain(&d->sink, " %s", text);
	if (d->sink.json)
		sink_str(&d->sink, "text", text);
}

static void decode_end(struct decode *d)
{
	const struct rrlog_end *end = (const struct rrlog_end *)d->ev->e;

	sink_num(&d->sink, "events", end->events);
	sink_num(&d->sink, "ns", end->ns);
	if (end->e.aux) {
		sink_num(&d->sink, "errno", end->e.aux);
		sink_plain(&d->sink, " (%s)", strerror(end->e.aux));
	}
}

/* People get them: "lane:event", "+" where all events before it are enough. */
static void put_edges(struct decode *d, const struct rrlog_edge *edge, __u32 nr)
{
	__u32 i;

	sink_num(&d->sink, "edges", nr);
	for (i = 0; i < nr; i++)
		sink_plain(&d->sink, " %u:%llu%s", edge[i].lane, edge[i].event,
			   edge[i].flags & RRLOG_EDGE_DONE ? "+" : "");
}

static void decode_grant(struct decode *d)
{
	const struct rrlog_grant *grant = (const struct rrlog_grant *)d->ev->e;

	sink_hex(&d->sink, "addr", grant->addr & ~RRLOG_GRANT_MORE);
	if (rr_grant_pages(grant) > 1)
		sink_num(&d->sink, "pages", rr_grant_pages(grant));
	sink_str(&d->sink, "right", grant->e.flags & RRLOG_GRANT_EXCLUSIVE ?
		 "exclusive" : "shared");
	if (grant->e.flags & RRLOG_GRANT_KERNEL)
		sink_flag(&d->sink, "kernel");
	if (grant->e.flags & RRLOG_GRANT_EXIT)
		sink_flag(&d->sink, "exit");
	put_edges(d, grant->edge, grant->e.aux);
}

static void decode_revoke(struct decode *d)
{
	const struct rrlog_revoke *revoke = (const struct rrlog_revoke *)d->ev->e;

	sink_hex(&d->sink, "addr", revoke->addr);
	if (revoke->e.aux != 1)
		sink_num(&d->sink, "pages", revoke->e.aux);
	sink_hex(&d->sink, "space", revoke->space);
	if (revoke->e.flags & RRLOG_REVOKE_DOWNGRADE)
		sink_flag(&d->sink, "downgrade");
}

static void decode_wait(struct decode *d)
{
	put_edges(d, ((const struct rrlog_wait *)d->ev->e)->edge, d->ev->e->aux);
}

static void decode_move(struct decode *d)
{
	sink_num(&d->sink, "lane", d->ev->e->aux);
	if (d->ev->e->flags & RRLOG_MOVE_EXIT)
		sink_flag(&d->sink, "exit");
}

static const struct type_row {
	const char	*name;
	void		(*decode)(struct decode *d);
} type_rows[] = {
	[RRLOG_ENTER]	= { "ENTER",	decode_enter },
	[RRLOG_LEAVE]	= { "LEAVE",	decode_leave },
	[RRLOG_MEM]	= { "MEM",	decode_mem },
	[RRLOG_PAGEIN]	= { "PAGEIN",	decode_pagein },
	[RRLOG_MAP]	= { "MAP",	decode_map },
	[RRLOG_CLONE]	= { "CLONE",	decode_clone },
	[RRLOG_START]	= { "START",	NULL },
	[RRLOG_EXEC]	= { "EXEC",	decode_exec },
	[RRLOG_TRAP]	= { "TRAP",	decode_trap },
	[RRLOG_ASYNC]	= { "ASYNC",	decode_async },
	[RRLOG_TSC]	= { "TSC",	decode_tsc },
	[RRLOG_BUS]	= { "BUS",	decode_bus },
	[RRLOG_EXIT]	= { "EXIT",	decode_exit },
	[RRLOG_CHECK]	= { "CHECK",	decode_check },
	[RRLOG_NOTE]	= { "NOTE",	decode_note },
	[RRLOG_END]	= { "END",	decode_end },
	[RRLOG_GRANT]	= { "GRANT",	decode_grant },
	[RRLOG_REVOKE]	= { "REVOKE",	decode_revoke },
	[RRLOG_WAIT]	= { "WAIT",	decode_wait },
	[RRLOG_MOVE]	= { "MOVE",	decode_move },
};

static_assert(ARRAY_SIZE(type_rows) == RRLOG_NR_TYPES);

/* Return: the name of an event type, or NULL. */
const char *rr_type_name(unsigned int type)
{
	return type < RRLOG_NR_TYPES ? type_rows[type].name : NULL;
}

/* Return: the event type with this name, in any case, or -1. */
int rr_type_find(const char *name)
{
	int type;

	for (type = 0; type < RRLOG_NR_TYPES; type++)
		if (type_rows[type].name && !strcasecmp(type_rows[type].name, name))
			return type;
	return -1;
}

static void decode_details(struct decode *d)
{
	const struct type_row *row = &type_rows[d->ev->e->type];

	if (row->decode)
		row->decode(d);
}

/**
 * rr_event_text() - print "lane task event NAME details" and a newline
 * @to: where
 * @ev: from rr_log_next()
 * @tasks: has seen @ev
 */
void rr_event_text(FILE *to, const struct rr_log_event *ev, struct rr_tasks *tasks)
{
	struct decode d = { .sink = { .text = to }, .ev = ev, .tasks = tasks };

	fprintf(to, "%u %u %llu %s", ev->lane, ev->e->task, ev->nr, rr_type_name(ev->e->type));
	decode_details(&d);
	fputc('\n', to);
}

/**
 * rr_event_json() - the same as an object
 * @ev: from rr_log_next()
 * @tasks: has seen @ev
 *
 * Return: the caller's.
 */
struct json_object *rr_event_json(const struct rr_log_event *ev, struct rr_tasks *tasks)
{
	struct decode d = {
		.sink = { .json = json_object_new_object() }, .ev = ev, .tasks = tasks,
	};

	sink_num(&d.sink, "lane", ev->lane);
	sink_num(&d.sink, "task", ev->e->task);
	sink_num(&d.sink, "event", ev->nr);
	sink_str(&d.sink, "type", rr_type_name(ev->e->type));
	decode_details(&d);
	return d.sink.json;
}
