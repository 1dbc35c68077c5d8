// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of logfile.c, decode.c, tasks.c, features.c and of the tests' own
 * mangle.c; TAP. "test_logfile FILE" writes the sample log to FILE instead.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>

#include "logwrite.h"
#include "mangle.h"
#include "sample.h"
#include "../decode.h"
#include "../features.h"
#include "../logfile.h"
#include "../regs.h"
#include "../rrctl.h"
#include "../text.h"

#define BLOCK_MAX	4400	/* one page with data per block */

static int tests, failures;

static void ok(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
	failures += !good;
}

static void is_text(const char *got, const char *want, const char *what)
{
	ok(!strcmp(got, want), what);
	if (strcmp(got, want))
		printf("# got:  %s\n# want: %s\n", got, want);
}

/* How a log in memory ends. */
struct outcome {
	bool			opened;
	enum rr_log_status	status;
	unsigned int		events;
	char			why[RR_LOG_WHY_LEN];
};

static FILE *open_bytes(const void *data, size_t len)
{
	FILE *file = len ? fmemopen((void *)data, len, "r") : fopen("/dev/null", "r");

	if (!file)
		abort();
	return file;
}

static struct outcome read_bytes(const void *data, size_t len)
{
	struct outcome out = { 0 };
	struct rr_log_event ev;
	struct rr_log *log;

	log = rr_log_open_stream(open_bytes(data, len), "LOG", out.why);
	if (!log)
		return out;
	out.opened = true;
	while ((out.status = rr_log_next(log, &ev)) == RR_LOG_EVENT)
		out.events++;
	strcpy(out.why, rr_log_why(log));
	rr_log_close(log);
	return out;
}

static void test_whole(void)
{
	unsigned int block_max;
	bool good = true;

	for (block_max = 4200; block_max <= RRLOG_BLOCK_MAX; block_max += 4093) {
		size_t len;
		void *data = sample_log(&len, block_max);
		struct outcome out = read_bytes(data, len);

		good &= out.status == RR_LOG_COMPLETE && out.events == SAMPLE_EVENTS && !*out.why;
		free(data);
	}
	ok(good, "a good log is read to its end, whatever its blocks");
}

/* Every prefix: no event that the whole log does not have, and the cut is named. */
static void test_cut(void)
{
	size_t len, cut;
	char *data = sample_log(&len, BLOCK_MAX), *bytes, want[64];
	unsigned int events = 0;
	bool good = true;

	for (cut = 0; cut < len; cut++) {
		struct outcome out;

		/* a copy of the right size has ASan see a read behind the end */
		bytes = memcpy(malloc(cut + 1), data, cut);
		out = read_bytes(bytes, cut);
		free(bytes);
		snprintf(want, sizeof(want), "ends at byte %zu", cut);
		if (out.opened)
			good &= out.status == RR_LOG_TRUNCATED && out.events >= events;
		good &= strstr(out.why, cut > 7 ? want : cut ? "not an rrcrew log" : "is empty") != NULL;
		if (out.opened)
			events = out.events;
		if (!good) {
			printf("# at %zu: %s\n", cut, out.why);
			break;
		}
	}
	ok(good && events < SAMPLE_EVENTS, "a log cut at any byte is read up to there");
	free(data);
}

static void test_flip(void)
{
	size_t len, byte;
	u8 *data = sample_log(&len, BLOCK_MAX);
	bool good = true;
	int bit;

	for (byte = 0; byte < len; byte++)
		for (bit = 0; bit < 8; bit++) {
			struct outcome out;

			data[byte] ^= 1 << bit;
			out = read_bytes(data, len);
			data[byte] ^= 1 << bit;
			if (out.opened && out.status == RR_LOG_COMPLETE) {
				printf("# bit %d of byte %zu\n", bit, byte);
				good = false;
			}
		}
	ok(good, "no bit of a log can change unnoticed");
	free(data);
}

static void test_tail(void)
{
	size_t len;
	u8 *data = sample_log(&len, BLOCK_MAX);
	struct outcome out;

	data = realloc(data, len + 1);
	data[len] = 0;
	out = read_bytes(data, len + 1);
	ok(out.status == RR_LOG_BAD && strstr(out.why, "after its END"), "data after END");
	free(data);
}

