// SPDX-License-Identifier: GPL-2.0-only
#include <linux/module.h>
#include <linux/prctl.h>
#include <linux/sched/clock.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "compat/symbols.h"
#include "handover.h"
#include "record.h"
#include "replay.h"
#include "task.h"

/* No group needs more; a log may be hostile. */
#define RR_TASKS_MAX	65536

static void rr_task_sched_in(struct preempt_notifier *pn, int cpu)
{
	rr_cr3_sched_in(&container_of(pn, struct rr_task, pn)->cr3);
}

/*
 * Under the run queue's lock. A task that goes to sleep inside a system call
 * lets others of its lane compute; one that is only preempted does not.
 */
static void rr_task_sched_out(struct preempt_notifier *pn, struct task_struct *next)
{
	struct rr_task *t = container_of(pn, struct rr_task, pn);
	unsigned int state = READ_ONCE(t->task->__state);

	rr_cr3_sched_out(&t->cr3);
	/* One that is stopped for its tracer sleeps in any call. */
	if (state == TASK_RUNNING ||
	    (!READ_ONCE(t->releasable) && !(state & (__TASK_TRACED | __TASK_STOPPED))))
		return;
	if (t->has_token && (t->word[0] || t->word[1]) && !rr_session_ended(t->s)) {
		rr_task_get(t);
		/* Who had the token before us has taken what was there. */
		if (cmpxchg(&t->lane->unlogged, NULL, t))
			rr_task_put(t);
	}
	rr_token_release(t, true);
}

struct preempt_ops rr_preempt_ops = {
	.sched_in	= rr_task_sched_in,
	.sched_out	= rr_task_sched_out,
};

/*
 * Drop the reference of a queued work; the tag's own keeps @t while this
 * returns true. Before the work is done, because a replayed task may die in it.
 */
static bool rr_task_work_begin(struct rr_task *t)
{
	/* get_signal() and ptrace_notify() run them too early: our wrappers go on. */
	bool here = !t->works_early && !t->dying && t->phase != RR_PHASE_GONE;

	rr_task_put(t);
	return here;
}

static void rr_task_leave_work(struct callback_head *head)
{
	struct rr_task *t = container_of(head, struct rr_task, leave_work);

	t->leave_queued = false;
	if (!rr_task_work_begin(t))
		return;
	if (rr_session_records(t->s)) {
		rr_record_leave(t, current_pt_regs());
		return;
	}
	t->in_work = true;
	rr_replay_leave(t, current_pt_regs());
	t->in_work = false;
}

static void rr_task_kick_work(struct callback_head *head)
{
	struct rr_task *t = container_of(head, struct rr_task, kick_work);

	clear_bit(0, &t->kick_queued);
	if (!rr_task_work_begin(t) || t->phase != RR_PHASE_ACTIVE)
		return;
	if (rr_session_records(t->s)) {
		rr_record_kick(t, current_pt_regs());
		return;
	}
	t->in_work = true;
	rr_replay_kick(t, current_pt_regs());
	t->in_work = false;
}

/**
 * rr_task_new() - make the tag of a task, without putting it on
 * @s: session; gets a reference and counts the task
 * @task: the task; gets a reference
 * @lane: its lane
 * @id: its number, or 0 for the next one
 *
 * Context: may sleep.
 * Return: the tag with one reference; NULL if memory is short, there are too many
 * or @id is taken (a log may be hostile).
 */
struct rr_task *rr_task_new(struct rr_session *s, struct task_struct *task,
			    struct rr_lane *lane, u32 id)
{
	struct rr_task *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return NULL;
	t->id = id ?: atomic_inc_return(&s->nr_total);
	refcount_set(&t->ref, 2);
	t->s = s;
	t->task = task;
	t->synced = local_clock();
	preempt_notifier_init(&t->pn, &rr_preempt_ops);
	init_task_work(&t->leave_work, rr_task_leave_work);
	init_task_work(&t->kick_work, rr_task_kick_work);
	INIT_LIST_HEAD(&t->token_link);
	rr_place_init(t);
	xa_init(&t->capture.copies);
	rr_lane_join(t, lane);
	/* From here on others see it. */
	if (atomic_read(&s->nr_tasks) >= RR_TASKS_MAX ||
	    xa_insert(&s->tasks, t->id, t, GFP_KERNEL)) {
		atomic_dec(&lane->tasks);
		kfree(t);
		return NULL;
	}
	if (id)
		atomic_inc(&s->nr_total);
	__module_get(THIS_MODULE);
	rr_session_get(s);
	get_task_struct(task);
	atomic_inc(&s->nr_tasks);
	return t;
}

void rr_task_get(struct rr_task *t)
{
	refcount_inc(&t->ref);
}

