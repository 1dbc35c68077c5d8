// SPDX-License-Identifier: GPL-2.0-only
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "event.h"
#include "handover.h"
#include "hook.h"
#include "mapping.h"
#include "netlink.h"
#include "record.h"
#include "replay.h"
#include "session.h"
#include "task.h"

#define RR_MAX_SESSIONS	256

/* Protects the list; taken in process context only, outermost of all. */
static DEFINE_MUTEX(rr_sessions_lock);
static LIST_HEAD(rr_sessions);

/* ---- the device's callbacks ---- */

static ssize_t rr_session_read(void *data, char __user *buf, size_t len, bool nonblock)
{
	struct rr_session *s = data;

	return rr_session_records(s) ? rr_out_read(s->out, buf, len, nonblock)
				     : rr_echo_read(s->echo, buf, len, nonblock);
}

static ssize_t rr_session_write(void *data, const char __user *buf, size_t len,
				bool nonblock)
{
	struct rr_session *s = data;
	ssize_t ret;

	if (rr_session_records(s))
		return -EINVAL;
	ret = rr_in_write(s->in, buf, len, nonblock);
	/* Tasks that replay it meet the damage after all that comes before. */
	if (ret == -EBADMSG && s->state == RRCREW_STATE_NEW)
		rr_session_end(s, RRCREW_RESULT_BADLOG, "%s", rr_in_error(s->in));
	return ret;
}

static void rr_session_reader_gone(void *data)
{
	struct rr_session *s = data;

	if (rr_session_records(s)) {
		rr_session_end(s, RRCREW_RESULT_STOPPED, "the reader of the log went away");
		rr_out_abandon(s->out);
	} else {
		rr_echo_reader_gone(s->echo);
		rr_session_end(s, RRCREW_RESULT_STOPPED, "the reader of the output went away");
		/* Tasks at a divergence are held until their session's owner goes. */
		if (s->result != RRCREW_RESULT_DIVERGED)
			rr_session_release_tasks(s);
	}
}

static void rr_session_writer_gone(void *data)
{
	struct rr_session *s = data;

	if (!rr_session_records(s))
		rr_in_writer_gone(s->in);
}

static void rr_session_dev_get(void *data)
{
	rr_session_get(data);
}

static void rr_session_dev_put(void *data)
{
	rr_session_put(data);
}

static const struct rr_chardev_ops rr_session_dev_ops = {
	.read			= rr_session_read,
	.write			= rr_session_write,
	.last_reader_gone	= rr_session_reader_gone,
	.last_writer_gone	= rr_session_writer_gone,
	.get			= rr_session_dev_get,
	.put			= rr_session_dev_put,
};

/* ---- life and death ---- */

/* How many a replay needs is in the log, which comes later: it gets all. */
static int rr_session_lanes_new(struct rr_session *s, u32 nr_lanes)
{
	u32 i, n = rr_session_records(s) ? nr_lanes : RR_SPACE_LANES_MAX;

	s->nr_lanes = rr_session_records(s) ? n : 1;
	s->lane = kvcalloc(n, sizeof(*s->lane), GFP_KERNEL);
	if (!s->lane)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		rr_lane_init(&s->lane[i], i);
	return 0;
}

static int rr_session_streams_new(struct rr_session *s)
{
	if (rr_session_records(s)) {
		s->out = rr_out_new(s->flags & RRCREW_F_CHECK_FULL ? RRLOG_CHECK_FULL : 0,
				    s->nr_lanes);
		return PTR_ERR_OR_ZERO(s->out ?: ERR_PTR(-ENOMEM));
	}
	s->in = rr_in_new();
	s->echo = rr_echo_new();
	return IS_ERR_OR_NULL(s->in) || IS_ERR_OR_NULL(s->echo) ? -ENOMEM : 0;
}

