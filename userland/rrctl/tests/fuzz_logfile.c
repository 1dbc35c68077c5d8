// SPDX-License-Identifier: GPL-2.0-only
/*
 * Feeds anything to the log reader and the decoders.
 *
 * With clang -fsanitize=fuzzer this is a libFuzzer target; otherwise it has a
 * main() of its own: fuzz_logfile [-t SECONDS] [-s SEED] [FILE...] runs the
 * files, then random mutations of the sample log for a bounded time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "logwrite.h"
#include "sample.h"
#include "../decode.h"
#include "../logfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static FILE *sink_file;

static void read_stream(FILE *file)
{
	struct rr_tasks tasks = { 0 };
	char why[RR_LOG_WHY_LEN];
	struct rr_log_event ev;
	struct rr_log *log = rr_log_open_stream(file, "fuzz", why);

	if (!log)
		return;
	while (rr_log_next(log, &ev) == RR_LOG_EVENT && !rr_tasks_see(&tasks, &ev)) {
		struct json_object *json = rr_event_json(&ev, &tasks);

		json_object_to_json_string(json);
		json_object_put(json);
		rr_event_text(sink_file, &ev, &tasks);
	}
	rr_tasks_free(&tasks);
	rr_log_close(log);
}

/* Takes the data for the events of one block, with everything around it right. */
static void read_as_block(const uint8_t *data, size_t size)
{
	static uint8_t log[sizeof(struct rrlog_header) + sizeof(struct rrlog_block) +
			   RRLOG_BLOCK_MAX];
	u8 work[RR_BLOCK_WORK_BYTES], *at = log;
	struct rrlog_header head;
	struct rrlog_block block = { .flags = data[0] & RRLOG_BLOCK_LAST };
	static u8 raw[RRLOG_BLOCK_MAX];

	block.raw_len = (size - 2) & ~7ULL;
	block.nr_events = data[1];
	memcpy(raw, data + 2, block.raw_len);
	sample_header(&head);
	rr_header_seal(&head);
	at = (u8 *)mempcpy(at, &head, sizeof(head)) + sizeof(block);
	at += rr_block_pack(&block, raw, at, work);
	memcpy(log + sizeof(head), &block, sizeof(block));
	read_stream(fmemopen(log, at - log, "r"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!sink_file)
		sink_file = fopen("/dev/null", "w");
	if (!sink_file || !size)
		return 0;
	read_stream(fmemopen((void *)data, size, "r"));
	if (size > 2 + sizeof(struct rrlog_event) && size < RRLOG_BLOCK_MAX)
		read_as_block(data, size);
	return 0;
}

#ifndef RR_LIBFUZZER

/* The bytes of the sample's events, one after the other, behind two of read_as_block(). */
static size_t sample_events(uint8_t *buf, size_t room)
{
	size_t len, used = 2;
	void *bytes = sample_log(&len, RRLOG_BLOCK_MAX);
	char why[RR_LOG_WHY_LEN];
	struct rr_log_event ev;
	struct rr_log *log = rr_log_open_stream(fmemopen(bytes, len, "r"), "sample", why);

	buf[0] = RRLOG_BLOCK_LAST;
	buf[1] = 0;
	while (rr_log_next(log, &ev) == RR_LOG_EVENT && used + ev.e->len <= room) {
		memcpy(buf + used, ev.e, ev.e->len);
		used += ev.e->len;
		buf[1]++;
	}
	rr_log_close(log);
	free(bytes);
	return used;
}

static void mutate_once(uint8_t *buf, size_t len)
{
	size_t at = rand() % len, from = rand() % len, n = rand() % 32;

	switch (rand() % 4) {
	case 0:
		buf[at] = rand();
		break;
	case 1:
		buf[at] ^= 1 << rand() % 8;
		break;
	case 2:
		buf[at] = rand() % 2 ? 0xff : 0;
		break;
	default:
		if (at + n < len && from + n < len)
			memmove(buf + at, buf + from, n);
	}
}

/* Return: the new length. */
static size_t mutate(uint8_t *buf, size_t len)
{
	int n = 1 + rand() % 4;

	while (n--)
		mutate_once(buf, len);
	return rand() % 16 ? len : 1 + rand() % len;
}

static void run_file(const char *path)
{
	static uint8_t buf[1 << 20];
	FILE *file = fopen(path, "re");
	size_t len;

	if (!file) {
		perror(path);
		exit(1);
	}
	len = fread(buf, 1, sizeof(buf), file);
	fclose(file);
	LLVMFuzzerTestOneInput(buf, len);
}

static void run_mutations(int seconds)
{
	static uint8_t events[RRLOG_BLOCK_MAX], buf[RRLOG_BLOCK_MAX];
	size_t log_len, events_len = sample_events(events, sizeof(events));
	uint8_t *log = sample_log(&log_len, 4400);
	time_t end = time(NULL) + seconds;
	unsigned long runs = 0;

	while (time(NULL) < end) {
		bool whole = runs++ % 4 == 0;
		size_t len = whole ? log_len : events_len;

		memcpy(buf, whole ? log : events, len);
		LLVMFuzzerTestOneInput(buf, mutate(buf, len));
	}
	free(log);
	printf("# %lu runs\n", runs);
}

int main(int argc, char **argv)
{
	int seconds = 5, opt;

	srand(1);
	while ((opt = getopt(argc, argv, "t:s:")) != -1) {
		if (opt == 't')
			seconds = atoi(optarg);
		else if (opt == 's')
			srand(atoi(optarg));
		else
			return 2;
	}
	for (; optind < argc; optind++)
		run_file(argv[optind]);
	run_mutations(seconds);
	return 0;
}

#endif
