// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes one event of a log.
 */
#include <stdlib.h>

#include "logwrite.h"
#include "mangle.h"
#include "../regs.h"

#define PAGE_BYTES	4096u

/**
 * struct state - one pass over a log
 * @m: what to change
 * @w: the log being written
 * @event: copy of the event in hand, with room to become a PAGEIN with data
 * @seen: events so far that could have been changed
 * @place: for each lane, of each PAGEIN with data in the old log: its number in
 *	the new log, or DROPPED
 * @nr_old: PAGEINs with data in the old log
 * @nr_new: in the new log
 * @orphan: the page of the dropped PAGEIN, for the first that refers to it
 * @orphan_lane: its lane
 */
struct state {
	const struct mangle	*m;
	struct log_writer	w;
	u8			event[RRLOG_BLOCK_MAX] __aligned(8);
	unsigned long		seen;
	u64			*place[LOG_WRITER_LANES];
	u64			nr_old[LOG_WRITER_LANES];
	u64			nr_new[LOG_WRITER_LANES];
	u8			orphan[PAGE_BYTES];
	u32			orphan_lane;
};

#define DROPPED	(~0ULL)

static bool has_page(const struct rrlog_event *e)
{
	return e->type == RRLOG_PAGEIN && !(e->flags & (RRLOG_PAGEIN_ZERO | RRLOG_PAGEIN_REF));
}

static size_t data_offset(const struct rrlog_event *e)
{
	if (e->type == RRLOG_MEM)
		return sizeof(struct rrlog_mem);
	if (e->type == RRLOG_PAGEIN)
		return sizeof(struct rrlog_pagein);
	return sizeof(*e);
}

static size_t data_len(const struct rrlog_event *e)
{
	return e->type == RRLOG_MEM ? e->aux : e->len - data_offset(e);
}

/* The registers of an ENTER are where the call convention has them. */
static u64 *enter_reg(struct rrlog_enter *enter, const char *name)
{
	static const char * const args[] = { "rdi", "rsi", "rdx", "r10", "r8", "r9" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(args); i++)
		if (!strcmp(name, args[i]))
			return &enter->args[i];
	if (!strcmp(name, "rip"))
		return &enter->ip;
	return strcmp(name, "rsp") ? NULL : &enter->sp;
}

static u64 *regs_reg(struct rrlog_regs *regs, const char *name)
{
	int reg = rr_reg_find(name);

	return reg < 0 ? NULL : (u64 *)regs + reg;
}

static u64 *leave_reg(struct rrlog_leave *leave, const char *name)
{
	if (leave->e.flags & RRLOG_LEAVE_REGS)
		return regs_reg(leave->regs, name);
	return strcmp(name, "rax") ? NULL : &leave->ax;
}

static u64 *event_reg(struct rrlog_event *e, const char *name)
{
	switch (e->type) {
	case RRLOG_ENTER:
		return enter_reg((struct rrlog_enter *)e, name);
	case RRLOG_LEAVE:
		return leave_reg((struct rrlog_leave *)e, name);
	case RRLOG_ASYNC:
		return regs_reg(&((struct rrlog_async *)e)->regs, name);
	default:
		return NULL;
	}
}

/* Is this the one? */
static bool is_target(struct state *s, struct rrlog_event *e)
{
	const struct mangle *m = s->m;

	if (e->type != m->type)
		return false;
	if (m->op == MANGLE_FLIP && m->byte >= data_len(e))
		return false;
	if (m->op == MANGLE_REG && !event_reg(e, m->reg))
		return false;
	return ++s->seen == m->nth;
}

/* A register that is logged twice is changed twice. */
static void flip_reg(struct rrlog_event *e, const char *name)
{
	*event_reg(e, name) ^= 1;
	if (e->type == RRLOG_LEAVE && e->flags & RRLOG_LEAVE_REGS && !strcmp(name, "rax"))
		((struct rrlog_leave *)e)->ax ^= 1;
}

/* Return: false if the event is to be left out. */
static bool change(struct state *s, struct rrlog_event *e)
{
	switch (s->m->op) {
	case MANGLE_FLIP:
		((u8 *)e)[data_offset(e) + s->m->byte] ^= 1;
		break;
	case MANGLE_REG:
		flip_reg(e, s->m->reg);
		break;
	case MANGLE_DROP:
		return false;
	}
	return true;
}