static void test_header(void)
{
	static const char text[] = "#!/bin/sh\n"
		"echo a file that is long enough to be a header but is a script\n"
		"echo a file that is long enough to be a header but is a script\n";
	struct rrlog_header head;
	struct outcome out;

	out = read_bytes(text, sizeof(text) - 1);
	is_text(out.why, "LOG: not an rrcrew log", "a text file");
	out = read_bytes(text, 20);
	is_text(out.why, "LOG: not an rrcrew log", "a short text file");
	out = read_bytes(text, 0);
	is_text(out.why, "LOG is empty: its recording wrote nothing", "an empty file");
	sample_header(&head);
	rr_header_seal(&head);
	head.minor++;
	out = read_bytes(&head, sizeof(head));
	is_text(out.why, "LOG: log of version 1.6, this rrctl reads up to 1.5: install that version of rrcrew",
		"a newer minor version");
	head.minor--;
	head.flags ^= 1;
	out = read_bytes(&head, sizeof(head));
	is_text(out.why, "LOG: log header CRC mismatch", "a damaged header");
}

static void test_open(void)
{
	char why[RR_LOG_WHY_LEN];
	struct rr_log *log;
	size_t len;
	void *data = sample_log(&len, BLOCK_MAX);

	ok(!rr_log_open("/nonexistent", why) && strstr(why, "rrctl record"), "no such file");
	ok(!rr_log_open("/", why) && strstr(why, "cannot read /: Is a directory"), "a directory");
	stdin = open_bytes(data, len);
	log = rr_log_open("-", why);
	ok(log != NULL, "standard input");
	rr_log_close(log);
	free(data);
}

/* What is left of a log on a disk that fails there. */
struct bad_disk {
	const char	*data;
	size_t		left;
};

static ssize_t bad_disk_read(void *cookie, char *buf, size_t len)
{
	struct bad_disk *disk = cookie;

	if (!disk->left) {
		errno = EIO;
		return -1;
	}
	if (len > disk->left)
		len = disk->left;
	memcpy(buf, disk->data, len);
	disk->data += len;
	disk->left -= len;
	return len;
}

static void test_bad_disk(void)
{
	size_t len;
	char *data = sample_log(&len, BLOCK_MAX);
	struct bad_disk disk = { data, len / 2 };
	FILE *file = fopencookie(&disk, "r", (cookie_io_functions_t){ .read = bad_disk_read });
	char why[RR_LOG_WHY_LEN];
	struct rr_log *log = rr_log_open_stream(file, "LOG", why);
	struct rr_log_event ev;

	while (rr_log_next(log, &ev) == RR_LOG_EVENT)
		;
	is_text(rr_log_why(log), "cannot read LOG: Input/output error", "a disk that fails");
	ok(rr_log_next(log, &ev) == RR_LOG_BAD, "a log that ended badly stays so");
	rr_log_close(log);
	free(data);
}

/* Calls @fn for each event of the sample. */
static void each_event(void (*fn)(const struct rr_log_event *ev, struct rr_tasks *tasks, void *data),
		       void *data)
{
	struct rr_tasks tasks = { 0 };
	char why[RR_LOG_WHY_LEN];
	struct rr_log_event ev;
	struct rr_log *log;
	size_t len;
	void *bytes = sample_log(&len, RRLOG_BLOCK_MAX);

	log = rr_log_open_stream(open_bytes(bytes, len), "LOG", why);
	while (rr_log_next(log, &ev) == RR_LOG_EVENT) {
		rr_tasks_see(&tasks, &ev);
		fn(&ev, &tasks, data);
	}
	rr_log_close(log);
	rr_tasks_free(&tasks);
	free(bytes);
}