/**
 * rr_task_put() - drop a reference
 * @t: the tag
 *
 * Context: any; the last reference goes in process context only, because the
 * tag itself holds one until the task untags itself.
 */
void rr_task_put(struct rr_task *t)
{
	if (!refcount_dec_and_test(&t->ref))
		return;
	put_task_struct(t->task);
	rr_session_put(t->s);
	kfree(t);
	module_put(THIS_MODULE);
}

/* Every system call of the task comes to our hook first. */
static void rr_task_hook_syscalls(struct task_struct *task)
{
	/* Harmless if it is ever left behind: all addresses are allowed. */
	task->syscall_dispatch.offset = 0;
	task->syscall_dispatch.len = ~0ul;
	task->syscall_dispatch.selector = NULL;
	set_task_syscall_work(task, SYSCALL_USER_DISPATCH);
}

/**
 * rr_task_escape() - the session has ended while the task is in a fault
 * @t: current's
 *
 * On the process's own table the access succeeds; the rest of the tag goes on
 * the way to user mode.
 */
void rr_task_escape(struct rr_task *t)
{
	if (rr_session_records(t->s))
		rr_cr3_switch(&t->cr3, NULL);
	rr_task_queue_leave(t);
}

/**
 * rr_task_rehook() - execve() has cleared the flag that brings us here
 * @t: current's
 */
void rr_task_rehook(struct rr_task *t)
{
	rr_task_hook_syscalls(current);
}

/**
 * rr_task_abandon() - give up a tag that was never put on
 * @t: from rr_task_new()
 */
void rr_task_abandon(struct rr_task *t)
{
	struct rr_session *s = t->s;

	t->phase = RR_PHASE_GONE;
	atomic_dec(&t->lane->tasks);
	if (t->capture.space)
		rr_view_destroy(t->capture.space, &t->capture.view);
	if (t->space) {
		atomic_dec(&t->space->users);
		rr_space_put(t->space);
		t->space = NULL;
	}
	if (xa_erase(&s->tasks, t->id) == t)
		rr_task_put(t);
	rr_session_task_gone(s);
	rr_task_put(t);
}

/**
 * rr_task_tag() - put the tag on the current task
 * @t: its tag
 */
void rr_task_tag(struct rr_task *t)
{
	rr_task_hook_syscalls(current);
	preempt_disable();
	preempt_notifier_register(&t->pn);
	preempt_enable();
}

/**
 * rr_task_tag_child() - put the tag on a task that has not run yet
 * @t: its tag
 *
 * Context: the parent, before wake_up_new_task().
 * Return: 0, or a negative errno and the child stays untagged.
 */
int rr_task_tag_child(struct rr_task *t)
{
	int ret;

	rr_task_get(t);
	t->leave_queued = true;
	ret = task_work_add(t->task, &t->leave_work, TWA_RESUME);
	if (ret) {
		rr_task_put(t);
		return ret;
	}
	rr_task_hook_syscalls(t->task);
	/* preempt_notifier_register() is for current; nobody else sees a new task. */
	hlist_add_head(&t->pn.link, &t->task->preempt_notifiers);
	return 0;
}

/**
 * rr_task_set_space() - bring the current task's mm under page ownership
 * @t: current's; without a space
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int rr_task_set_space(struct rr_task *t)
{
	u64 id = t->id | (u64)t->nr_execs << 32;
	struct rr_space *space = rr_space_new(current->mm, id, t->s->nr_lanes);

	if (IS_ERR(space))
		return PTR_ERR(space);
	atomic_set(&space->users, 1);
	t->space = space;
	t->nr_execs++;
	return 0;
}

/**
 * rr_task_space_get() - the address space of a task that may be about to end
 * @t: task, referenced
 *
 * While its pagein lock is held, and @t->space is still this one, @t does not leave it.
 *
 * Context: does not sleep. Return: the space, with a reference, or NULL.
 */
struct rr_space *rr_task_space_get(struct rr_task *t)
{
	struct rr_space *space;

	xa_lock(&t->s->tasks);
	space = t->space;
	if (space)
		rr_space_get(space);
	xa_unlock(&t->s->tasks);
	return space;
}

/**
 * rr_task_leave_space() - the current task no longer uses its space
 * @t: current's
 */
void rr_task_leave_space(struct rr_task *t)
{
	struct rr_space *space = t->space;

	rr_cr3_switch(&t->cr3, NULL);
	rr_capture_destroy(t);
	if (!space)
		return;
	/* Others work on it for us under the one, and take a reference under the other. */
	mutex_lock(&space->pagein);
	xa_lock(&t->s->tasks);
	t->space = NULL;
	xa_unlock(&t->s->tasks);
	mutex_unlock(&space->pagein);
	atomic_dec(&space->users);
	rr_space_put(space);
}