static void rr_session_free(struct rr_session *s)
{
	u32 i;

	for (i = 0; s->lane && i < s->nr_lanes; i++)
		rr_lane_exit(&s->lane[i]);
	rr_mapping_forget(s);
	if (s->lane && rr_session_records(s)) {
		rr_handover_forget(s);
		rr_record_forget(s);
	}
	if (s->stream[0])
		rr_inode_drop(s->stream[0]);
	if (s->stream[1])
		rr_inode_drop(s->stream[1]);
	if (!IS_ERR_OR_NULL(s->out))
		rr_out_free(s->out);
	if (!IS_ERR_OR_NULL(s->in))
		rr_in_free(s->in);
	if (!IS_ERR_OR_NULL(s->echo))
		rr_echo_free(s->echo);
	xa_destroy(&s->tasks);
	xa_destroy(&s->gone);
	kvfree(s->lane);
	kfree(s);
}

static u32 rr_session_free_id(void)
{
	struct rr_session *s;
	u32 id = 0;
again:
	list_for_each_entry(s, &rr_sessions, link) {
		if (s->id == id) {
			id++;
			goto again;
		}
	}
	return id;
}

/**
 * rr_session_new() - make and register a session
 * @mode: enum rrcrew_mode
 * @flags: RRCREW_F_*
 * @nr_lanes: of a recording, 1 .. RR_SPACE_LANES_MAX; a replay has the log's
 * @owner: netlink port that it dies with
 * @text: RR_TEXT_MAX bytes for the cause of a failure
 *
 * Installs the hooks if they are not.
 *
 * Context: process; sleeps.
 * Return: the session with a reference for the caller, or an ERR_PTR.
 */
struct rr_session *rr_session_new(u32 mode, u32 flags, u32 nr_lanes, u32 owner, char *text)
{
	struct rr_session *s = kzalloc(sizeof(*s), GFP_KERNEL);
	int ret = -ENOMEM;

	if (!s)
		return ERR_PTR(-ENOMEM);
	s->mode = mode;
	s->flags = flags;
	s->owner = owner;
	s->owner_pid = task_tgid_nr(current);
	__module_get(THIS_MODULE);
	refcount_set(&s->ref, 2);
	spin_lock_init(&s->lock);
	xa_init(&s->tasks);
	xa_init(&s->gone);
	mutex_init(&s->print_call[0]);
	mutex_init(&s->print_call[1]);
	mutex_init(&s->print_lock);
	xa_init_flags(&s->objects, XA_FLAGS_ALLOC);
	mutex_init(&s->objects_lock);
	strscpy(text, "no memory for a session", RR_TEXT_MAX);
	ret = rr_session_lanes_new(s, nr_lanes) ?: rr_session_streams_new(s);
	if (ret)
		goto err_free;
	ret = rr_hooks_get(text);
	if (ret)
		goto err_free;
	mutex_lock(&rr_sessions_lock);
	s->id = rr_session_free_id();
	if (s->id < RR_MAX_SESSIONS)
		s->dev = rr_chardev_new(s->id, &rr_session_dev_ops, s);
	if (IS_ERR_OR_NULL(s->dev)) {
		mutex_unlock(&rr_sessions_lock);
		scnprintf(text, RR_TEXT_MAX, "cannot make /dev/rrcrew%u: too many sessions?",
			  s->id);
		ret = s->dev ? PTR_ERR(s->dev) : -ENOSPC;
		goto err_hooks;
	}
	list_add_tail(&s->link, &rr_sessions);
	mutex_unlock(&rr_sessions_lock);
	return s;

err_hooks:
	rr_hooks_put();
err_free:
	rr_session_free(s);
	module_put(THIS_MODULE);
	return ERR_PTR(ret);
}

void rr_session_get(struct rr_session *s)
{
	refcount_inc(&s->ref);
}

void rr_session_put(struct rr_session *s)
{
	if (!refcount_dec_and_test(&s->ref))
		return;
	rr_session_free(s);
	rr_hooks_put();
	module_put(THIS_MODULE);
}

/**
 * rr_session_find() - look a session up
 * @id: its number
 *
 * Return: the session with a reference, or NULL.
 */
struct rr_session *rr_session_find(u32 id)
{
	struct rr_session *s, *found = NULL;