static const char sample_text[] =
	"0 1 0 EXEC comm=cat stack_limit=0x800000 cpu=1\n"
	"\t 400000-402000 r-xp\n"
	"\t 7ffc00000000-7ffc00021000 rw-p growsdown\n"
	"0 1 1 LEAVE ax=0x0\n"
	"0 1 2 PAGEIN addr=0x400000\n"
	"0 1 3 PAGEIN addr=0x401000 exclusive\n"
	"0 1 4 PAGEIN addr=0x7ffc00020000 zero kernel\n"
	"0 1 5 ENTER read(0, 0x7ffc00020000, 4096) ip=0x401002\n"
	"0 1 6 MEM addr=0x7ffc00020000 bytes=11\n"
	"0 1 7 LEAVE read = 11\n"
	"0 1 8 ENTER write(1, 0x7ffc00020000, 11) ip=0x401002 out_hash=0xfeed stream=stdout\n"
	"0 1 9 LEAVE write = 11\n"
	"0 1 10 ENTER mmap(0, 12288, 0x1, 0, 0, 0) ip=0x401002\n"
	"0 1 11 MAP op=map 10000-13000 r--s object=5 offset=0x2000\n"
	"0 1 12 MAP op=move 10000-13000 r--s object=5 offset=0x2000 old_addr=0x20000 old_len=0x1000\n"
	"0 1 13 MAP op=discard 10000-13000 ---s object=5 offset=0x2000 advice=DONTNEED\n"
	"0 1 14 LEAVE mmap = 0x7f0000010000\n"
	"0 1 15 PAGEIN addr=0x10000 ref=0\n"
	"0 1 16 PAGEIN addr=0x11000 ref=0\n"
	"0 1 17 PAGEIN addr=0x12000 ref=1\n"
	"0 1 18 MAP op=unown 10000-13000 ---p space=0x100000002\n"
	"0 1 19 CLONE new_task=2 flags=0x11 lane=1\n"
	"1 2 0 START\n"
	"1 2 1 ASYNC ip=0x401234 spin stolen fpu_hash=0xabc pages=1\n"
	"1 2 2 CHECK regs_hash=0x1 fpu_hash=0x2 pages=1\n"
	"1 2 3 TRAP signal=SIGSEGV ip=0x401300 addr=0x8\n"
	"1 2 4 LEAVE ax=0x0 signal=SIGSEGV ip=0x401000\n"
	"1 2 5 TSC value=12345 ip=0x401400 tsc_aux=3\n"
	"1 2 6 BUS addr=0x5000\n"
	"1 2 7 GRANT addr=0x400000 pages=3 right=exclusive kernel edges=1 0:3\n"
	"1 2 8 REVOKE addr=0x400000 space=0x1 downgrade\n"
	"1 2 9 REVOKE addr=0x400000 pages=2 space=0x100000002\n"
	"1 2 10 WAIT edges=2 0:2+ 0:18\n"
	"1 2 11 MOVE lane=0\n"
	"0 2 20 EXIT SIGSEGV killed\n"
	"0 0 21 NOTE a\\x5cb\n"
	"0 1 22 EXIT exit 3 group\n"
	"0 0 23 END events=36 ns=1500000000\n";

static void print_event(const struct rr_log_event *ev, struct rr_tasks *tasks, void *data)
{
	rr_event_text(data, ev, tasks);
}

/* Line by line, so that a difference is seen. */
static void compare_lines(char *got, const char *want)
{
	char *copy = strdup(want), *got_rest, *want_rest;
	char *g = strtok_r(got, "\n", &got_rest), *w = strtok_r(copy, "\n", &want_rest);
	bool good = true;

	for (; good && (g || w); g = strtok_r(NULL, "\n", &got_rest),
				 w = strtok_r(NULL, "\n", &want_rest)) {
		good = g && w && !strcmp(g, w);
		if (!good)
			printf("# got:  %s\n# want: %s\n", g ? g : "-", w ? w : "-");
	}
	ok(good, "events as text");
	free(copy);
}

static void test_text(void)
{
	char *text;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	each_event(print_event, to);
	fclose(to);
	compare_lines(text, sample_text);
	free(text);
}

static void check_json(const struct rr_log_event *ev, struct rr_tasks *tasks, void *data)
{
	struct json_object *json = rr_event_json(ev, tasks), *again, *type;
	const char *text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN);

	again = json_tokener_parse(text);
	if (!again || !json_object_object_get_ex(again, "type", &type) ||
	    strcmp(json_object_get_string(type), rr_type_name(ev->e->type)) ||
	    strchr(text, '\n'))
		*(bool *)data = false;
	json_object_put(again);
	json_object_put(json);
}

static void test_json(void)
{
	bool good = true;

	each_event(check_json, &good);
	ok(good, "events as JSON");
}

static void print_errors(const struct rr_log_event *ev, struct rr_tasks *tasks, void *data)
{
	struct rrlog_leave leave = { .e = *ev->e };
	struct rr_log_event changed = { .lane = ev->lane, .nr = ev->nr, .e = &leave.e };

	if (ev->e->type != RRLOG_LEAVE || ev->nr != 7)
		return;
	leave.ax = -(u64)ENOENT;
	rr_event_text(data, &changed, tasks);
	leave.ax = -(u64)512;
	rr_event_text(data, &changed, tasks);
	leave.ax = -(u64)600;
	rr_event_text(data, &changed, tasks);
}

