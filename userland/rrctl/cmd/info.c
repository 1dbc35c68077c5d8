// SPDX-License-Identifier: GPL-2.0-only
/*
 * rrctl info: what a log is.
 */
#include <getopt.h>
#include <string.h>
#include <time.h>

#include "../decode.h"
#include "../features.h"
#include "../logfile.h"
#include "../rrctl.h"
#include "../sink.h"
#include "../store.h"
#include "../text.h"

/**
 * struct info - what was counted
 * @path: of the log, harmless
 * @by_type: events of each type
 * @pages: that the grants gave
 * @tasks: of the log
 * @status: how the log ends
 * @ns: duration, 0 if it has no END
 * @error: errno in its END
 */
struct info {
	const char		*path;
	__u64			by_type[RRLOG_NR_TYPES];
	__u64			pages;
	struct rr_tasks		tasks;
	enum rr_log_status	status;
	__u64			ns;
	__u32			error;
};

static const struct option options[] = {
	{ "json",	no_argument,	NULL, 'j' },
	{ "help",	no_argument,	NULL, 'h' },
	{ }
};

static int count(struct info *info, struct rr_log *log)
{
	struct rr_log_event ev;

	while ((info->status = rr_log_next(log, &ev)) == RR_LOG_EVENT) {
		info->by_type[ev.e->type]++;
		if (ev.e->type == RRLOG_GRANT)
			info->pages += rr_grant_pages((const void *)ev.e);
		if (rr_tasks_see(&info->tasks, &ev))
			return rr_fail("out of memory");
		if (ev.e->type == RRLOG_END) {
			info->ns = ((const struct rrlog_end *)ev.e)->ns;
			info->error = ev.e->aux;
		}
	}
	return 0;
}

static const char *status_name(const struct info *info)
{
	if (info->status == RR_LOG_COMPLETE)
		return info->error ? "ended early" : "complete";
	return info->status == RR_LOG_TRUNCATED ? "truncated" : "damaged";
}

static double ratio(const struct rr_log_totals *totals)
{
	return totals->bytes ? (double)totals->raw_bytes / totals->bytes : 0;
}

/* Before compression; without what tells a stolen place from others, in ASYNC. */
static __u64 handover_bytes(const struct rr_log_totals *totals)
{
	return totals->packed[RRLOG_GRANT] + totals->packed[RRLOG_REVOKE];
}

static void start_text(char *buf, size_t len, const struct rrlog_header *head)
{
	time_t t = head->start_ns / 1000000000;
	struct tm tm;

	if (!localtime_r(&t, &tm) || !strftime(buf, len, "%Y-%m-%d %H:%M:%S %z", &tm))
		snprintf(buf, len, "unknown");
}

static void text_header(const struct info *info, const struct rrlog_header *head)
{
	char start[64], missing[256], release[256];
	__u64 have[4];

	start_text(start, sizeof(start), head);
	rr_features_here(have);
	printf("log       %s\n", info->path);
	printf("format    %u.%u\n", head->major, head->minor);
	printf("started   %s\n", start);
	printf("kernel    %s\n", rr_plain_text(release, sizeof(release), head->release,
					       sizeof(head->release)));
	printf("lanes     %u\n", head->nr_lanes);
	printf("checks    %s\n", head->flags & RRLOG_CHECK_FULL ? "full" : "none");
	printf("features  %016llx %016llx %016llx %016llx\n", head->features[0],
	       head->features[1], head->features[2], head->features[3]);
	if (rr_features_missing(head->features, have, missing, sizeof(missing)))
		printf("missing   %s\n", missing);
}

static void text_totals(const struct info *info, const struct rr_log *log)
{
	const struct rr_log_totals *totals = rr_log_totals(log);
	int type;

	printf("bytes     %llu, unpacked %llu, ratio %.1f\n", totals->bytes, totals->raw_bytes,
	       ratio(totals));
	if (info->status == RR_LOG_COMPLETE)
		printf("duration  %.3f s\n", info->ns / 1e9);
	printf("tasks     %zu\n", info->tasks.nr);
	printf("events    %llu\n", totals->events);
	for (type = 0; type < RRLOG_NR_TYPES; type++)
		if (info->by_type[type])
			printf("  %-8s%llu, bytes %llu\n", rr_type_name(type),
			       info->by_type[type], totals->packed[type]);
	if (info->pages)
		printf("pages     %llu handed over, %.1f bytes each\n", info->pages,
		       handover_bytes(totals) / (double)info->pages);
	printf("state     %s%s%s\n", status_name(info), info->error ? ": " : "",
	       info->error ? strerror(info->error) : "");
}

