// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the corpora start from: seeds LOGS EVENTS writes the log that has every
 * type of event into the directory LOGS, and its events one by one into EVENTS.
 */
#include <stdlib.h>

#include "../../userland/rrctl/logfile.h"
#include "../../userland/rrctl/tests/logwrite.h"
#include "../../userland/rrctl/tests/sample.h"

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void write_seed(const char *dir, const char *name, unsigned int nr, const void *data,
		       size_t len)
{
	char path[4096];
	FILE *to;

	snprintf(path, sizeof(path), "%s/%s-%u", dir, name, nr);
	to = fopen(path, "we");
	if (!to || fwrite(data, 1, len, to) != len || fclose(to))
		die(path);
}

static void write_events(const char *dir, void *bytes, size_t len)
{
	char why[RR_LOG_WHY_LEN];
	struct rr_log *log = rr_log_open_stream(fmemopen(bytes, len, "r"), "sample", why);
	static u8 seed[1 + RRLOG_BLOCK_MAX];
	struct rr_log_event ev;
	unsigned int nr = 0;

	if (!log)
		die(why);
	while (rr_log_next(log, &ev) == RR_LOG_EVENT) {
		/* See fuzz_event.c: two lanes, this one, all references allowed. */
		seed[0] = 0xf0 | ev.lane << 2 | 1;
		memcpy(seed + 1, ev.e, ev.e->len);
		write_seed(dir, "event", nr++, seed, 1 + ev.e->len);
	}
	rr_log_close(log);
}

int main(int argc, char **argv)
{
	static const unsigned int block_max[] = { 512, 4400, RRLOG_BLOCK_MAX };
	unsigned int i;
	size_t len;
	void *log;

	if (argc != 3)
		return 2;
	for (i = 0; i < ARRAY_SIZE(block_max); i++) {
		log = sample_log(&len, block_max[i]);
		write_seed(argv[1], "log", i, log, len);
		if (!i)
			write_events(argv[2], log, len);
		free(log);
	}
	return 0;
}
