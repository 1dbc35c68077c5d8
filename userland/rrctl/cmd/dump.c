// SPDX-License-Identifier: GPL-2.0-only
/*
 * rrctl dump: the events of a log.
 */
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../contention.h"
#include "../decode.h"
#include "../logfile.h"
#include "../rrctl.h"
#include "../sink.h"
#include "../store.h"
#include "../text.h"

/**
 * struct dump - what to print
 * @json: one object per line instead of text
 * @task: only of this task, 0 = of all
 * @type: only of this type, 0 = of all
 * @contention: not the events, but the pages that were handed over
 * @top: how many of them, 0 = TOP
 */
struct dump {
	bool	json;
	__u32	task;
	int	type;
	bool	contention;
	unsigned long top;
};

#define TOP	20

static const struct option options[] = {
	{ "json",	no_argument,		NULL, 'j' },
	{ "task",	required_argument,	NULL, 't' },
	{ "type",	required_argument,	NULL, 'T' },
	{ "contention",	no_argument,		NULL, 'c' },
	{ "top",	required_argument,	NULL, 'n' },
	{ "help",	no_argument,		NULL, 'h' },
	{ }
};

static int parse_task(struct dump *dump, const char *arg)
{
	unsigned long task;

	if (!rr_number(arg, 0xffffffffUL, &task) || !task)
		return rr_fail("--task=%s: give the number of a task, see 'rrctl ps'", arg);
	dump->task = task;
	return 0;
}

static int parse_type(struct dump *dump, const char *arg)
{
	dump->type = rr_type_find(arg);
	if (dump->type < 0)
		return rr_fail("--type=%s: no such type of event, see rrlog(5)", arg);
	return 0;
}

static int parse_top(struct dump *dump, const char *arg)
{
	if (!rr_number(arg, ULONG_MAX, &dump->top) || !dump->top)
		return rr_fail("--top=%s: give a number of pages", arg);
	return 0;
}

/* Pages are not of a task or type, and only they have a top. */
static const char *contradiction(const struct dump *dump)
{
	if (dump->contention && (dump->task || dump->type))
		return "--contention is of all tasks and types";
	if (!dump->contention && dump->top)
		return "--top is for --contention";
	return NULL;
}

/* Return: 0 to go on, else @status is the exit status. */
static int parse(struct dump *dump, int argc, char **argv, int *status)
{
	const char *why;
	int opt;

	*status = 0;
	while (!*status && (opt = getopt_long(argc, argv, "jh", options, NULL)) != -1) {
		if (opt == 'j') {
			dump->json = true;
		} else if (opt == 't') {
			*status = parse_task(dump, optarg);
		} else if (opt == 'T') {
			*status = parse_type(dump, optarg);
		} else if (opt == 'c') {
			dump->contention = true;
		} else if (opt == 'n') {
			*status = parse_top(dump, optarg);
		} else {
			*status = opt == 'h' ? rr_verb_help(&rr_verb_dump) :
					       rr_verb_misused(&rr_verb_dump, NULL);
			return -1;
		}
	}
	why = argc - optind > 1 ? "more than one log is named" : contradiction(dump);
	if (!*status && why)
		*status = rr_verb_misused(&rr_verb_dump, why);
	return *status ? -1 : 0;
}

static void dump_event(const struct dump *dump, const struct rr_log_event *ev,
		       struct rr_tasks *tasks)
{
	if ((dump->task && ev->e->task != dump->task) ||
	    (dump->type && ev->e->type != dump->type))
		return;
	if (dump->json)
		sink_print_json(rr_event_json(ev, tasks));
	else
		rr_event_text(stdout, ev, tasks);
}

static int dump_log(const struct dump *dump, struct rr_log *log)
{
	struct rr_tasks tasks = { 0 };
	enum rr_log_status status;
	struct rr_log_event ev;

	while ((status = rr_log_next(log, &ev)) == RR_LOG_EVENT) {
		if (rr_tasks_see(&tasks, &ev)) {
			rr_tasks_free(&tasks);
			return rr_fail("out of memory");
		}
		dump_event(dump, &ev, &tasks);
	}
	rr_tasks_free(&tasks);
	if (status == RR_LOG_COMPLETE)
		return 0;
	fflush(stdout);
	return rr_fail("%s", rr_log_why(log));
}

static int cmd_dump(int argc, char **argv)
{
	char path[PATH_MAX], why[RR_LOG_WHY_LEN];
	struct dump dump = { 0 };
	struct rr_log *log;
	int status;

	if (parse(&dump, argc, argv, &status))
		return status;
	if (rr_store_find(argv[optind], path))
		return rr_fail("the log's name is too long");
	log = rr_log_open(path, why);
	if (!log)
		return rr_fail("%s", why);
	if (dump.contention)
		status = rr_contention(log, dump.top ? dump.top : TOP, dump.json);
	else
		status = dump_log(&dump, log);
	rr_log_close(log);
	return status;
}

const struct rr_verb rr_verb_dump = {
	.name = "dump",
	.synopsis = "[--json] [--task N] [--type T] [LOG]\n"
		    "       rrctl dump --contention [--top N] [--json] [LOG]",
	.brief = "Print the events of a log",
	.help =
	"  -j, --json     one JSON object per line\n"
	"      --task N   only of task N\n"
	"      --type T   only of type T: ENTER, LEAVE, MEM, PAGEIN, MAP, CLONE ...\n"
	"      --contention   not the events, but the pages that lanes took from each\n"
	"                 other, most hand-overs first, with the variables there\n"
	"      --top N    the first N of them, default 20\n"
	"  -h, --help     this text\n\n"
	"LOG defaults to the latest recording, '-' is standard input. A line is: lane,\n"
	"task, number of the event within the lane, type, details. Of a log that is cut\n"
	"or damaged, what is good is printed; the exit status is 125 then.\n",
	.run = cmd_dump,
};
