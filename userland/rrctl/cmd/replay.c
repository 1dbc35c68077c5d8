// SPDX-License-Identifier: GPL-2.0-only
/*
 * rrctl replay: make a child become the first task of a log, feed the log,
 * print what the program prints.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../child.h"
#include "../device.h"
#include "../divergence.h"
#include "../features.h"
#include "../genl.h"
#include "../logfile.h"
#include "../pump.h"
#include "../rrctl.h"
#include "../store.h"
#include "../watch.h"

/**
 * struct replay - one replay
 * @path: the log file
 * @size: its bytes
 * @quiet: no progress
 * @hold: keep a diverged group for inspection
 * @held: it diverged and is kept
 * @signals: how many came
 * @request: names the session
 * @genl: owns the session
 * @file: descriptor of the log, until the feed has it
 * @in: device to read from, until the echo has it
 * @out: device to write to, until the feed has it
 * @child: becomes the first task
 * @feed: from @file to @out
 * @echo: from @in to standard output and error
 * @watch: waits for all of them
 * @result: the session at its end
 */
struct replay {
	char			path[PATH_MAX];
	off_t			size;
	bool			quiet;
	bool			hold;
	bool			held;
	int			signals;
	struct rr_request	request;
	struct rr_genl		*genl;
	int			file;
	int			in;
	int			out;
	struct rr_child		child;
	struct rr_pump		feed;
	struct rr_pump		echo;
	struct rr_watch		watch;
	struct rr_session	result;
};

static const struct option options[] = {
	{ "quiet",	no_argument,	NULL, 'q' },
	{ "hold",	no_argument,	NULL, 'H' },
	{ "help",	no_argument,	NULL, 'h' },
	{ }
};

/* Return: 0 to go on, else @status is the exit status. */
static int parse(struct replay *rep, int argc, char **argv, int *status)
{
	int opt, err;

	*status = 0;
	while ((opt = getopt_long(argc, argv, "qh", options, NULL)) != -1) {
		if (opt == 'q') {
			rep->quiet = true;
		} else if (opt == 'H') {
			rep->hold = true;
		} else {
			*status = opt == 'h' ? rr_verb_help(&rr_verb_replay) :
					       rr_verb_misused(&rr_verb_replay, NULL);
			return -1;
		}
	}
	if (argc - optind > 1) {
		*status = rr_verb_misused(&rr_verb_replay, "more than one log is named");
		return -1;
	}
	err = rr_store_find(argv[optind], rep->path);
	if (err)
		*status = rr_fail("%s: %s", argv[optind], strerror(-err));
	return err;
}

/* What user space can tell it tells before the module is asked. */
static int check_log(struct replay *rep)
{
	char why[RR_LOG_WHY_LEN], names[256];
	__u64 have[4];
	struct rr_log *log = rr_log_open(rep->path, why);
	bool missing;

	if (!log)
		return rr_fail("%s", why);
	rr_features_here(have);
	missing = rr_features_missing(rr_log_header(log)->features, have, names, sizeof(names));
	rr_log_close(log);
	if (missing)
		return rr_fail("%s needs CPU features that are not here: %s: replay it on a CPU that has them",
			       rep->path, names);
	return 0;
}

/* Opened twice, so standard input must be a file, as any other. */
static int open_log(struct replay *rep)
{
	struct stat st;
	int status;

	if (!strcmp(rep->path, "-"))
		strcpy(rep->path, "/dev/stdin");
	if (!stat(rep->path, &st) && !S_ISREG(st.st_mode))
		return rr_fail("%s is not a regular file: save the log in one", rep->path);
	status = check_log(rep);
	if (status)
		return status;
	rep->file = open(rep->path, O_RDONLY | O_CLOEXEC);
	if (rep->file < 0 || fstat(rep->file, &st))
		return rr_fail("cannot open %s: %s", rep->path, strerror(errno));
	rep->size = st.st_size;
	return 0;
}

static void take_session(const struct rr_session *session, void *data)
{
	*(struct rr_session *)data = *session;
}