static void test_errors(void)
{
	char *text;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	each_event(print_errors, to);
	fclose(to);
	is_text(text, "0 1 7 LEAVE read = -1 ENOENT (No such file or directory)\n"
		      "0 1 7 LEAVE read = ? ERESTARTSYS\n"
		      "0 1 7 LEAVE read = -1 (error 600)\n", "errors of system calls");
	free(text);
}

static void count_types(const struct rr_log_event *ev, struct rr_tasks *tasks, void *data)
{
	(void)tasks;
	((unsigned int *)data)[ev->e->type]++;
}

static void test_types(void)
{
	unsigned int count[RRLOG_NR_TYPES] = { 0 }, type;
	bool good = true;

	each_event(count_types, count);
	for (type = 1; type < RRLOG_NR_TYPES; type++)
		good &= count[type] && rr_type_find(rr_type_name(type)) == (int)type;
	ok(good, "the sample has every type, and each has a name that is found");
	ok(!rr_type_name(0) && !rr_type_name(RRLOG_NR_TYPES) && rr_type_find("x") == -1 &&
	   rr_type_find("pagein") == RRLOG_PAGEIN, "names of types");
}

static void test_regs(void)
{
	unsigned int i;
	bool good = true;

	for (i = 0; i < RR_NR_REGS; i++)
		good &= rr_reg_find(rr_reg_name(i)) == (int)i;
	ok(good && rr_reg_find("x") == -1, "names of registers");
}

static void see_last(const struct rr_log_event *ev, struct rr_tasks *tasks, void *data)
{
	const struct rr_task *first = rr_tasks_find(tasks, 1);
	const struct rr_task *second = rr_tasks_find(tasks, 2);

	if (ev->e->type != RRLOG_END)
		return;
	rr_tasks_inherit(tasks);
	*(bool *)data = tasks->nr == 2 && first && second && !rr_tasks_find(tasks, 3) &&
		!first->parent && second->parent == 1 && !second->thread &&
		second->lane == 1 && !second->first &&
		!strcmp(rr_task_name(second), "cat") && first->exited &&
		first->exit_code == 3 << 8 &&
		second->exit_code == 11;
}

static void test_tasks(void)
{
	struct rr_tasks tasks = { 0 };
	struct rrlog_clone clone = { .e = { .type = RRLOG_CLONE, .task = 7, .aux = 7 } };
	struct rr_log_event ev = { .e = &clone.e };
	bool good = false;
	u32 nr;

	each_event(see_last, &good);
	ok(good, "tasks of a log");
	rr_tasks_see(&tasks, &ev);
	ok(tasks.nr == 1 && !tasks.task[0].parent, "a task is not its own parent");
	for (nr = 1000; nr > 500; nr--) {
		clone.e.aux = nr * 37 % 1009;
		rr_tasks_see(&tasks, &ev);
	}
	for (nr = 1, good = true; nr < tasks.nr; nr++)
		good &= tasks.task[nr - 1].nr < tasks.task[nr].nr;
	ok(good && tasks.nr > 490, "tasks in any order");
	rr_tasks_free(&tasks);
}

/* Tells @tasks of an event at @lane. */
#define SEE(tasks, _lane, event)						\
	rr_tasks_see(tasks, &(struct rr_log_event){ .lane = (_lane), .e = &(event).e })

#define TASK_EVENT(_struct, _type, _task, _aux, ...)				\
	((struct _struct){ .e = { .type = (_type), .task = (_task), .aux = (_aux) },	\
			   __VA_ARGS__ })

