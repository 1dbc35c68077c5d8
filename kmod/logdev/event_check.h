/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is this event well formed? Pure, also compiled in user space.
 */
#ifndef RR_EVENT_CHECK_H
#define RR_EVENT_CHECK_H

#include "block_shim.h"

#define RR_REASON_LEN	160

/**
 * struct rr_reason - why something was refused, for people
 * @text: one line without newline, never empty after a refusal
 */
struct rr_reason {
	char text[RR_REASON_LEN];
};

/**
 * struct rr_event_ctx - what an event may refer to
 * @lane: the lane whose event it is
 * @nr_lanes: lanes of the log
 * @pageins: PAGEIN events with data before it in its lane
 */
struct rr_event_ctx {
	u32 lane;
	u32 nr_lanes;
	u64 pageins;
};

__printf(2, 3) int rr_reason_set(struct rr_reason *why, const char *fmt, ...);
int rr_event_check(const struct rrlog_event *e, u32 room, const struct rr_event_ctx *ctx,
		   struct rr_reason *why);

#endif /* RR_EVENT_CHECK_H */
