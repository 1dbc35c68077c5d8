// SPDX-License-Identifier: GPL-2.0-only
/*
 * rrctl stop: end a session.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "../genl.h"
#include "../rrctl.h"
#include "../text.h"

static const struct option options[] = {
	{ "help",	no_argument,	NULL, 'h' },
	{ }
};

/* Sessions that have not ended. */
struct alive {
	unsigned int	nr;
	__u32		last;
};

static void count_alive(const struct rr_session *session, void *data)
{
	struct alive *alive = data;

	if (session->state == RRCREW_STATE_ENDED)
		return;
	alive->nr++;
	alive->last = session->id;
}

/* Without a number there must be no doubt which one is meant. */
static int find_session(struct rr_genl *genl, struct rr_request *req)
{
	struct rr_request all = { 0 };
	struct alive alive = { 0 };

	if (rr_genl_call(genl, RRCREW_CMD_SESSION_GET, &all, count_alive, &alive))
		return rr_fail("%s", rr_genl_error());
	if (!alive.nr)
		return rr_fail("no session is running");
	if (alive.nr > 1)
		return rr_fail("%u sessions are running: name one, see 'rrctl status'", alive.nr);
	req->session = alive.last;
	return 0;
}

static int parse_session(const char *arg, struct rr_request *req)
{
	unsigned long nr;

	if (!rr_number(arg, 0xffffffffUL, &nr))
		return rr_fail("session '%s': give a number, see 'rrctl status'", arg);
	req->session = nr;
	return 0;
}

static int cmd_stop(int argc, char **argv)
{
	struct rr_request req = { .has_session = true };
	struct rr_genl *genl;
	int opt, status;

	opt = getopt_long(argc, argv, "h", options, NULL);
	if (opt == 'h')
		return rr_verb_help(&rr_verb_stop);
	if (opt != -1)
		return rr_verb_misused(&rr_verb_stop, NULL);
	if (argc - optind > 1)
		return rr_verb_misused(&rr_verb_stop, "more than one session is named");
	if (argv[optind] && parse_session(argv[optind], &req))
		return RR_EXIT_FAILED;
	if (rr_genl_open(&genl))
		return rr_fail("%s", rr_genl_error());
	status = argv[optind] ? 0 : find_session(genl, &req);
	if (!status && rr_genl_call(genl, RRCREW_CMD_SESSION_STOP, &req, NULL, NULL))
		status = rr_fail("session %u: %s", req.session, rr_genl_error());
	rr_genl_close(genl);
	return status;
}

const struct rr_verb rr_verb_stop = {
	.name = "stop",
	.synopsis = "[SESSION]",
	.brief = "End a session",
	.help =
	"  -h, --help   this text\n\n"
	"SESSION may be left out when only one is running. A recorded program goes on,\n"
	"unrecorded; a replayed one is killed.\n",
	.run = cmd_stop,
};
