// SPDX-License-Identifier: GPL-2.0-only
/*
 * rrctl status: the sessions of the module.
 */
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "../genl.h"
#include "../rrctl.h"
#include "../sink.h"

#define VERSION_FILE	"/sys/module/rrcrew/version"

static const struct option options[] = {
	{ "json",	no_argument,	NULL, 'j' },
	{ "help",	no_argument,	NULL, 'h' },
	{ }
};

static const char * const mode_names[] = {
	[RRCREW_MODE_RECORD]	= "record",
	[RRCREW_MODE_REPLAY]	= "replay",
};

static const char * const state_names[] = {
	[RRCREW_STATE_NEW]	= "new",
	[RRCREW_STATE_RUNNING]	= "running",
	[RRCREW_STATE_ENDED]	= "ended",
};

static const char * const result_names[] = {
	[RRCREW_RESULT_NONE]	  = "none",
	[RRCREW_RESULT_OK]	  = "ok",
	[RRCREW_RESULT_STOPPED]	  = "stopped",
	[RRCREW_RESULT_DIVERGED]  = "diverged",
	[RRCREW_RESULT_TRUNCATED] = "truncated",
	[RRCREW_RESULT_BADLOG]	  = "bad log",
	[RRCREW_RESULT_BROKEN]	  = "broken",
};

static const struct counter {
	const char	*name;
	size_t		offset;
} counters[] = {
	{ "events",	offsetof(struct rr_session, events) },
	{ "bytes",	offsetof(struct rr_session, bytes) },
	{ "raw_bytes",	offsetof(struct rr_session, raw_bytes) },
	{ "syscalls",	offsetof(struct rr_session, syscalls) },
	{ "faults",	offsetof(struct rr_session, faults) },
	{ "pageins",	offsetof(struct rr_session, pageins) },
	{ "asyncs",	offsetof(struct rr_session, asyncs) },
	{ "forced",	offsetof(struct rr_session, forced) },
	{ "hits",	offsetof(struct rr_session, hits) },
	{ "switches",	offsetof(struct rr_session, switches) },
	{ "grants",	offsetof(struct rr_session, grants) },
	{ "revokes",	offsetof(struct rr_session, revokes) },
	{ "flushes",	offsetof(struct rr_session, flushes) },
	{ "denied",	offsetof(struct rr_session, denied) },
	{ "moves",	offsetof(struct rr_session, moves) },
	{ "pages",	offsetof(struct rr_session, pages) },
	{ "exclusive",	offsetof(struct rr_session, exclusive) },
	{ "migratory",	offsetof(struct rr_session, migratory) },
	{ "async_ns",	offsetof(struct rr_session, async_ns) },
	{ "handover_bytes", offsetof(struct rr_session, handover_bytes) },
	{ "ns",		offsetof(struct rr_session, ns) },
};

static const char *name_of(const char * const *names, size_t nr, __u32 i)
{
	return i < nr && names[i] ? names[i] : "unknown";
}

#define NAME_OF(names, i) name_of(names, ARRAY_SIZE(names), i)

static __u64 counter_value(const struct rr_session *session, const struct counter *counter)
{
	__u64 value;

	memcpy(&value, (const char *)session + counter->offset, sizeof(value));
	return value;
}

static void module_version(char *buf, size_t len)
{
	FILE *file = fopen(VERSION_FILE, "re");

	snprintf(buf, len, "unknown");
	if (!file)
		return;
	if (fgets(buf, len, file))
		buf[strcspn(buf, "\n")] = '\0';
	fclose(file);
}

/* How long hand-overs waited for their page, in powers of two. */
static void print_waits(const struct rr_session *s)
{
	bool any = false;
	int i;

	for (i = 0; i < RRCREW_NR_WAITS; i++) {
		if (!s->waits[i])
			continue;
		printf("%s", any ? "" : "  waits");
		any = true;
		if (i < RRCREW_NR_WAITS - 1)
			printf(" <%lu us %llu", 1ul << i, s->waits[i]);
		else
			printf(" more %llu", s->waits[i]);
	}
	if (any)
		putchar('\n');
}

