/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The child that becomes the first task of a session.
 */
#ifndef RRCTL_CHILD_H
#define RRCTL_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "genl.h"
#include "macros.h"

/**
 * struct rr_child_report - what the child tells its parent: why it did not get there
 * @status: exit status for rrctl; 0: it got there
 * @text: cause and remedy
 */
struct rr_child_report {
	int	status;
	char	text[RR_TEXT_LEN];
};

/**
 * struct rr_child - the child as its parent sees it
 * @pid: its process
 * @pidfd: readable when it has ended
 * @gone: it was waited for
 * @error: errno of that or 0, then @wait_status is valid
 * @wait_status: from waitpid()
 * @old_chld: disposition of SIGCHLD before rr_child_start()
 * @report: shared memory: the child has no descriptor to report through
 */
struct rr_child {
	pid_t			pid;
	int			pidfd;
	bool			gone;
	int			error;
	int			wait_status;
	void			(*old_chld)(int sig);
	struct rr_child_report	*report;
};

int rr_child_start(struct rr_child *child, void (*fn)(struct rr_child_report *report, void *data),
		   void *data);
__printf(3, 4) int rr_child_failed(struct rr_child_report *report, int status, const char *fmt, ...);
void rr_child_reap(struct rr_child *child);
void rr_child_kill(struct rr_child *child);
int rr_child_exit_status(const struct rr_child *child);

#endif /* RRCTL_CHILD_H */