static void place_add(struct state *s, u32 lane, u64 place)
{
	u64 nr = s->nr_old[lane]++;

	/* grown at powers of two */
	if (!(nr & (nr + 1)) || !s->place[lane])
		s->place[lane] = realloc(s->place[lane], (nr + 1) * 2 * sizeof(u64));
	if (!s->place[lane])
		abort();
	s->place[lane][nr] = place;
}

static void drop_page(struct state *s, u32 lane, const struct rrlog_pagein *pagein)
{
	memcpy(s->orphan, pagein->data, PAGE_BYTES);
	s->orphan_lane = lane;
	place_add(s, lane, DROPPED);
}

/* The first that refers to the dropped page takes its place. */
static void adopt_page(struct state *s, u32 lane, struct rrlog_pagein *pagein)
{
	s->place[lane][pagein->ref] = s->nr_new[lane]++;
	pagein->e.flags &= ~RRLOG_PAGEIN_REF;
	pagein->e.len += PAGE_BYTES;
	pagein->ref = 0;
	memcpy(pagein->data, s->orphan, PAGE_BYTES);
}

static void renumber(struct state *s, u32 lane, struct rrlog_event *e)
{
	struct rrlog_pagein *pagein = (struct rrlog_pagein *)e;

	if (has_page(e))
		place_add(s, lane, s->nr_new[lane]++);
	else if (e->type == RRLOG_PAGEIN && e->flags & RRLOG_PAGEIN_REF) {
		if (s->place[lane][pagein->ref] == DROPPED)
			adopt_page(s, lane, pagein);
		else
			pagein->ref = s->place[lane][pagein->ref];
	}
}

static void mangle_event(struct state *s, const struct rr_log_event *ev)
{
	struct rrlog_event *e = (struct rrlog_event *)s->event;

	memcpy(e, ev->e, ev->e->len);
	if (is_target(s, e)) {
		if (s->m->changed)
			*s->m->changed = ev->nr;
		if (!change(s, e)) {
			if (has_page(e))
				drop_page(s, ev->lane, (struct rrlog_pagein *)e);
			return;
		}
	}
	renumber(s, ev->lane, e);
	log_writer_put(&s->w, ev->lane, e);
}

/**
 * mangle_log() - copy a log with one change
 * @mangle: the change
 * @log: from rr_log_open(), at its start; complete
 * @to: the copy; the caller closes it
 *
 * Return: 0, -ENOENT if there is no such event, -EINVAL if @log is not a
 * complete log of at most LOG_WRITER_LANES lanes.
 */
int mangle_log(const struct mangle *mangle, struct rr_log *log, FILE *to)
{
	struct state *s = calloc(1, sizeof(*s));
	enum rr_log_status status;
	struct rr_log_event ev;
	int err = -EINVAL;
	u32 lane;

	if (!s || rr_log_header(log)->nr_lanes > LOG_WRITER_LANES)
		goto free_state;
	s->m = mangle;
	log_writer_start(&s->w, to, rr_log_header(log));
	while ((status = rr_log_next(log, &ev)) == RR_LOG_EVENT)
		mangle_event(s, &ev);
	if (status == RR_LOG_COMPLETE)
		err = s->seen >= mangle->nth ? 0 : -ENOENT;
	for (lane = 0; lane < LOG_WRITER_LANES; lane++)
		free(s->place[lane]);
free_state:
	free(s);
	return err;
}

/**
 * mangle_cut() - copy the beginning of a log, whose END is missing then
 * @log: from rr_log_open(), at its start
 * @events: how many, in the order of the file; END is not one of them
 * @to: the copy; the caller closes it
 *
 * Return: 0, -ENOENT if there are fewer, -EINVAL if there are too many lanes or @log is
 * not well-formed up to there.
 */
int mangle_cut(struct rr_log *log, unsigned long events, FILE *to)
{
	enum rr_log_status status = RR_LOG_EVENT;
	struct rr_log_event ev;
	struct log_writer *w;

	if (rr_log_header(log)->nr_lanes > LOG_WRITER_LANES)
		return -EINVAL;
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	log_writer_start(w, to, rr_log_header(log));
	while (events && (status = rr_log_next(log, &ev)) == RR_LOG_EVENT &&
	       ev.e->type != RRLOG_END) {
		log_writer_put(w, ev.lane, ev.e);
		events--;
	}
	log_writer_flush(w);
	free(w);
	if (status == RR_LOG_TRUNCATED || status == RR_LOG_BAD)
		return -EINVAL;
	return events ? -ENOENT : 0;
}
