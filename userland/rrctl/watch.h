/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waits for what can happen while a session runs: the pump ends, the child
 * ends, signals for rrctl, notices of the module, time for a progress line.
 */
#ifndef RRCTL_WATCH_H
#define RRCTL_WATCH_H

#include <signal.h>
#include <stdbool.h>

#include "child.h"
#include "genl.h"
#include "pump.h"

/**
 * struct rr_watch - set up by the caller, zero means absent
 * @session: whose notices count
 * @notices: from rr_genl_listen()
 * @notices_fd: likewise
 * @signal_fd: set by rr_watch_signals()
 * @old_mask: the signal mask before that, for the child
 * @child: reaped as soon as it ends
 * @pump: when it is done (and, with @wait_child, the child gone), the watch ends
 * @wait_child: see @pump
 * @ended: set by a callback to end the watch
 * @pump_told: @on_pump was called
 * @on_signal: a signal for rrctl
 * @on_notice: a notice about @session
 * @on_child: the child was reaped
 * @on_pump: the pump is done
 * @on_tick: every half second after the first two
 * @data: for the callbacks
 */
struct rr_watch {
	__u32		session;
	struct rr_genl	*notices;
	int		notices_fd;
	int		signal_fd;
	sigset_t	old_mask;
	struct rr_child	*child;
	struct rr_pump	*pump;
	bool		wait_child;
	bool		ended;
	bool		pump_told;
	void		(*on_signal)(struct rr_watch *watch, int sig);
	void		(*on_notice)(struct rr_watch *watch, const struct rr_session *session);
	void		(*on_child)(struct rr_watch *watch);
	void		(*on_pump)(struct rr_watch *watch);
	void		(*on_tick)(struct rr_watch *watch, double seconds);
	void		*data;
};

int rr_watch_signals(struct rr_watch *watch);
int rr_watch_run(struct rr_watch *watch);
void rr_watch_signal_wait(struct rr_watch *watch);

#endif /* RRCTL_WATCH_H */
