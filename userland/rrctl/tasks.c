// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is known of the tasks of a log. A log may number its tasks as it likes.
 *
 * A task may have events in several lanes. Blocks of different lanes are in the log
 * in the order in which they became full: there, a task's START may come before the
 * CLONE that made it, and a LEAVE before its ENTER.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "tasks.h"

static bool task_before(const void *element, const void *nr)
{
	return ((const struct rr_task *)element)->nr < *(const __u32 *)nr;
}

static size_t tasks_place(const struct rr_tasks *tasks, __u32 nr)
{
	return rr_array_place(tasks->task, tasks->nr, sizeof(*tasks->task), task_before, &nr);
}

struct rr_task *rr_tasks_find(struct rr_tasks *tasks, __u32 nr)
{
	size_t i = tasks_place(tasks, nr);

	return i < tasks->nr && tasks->task[i].nr == nr ? &tasks->task[i] : NULL;
}

static struct rr_task *tasks_get(struct rr_tasks *tasks, __u32 nr, const struct rr_log_event *ev)
{
	size_t i = tasks_place(tasks, nr);

	if (i < tasks->nr && tasks->task[i].nr == nr)
		return &tasks->task[i];
	if (rr_array_insert(&tasks->task, sizeof(*tasks->task), &tasks->nr, &tasks->room, i))
		return NULL;
	tasks->task[i] = (struct rr_task){
		.nr = nr, .lane = ev->lane, .first = ev->nr, .call = RR_NO_CALL,
	};
	return &tasks->task[i];
}

/* @parent may move when the child is added. */
static int see_clone(struct rr_tasks *tasks, const struct rr_log_event *ev)
{
	const struct rrlog_clone *clone = (const struct rrlog_clone *)ev->e;
	struct rr_task *child = tasks_get(tasks, ev->e->aux, ev);
	const struct rr_task *parent = rr_tasks_find(tasks, ev->e->task);

	if (!child)
		return -ENOMEM;
	if (!parent || child == parent)
		return 0;
	child->parent = ev->e->task;
	child->thread = clone->flags & CLONE_THREAD;
	memcpy(child->born, parent->comm, sizeof(child->born));
	return 0;
}

/**
 * rr_tasks_inherit() - give tasks the names of those that made them
 * @tasks: all tasks of a log that was read
 *
 * Numbers grow, so that one pass is enough; a log made to be otherwise gives no name.
 */
void rr_tasks_inherit(struct rr_tasks *tasks)
{
	const struct rr_task *parent;
	struct rr_task *task;
	size_t i;

	for (i = 0; i < tasks->nr; i++) {
		task = &tasks->task[i];
		if (task->born[0] || task->parent >= task->nr)
			continue;
		parent = rr_tasks_find(tasks, task->parent);
		if (parent)
			memcpy(task->born, parent->born, sizeof(task->born));
	}
}

/**
 * rr_task_name() - what a task is called
 * @task: after rr_tasks_inherit()
 *
 * Until it calls execve() a task has the name that its parent had when it was made.
 *
 * Return: the name, zero terminated, empty if it is not known.
 */
const char *rr_task_name(const struct rr_task *task)
{
	return task->comm[0] ? task->comm : task->born;
}

/**
 * rr_task_call() - the system call that an event of a task belongs to
 * @task: the task
 * @lane: of the event
 *
 * Return: its number, or RR_NO_CALL: there is none, or its ENTER is in another
 * lane's block that comes later.
 */
__u32 rr_task_call(const struct rr_task *task, __u32 lane)
{
	return task->call_lane == lane ? task->call : RR_NO_CALL;
}

/**
 * rr_tasks_see() - learn from an event
 * @tasks: zero at the start of the log
 * @ev: each event, in the order of the log
 *
 * @call stays until the next begin of a stay, so that a LEAVE can look at it.
 *
 * Return: 0 or -ENOMEM.
 */
int rr_tasks_see(struct rr_tasks *tasks, const struct rr_log_event *ev)
{
	const struct rrlog_event *e = ev->e;
	struct rr_task *task;

	if (!e->task)
		return 0;
	task = tasks_get(tasks, e->task, ev);
	if (!task)
		return -ENOMEM;
	switch (e->type) {
	case RRLOG_ENTER:
		task->call = e->aux;
		task->call_lane = ev->lane;
		break;
	case RRLOG_MOVE:
		if (task->call_lane == ev->lane)
			task->call_lane = e->aux;
		break;
	case RRLOG_START:
		task->lane = ev->lane;
		task->first = ev->nr;
		task->call = RR_NO_CALL;
		break;
	case RRLOG_TRAP:
	case RRLOG_ASYNC:
		task->call = RR_NO_CALL;
		break;
	case RRLOG_CLONE:
		return see_clone(tasks, ev);
	case RRLOG_EXEC:
		memcpy(task->comm, ((const struct rrlog_exec *)e)->comm, sizeof(task->comm));
		break;
	case RRLOG_EXIT:
		task->exited = true;
		task->exit_code = e->aux;
		break;
	}
	return 0;
}

void rr_tasks_free(struct rr_tasks *tasks)
{
	free(tasks->task);
	memset(tasks, 0, sizeof(*tasks));
}
