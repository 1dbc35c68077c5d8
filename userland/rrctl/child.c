// SPDX-License-Identifier: GPL-2.0-only
/*
 * The child that becomes the first task of a session.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "rrctl.h"

/**
 * rr_child_start() - fork
 * @child: filled in
 * @fn: runs in the child; returns only on failure, after rr_child_failed()
 * @data: for @fn
 *
 * Who ignores SIGCHLD, which exec passes on, is not told how a child ended.
 *
 * Return: 0 or a negative errno.
 */
int rr_child_start(struct rr_child *child, void (*fn)(struct rr_child_report *report, void *data),
		   void *data)
{
	void *shared = mmap(NULL, sizeof(*child->report), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	memset(child, 0, sizeof(*child));
	if (shared == MAP_FAILED)
		return -errno;
	child->report = shared;
	child->old_chld = signal(SIGCHLD, SIG_DFL);
	child->pid = fork();
	if (child->pid < 0)
		return -errno;
	if (!child->pid) {
		fn(child->report, data);
		_exit(child->report->status);
	}
	child->pidfd = pidfd_open(child->pid, 0);
	if (child->pidfd < 0) {
		int err = -errno;

		rr_child_kill(child);
		return err;
	}
	return 0;
}

/* For the child: leaves the report. */
int rr_child_failed(struct rr_child_report *report, int status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(report->text, sizeof(report->text), fmt, args);
	va_end(args);
	report->status = status;
	return status;
}

/* Waits for the child, unless that was done. */
void rr_child_reap(struct rr_child *child)
{
	if (child->gone)
		return;
	do
		child->error = waitpid(child->pid, &child->wait_status, 0) < 0 ? errno : 0;
	while (child->error == EINTR);
	child->gone = true;
}

void rr_child_kill(struct rr_child *child)
{
	if (child->gone)
		return;
	kill(child->pid, SIGKILL);
	rr_child_reap(child);
}

/* The exit status that a shell would report for it. */
int rr_child_exit_status(const struct rr_child *child)
{
	if (child->error)
		return rr_fail("cannot learn how the program ended: %s", strerror(child->error));
	if (WIFSIGNALED(child->wait_status))
		return RR_EXIT_SIGNAL + WTERMSIG(child->wait_status);
	return WEXITSTATUS(child->wait_status);
}