	mutex_lock(&rr_sessions_lock);
	list_for_each_entry(s, &rr_sessions, link)
		if (s->id == id) {
			found = s;
			rr_session_get(s);
			break;
		}
	mutex_unlock(&rr_sessions_lock);
	return found;
}

/**
 * rr_session_next() - walk the sessions
 * @after: number of the session before; ~0 to begin
 *
 * Return: the session with the next number, referenced, or NULL.
 */
struct rr_session *rr_session_next(u32 after)
{
	struct rr_session *s, *found = NULL;

	mutex_lock(&rr_sessions_lock);
	list_for_each_entry(s, &rr_sessions, link)
		if (s->id >= after + 1 && (!found || s->id < found->id))
			found = s;
	if (found)
		rr_session_get(found);
	mutex_unlock(&rr_sessions_lock);
	return found;
}

bool rr_sessions_empty(void)
{
	return list_empty(&rr_sessions);
}

/* The device goes in the same step: the next session may have its number. */
static bool rr_session_unlink(struct rr_session *s)
{
	bool linked;

	mutex_lock(&rr_sessions_lock);
	linked = !list_empty(&s->link);
	list_del_init(&s->link);
	if (linked)
		rr_chardev_remove(s->dev);
	mutex_unlock(&rr_sessions_lock);
	return linked;
}

/**
 * rr_session_unregister() - end a session and take it out of the registry
 * @s: session; the caller holds a reference of its own
 */
void rr_session_unregister(struct rr_session *s)
{
	rr_session_end(s, RRCREW_RESULT_STOPPED, "its owner went away");
	if (!rr_session_records(s))
		rr_session_release_tasks(s);
	if (rr_session_unlink(s))
		rr_session_put(s);
}

/**
 * rr_session_owner_gone() - a netlink socket was closed
 * @owner: its port
 */
void rr_session_owner_gone(u32 owner)
{
	struct rr_session *s, *found;

	do {
		found = NULL;
		mutex_lock(&rr_sessions_lock);
		list_for_each_entry(s, &rr_sessions, link)
			if (s->owner == owner) {
				found = s;
				rr_session_get(s);
				break;
			}
		mutex_unlock(&rr_sessions_lock);
		if (found) {
			rr_session_unregister(found);
			rr_session_put(found);
		}
	} while (found);
}

/* ---- state: one writer function for each transition ---- */

/**
 * rr_session_running() - the first task is under control
 * @s: session
 */
void rr_session_running(struct rr_session *s)
{
	spin_lock(&s->lock);
	if (s->state == RRCREW_STATE_NEW)
		s->state = RRCREW_STATE_RUNNING;
	spin_unlock(&s->lock);
}

/**
 * rr_session_release_tasks() - kill what is left of a replay
 * @s: replay session
 *
 * Replayed tasks must not run on as if they were programs of this host.
 */
void rr_session_release_tasks(struct rr_session *s)
{
	struct rr_task *t;
	unsigned long id;

	/* The array's reference keeps each. */
	xa_lock(&s->tasks);
	xa_for_each(&s->tasks, id, t)
		if (t->phase == RR_PHASE_ACTIVE)
			send_sig(SIGKILL, t->task, 1);
	xa_unlock(&s->tasks);
}

static int rr_session_errno(enum rrcrew_result result)
{
	switch (result) {
	case RRCREW_RESULT_OK:
		return 0;
	case RRCREW_RESULT_STOPPED:
		return -ECANCELED;
	default:
		return -EIO;
	}
}