/* Lane 1's block comes first: who made its tasks, and their name, are seen later. */
static void test_tasks_early(void)
{
	struct rr_tasks tasks = { 0 };
	const struct rr_task *task;

	SEE(&tasks, 1, TASK_EVENT(rrlog_start, RRLOG_START, 2, 0));
	SEE(&tasks, 1, TASK_EVENT(rrlog_clone, RRLOG_CLONE, 2, 3, .flags = CLONE_THREAD));
	SEE(&tasks, 1, TASK_EVENT(rrlog_exec, RRLOG_EXEC, 2, 0, .comm = "ls"));
	SEE(&tasks, 1, TASK_EVENT(rrlog_clone, RRLOG_CLONE, 2, 4));
	SEE(&tasks, 0, TASK_EVENT(rrlog_exec, RRLOG_EXEC, 1, 0, .comm = "sh"));
	SEE(&tasks, 0, TASK_EVENT(rrlog_clone, RRLOG_CLONE, 1, 2, .lane = 1));
	SEE(&tasks, 0, TASK_EVENT(rrlog_clone, RRLOG_CLONE, 6, 5));
	SEE(&tasks, 0, TASK_EVENT(rrlog_clone, RRLOG_CLONE, 5, 6));
	rr_tasks_inherit(&tasks);
	task = rr_tasks_find(&tasks, 2);
	ok(tasks.nr == 6 && task->parent == 1 && task->lane == 1 && !task->thread &&
	   !strcmp(rr_task_name(task), "ls"), "a task is seen before its CLONE");
	task = rr_tasks_find(&tasks, 3);
	ok(task->parent == 2 && task->thread && !strcmp(rr_task_name(task), "sh") &&
	   !strcmp(rr_task_name(rr_tasks_find(&tasks, 4)), "ls"), "so is its name");
	ok(!*rr_task_name(rr_tasks_find(&tasks, 5)) &&
	   !*rr_task_name(rr_tasks_find(&tasks, 6)), "tasks that made each other");
	rr_tasks_free(&tasks);
}

static void test_tasks_move(void)
{
	struct rr_tasks tasks = { 0 };
	const struct rr_task *task;
	bool good;

	SEE(&tasks, 1, TASK_EVENT(rrlog_start, RRLOG_START, 2, 0));
	SEE(&tasks, 1, TASK_EVENT(rrlog_enter, RRLOG_ENTER, 2, 7));
	task = rr_tasks_find(&tasks, 2);
	good = rr_task_call(task, 1) == 7 && rr_task_call(task, 0) == RR_NO_CALL;
	SEE(&tasks, 1, TASK_EVENT(rrlog_move, RRLOG_MOVE, 2, 0));
	good &= rr_task_call(task, 0) == 7 && rr_task_call(task, 1) == RR_NO_CALL;
	SEE(&tasks, 1, TASK_EVENT(rrlog_move, RRLOG_MOVE, 2, 3));
	ok(good && rr_task_call(task, 0) == 7, "a system call goes on in another lane");
	SEE(&tasks, 0, TASK_EVENT(rrlog_exit, RRLOG_EXIT, 2, 256));
	ok(tasks.nr == 1 && task->lane == 1 && task->exit_code == 256,
	   "a task ends in another lane");
	rr_tasks_free(&tasks);
}

static void test_features(void)
{
	u64 have[4], want[4] = { 0 };
	char names[64];

	rr_features_here(have);
	ok(have[0] && !rr_features_missing(have, have, names, sizeof(names)),
	   "this CPU has its own features");
	want[1] = 1ULL << (32 + 5) | 1ULL << (32 + 16);
	want[3] = 1ULL << 63;
	memset(have, 0, sizeof(have));
	ok(rr_features_missing(want, have, names, sizeof(names)), "features are missing");
	is_text(names, "avx2, avx512f, XCR0 bit 63", "missing features are named");
	memset(want, 0xff, sizeof(want));
	ok(rr_features_missing(want, have, names, sizeof(names)) && strlen(names) < sizeof(names),
	   "more features than fit");
}

static void test_plain(void)
{
	char buf[32];

	is_text(rr_plain_text(buf, sizeof(buf), "a\033[2J\xc3", 7), "a\\x1b[2J\\xc3",
		"control characters");
	is_text(rr_plain_text(buf, 12, "abcdefghijklmno", 15), "abcdefg", "text that is too long");
	is_text(rr_plain_text(buf, sizeof(buf), "ab\0cd", 5), "ab", "text that ends before");
}

