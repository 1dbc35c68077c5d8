// SPDX-License-Identifier: GPL-2.0-only
/*
 * rrctl - record and replay process groups with the rrcrew module
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rrctl.h"

static const struct rr_verb * const verbs[] = {
	&rr_verb_record,
	&rr_verb_replay,
	&rr_verb_dump,
	&rr_verb_info,
	&rr_verb_ps,
	&rr_verb_status,
	&rr_verb_stop,
};

static void usage(FILE *to)
{
	size_t i;

	fputs("Usage: rrctl VERB [OPTION...] [ARG...]\n"
	      "Records process groups and replays them exactly.\n\n", to);
	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		fprintf(to, "  %-8s %s\n", verbs[i]->name, verbs[i]->brief);
	fputs("\n'rrctl VERB --help' tells the options of a verb; see also rrctl(8).\n", to);
}

static const struct rr_verb *verb_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(verbs[i]->name, name))
			return verbs[i];
	return NULL;
}

/*
 * What is opened in the place of a closed standard stream would get what is meant for that.
 * The wrong way round, using it is an error; a recorded program finds it closed.
 */
static int fill_standard(void)
{
	int fd;

	for (fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		if (open("/dev/null", (fd ? O_RDONLY : O_WRONLY) | O_CLOEXEC) != fd)
			return rr_fail("cannot open /dev/null: %s", strerror(errno));
	}
	return 0;
}

/* Output that got lost must not look like success. */
static int close_stdout(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	perror("rrctl: standard output");
	return RR_EXIT_FAILED;
}

int main(int argc, char **argv)
{
	const struct rr_verb *verb;

	if (fill_standard())
		return RR_EXIT_FAILED;
	if (argc < 2) {
		usage(stderr);
		return RR_EXIT_FAILED;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		usage(stdout);
		return close_stdout(0);
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("rrctl " RRCTL_VERSION);
		return close_stdout(0);
	}
	verb = verb_find(argv[1]);
	if (!verb)
		return rr_fail("no verb '%s': 'rrctl --help' lists them", argv[1]);
	return close_stdout(verb->run(argc - 1, argv + 1));
}
