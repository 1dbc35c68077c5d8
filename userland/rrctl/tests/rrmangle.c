// SPDX-License-Identifier: GPL-2.0-only
/*
 * rrmangle LOG --list
 * rrmangle LOG OUT --flip-event TYPE N BYTE
 * rrmangle LOG OUT --flip-reg TYPE N REG
 * rrmangle LOG OUT --drop-event TYPE N
 * rrmangle LOG OUT --cut EVENTS
 *
 * For negative tests: changes one bit of the N-th event of a type (from 1), or
 * leaves it out, or ends the log behind its first EVENTS; and writes a log that is
 * well-formed otherwise, checksums included. BYTE counts from the start of the data
 * of a MEM or PAGEIN, in other events from behind the event's header; N counts events
 * that have such a byte or register. Prints the number of the changed event within its lane.
 *
 * Exit status: 0; 1 there is no such event; 2 anything else.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mangle.h"
#include "../decode.h"

static const struct op_row {
	const char	*name;
	enum mangle_op	op;
	int		args;
} op_rows[] = {
	{ "--flip-event",	MANGLE_FLIP,	3 },
	{ "--flip-reg",		MANGLE_REG,	3 },
	{ "--drop-event",	MANGLE_DROP,	2 },
	{ }
};

static int usage(void)
{
	fputs("Usage: rrmangle LOG --list\n"
	      "       rrmangle LOG OUT --flip-event TYPE N BYTE\n"
	      "       rrmangle LOG OUT --flip-reg TYPE N REG\n"
	      "       rrmangle LOG OUT --drop-event TYPE N\n"
	      "       rrmangle LOG OUT --cut EVENTS\n", stderr);
	return 2;
}

static int list(struct rr_log *log)
{
	unsigned long long count[RRLOG_NR_TYPES] = { 0 };
	enum rr_log_status status;
	struct rr_log_event ev;
	int type;

	while ((status = rr_log_next(log, &ev)) == RR_LOG_EVENT)
		count[ev.e->type]++;
	for (type = 0; type < RRLOG_NR_TYPES; type++)
		if (count[type])
			printf("%s %llu\n", rr_type_name(type), count[type]);
	if (status == RR_LOG_COMPLETE)
		return 0;
	fprintf(stderr, "rrmangle: %s\n", rr_log_why(log));
	return 2;
}

/* Takes back what was written. Returns the exit status. */
static int failed(struct rr_log *log, const char *path, int err)
{
	unlink(path);
	if (err == -ENOENT)
		fputs("rrmangle: there is no such event\n", stderr);
	else
		fprintf(stderr, "rrmangle: %s\n", *rr_log_why(log) ? rr_log_why(log) :
			strerror(-err));
	return err == -ENOENT ? 1 : 2;
}

static int cut(struct rr_log *log, const char *path, unsigned long events)
{
	FILE *to = fopen(path, "we");
	int err;

	if (!to) {
		perror(path);
		return 2;
	}
	err = mangle_cut(log, events, to);
	if (fclose(to) && !err)
		err = -errno;
	return err ? failed(log, path, err) : 0;
}

/* A change of a length or a flag can make nonsense: then the test tests something else. */
static int check_result(const char *path)
{
	char why[RR_LOG_WHY_LEN];
	enum rr_log_status status;
	struct rr_log_event ev;
	struct rr_log *log = rr_log_open(path, why);

	if (!log) {
		fprintf(stderr, "rrmangle: %s\n", why);
		return 2;
	}
	while ((status = rr_log_next(log, &ev)) == RR_LOG_EVENT)
		;
	if (status != RR_LOG_COMPLETE)
		fprintf(stderr, "rrmangle: %s is no longer well-formed: %s\n", path,
			rr_log_why(log));
	rr_log_close(log);
	return status == RR_LOG_COMPLETE ? 0 : 2;
}

static int mangle(const struct mangle *m, struct rr_log *log, const char *path)
{
	FILE *to = fopen(path, "we");
	int err, status;

	if (!to) {
		perror(path);
		return 2;
	}
	err = mangle_log(m, log, to);
	if (fclose(to) && !err)
		err = -errno;
	if (err)
		return failed(log, path, err);
	status = check_result(path);
	if (!status)
		printf("event %llu\n", *m->changed);
	return status;
}

/* argv: --op TYPE N [BYTE|REG] */
static int parse(struct mangle *m, int argc, char **argv)
{
	const struct op_row *row = op_rows;

	while (row->name && strcmp(row->name, argv[0]))
		row++;
	if (!row->name || argc != row->args + 1)
		return -EINVAL;
	m->op = row->op;
	m->type = rr_type_find(argv[1]);
	m->nth = strtoul(argv[2], NULL, 10);
	if (m->type < 0 || !m->nth || (m->op == MANGLE_DROP && m->type == RRLOG_END))
		return -EINVAL;
	if (m->op == MANGLE_FLIP)
		m->byte = strtoul(argv[3], NULL, 10);
	if (m->op == MANGLE_REG)
		m->reg = argv[3];
	return 0;
}

int main(int argc, char **argv)
{
	char why[RR_LOG_WHY_LEN];
	__u64 changed = 0;
	struct mangle m = { .changed = &changed };
	bool lists = argc == 3 && !strcmp(argv[2], "--list");
	bool cuts = argc == 5 && !strcmp(argv[3], "--cut");
	struct rr_log *log;
	int status;

	if (!lists && !cuts && (argc < 4 || parse(&m, argc - 3, argv + 3)))
		return usage();
	log = rr_log_open(argv[1], why);
	if (!log) {
		fprintf(stderr, "rrmangle: %s\n", why);
		return 2;
	}
	if (lists)
		status = list(log);
	else if (cuts)
		status = cut(log, argv[2], strtoul(argv[4], NULL, 10));
	else
		status = mangle(&m, log, argv[2]);
	rr_log_close(log);
	return status;
}