static void print_text(const struct rr_session *s, void *data)
{
	size_t i;

	(void)data;
	printf("session %u: %s, %s", s->id, NAME_OF(mode_names, s->mode),
	       NAME_OF(state_names, s->state));
	if (s->state == RRCREW_STATE_ENDED)
		printf(" (%s)", NAME_OF(result_names, s->result));
	printf(", owner %u, lanes %u, tasks %u of %u\n ", s->owner, s->lanes, s->tasks,
	       s->tasks_total);
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		printf(" %s %llu", counters[i].name, counter_value(s, &counters[i]));
	putchar('\n');
	print_waits(s);
	if (*s->text)
		printf("  %s\n", s->text);
}

static void add_waits(struct sink *row, const struct rr_session *s)
{
	struct json_object *waits = json_object_new_array();
	int i;

	for (i = 0; i < RRCREW_NR_WAITS; i++)
		json_object_array_add(waits, json_object_new_int64(s->waits[i]));
	json_object_object_add(row->json, "waits", waits);
}

static void add_json(const struct rr_session *s, void *data)
{
	struct sink row = { .json = json_object_new_object() };
	size_t i;

	sink_num(&row, "session", s->id);
	sink_str(&row, "mode", NAME_OF(mode_names, s->mode));
	sink_str(&row, "state", NAME_OF(state_names, s->state));
	sink_str(&row, "result", NAME_OF(result_names, s->result));
	sink_str(&row, "text", s->text);
	sink_num(&row, "owner", s->owner);
	sink_num(&row, "lanes", s->lanes);
	sink_bool(&row, "check_full", s->flags & RRCREW_F_CHECK_FULL);
	sink_num(&row, "tasks", s->tasks);
	sink_num(&row, "tasks_total", s->tasks_total);
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		sink_num(&row, counters[i].name, counter_value(s, &counters[i]));
	add_waits(&row, s);
	json_object_array_add(data, row.json);
}

static int status_json(struct rr_genl *genl, const char *version)
{
	struct sink top = { .json = json_object_new_object() };
	struct json_object *sessions = json_object_new_array();
	struct rr_request all = { 0 };
	int err;

	sink_str(&top, "module", version);
	json_object_object_add(top.json, "sessions", sessions);
	err = rr_genl_call(genl, RRCREW_CMD_SESSION_GET, &all, add_json, sessions);
	if (err)
		json_object_put(top.json);
	else
		sink_print_json(top.json);
	return err;
}

static int status_text(struct rr_genl *genl, const char *version)
{
	struct rr_request all = { 0 };

	printf("rrcrew %s\n", version);
	return rr_genl_call(genl, RRCREW_CMD_SESSION_GET, &all, print_text, NULL);
}

static int cmd_status(int argc, char **argv)
{
	struct rr_genl *genl;
	bool json = false;
	char version[64];
	int opt, err;

	while ((opt = getopt_long(argc, argv, "jh", options, NULL)) != -1) {
		if (opt == 'h')
			return rr_verb_help(&rr_verb_status);
		if (opt != 'j')
			return rr_verb_misused(&rr_verb_status, NULL);
		json = true;
	}
	if (optind != argc)
		return rr_verb_misused(&rr_verb_status, "takes no argument");
	if (rr_genl_open(&genl))
		return rr_fail("%s", rr_genl_error());
	module_version(version, sizeof(version));
	err = json ? status_json(genl, version) : status_text(genl, version);
	rr_genl_close(genl);
	return err ? rr_fail("%s", rr_genl_error()) : 0;
}

const struct rr_verb rr_verb_status = {
	.name = "status",
	.synopsis = "[--json]",
	.brief = "Show the module's version and its sessions",
	.help =
	"  -j, --json   one JSON object\n"
	"  -h, --help   this text\n",
	.run = cmd_status,
};