/**
 * rr_task_may_run() - where may a task run, whatever it has asked for?
 * @task: the task
 * @cpus: set to that
 *
 * Context: any.
 */
void rr_task_may_run(struct task_struct *task, struct cpumask *cpus)
{
#ifdef CONFIG_CPUSETS
	rr_sym.cpuset_cpus_allowed(task, cpus);
#else
	cpumask_copy(cpus, cpu_possible_mask);
#endif
}

/**
 * rr_task_unbind() - the binding to a lane's processor ends
 * @task: current, or a child of it that does not run yet
 * @cpus: where it thinks it may run
 *
 * As sched_setaffinity() does it: not beyond the cpuset, which may have changed.
 *
 * Context: may sleep.
 */
void rr_task_unbind(struct task_struct *task, const struct cpumask *cpus)
{
	struct cpumask may;

	rr_task_may_run(task, &may);
	if (!cpumask_and(&may, &may, cpus))
		rr_task_may_run(task, &may);
	set_cpus_allowed_ptr(task, &may);
}

/**
 * rr_task_untag() - the task is no longer of the group
 * @t: current's
 *
 * From here on nothing of ours is on the task: no notifier, no flag, no table,
 * no breakpoint. The reference of the tag goes.
 */
void rr_task_untag(struct rr_task *t)
{
	struct rr_session *s = t->s;

	t->phase = RR_PHASE_GONE;
	t->releasable = false;
	rr_token_release(t, false);
	rr_handover_abort(t);
	atomic_dec(&t->lane->tasks);
	if (rr_session_ended(s) && cmpxchg(&t->lane->unlogged, t, NULL) == t)
		rr_task_put(t);	/* nobody logs any more */
	rr_place_destroy(t);
	rr_task_leave_space(t);
	preempt_disable();
	preempt_notifier_unregister(&t->pn);
	preempt_enable();
	clear_task_syscall_work(current, SYSCALL_USER_DISPATCH);
	memset(&current->syscall_dispatch, 0, sizeof(current->syscall_dispatch));
	if (!(current->flags & PF_EXITING) && rr_session_records(s) && s->start) {
		rr_sym.set_tsc_mode(PR_TSC_ENABLE);
		rr_task_unbind(current, &t->cpus);
	}
	/* A replay of several lanes: gone is not the same as not made yet. */
	if (!rr_session_records(s) && xa_err(xa_store(&s->gone, t->id, xa_mk_value(1), GFP_KERNEL)))
		rr_session_end(s, RRCREW_RESULT_BROKEN, "no memory at a task's end");
	if (xa_erase(&s->tasks, t->id) == t)
		rr_task_put(t);
	rr_session_task_gone(s);
	rr_task_put(t);
}

/**
 * rr_task_queue_leave() - end the stay at hand on the way out to user mode
 * @t: current's
 */
void rr_task_queue_leave(struct rr_task *t)
{
	if (t->leave_queued)
		return;
	rr_task_get(t);
	t->leave_queued = true;
	if (task_work_add(current, &t->leave_work, TWA_RESUME)) {
		t->leave_queued = false;	/* exiting: the exit hook ends it */
		rr_task_put(t);
	}
}

/**
 * rr_task_kick() - make a task look up, wherever it computes
 * @t: any task of the group
 *
 * Never wakes a sleeping task, so no system call sees it.
 *
 * Context: any, #DB included.
 */
void rr_task_kick(struct rr_task *t)
{
	if (test_and_set_bit(0, &t->kick_queued))
		return;
	rr_task_get(t);
	if (task_work_add(t->task, &t->kick_work, TWA_RESUME)) {
		clear_bit(0, &t->kick_queued);
		rr_task_put(t);
	}
}

/**
 * rr_task_sole() - is this the only task of the group that sees its memory?
 * @t: current's
 */
bool rr_task_sole(struct rr_task *t)
{
	return t->space && !t->space->shared && atomic_read(&t->space->users) == 1;
}

/**
 * rr_task_peek() - read what the current task's table maps now, and no more
 * @to: a buffer
 * @addr: user address
 * @len: bytes
 *
 * Not copy_from_user_nofault(): with CONFIG_DEBUG_VM that warns that CR3 is not
 * the mm's.
 *
 * Context: any but NMI; nothing is paged in.
 * Return: true if all could be read.
 */
bool rr_task_peek(void *to, unsigned long addr, size_t len)
{
	unsigned long left;

	if (!access_ok((void __user *)addr, len))
		return false;
	pagefault_disable();
	left = __copy_from_user_inatomic(to, (void __user *)addr, len);
	pagefault_enable();
	return !left;
}