static int open_session(struct replay *rep)
{
	struct rr_request new = { .mode = RRCREW_MODE_REPLAY };
	int err = rr_genl_open(&rep->genl);

	if (!err)
		err = rr_genl_listen(&rep->watch.notices, &rep->watch.notices_fd);
	if (!err)
		err = rr_genl_call(rep->genl, RRCREW_CMD_SESSION_NEW, &new, take_session,
				   &rep->result);
	if (err)
		return rr_fail("%s", rr_genl_error());
	rep->watch.session = rep->result.id;
	rep->request = (struct rr_request){ .has_session = true, .session = rep->result.id };
	rep->out = rr_device_open(rep->result.id, O_WRONLY);
	if (rep->out < 0)
		return RR_EXIT_FAILED;
	rep->in = rr_device_open(rep->result.id, O_RDONLY);
	return rep->in < 0 ? RR_EXIT_FAILED : 0;
}

/*
 * The child is to bring nothing along that a replay could touch or that could
 * touch the replay: no files, no signals, no directory, no zombies to wait for,
 * no core dumps of somebody else's memory.
 */
static void child_strip(void)
{
	struct rlimit no_core = { 0, 0 };
	sigset_t all;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal(SIGCHLD, SIG_IGN);
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &no_core);
	close_range(0, ~0U, 0);
}

static void child_main(struct rr_child_report *report, void *data)
{
	struct replay *rep = data;
	struct rr_genl *genl;

	child_strip();
	if (chdir("/"))
		rr_child_failed(report, RR_EXIT_FAILED, "cannot enter /: %s", strerror(errno));
	else if (rr_genl_open(&genl) ||
		 rr_genl_call(genl, RRCREW_CMD_JOIN, &rep->request, NULL, NULL))
		rr_child_failed(report, RR_EXIT_FAILED, "%s", rr_genl_error());
	else
		rr_child_failed(report, RR_EXIT_FAILED,
				"the module did not take over the child: is it older than rrctl?");
}

static void end_session(struct replay *rep)
{
	if (rr_genl_call(rep->genl, RRCREW_CMD_SESSION_STOP, &rep->request, NULL, NULL))
		rr_warn("cannot stop the replay: %s", rr_genl_error());
}

/* Once asks, twice does not wait for an answer. */
static void on_signal(struct rr_watch *watch, int sig)
{
	struct replay *rep = watch->data;

	(void)sig;
	if (rep->signals++)
		watch->ended = true;
	else
		end_session(rep);
}

static void hold(struct replay *rep)
{
	if (rep->held)
		return;
	rep->held = true;
	rr_divergence_print(&rep->result.div);
	rr_say("the group is held at the divergence; inspect process %u, end with Ctrl-C",
	       rep->result.div.pid);
}

static void diverged(struct replay *rep)
{
	struct rr_session now = { 0 };

	if (rep->held || rep->result.result == RRCREW_RESULT_DIVERGED)
		return;
	if (rr_genl_call(rep->genl, RRCREW_CMD_SESSION_GET, &rep->request, take_session, &now) ||
	    now.result != RRCREW_RESULT_DIVERGED)
		return;
	rep->result = now;
	if (rep->hold)
		hold(rep);
	else
		end_session(rep);
}

static void on_notice(struct rr_watch *watch, const struct rr_session *session)
{
	if (session->notice == RRCREW_NOTICE_DIVERGED || session->notice == RRCREW_NOTICE_END)
		diverged(watch->data);
}

static void on_child(struct rr_watch *watch)
{
	struct replay *rep = watch->data;

	if (rep->child.report->status)
		end_session(rep);
}

static void on_tick(struct rr_watch *watch, double seconds)
{
	struct replay *rep = watch->data;
	struct rr_session now = { 0 };

	if (rep->held || rr_genl_call(rep->genl, RRCREW_CMD_SESSION_GET, &rep->request,
				      take_session, &now))
		return;
	if (rep->size > 0)
		rr_progress("replaying: %.0f s, %.0f%% of the log, %llu events (%.0f/s)",
			    seconds, 100.0 * rep->feed.bytes / rep->size, now.events,
			    now.events / seconds);
	else
		rr_progress("replaying: %.0f s, %llu events (%.0f/s)", seconds, now.events,
			    now.events / seconds);
}

static int launch(struct replay *rep)
{
	int err = rr_watch_signals(&rep->watch);

	if (!err)
		err = rr_child_start(&rep->child, child_main, rep);
	if (err)
		return rr_fail("cannot start a child: %s", strerror(-err));
	err = rr_pump_copy(&rep->feed, rep->file, rep->out);
	if (!err)
		err = rr_pump_echo(&rep->echo, rep->in);
	if (err) {
		rr_child_kill(&rep->child);
		return rr_fail("cannot start a thread: %s", strerror(-err));
	}
	return 0;
}

