// SPDX-License-Identifier: GPL-2.0-only
/*
 * The events of a log of several lanes in an order in which they can have happened.
 *
 * Blocks of different lanes are in the log in the order in which they became full. As
 * in a replay, an event is held back until its edges are met, a task's first one until
 * the task was made, and one after a MOVE until that. What is read ahead for that is
 * kept; only such events that change mappings or hand on pages are.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "macros.h"
#include "timeline.h"

/**
 * struct held - an event that was read
 * @next: the next one of its lane
 * @order: its place in the log
 * @nr: its number in the lane
 * @call: see struct rr_moment
 * @e: a copy, aligned as in the log
 */
struct held {
	struct held		*next;
	__u64			order;
	__u64			nr;
	__u32			call;
	struct rrlog_event	e[] __aligned(8);
};

/**
 * struct lane - of the log
 * @first: of its events that have yet to happen
 * @last: of them
 * @read: number of the event that is read next
 */
struct lane {
	struct held	*first;
	struct held	*last;
	__u64		read;
};

/**
 * struct rr_timeline - a log, being read
 * @log: it
 * @maps: sees all events
 * @tasks: has seen all that was read
 * @status: of the last read
 * @order: how many were kept
 * @nr_lanes: of the log
 * @now: the event that is happening, or NULL
 * @moment: that it is
 * @lane: of the log
 */
struct rr_timeline {
	struct rr_log		*log;
	struct rr_maps		*maps;
	struct rr_tasks		tasks;
	enum rr_log_status	status;
	__u64			order;
	__u32			nr_lanes;
	struct held		*now;
	struct rr_moment	moment;
	struct lane		lane[];
};

/**
 * rr_timeline_new() - read a log
 * @log: opened
 * @maps: new; sees each event after the caller has
 */
struct rr_timeline *rr_timeline_new(struct rr_log *log, struct rr_maps *maps)
{
	__u32 nr = rr_log_header(log)->nr_lanes;
	struct rr_timeline *line = calloc(1, sizeof(*line) + nr * sizeof(line->lane[0]));

	if (!line)
		return NULL;
	line->log = log;
	line->maps = maps;
	line->status = RR_LOG_EVENT;
	line->nr_lanes = nr;
	return line;
}

void rr_timeline_free(struct rr_timeline *line)
{
	struct held *held;
	__u32 i;

	if (!line)
		return;
	for (i = 0; i < line->nr_lanes; i++)
		while ((held = line->lane[i].first)) {
			line->lane[i].first = held->next;
			free(held);
		}
	free(line->now);
	rr_tasks_free(&line->tasks);
	free(line);
}

static bool is_wanted(const struct rrlog_event *e)
{
	switch (e->type) {
	case RRLOG_PAGEIN:
		return rr_maps_is_head((const struct rrlog_pagein *)e);
	case RRLOG_MAP:
	case RRLOG_CLONE:
	case RRLOG_START:
	case RRLOG_EXEC:
	case RRLOG_EXIT:
	case RRLOG_NOTE:
	case RRLOG_END:
	case RRLOG_GRANT:
	case RRLOG_REVOKE:
	case RRLOG_WAIT:
	case RRLOG_MOVE:
		return true;
	}
	return false;
}

static int hold(struct rr_timeline *line, const struct rr_log_event *ev)
{
	const struct rr_task *task = rr_tasks_find(&line->tasks, ev->e->task);
	struct held *held = malloc(sizeof(*held) + ev->e->len);
	struct lane *lane = &line->lane[ev->lane];

	if (!held)
		return -ENOMEM;
	held->next = NULL;
	held->order = line->order++;
	held->nr = ev->nr;
	held->call = task ? rr_task_call(task, ev->lane) : RR_NO_CALL;
	memcpy(held->e, ev->e, ev->e->len);
	if (lane->first)
		lane->last->next = held;
	else
		lane->first = held;
	lane->last = held;
	return 0;
}

/* One more event of the log, or how it ends. */
static int read_one(struct rr_timeline *line)
{
	struct rr_log_event ev;

	line->status = rr_log_next(line->log, &ev);
	if (line->status != RR_LOG_EVENT)
		return 0;
	line->lane[ev.lane].read = ev.nr + 1;
	if (rr_tasks_see(&line->tasks, &ev))
		return -ENOMEM;
	return is_wanted(ev.e) ? hold(line, &ev) : 0;
}

/* Has a lane arrived at event @nr? Of those before it, all have happened. */
static bool has_arrived(const struct rr_timeline *line, const struct rrlog_edge *edge)
{
	const struct lane *lane = &line->lane[edge->lane];

	return lane->first ? lane->first->nr >= edge->event : lane->read >= edge->event;
}

static bool is_ready(const struct rr_timeline *line, __u32 lane)
{
	const struct held *held = line->lane[lane].first;
	const struct rr_log_event ev = { .lane = lane, .nr = held->nr, .e = held->e };
	const struct rrlog_edge *edge = NULL;
	__u32 i;

	if (!rr_maps_ready(line->maps, &ev))
		return false;
	if (held->e->type == RRLOG_GRANT)
		edge = ((const struct rrlog_grant *)held->e)->edge;
	else if (held->e->type == RRLOG_WAIT)
		edge = ((const struct rrlog_wait *)held->e)->edge;
	for (i = 0; edge && i < held->e->aux; i++)
		if (!has_arrived(line, &edge[i]))
			return false;
	return true;
}

/*
 * The lane whose event is the next, or nr_lanes: none is ready. At the end of the log
 * nothing more comes that could make one ready; then the one that was read first.
 */
static __u32 next_lane(const struct rr_timeline *line)
{
	__u32 i, first = line->nr_lanes;

	for (i = 0; i < line->nr_lanes; i++) {
		const struct held *held = line->lane[i].first;

		if (!held)
			continue;
		if (is_ready(line, i))
			return i;
		if (first == line->nr_lanes || held->order < line->lane[first].first->order)
			first = i;
	}
	return line->status == RR_LOG_EVENT ? line->nr_lanes : first;
}

/**
 * rr_timeline_next() - the next event that happens
 * @line: the log
 * @moment: set if @status is RR_LOG_EVENT
 * @status: RR_LOG_EVENT, or how the log ends, after all events
 *
 * The mappings are those that this event finds.
 *
 * Return: 0 or -ENOMEM.
 */
int rr_timeline_next(struct rr_timeline *line, struct rr_moment *moment,
		     enum rr_log_status *status)
{
	__u32 lane = 0;
	int err = 0;

	if (line->now)
		err = rr_maps_see(line->maps, &line->moment.ev, line->moment.call);
	free(line->now);
	line->now = NULL;
	while (!err && (lane = next_lane(line)) == line->nr_lanes) {
		*status = line->status;
		if (*status != RR_LOG_EVENT)
			return 0;
		err = read_one(line);
	}
	if (err)
		return err;
	line->now = line->lane[lane].first;
	line->lane[lane].first = line->now->next;
	line->moment = (struct rr_moment){
		.ev = { .lane = lane, .nr = line->now->nr, .e = line->now->e },
		.call = line->now->call,
	};
	*moment = line->moment;
	*status = RR_LOG_EVENT;
	return 0;
}
