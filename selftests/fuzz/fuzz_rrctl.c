// SPDX-License-Identifier: GPL-2.0-only
/*
 * rrctl's log reader and the verbs that print logs, called as main() does.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../userland/rrctl/logfile.h"
#include "../../userland/rrctl/rrctl.h"
#include "fuzz.h"

/* Instead of msg.c: what would go to standard error has to be harmless, too. */
int rr_fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	return RR_EXIT_FAILED;
}

void rr_warn(const char *fmt, ...)
{
	(void)fmt;
	abort();
}

int rr_verb_help(const struct rr_verb *verb)
{
	(void)verb;
	abort();
}

int rr_verb_misused(const struct rr_verb *verb, const char *why)
{
	(void)verb;
	(void)why;
	abort();
}

static int run(const struct rr_verb *verb, char *option, char *path)
{
	char *argv[4] = { (char *)verb->name, option ? option : path, option ? path : NULL };

	optind = 0;
	return verb->run(option ? 3 : 2, argv);
}

/* All of them agree on whether the log is whole. */
static void run_all(char *path)
{
	static const struct rr_verb * const verbs[] = {
		&rr_verb_dump, &rr_verb_info, &rr_verb_ps,
	};
	int status = run(&rr_verb_dump, NULL, path);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		if (run(verbs[i], NULL, path) != status ||
		    run(verbs[i], "--json", path) != status)
			abort();
	if (run(&rr_verb_dump, "--contention", path) != status)
		abort();
}

/* dump has printed a line for each event that the reader let through. */
static void count_events(const char *path)
{
	char why[RR_LOG_WHY_LEN];
	struct rr_log *log = rr_log_open(path, why);
	struct rr_log_event ev;

	if (!log)
		return;
	while (rr_log_next(log, &ev) == RR_LOG_EVENT)
		rr_fuzz_events++;
	rr_log_close(log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *real_stdout = stdout;
	int fd = memfd_create("log", 0);
	char path[32], *text;
	size_t len;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	stdout = open_memstream(&text, &len);
	if (!stdout)
		abort();
	run_all(path);
	fclose(stdout);
	stdout = real_stdout;
	rr_fuzz_harmless(text, len);
	free(text);
	count_events(path);
	close(fd);
	return 0;
}