/* A divergence was taken before the session was stopped for it. */
static void take_result(struct replay *rep)
{
	if (rep->result.result == RRCREW_RESULT_DIVERGED)
		return;
	memset(&rep->result, 0, sizeof(rep->result));
	if (rr_genl_call(rep->genl, RRCREW_CMD_SESSION_GET, &rep->request, take_session,
			 &rep->result))
		rr_warn("cannot ask how the replay went: %s", rr_genl_error());
}

static int run(struct replay *rep)
{
	int err;

	rep->watch.child = &rep->child;
	rep->watch.pump = &rep->echo;
	rep->watch.on_signal = on_signal;
	rep->watch.on_notice = on_notice;
	rep->watch.on_child = on_child;
	rep->watch.data = rep;
	if (!rep->quiet && isatty(STDERR_FILENO))
		rep->watch.on_tick = on_tick;
	rep->result.result = RRCREW_RESULT_NONE;
	err = rr_watch_run(&rep->watch);
	if (err)
		return rr_fail("cannot wait: %s", strerror(-err));
	take_result(rep);
	return 0;
}

/* The divergence of a held group may be known only after its echo ended. */
static void wait_while_held(struct replay *rep)
{
	if (rep->result.result != RRCREW_RESULT_DIVERGED || !rep->hold)
		return;
	hold(rep);
	while (!rep->signals)
		rr_watch_signal_wait(&rep->watch);
}

static int finish_not_ok(struct replay *rep)
{
	const struct rr_session *s = &rep->result;
	const char *text = *s->text ? s->text : "no cause known";

	if (rep->feed.read_error)
		return rr_fail("cannot read %s: %s", rep->path, strerror(rep->feed.read_error));
	switch (s->result) {
	case RRCREW_RESULT_DIVERGED:
		if (!rep->held)
			rr_divergence_print(&s->div);
		return RR_EXIT_DIVERGED;
	case RRCREW_RESULT_TRUNCATED:
		return rr_fail("%s", text);
	case RRCREW_RESULT_BADLOG:
		return rr_fail("%s: %s", rep->path, text);
	case RRCREW_RESULT_STOPPED:
		return rr_fail("replay stopped at event %llu", s->events);
	default:
		return rr_fail("replay failed: %s", text);
	}
}

/* A log from a pipe may never end. */
#define FEED_WAIT_MS	2000

static int finish(struct replay *rep)
{
	if (rep->result.result != RRCREW_RESULT_OK) {
		bool bad = rep->result.result == RRCREW_RESULT_BADLOG ||
			   rep->result.result == RRCREW_RESULT_TRUNCATED;

		rr_child_kill(&rep->child);
		/* A bad log may have ended the session before the child joined. */
		if (rep->child.report->status && !bad)
			return rr_fail("%s", rep->child.report->text);
		return finish_not_ok(rep);
	}
	rr_child_reap(&rep->child);
	/* The tasks may have ended before the feeder has come to what is behind END. */
	if (rr_pump_wait(&rep->feed, FEED_WAIT_MS) && rep->feed.write_error == EBADMSG)
		return rr_fail("%s: log damaged: bytes behind its END", rep->path);
	if (rep->echo.write_error)
		return rr_fail("cannot print what the program printed: %s",
			       strerror(rep->echo.write_error));
	return rr_child_exit_status(&rep->child);
}

static int cmd_replay(int argc, char **argv)
{
	static struct replay rep;
	int status;

	if (parse(&rep, argc, argv, &status))
		return status;
	status = open_log(&rep);
	if (!status)
		status = open_session(&rep);
	if (!status)
		status = launch(&rep);
	if (!status)
		status = run(&rep);
	if (status)
		return status;
	wait_while_held(&rep);
	return finish(&rep);
}

const struct rr_verb rr_verb_replay = {
	.name = "replay",
	.synopsis = "[-q] [--hold] [LOG]",
	.brief = "Replay a log",
	.help =
	"  -q, --quiet   no progress\n"
	"      --hold    when the replay diverges, keep the stopped tasks until Ctrl-C\n"
	"  -h, --help    this text\n\n"
	"LOG defaults to the latest recording, '-' is standard input if that is a file.\n"
	"Prints what the program printed.\n\n"
	"Exit status: the recorded one; 124 if the replay diverged from the log, 125 if\n"
	"it failed or the log is cut or damaged.\n",
	.run = cmd_replay,
};
