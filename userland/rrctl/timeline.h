/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The events of a log of several lanes in an order in which they can have happened.
 */
#ifndef RRCTL_TIMELINE_H
#define RRCTL_TIMELINE_H

#include "logfile.h"
#include "maps.h"
#include "tasks.h"

struct rr_timeline;

/**
 * struct rr_moment - an event at its place
 * @ev: the event; valid until the next call
 * @call: the system call that it belongs to, or RR_NO_CALL
 */
struct rr_moment {
	struct rr_log_event	ev;
	__u32			call;
};

struct rr_timeline *rr_timeline_new(struct rr_log *log, struct rr_maps *maps);
void rr_timeline_free(struct rr_timeline *line);
int rr_timeline_next(struct rr_timeline *line, struct rr_moment *moment,
		     enum rr_log_status *status);

#endif /* RRCTL_TIMELINE_H */
