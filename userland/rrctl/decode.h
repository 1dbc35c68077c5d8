/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events as text for people and as JSON for scripts.
 */
#ifndef RRCTL_DECODE_H
#define RRCTL_DECODE_H

#include <stdio.h>
#include <json-c/json.h>

#include "logfile.h"
#include "tasks.h"

/* How many pages a GRANT gives. */
static inline unsigned int rr_grant_pages(const struct rrlog_grant *grant)
{
	return 1 + (grant->addr & RRLOG_GRANT_MORE);
}

const char *rr_type_name(unsigned int type);
int rr_type_find(const char *name);
void rr_event_text(FILE *to, const struct rr_log_event *ev, struct rr_tasks *tasks);
struct json_object *rr_event_json(const struct rr_log_event *ev, struct rr_tasks *tasks);
const char *rr_exit_text(char *buf, size_t len, __u32 exit_code);

#endif /* RRCTL_DECODE_H */
