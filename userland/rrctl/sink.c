// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the fields of an event go.
 */
#include <stdarg.h>

#include "sink.h"

static void json_add(struct sink *sink, const char *name, struct json_object *value)
{
	json_object_object_add(sink->json, name, value);
}

void sink_num(struct sink *sink, const char *name, __u64 value)
{
	if (sink->json)
		json_add(sink, name, json_object_new_uint64(value));
	else
		fprintf(sink->text, " %s=%llu", name, value);
}

/* JSON's numbers are no place for 64 bits that matter. */
void sink_hex(struct sink *sink, const char *name, __u64 value)
{
	char buf[32];

	snprintf(buf, sizeof(buf), "0x%llx", value);
	sink_str(sink, name, buf);
}

void sink_str(struct sink *sink, const char *name, const char *value)
{
	if (sink->json)
		json_add(sink, name, json_object_new_string(value));
	else
		fprintf(sink->text, " %s=%s", name, value);
}

void sink_flag(struct sink *sink, const char *name)
{
	if (sink->json)
		sink_bool(sink, name, true);
	else
		fprintf(sink->text, " %s", name);
}

void sink_bool(struct sink *sink, const char *name, bool value)
{
	if (sink->json)
		json_add(sink, name, json_object_new_boolean(value));
	else
		fprintf(sink->text, " %s=%s", name, value ? "yes" : "no");
}

/* Only for people: JSON has it in its fields. */
void sink_plain(struct sink *sink, const char *fmt, ...)
{
	va_list args;

	if (!sink->text)
		return;
	va_start(args, fmt);
	vfprintf(sink->text, fmt, args);
	va_end(args);
}

/* Prints an object or array on one line and frees it. */
void sink_print_json(struct json_object *json)
{
	puts(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
	json_object_put(json);
}