static void test_sizes(void)
{
	static const struct {
		__u64		bytes;
		const char	*text;
	} rows[] = {
		{ 0, "0 bytes" }, { 999, "999 bytes" }, { 1000, "1.0 kB" }, { 56123, "56 kB" },
		{ 999499, "999 kB" }, { 999500, "1.0 MB" }, { ~0ULL, "18446744 TB" },
	};
	bool good = true;
	char buf[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		good &= !strcmp(rr_size_text(buf, sizeof(buf), rows[i].bytes), rows[i].text);
	ok(good, "sizes");
}

/* The sample with a change, read again; the text of all events, or NULL. */
static char *mangled(const struct mangle *m, int *err)
{
	char why[RR_LOG_WHY_LEN], *out, *text;
	struct rr_tasks tasks = { 0 };
	struct rr_log_event ev;
	size_t len, out_len, text_len;
	void *bytes = sample_log(&len, BLOCK_MAX);
	struct rr_log *log = rr_log_open_stream(open_bytes(bytes, len), "LOG", why);
	FILE *to = open_memstream(&out, &out_len), *text_to = open_memstream(&text, &text_len);
	enum rr_log_status status;

	*err = mangle_log(m, log, to);
	fclose(to);
	rr_log_close(log);
	log = rr_log_open_stream(open_bytes(out, out_len), "LOG", why);
	while ((status = rr_log_next(log, &ev)) == RR_LOG_EVENT) {
		rr_tasks_see(&tasks, &ev);
		rr_event_text(text_to, &ev, &tasks);
	}
	fclose(text_to);
	if (status != RR_LOG_COMPLETE) {
		printf("# %s\n", rr_log_why(log));
		*err = -EBADMSG;
	}
	rr_log_close(log);
	rr_tasks_free(&tasks);
	free(out);
	free(bytes);
	return text;
}

static void test_mangle_one(const struct mangle *m, const char *line, const char *what)
{
	int err;
	char *text = mangled(m, &err);

	ok(!err && strstr(text, line), what);
	if (err || !strstr(text, line))
		printf("# %d, want: %s\n# %s\n", err, line, text);
	free(text);
}

static void test_mangle(void)
{
	struct mangle drop = { .op = MANGLE_DROP, .type = RRLOG_PAGEIN, .nth = 1 };
	struct mangle reg = { .op = MANGLE_REG, .type = RRLOG_LEAVE, .nth = 2, .reg = "rax" };
	struct mangle flip = { .op = MANGLE_FLIP, .type = RRLOG_PAGEIN, .nth = 3, .byte = 9 };
	struct mangle all = { .op = MANGLE_DROP };
	bool good = true;
	char *text;
	int err;

	test_mangle_one(&drop, "PAGEIN addr=0x10000\n0 1 15 PAGEIN addr=0x11000 ref=1\n"
			"0 1 16 PAGEIN addr=0x12000 ref=0\n", "a dropped page is adopted");
	drop.nth = 2;
	test_mangle_one(&drop, "PAGEIN addr=0x10000 ref=0\n0 1 15 PAGEIN addr=0x11000 ref=0\n"
			"0 1 16 PAGEIN addr=0x12000\n", "so is the second");
	test_mangle_one(&reg, "LEAVE read = 10\n", "a result changes");
	reg = (struct mangle){ .op = MANGLE_REG, .type = RRLOG_ASYNC, .nth = 1, .reg = "rip" };
	test_mangle_one(&reg, "ASYNC ip=0x401235", "a register changes");
	reg = (struct mangle){ .op = MANGLE_REG, .type = RRLOG_ENTER, .nth = 2, .reg = "rdx" };
	test_mangle_one(&reg, "write(1, 0x7ffc00020000, 10)", "an argument changes");
	free(mangled(&flip, &err));
	ok(err == -ENOENT, "only pages with data have bytes to change");
	for (all.type = 1; all.type < RRLOG_NR_TYPES; all.type++)
		for (all.nth = 1, err = all.type == RRLOG_END; !err; all.nth++) {
			text = mangled(&all, &err);
			good &= err == -ENOENT || (!err && strstr(text, "END events=35"));
			free(text);
		}
	ok(good, "any event can be dropped");
}

static int write_sample(const char *path)
{
	size_t len;
	void *data = sample_log(&len, BLOCK_MAX);
	FILE *to = fopen(path, "we");
	bool good = to && fwrite(data, 1, len, to) == len;

	free(data);
	return !to || fclose(to) || !good;
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return write_sample(argv[1]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_whole();
	test_cut();
	test_flip();
	test_tail();
	test_header();
	test_open();
	test_bad_disk();
	test_types();
	test_regs();
	test_text();
	test_json();
	test_errors();
	test_tasks();
	test_tasks_early();
	test_tasks_move();
	test_features();
	test_plain();
	test_sizes();
	test_mangle();
	printf("1..%d\n", tests);
	return failures ? 1 : 0;
}
