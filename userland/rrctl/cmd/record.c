// SPDX-License-Identifier: GPL-2.0-only
/*
 * rrctl record: run a command in a recording session, copy the log to a file.
 * The program's fate is its own: whatever happens to the recording, it runs on.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../child.h"
#include "../device.h"
#include "../genl.h"
#include "../pump.h"
#include "../rrctl.h"
#include "../store.h"
#include "../text.h"
#include "../watch.h"

/**
 * struct record - one recording
 * @path: the log file
 * @in_store: @path was made up by us
 * @created: there was no such file before
 * @quiet: no summary, no progress
 * @request: what the session is made from
 * @argv: the command
 * @genl: owns the session; NULL once its result is known
 * @device: descriptor, until the pump has it
 * @file: likewise
 * @child: becomes the program
 * @pump: from @device to @file
 * @watch: waits for all of them
 * @result: the session at its end
 */
struct record {
	char			path[PATH_MAX];
	bool			in_store;
	bool			created;
	bool			quiet;
	struct rr_request	request;
	char			**argv;
	struct rr_genl		*genl;
	int			device;
	int			file;
	struct rr_child		child;
	struct rr_pump		pump;
	struct rr_watch		watch;
	struct rr_session	result;
};

static const struct option options[] = {
	{ "output",	required_argument,	NULL, 'o' },
	{ "lanes",	required_argument,	NULL, 'l' },
	{ "check",	required_argument,	NULL, 'c' },
	{ "quiet",	no_argument,		NULL, 'q' },
	{ "help",	no_argument,		NULL, 'h' },
	{ }
};

#define LANES_MAX	32

static int parse_lanes(struct record *rec, const char *arg)
{
	unsigned long lanes;

	if (!rr_number(arg, LANES_MAX, &lanes) || !lanes)
		return rr_fail("--lanes=%s: give a number of lanes, 1 to %d", arg, LANES_MAX);
	rec->request.lanes = lanes;
	return 0;
}

static int parse_check(struct record *rec, const char *arg)
{
	if (!strcmp(arg, "full"))
		rec->request.flags |= RRCREW_F_CHECK_FULL;
	else if (!strcmp(arg, "none"))
		rec->request.flags &= ~RRCREW_F_CHECK_FULL;
	else
		return rr_fail("--check=%s: give 'full' or 'none'", arg);
	return 0;
}

static int parse_path(struct record *rec, const char *arg)
{
	if (!*arg)
		return rr_fail("-o: give the name of a file");
	if (!strcmp(arg, "-"))
		return rr_fail("-o -: the program has standard output: give a file, or a FIFO");
	if (strlen(arg) >= sizeof(rec->path))
		return rr_fail("%s: %s", arg, strerror(ENAMETOOLONG));
	strcpy(rec->path, arg);
	return 0;
}

/* Return: 0 to go on, else @status is the exit status. */
static int parse(struct record *rec, int argc, char **argv, int *status)
{
	int opt;

	*status = 0;
	while (!*status && (opt = getopt_long(argc, argv, "+o:qh", options, NULL)) != -1) {
		switch (opt) {
		case 'o':
			*status = parse_path(rec, optarg);
			break;
		case 'l':
			*status = parse_lanes(rec, optarg);
			break;
		case 'c':
			*status = parse_check(rec, optarg);
			break;
		case 'q':
			rec->quiet = true;
			break;
		case 'h':
			*status = rr_verb_help(&rr_verb_record);
			return -1;
		default:
			*status = rr_verb_misused(&rr_verb_record, NULL);
		}
	}
	if (!*status && optind == argc)
		*status = rr_verb_misused(&rr_verb_record, "no command is given");
	rec->argv = argv + optind;
	return *status ? -1 : 0;
}

static void take_session(const struct rr_session *session, void *data)
{
	*(struct rr_session *)data = *session;
}

static int open_session(struct record *rec)
{
	int err = rr_genl_open(&rec->genl);

	if (!err)
		err = rr_genl_listen(&rec->watch.notices, &rec->watch.notices_fd);
	if (!err)
		err = rr_genl_call(rec->genl, RRCREW_CMD_SESSION_NEW, &rec->request,
				   take_session, &rec->result);
	if (err)
		return rr_fail("%s", rr_genl_error());
	rec->watch.session = rec->result.id;
	rec->request = (struct rr_request){ .has_session = true, .session = rec->result.id };
	rec->device = rr_device_open(rec->result.id, O_RDONLY);
	return rec->device < 0 ? RR_EXIT_FAILED : 0;
}

/* Whose file it is may read it, and whose link it is may lead anywhere. */
static bool is_ours(const char *path, const struct stat *st)
{
	struct stat name;

	if (st->st_uid != geteuid() || lstat(path, &name))
		return false;
	if (S_ISLNK(name.st_mode))
		return !name.st_uid || name.st_uid == geteuid();
	return name.st_dev == st->st_dev && name.st_ino == st->st_ino;
}

