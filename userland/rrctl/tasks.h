/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is known of the tasks of a log, by number.
 */
#ifndef RRCTL_TASKS_H
#define RRCTL_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/rrcrew_log.h>

#include "logfile.h"

#define RR_NO_CALL	0xffffffffu

/**
 * struct rr_task - one task
 * @nr: its number
 * @parent: the number of the task that made it, 0 for none
 * @first: number of its first event; of the CLONE that made it until that comes
 * @lane: of that event
 * @thread: shares its parent's process
 * @comm: name that execve() gave it, zero terminated; empty if it has called none
 * @born: @comm of its parent when it was made; empty: that of the
 *	parent, see rr_tasks_inherit()
 * @exited: EXIT was seen, @exit_code is valid
 * @exit_code: as wait4() reports it
 * @call: the system call that it is in, or RR_NO_CALL
 * @call_lane: the lane that has the further events of @call
 */
struct rr_task {
	__u32	nr;
	__u32	parent;
	__u32	lane;
	__u64	first;
	bool	thread;
	char	comm[16];
	char	born[16];
	bool	exited;
	__u32	exit_code;
	__u32	call;
	__u32	call_lane;
};

/* All tasks, ordered by number. */
struct rr_tasks {
	struct rr_task	*task;
	size_t		nr;
	size_t		room;
};

struct rr_task *rr_tasks_find(struct rr_tasks *tasks, __u32 nr);
void rr_tasks_inherit(struct rr_tasks *tasks);
const char *rr_task_name(const struct rr_task *task);
__u32 rr_task_call(const struct rr_task *task, __u32 lane);
int rr_tasks_see(struct rr_tasks *tasks, const struct rr_log_event *ev);
void rr_tasks_free(struct rr_tasks *tasks);

#endif /* RRCTL_TASKS_H */
