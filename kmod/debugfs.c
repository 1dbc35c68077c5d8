// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/rrcrew/sessions: for each session its counters, and who is where
 * in which lane. For people who look into a session that stands still, or that is
 * slow; programs use generic netlink. Its form may change at any time.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "debugfs.h"
#include "logdev/logdev.h"
#include "session.h"
#include "task.h"

static struct dentry *rr_debugfs;

static const char *rr_debugfs_stay(const struct rr_task *t)
{
	static const char * const names[] = {
		[RR_STAY_USER] = "user mode", [RR_STAY_ENTRY] = "entry of a call",
		[RR_STAY_SYSCALL] = "call", [RR_STAY_START] = "start",
		[RR_STAY_SIGNAL] = "interrupted", [RR_STAY_EXIT] = "exit",
	};

	return names[READ_ONCE(t->stay)];
}

/* A task may be going on meanwhile: each line is true at some moment. */
static void rr_debugfs_tasks(struct seq_file *m, struct rr_session *s, struct rr_lane *lane)
{
	struct rr_task *t;
	unsigned long id;

	xa_lock(&s->tasks);
	xa_for_each(&s->tasks, id, t) {
		if (READ_ONCE(t->lane) != lane)
			continue;
		seq_printf(m, "    task %lu pid %d: %s%s\n", id, task_pid_nr(t->task),
			   rr_debugfs_stay(t), READ_ONCE(t->has_token) ? ", has the token" : "");
	}
	xa_unlock(&s->tasks);
}

static u64 rr_debugfs_events(struct rr_session *s, u32 lane)
{
	u64 nr;

	if (!s->out)
		return rr_in_event_nr(s->in, lane);
	rr_out_lock(s->out, lane);
	nr = rr_out_nr(s->out, lane);
	rr_out_unlock(s->out, lane);
	return nr;
}

static void rr_debugfs_queue(struct seq_file *m, struct rr_session *s)
{
	struct rr_out_stats st;

	if (!s->out)
		return;
	rr_out_stats(s->out, &st);
	seq_printf(m, "  %-16s%u\n", "queued_max", st.queued_max);
}

static void rr_debugfs_session(struct seq_file *m, struct rr_session *s)
{
	u32 i;

	seq_printf(m, "session %u: %s%s, %d tasks of %d, %llu ms\n", s->id,
		   rr_session_records(s) ? "record" : "replay",
		   rr_session_ended(s) ? ", ended" : "", atomic_read(&s->nr_tasks),
		   atomic_read(&s->nr_total), div_u64(rr_session_ns(s), NSEC_PER_MSEC));
	for (i = 0; i < RR_NR_STATS; i++)
		seq_printf(m, "  %-16s%lld\n", rr_stat_name(i), atomic64_read(&s->stat[i]));
	rr_debugfs_queue(m, s);
	for (i = 0; i < RRCREW_NR_WAITS; i++)
		if (atomic64_read(&s->waits[i]))
			seq_printf(m, "  waited %s%u us  %lld\n",
				   i < RRCREW_NR_WAITS - 1 ? "< " : ">=",
				   1u << min_t(u32, i, RRCREW_NR_WAITS - 2),
				   atomic64_read(&s->waits[i]));
	for (i = 0; i < s->nr_lanes; i++) {
		seq_printf(m, "  lane %u: event %llu\n", i, rr_debugfs_events(s, i));
		rr_debugfs_tasks(m, s, &s->lane[i]);
	}
}

static int rr_sessions_show(struct seq_file *m, void *v)
{
	struct rr_session *s;
	u32 after = -1;

	while ((s = rr_session_next(after))) {
		rr_debugfs_session(m, s);
		after = s->id;
		rr_session_put(s);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(rr_sessions);

/**
 * rr_debugfs_init() - make the files; a kernel without debugfs goes without them
 */
void __init rr_debugfs_init(void)
{
	rr_debugfs = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("sessions", 0400, rr_debugfs, NULL, &rr_sessions_fops);
}

/**
 * rr_debugfs_exit() - remove them
 *
 * Context: may sleep, until nobody reads them any more.
 */
void rr_debugfs_exit(void)
{
	debugfs_remove(rr_debugfs);
}
