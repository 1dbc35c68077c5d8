// SPDX-License-Identifier: GPL-2.0-only
/*
 * rrctl ps: the tasks of a log.
 */
#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>

#include "../decode.h"
#include "../logfile.h"
#include "../rrctl.h"
#include "../sink.h"
#include "../store.h"
#include "../text.h"

static const struct option options[] = {
	{ "json",	no_argument,	NULL, 'j' },
	{ "help",	no_argument,	NULL, 'h' },
	{ }
};

static const char *exit_text(char *buf, size_t len, const struct rr_task *task)
{
	if (!task->exited)
		return "-";
	return rr_exit_text(buf, len, task->exit_code);
}

static const char *plain_name(char *buf, size_t len, const struct rr_task *task)
{
	return rr_plain_text(buf, len, rr_task_name(task), sizeof(task->comm));
}

/**
 * struct kin - a task's relatives, as places in the array of tasks
 * @parent: or NOBODY
 * @child: the first one
 * @next: the parent's next child
 */
struct kin {
	size_t	parent;
	size_t	child;
	size_t	next;
};

#define NOBODY	SIZE_MAX

/*
 * Numbers grow, so that a parent comes before its children; a log made to be otherwise
 * must not lead in circles.
 */
static size_t parent_of(struct rr_tasks *tasks, const struct rr_task *task)
{
	const struct rr_task *parent = NULL;

	if (task->parent && task->parent < task->nr)
		parent = rr_tasks_find(tasks, task->parent);
	return parent ? (size_t)(parent - tasks->task) : NOBODY;
}

/* One more at the end, whose children have no parent. */
static struct kin *find_kin(struct rr_tasks *tasks)
{
	struct kin *kin = calloc(tasks->nr + 1, sizeof(*kin));
	size_t i, parent;

	if (!kin)
		return NULL;
	for (i = 0; i <= tasks->nr; i++)
		kin[i] = (struct kin){ NOBODY, NOBODY, NOBODY };
	for (i = tasks->nr; i--;) {
		kin[i].parent = parent_of(tasks, &tasks->task[i]);
		parent = kin[i].parent == NOBODY ? tasks->nr : kin[i].parent;
		kin[i].next = kin[parent].child;
		kin[parent].child = i;
	}
	return kin;
}

#define INDENT_MAX	40

static void print_text_row(const struct rr_task *task, size_t depth)
{
	char name[80], code[64];

	printf("%6u %6u %4u %9llu %-24s %*s%s%s\n", task->nr, task->parent, task->lane,
	       task->first, exit_text(code, sizeof(code), task),
	       depth < INDENT_MAX / 2 ? (int)depth * 2 : INDENT_MAX, "",
	       plain_name(name, sizeof(name), task), task->thread ? " (thread)" : "");
}

/* Children follow their parent. */
static void print_tree(const struct rr_tasks *tasks, const struct kin *kin)
{
	size_t i = kin[tasks->nr].child, depth = 0;

	while (i != NOBODY) {
		print_text_row(&tasks->task[i], depth);
		if (kin[i].child != NOBODY) {
			i = kin[i].child;
			depth++;
			continue;
		}
		for (; kin[i].next == NOBODY && kin[i].parent != NOBODY; depth--)
			i = kin[i].parent;
		i = kin[i].next;
	}
}

static int print_text(struct rr_tasks *tasks)
{
	struct kin *kin = find_kin(tasks);

	if (!kin)
		return rr_fail("out of memory");
	puts("  TASK PARENT LANE     FIRST EXIT                     COMMAND");
	print_tree(tasks, kin);
	free(kin);
	return 0;
}

static struct json_object *json_row(const struct rr_task *task)
{
	struct sink row = { .json = json_object_new_object() };
	char buf[80];

	sink_num(&row, "task", task->nr);
	sink_num(&row, "parent", task->parent);
	sink_bool(&row, "thread", task->thread);
	sink_num(&row, "lane", task->lane);
	sink_num(&row, "first", task->first);
	sink_str(&row, "comm", plain_name(buf, sizeof(buf), task));
	if (task->exited)
		sink_num(&row, "exit_code", task->exit_code);
	return row.json;
}

static void print_json(const struct rr_tasks *tasks)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < tasks->nr; i++)
		json_object_array_add(array, json_row(&tasks->task[i]));
	sink_print_json(array);
}

static int ps_log(struct rr_log *log, bool json)
{
	struct rr_tasks tasks = { 0 };
	enum rr_log_status status;
	struct rr_log_event ev;
	int err = 0, failed = 0;

	while (!err && (status = rr_log_next(log, &ev)) == RR_LOG_EVENT)
		err = rr_tasks_see(&tasks, &ev);
	if (err) {
		rr_tasks_free(&tasks);
		return rr_fail("out of memory");
	}
	rr_tasks_inherit(&tasks);
	if (json)
		print_json(&tasks);
	else
		failed = print_text(&tasks);
	rr_tasks_free(&tasks);
	if (failed)
		return failed;
	if (status == RR_LOG_COMPLETE)
		return 0;
	fflush(stdout);
	return rr_fail("%s", rr_log_why(log));
}

static int cmd_ps(int argc, char **argv)
{
	char path[PATH_MAX], why[RR_LOG_WHY_LEN];
	struct rr_log *log;
	bool json = false;
	int opt, status;

	while ((opt = getopt_long(argc, argv, "jh", options, NULL)) != -1) {
		if (opt == 'h')
			return rr_verb_help(&rr_verb_ps);
		if (opt != 'j')
			return rr_verb_misused(&rr_verb_ps, NULL);
		json = true;
	}
	if (argc - optind > 1)
		return rr_verb_misused(&rr_verb_ps, "more than one log is named");
	if (rr_store_find(argv[optind], path))
		return rr_fail("the log's name is too long");
	log = rr_log_open(path, why);
	if (!log)
		return rr_fail("%s", why);
	status = ps_log(log, json);
	rr_log_close(log);
	return status;
}

const struct rr_verb rr_verb_ps = {
	.name = "ps",
	.synopsis = "[--json] [LOG]",
	.brief = "Show the tasks of a log",
	.help =
	"  -j, --json   one JSON array\n"
	"  -h, --help   this text\n\n"
	"LOG defaults to the latest recording, '-' is standard input. A row is: task,\n"
	"parent, lane and number of its first event, how it ended, name.\n",
	.run = cmd_ps,
};
