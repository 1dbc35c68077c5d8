// SPDX-License-Identifier: GPL-2.0-only
/*
 * The loop of record and replay.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "watch.h"

#define TICK_MS		500
#define FIRST_TICK_S	2.0

enum { FD_PUMP, FD_CHILD, FD_SIGNAL, FD_NOTICES, NR_FDS };

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Who has us ignore a signal, as nohup does, means it. */
static void set_add(sigset_t *set, int sig)
{
	struct sigaction act;

	if (!sigaction(sig, NULL, &act) && act.sa_handler != SIG_IGN)
		sigaddset(set, sig);
}

/**
 * rr_watch_signals() - take the signals that would end rrctl
 * @watch: @signal_fd and @old_mask are set
 *
 * They are blocked, not caught: dispositions stay as they were, so that the
 * child has nothing to restore but the mask. Those that a failed write() sends are
 * blocked for its error to be seen.
 *
 * Return: 0 or a negative errno.
 */
int rr_watch_signals(struct rr_watch *watch)
{
	sigset_t taken, blocked;

	sigemptyset(&taken);
	set_add(&taken, SIGINT);
	set_add(&taken, SIGQUIT);
	set_add(&taken, SIGTERM);
	set_add(&taken, SIGHUP);
	blocked = taken;
	sigaddset(&blocked, SIGPIPE);
	sigaddset(&blocked, SIGXFSZ);
	if (sigprocmask(SIG_BLOCK, &blocked, &watch->old_mask))
		return -errno;
	watch->signal_fd = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
	return watch->signal_fd < 0 ? -errno : 0;
}

static void watch_signal(struct rr_watch *watch)
{
	struct signalfd_siginfo info;

	while (read(watch->signal_fd, &info, sizeof(info)) == sizeof(info))
		watch->on_signal(watch, info.ssi_signo);
}

/**
 * rr_watch_signal_wait() - wait until a signal for rrctl came
 * @watch: after rr_watch_signals()
 */
void rr_watch_signal_wait(struct rr_watch *watch)
{
	struct pollfd pfd = { .fd = watch->signal_fd, .events = POLLIN };

	poll(&pfd, 1, -1);
	watch_signal(watch);
}

static void watch_notice(const struct rr_session *session, void *data)
{
	struct rr_watch *watch = data;

	if (session->id == watch->session)
		watch->on_notice(watch, session);
}

static void watch_child(struct rr_watch *watch)
{
	rr_child_reap(watch->child);
	if (watch->on_child)
		watch->on_child(watch);
}

/* Told once, whoever noticed first that the pump is done. */
static void watch_pump(struct rr_watch *watch)
{
	if (watch->pump_told || !rr_pump_done(watch->pump))
		return;
	watch->pump_told = true;
	if (watch->on_pump)
		watch->on_pump(watch);
}

static void watch_fds(struct rr_watch *watch, struct pollfd *fds)
{
	/* Not "done": it may have become so since watch_over() looked. */
	fds[FD_PUMP].fd = watch->pump_told ? -1 : watch->pump->done_fd;
	fds[FD_CHILD].fd = watch->child->gone ? -1 : watch->child->pidfd;
	fds[FD_SIGNAL].fd = watch->signal_fd;
	fds[FD_NOTICES].fd = watch->notices ? watch->notices_fd : -1;
}

static bool watch_over(struct rr_watch *watch)
{
	if (watch->ended)
		return true;
	if (!rr_pump_done(watch->pump))
		return false;
	return !watch->wait_child || watch->child->gone;
}

/**
 * rr_watch_run() - wait until the session is over
 * @watch: all set
 *
 * Return: 0 or a negative errno.
 */
int rr_watch_run(struct rr_watch *watch)
{
	struct pollfd fds[NR_FDS];
	double start = now();
	int i;

	for (i = 0; i < NR_FDS; i++)
		fds[i].events = POLLIN;
	while (!watch_over(watch)) {
		double seconds = now() - start;

		watch_fds(watch, fds);
		if (watch->on_tick && seconds > FIRST_TICK_S)
			watch->on_tick(watch, seconds);
		if (poll(fds, NR_FDS, watch->on_tick ? TICK_MS : -1) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (fds[FD_SIGNAL].revents)
			watch_signal(watch);
		if (fds[FD_NOTICES].fd >= 0 && fds[FD_NOTICES].revents)
			rr_genl_notices(watch->notices, watch_notice, watch);
		if (fds[FD_CHILD].fd >= 0 && fds[FD_CHILD].revents)
			watch_child(watch);
		watch_pump(watch);
	}
	watch_pump(watch);
	/* Notices that came together with the end. */
	if (watch->notices)
		rr_genl_notices(watch->notices, watch_notice, watch);
	return 0;
}