static int open_path(struct record *rec)
{
	struct stat st;

	rec->file = open(rec->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	rec->created = rec->file >= 0;
	if (rec->file < 0 && errno == EEXIST)
		rec->file = open(rec->path, O_WRONLY | O_CLOEXEC);
	if (rec->file < 0 || fstat(rec->file, &st))
		return rr_fail("cannot create %s: %s", rec->path, strerror(errno));
	if (!rec->created && S_ISREG(st.st_mode) && !is_ours(rec->path, &st))
		return rr_fail("%s belongs to another user, or a link to it does: remove it or use another -o FILE",
			       rec->path);
	return 0;
}

static int open_file(struct record *rec)
{
	if (*rec->path)
		return open_path(rec);
	rec->in_store = true;
	rec->created = true;
	rec->file = rr_store_create(rec->argv[0], rec->path);
	if (rec->file < 0)
		return rr_fail("cannot create %s: %s: use -o FILE or set RRCREW_DIR",
			       rec->path, strerror(-rec->file));
	return 0;
}

/* Runs in the child: JOIN acts on the calling task. */
static int child_join(struct record *rec)
{
	struct rr_genl *genl;
	int err = rr_genl_open(&genl);

	if (err)
		return err;
	err = rr_genl_call(genl, RRCREW_CMD_JOIN, &rec->request, NULL, NULL);
	rr_genl_close(genl);
	return err;
}

static void child_main(struct rr_child_report *report, void *data)
{
	struct record *rec = data;

	if (child_join(rec)) {
		rr_child_failed(report, RR_EXIT_FAILED, "%s", rr_genl_error());
		return;
	}
	signal(SIGCHLD, rec->child.old_chld);
	sigprocmask(SIG_SETMASK, &rec->watch.old_mask, NULL);
	execvp(rec->argv[0], rec->argv);
	rr_child_failed(report, errno == ENOENT ? RR_EXIT_NOT_FOUND : RR_EXIT_CANNOT_EXEC,
			"%s: %s", rec->argv[0], strerror(errno));
}

static void end_session(struct record *rec)
{
	if (rec->genl && rr_genl_call(rec->genl, RRCREW_CMD_SESSION_STOP, &rec->request, NULL, NULL))
		rr_warn("cannot stop the recording: %s", rr_genl_error());
}

/*
 * The terminal sends its signals to the program as well, the others are passed
 * on. When the program has ended they are for what it left behind: the user
 * wants the recording to end.
 */
static void on_signal(struct rr_watch *watch, int sig)
{
	struct record *rec = watch->data;

	if (rec->child.gone)
		end_session(rec);
	else if (sig == SIGTERM || sig == SIGHUP)
		kill(rec->child.pid, sig);
}

static void on_notice(struct rr_watch *watch, const struct rr_session *session)
{
	(void)watch;
	if (session->notice == RRCREW_NOTICE_UNSOUND)
		rr_warn("%s", session->text);
}

static void on_tick(struct rr_watch *watch, double seconds)
{
	struct record *rec = watch->data;
	struct rr_session session = { 0 };
	char size[32];

	if (rr_pump_done(&rec->pump) ||
	    rr_genl_call(rec->genl, RRCREW_CMD_SESSION_GET, &rec->request, take_session, &session))
		return;
	rr_progress("recording: %.0f s, %llu events (%.0f/s), %s", seconds, session.events,
		    session.events / seconds, rr_size_text(size, sizeof(size), session.bytes));
}

static const char *write_remedy(int error)
{
	if (error == ENOSPC || error == EDQUOT)
		return ": make room, or use -o FILE on another file system";
	if (error == EFBIG)
		return ": raise the limit, see 'ulimit -f'";
	if (error == EPIPE)
		return ": let the reader read to the end";
	return "";
}

/* The session goes with its owner: the program may run on for long without it. */
static void take_result(struct record *rec)
{
	memset(&rec->result, 0, sizeof(rec->result));
	if (rr_genl_call(rec->genl, RRCREW_CMD_SESSION_GET, &rec->request, take_session,
			 &rec->result))
		rr_warn("cannot ask how the recording went: %s", rr_genl_error());
	rr_genl_close(rec->genl);
	rec->genl = NULL;
}

/* Failures are said at once, not only when the program has ended. */
static void on_pump(struct rr_watch *watch)
{
	struct record *rec = watch->data;

	take_result(rec);
	if (rec->pump.write_error)
		rr_fail("cannot write %s: %s: the recording ends here, the program goes on%s",
			rec->path, strerror(rec->pump.write_error),
			write_remedy(rec->pump.write_error));
	else if (rec->pump.read_error)
		rr_fail("cannot read the log from the module: %s: the recording ends here",
			strerror(rec->pump.read_error));
}

/*
 * What was there may be a recording: it stays until there is something to write. A log
 * holds the program's secrets: only its owner may read it, old file or new.
 */
static void empty_file(struct record *rec)
{
	struct stat st;

	if (rec->created || fstat(rec->file, &st) || !S_ISREG(st.st_mode))
		return;
	if (fchmod(rec->file, 0600))
		rr_warn("%s: cannot make it private: %s", rec->path, strerror(errno));
	if (ftruncate(rec->file, 0))
		rr_warn("%s: cannot empty it: %s", rec->path, strerror(errno));
}

/* Until the child has executed its command, or has ended. */
static int start_command(struct record *rec)
{
	int ends[2], err;
	char byte;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	err = rr_child_start(&rec->child, child_main, rec);
	close(ends[1]);
	while (!err && read(ends[0], &byte, 1) < 0 && errno == EINTR)
		;
	close(ends[0]);
	return err;
}

static int launch(struct record *rec)
{
	int err = rr_watch_signals(&rec->watch);

	if (!err)
		err = start_command(rec);
	if (err)
		return rr_fail("cannot start the command: %s", strerror(-err));
	if (rec->child.report->status) {
		rr_fail("%s", rec->child.report->text);
		return rec->child.report->status;
	}
	empty_file(rec);
	err = rr_pump_copy(&rec->pump, rec->device, rec->file);
	if (err) {
		rr_child_kill(&rec->child);
		return rr_fail("cannot start a thread: %s", strerror(-err));
	}
	return 0;
}

static int run(struct record *rec)
{
	int err;

	rec->watch.child = &rec->child;
	rec->watch.pump = &rec->pump;
	rec->watch.wait_child = true;
	rec->watch.on_signal = on_signal;
	rec->watch.on_notice = on_notice;
	rec->watch.on_pump = on_pump;
	rec->watch.data = rec;
	if (!rec->quiet && isatty(STDERR_FILENO))
		rec->watch.on_tick = on_tick;
	err = rr_watch_run(&rec->watch);
	if (err)
		return rr_fail("cannot wait: %s", strerror(-err));
	return 0;
}

/* What was there before is not ours to remove. */
static void remove_log(const struct record *rec)
{
	if (rec->created)
		unlink(rec->path);
}

static void say_lanes(const struct rr_session *s)
{
	rr_say("%u lanes: %llu pages handed over (%.0f a second), %llu async points, %llu forced",
	       s->lanes, s->pages, s->pages / (s->ns / 1e9), s->asyncs, s->forced);
	rr_say("  %llu grants: %llu shared, %llu exclusive (%llu of these to readers), %.1f bytes a page",
	       s->grants, s->grants - s->exclusive, s->exclusive, s->migratory,
	       s->handover_bytes / (double)s->pages);
	rr_say("  %llu faults, %llu revokes, %llu flushes, denied %llu times, %.1f ms for async points",
	       s->faults, s->revokes, s->flushes, s->denied, s->async_ns / 1e6);
}

static void say_summary(struct record *rec)
{
	char size[32], word[4 * PATH_MAX + 8];

	rr_say("recorded %llu events, %s in %.1f s; replay with: rrctl replay %s",
	       rec->result.events, rr_size_text(size, sizeof(size), rec->pump.bytes),
	       rec->result.ns / 1e9, rr_shell_word(word, sizeof(word), rec->path));
	if (rec->result.grants)
		say_lanes(&rec->result);
}

static int finish(struct record *rec)
{
	if (rec->in_store)
		rr_store_set_latest(rec->path);
	if (rec->pump.write_error || rec->pump.read_error)
		return RR_EXIT_FAILED;
	if (!rec->quiet)
		say_summary(rec);
	if (rec->result.result == RRCREW_RESULT_STOPPED)
		rr_warn("the recording is not complete: %s", rec->result.text);
	else if (rec->result.result != RRCREW_RESULT_OK)
		return rr_fail("the recording is not complete: %s; the program went on",
			       *rec->result.text ? rec->result.text : "no cause known");
	return rr_child_exit_status(&rec->child);
}

static int cmd_record(int argc, char **argv)
{
	static struct record rec = { .request = { .mode = RRCREW_MODE_RECORD } };
	int status;

	if (parse(&rec, argc, argv, &status))
		return status;
	status = open_session(&rec);
	if (!status)
		status = open_file(&rec);
	if (status)
		return status;
	status = launch(&rec);
	if (!status)
		status = run(&rec);
	else
		remove_log(&rec);
	return status ? status : finish(&rec);
}

const struct rr_verb rr_verb_record = {
	.name = "record",
	.synopsis = "[-o FILE] [--lanes N] [--check=full|none] [-q] [--] CMD [ARG...]",
	.brief = "Run a command and record it",
	.help =
	"  -o, --output FILE   write the log to FILE; default: a new file in $RRCREW_DIR\n"
	"                      or ~/.local/share/rrcrew\n"
	"      --lanes N       1 to 32: tasks of different lanes run in parallel; default:\n"
	"                      one for each CPU that rrctl may run on\n"
	"      --check=full    log digests of registers and memory, verified by the replay\n"
	"      --check=none    do not (default)\n"
	"  -q, --quiet         no progress, no summary\n"
	"  -h, --help          this text\n\n"
	"Exit status: that of CMD (128 + N when signal N ended it); 125 if recording\n"
	"failed, 126 if CMD cannot be executed, 127 if there is no CMD.\n",
	.run = cmd_record,
};
