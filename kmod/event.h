/* SPDX-License-Identifier: GPL-2.0-only */
/* Typed events to bytes: reserve room in the lane's stream, fill, commit. */
#ifndef RR_EVENT_H
#define RR_EVENT_H

#include "session.h"
#include "task.h"

void *rr_event_begin(struct rr_task *t, enum rrlog_type type, u8 flags, u32 aux, u32 len);
u64 rr_event_end(struct rr_task *t);
void *rr_event_put(struct rr_task *t, enum rrlog_type type, u8 flags, u32 aux, u32 len);
u64 rr_event_done(struct rr_task *t);
void rr_event_failed(struct rr_task *t);
const char *rr_event_name(u8 type);

#endif /* RR_EVENT_H */
