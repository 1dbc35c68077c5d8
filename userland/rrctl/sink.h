/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the fields of an event go: " name=value" on a line, or a member of a
 * JSON object. Each field is named once, for both.
 */
#ifndef RRCTL_SINK_H
#define RRCTL_SINK_H

#include <stdbool.h>
#include <stdio.h>
#include <json-c/json.h>
#include <linux/types.h>

#include "macros.h"

/* One of the two is set. */
struct sink {
	FILE			*text;
	struct json_object	*json;
};

void sink_num(struct sink *sink, const char *name, __u64 value);
void sink_hex(struct sink *sink, const char *name, __u64 value);
void sink_str(struct sink *sink, const char *name, const char *value);
void sink_bool(struct sink *sink, const char *name, bool value);
void sink_flag(struct sink *sink, const char *name);
__printf(2, 3) void sink_plain(struct sink *sink, const char *fmt, ...);
void sink_print_json(struct json_object *json);

#endif /* RRCTL_SINK_H */