/* What waits for the session learns that it is over. */
static void rr_session_let_go(struct rr_session *s, enum rrcrew_result result)
{
	struct rr_task *left;
	u32 i;

	if (rr_session_records(s)) {
		for (i = 0; i < s->nr_lanes; i++) {
			left = xchg(&s->lane[i].unlogged, NULL);
			if (left)
				rr_task_put(left);
		}
		rr_out_finish(s->out, rr_session_errno(result));
	} else {
		wake_up_all(rr_in_wait(s->in));
		rr_echo_finish(s->echo);
		if (result != RRCREW_RESULT_OK)
			rr_in_abandon(s->in);
		if (result != RRCREW_RESULT_DIVERGED && result != RRCREW_RESULT_OK)
			rr_session_release_tasks(s);
	}
	rr_netlink_notice(s, result == RRCREW_RESULT_DIVERGED ? RRCREW_NOTICE_DIVERGED
							     : RRCREW_NOTICE_END, NULL);
}

/**
 * rr_session_end_at() - the session is over; rr_session_end() without a place
 * @s: session
 * @result: how; the first call counts
 * @div: where a replay has diverged, or NULL
 * @fmt: cause and remedy for people
 *
 * A recorded program runs on, unrecorded; replayed tasks are killed unless
 * they are to be inspected after a divergence. Tasks that are in the kernel
 * detach on their way out.
 *
 * Context: any that may sleep.
 */
void rr_session_end_at(struct rr_session *s, enum rrcrew_result result,
		       const struct rr_divergence *div, const char *fmt, ...)
{
	va_list args;
	bool first;

	spin_lock(&s->lock);
	first = !s->ended;
	if (first) {
		if (div)
			s->div = *div;
		s->result = result;
		s->state = RRCREW_STATE_ENDED;
		s->end = ktime_get();
		va_start(args, fmt);
		vscnprintf(s->text, sizeof(s->text), fmt, args);
		va_end(args);
		WRITE_ONCE(s->ended, true);
	}
	spin_unlock(&s->lock);
	if (first)
		rr_session_let_go(s, result);
}

/* For people; programs have RRCREW_ATTR_*. */
const char *rr_stat_name(enum rr_stat stat)
{
	static const char * const names[RR_NR_STATS] = {
		[RR_STAT_FAULTS] = "faults", [RR_STAT_PAGEINS] = "pageins",
		[RR_STAT_SYSCALLS] = "syscalls", [RR_STAT_ASYNCS] = "asyncs",
		[RR_STAT_FORCED] = "forced", [RR_STAT_HITS] = "hits",
		[RR_STAT_SWITCHES] = "switches", [RR_STAT_GRANTS] = "grants",
		[RR_STAT_REVOKES] = "revokes", [RR_STAT_FLUSHES] = "flushes",
		[RR_STAT_DENIED] = "denied", [RR_STAT_MOVES] = "moves",
		[RR_STAT_PAGES] = "pages", [RR_STAT_EXCLUSIVE] = "exclusive",
		[RR_STAT_MIGRATORY] = "migratory", [RR_STAT_ASYNC_NS] = "async_ns",
	};

	return names[stat];
}

/* How long it has run, or ran. */
u64 rr_session_ns(const struct rr_session *s)
{
	ktime_t end = READ_ONCE(s->end) ?: ktime_get();

	return s->start ? ktime_to_ns(ktime_sub(end, s->start)) : 0;
}

/**
 * rr_session_task_gone() - a task has left the group
 * @s: session
 */
void rr_session_task_gone(struct rr_session *s)
{
	if (!atomic_dec_and_test(&s->nr_tasks))
		return;
	if (rr_session_records(s))
		rr_session_end(s, RRCREW_RESULT_OK, "all tasks have ended");
	else if (!rr_session_ended(s))
		rr_replay_finish(s);
}

/**
 * rr_session_note() - tell people, in the log and by a notice
 * @t: current's, in a recording, at an event's place
 * @fmt: text; "unsound: ..." if the log will not replay what happened
 */
void rr_session_note(struct rr_task *t, const char *fmt, ...)
{
	char text[RR_TEXT_MAX];
	struct rrlog_note *note;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	note = rr_event_begin(t, RRLOG_NOTE, 0, len, sizeof(*note) + len);
	if (note) {
		note->e.task = 0;
		memcpy(note->text, text, len);
		rr_event_end(t);
	}
	rr_netlink_notice(t->s, RRCREW_NOTICE_UNSOUND, text);
}