static void json_header(struct sink *to, const struct info *info,
			const struct rrlog_header *head)
{
	struct json_object *features = json_object_new_array();
	char buf[256];
	int i;

	sink_str(to, "log", info->path);
	sink_num(to, "major", head->major);
	sink_num(to, "minor", head->minor);
	sink_num(to, "start_ns", head->start_ns);
	sink_str(to, "release", rr_plain_text(buf, sizeof(buf), head->release,
					      sizeof(head->release)));
	sink_num(to, "lanes", head->nr_lanes);
	sink_bool(to, "check_full", head->flags & RRLOG_CHECK_FULL);
	for (i = 0; i < 4; i++) {
		snprintf(buf, sizeof(buf), "0x%016llx", head->features[i]);
		json_object_array_add(features, json_object_new_string(buf));
	}
	json_object_object_add(to->json, "features", features);
}

static void json_totals(struct sink *to, const struct info *info,
			const struct rr_log *log)
{
	const struct rr_log_totals *totals = rr_log_totals(log);
	struct sink types = { .json = json_object_new_object() };
	struct sink bytes = { .json = json_object_new_object() };
	int type;

	sink_num(to, "bytes", totals->bytes);
	sink_num(to, "raw_bytes", totals->raw_bytes);
	json_object_object_add(to->json, "ratio", json_object_new_double(ratio(totals)));
	sink_num(to, "ns", info->ns);
	sink_num(to, "tasks", info->tasks.nr);
	sink_num(to, "events", totals->events);
	for (type = 0; type < RRLOG_NR_TYPES; type++)
		if (rr_type_name(type)) {
			sink_num(&types, rr_type_name(type), info->by_type[type]);
			sink_num(&bytes, rr_type_name(type), totals->packed[type]);
		}
	json_object_object_add(to->json, "types", types.json);
	json_object_object_add(to->json, "type_bytes", bytes.json);
	sink_num(to, "pages_handed_over", info->pages);
	sink_str(to, "state", status_name(info));
	sink_num(to, "errno", info->error);
	if (info->status != RR_LOG_COMPLETE)
		sink_str(to, "why", rr_log_why(log));
}

static void print_json(const struct info *info, const struct rr_log *log)
{
	struct sink to = { .json = json_object_new_object() };

	json_header(&to, info, rr_log_header(log));
	json_totals(&to, info, log);
	sink_print_json(to.json);
}

static int info_log(struct info *info, struct rr_log *log, bool json)
{
	int status = count(info, log);

	if (status)
		return status;
	if (json) {
		print_json(info, log);
	} else {
		text_header(info, rr_log_header(log));
		text_totals(info, log);
	}
	if (info->status == RR_LOG_COMPLETE)
		return 0;
	fflush(stdout);
	return rr_fail("%s", rr_log_why(log));
}

static int cmd_info(int argc, char **argv)
{
	char path[PATH_MAX], plain[4 * PATH_MAX], why[RR_LOG_WHY_LEN];
	struct info info = { .path = plain };
	struct rr_log *log;
	bool json = false;
	int opt, status;

	while ((opt = getopt_long(argc, argv, "jh", options, NULL)) != -1) {
		if (opt == 'h')
			return rr_verb_help(&rr_verb_info);
		if (opt != 'j')
			return rr_verb_misused(&rr_verb_info, NULL);
		json = true;
	}
	if (argc - optind > 1)
		return rr_verb_misused(&rr_verb_info, "more than one log is named");
	if (rr_store_find(argv[optind], path))
		return rr_fail("the log's name is too long");
	rr_plain_text(plain, sizeof(plain), path, sizeof(path));
	log = rr_log_open(path, why);
	if (!log)
		return rr_fail("%s", why);
	status = info_log(&info, log, json);
	rr_tasks_free(&info.tasks);
	rr_log_close(log);
	return status;
}

const struct rr_verb rr_verb_info = {
	.name = "info",
	.synopsis = "[--json] [LOG]",
	.brief = "Show what a log is: origin, size, events",
	.help =
	"  -j, --json   one JSON object\n"
	"  -h, --help   this text\n\n"
	"LOG defaults to the latest recording, '-' is standard input. The exit status is\n"
	"125 if the log is cut or damaged.\n",
	.run = cmd_info,
};
