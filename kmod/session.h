/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A session: one recording or one replay.
 *
 * Lifetime: the registry (until its owner's socket closes), each open device
 * file and each task hold a reference. Each reference-holding task also pins
 * the module.
 *
 * Lock order of the module, outermost first:
 *
 *	rr_sessions_lock		registry (mutex)
 *	  rr_session.lock		state, result, divergence (spinlock)
 *	rr_session.print_call		print, until that is logged (mutex, held for a call)
 *	rr_session.print_lock		the order of what is printed (mutex)
 *	rr_space.op.lock		change the address space (mutex, held for a call)
 *	mmap lock of a group member (the kernel's)
 *	  rr_space.pagein		decide, log, change hands, fill (mutex)
 *	    lane mutexes of rr_out	append events; ascending by lane
 *	  rr_lane.lock			token (raw spinlock, taken in sched_out)
 *	  rr_space.lock			side table and shadow tables (spinlock)
 *
 * The lane's token is not a lock: it is waited for on the way out to user mode and at
 * exit, with at most rr_session.print_call held, and, for a limited time, in a fault
 * inside a call that needs it: rr_token_claim().
 */
#ifndef RR_SESSION_H
#define RR_SESSION_H

#include <linux/irq_work.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "../include/uapi/linux/rrcrew.h"
#include "../include/uapi/linux/rrcrew_log.h"
#include "crew/protocol.h"
#include "logdev/logdev.h"
#include "lane.h"

struct rr_task;

/* What is counted; RRCREW_ATTR_* say what each means. */
enum rr_stat {
	RR_STAT_FAULTS,
	RR_STAT_PAGEINS,
	RR_STAT_SYSCALLS,
	RR_STAT_ASYNCS,
	RR_STAT_FORCED,
	RR_STAT_HITS,
	RR_STAT_SWITCHES,
	RR_STAT_GRANTS,
	RR_STAT_REVOKES,
	RR_STAT_FLUSHES,
	RR_STAT_DENIED,
	RR_STAT_MOVES,
	RR_STAT_PAGES,
	RR_STAT_EXCLUSIVE,
	RR_STAT_MIGRATORY,
	RR_STAT_ASYNC_NS,
	RR_NR_STATS,
};

#define RR_TEXT_MAX	240
#define RR_WHAT_MAX	120

/* Where a replay met something else than the log says. */
struct rr_divergence {
	u32	lane;
	u32	task;
	u64	event;
	pid_t	pid;
	char	expected[RR_WHAT_MAX];
	char	got[RR_WHAT_MAX];
	struct rrlog_regs regs;
	u8	insn[16];
};

/*
 * struct rr_session - one recording or one replay
 * @id: number, also of its device
 * @mode: enum rrcrew_mode
 * @flags: RRCREW_F_*
 * @owner: netlink port of the socket that made it
 * @owner_pid: pid of that process, for people
 * @ended: no more hooks, no more waiting; tasks detach at their next chance.
 *	Set once, under @lock; read without it (a late reader detaches later).
 */
struct rr_session {
	u32			id;
	u32			mode;
	u32			flags;
	u32			owner;
	pid_t			owner_pid;
	refcount_t		ref;
	struct list_head	link;		/* registry */

	spinlock_t		lock;		/* the members up to @div */
	bool			ended;
	enum rrcrew_state	state;
	enum rrcrew_result	result;
	char			text[RR_TEXT_MAX];
	struct rr_divergence	div;

	u32			nr_lanes;	/* replay: of the log, from its header on */
	struct rr_lane		*lane;
	struct rr_out		*out;		/* record */
	struct rr_in		*in;		/* replay */
	struct rr_echo		*echo;		/* replay */
	bool			killed;		/* replay: a task died that the log lets live */
	struct rr_chardev	*dev;

	struct xarray		tasks;		/* id -> struct rr_task with a reference */
	struct xarray		gone;		/* replay: ids of tasks that have been */
	atomic_t		waiting;	/* replay: tasks that wait for the log */
	atomic_t		left;		/* replay: how often one has gone on */
	atomic_t		nr_tasks;	/* alive */
	atomic_t		nr_total;	/* ever: the last task number given */
	ktime_t			start;
	ktime_t			end;
	atomic64_t		stat[RR_NR_STATS];
	atomic64_t		waits[RRCREW_NR_WAITS];

	struct cpumask		lane_cpus;	/* where lanes may be */
	u32			cpu;		/* where it does: CPUID tells the number */
	struct inode		*stream[2];	/* record: where 1 and 2 went at the start */
	struct file		*stream_file[2];	/* to compare only, not referenced */
	struct mutex		print_call[2];	/* by stream; record, several lanes: outermost, */
	struct mutex		print_lock;	/* and this one: see rr_record_print_begin() */
	struct rr_crew_edge	printed;	/* where the last output was logged */
	atomic_t		nr_reads;	/* record: see rr_record_reads_begin() */
	struct xarray		objects;	/* shared memory: see mapping.c */
	struct mutex		objects_lock;	/* to find, add or drop; below the mmap lock */
	u64			nr_objects;
};

static inline bool rr_session_ended(const struct rr_session *s)
{
	return READ_ONCE(s->ended);
}

static inline bool rr_session_records(const struct rr_session *s)
{
	return s->mode == RRCREW_MODE_RECORD;
}

static inline void rr_stat_inc(struct rr_session *s, enum rr_stat stat)
{
	atomic64_inc(&s->stat[stat]);
}

static inline void rr_stat_add(struct rr_session *s, enum rr_stat stat, u64 n)
{
	atomic64_add(n, &s->stat[stat]);
}

const char *rr_stat_name(enum rr_stat stat);
u64 rr_session_ns(const struct rr_session *s);
struct rr_session *rr_session_new(u32 mode, u32 flags, u32 nr_lanes, u32 owner, char *text);
struct rr_session *rr_session_find(u32 id);
struct rr_session *rr_session_next(u32 after);
void rr_session_get(struct rr_session *s);
void rr_session_put(struct rr_session *s);
void rr_session_unregister(struct rr_session *s);
void rr_session_owner_gone(u32 owner);
bool rr_sessions_empty(void);

void rr_session_end_at(struct rr_session *s, enum rrcrew_result result,
		       const struct rr_divergence *div, const char *fmt, ...) __printf(4, 5);
#define rr_session_end(s, result, ...) rr_session_end_at(s, result, NULL, __VA_ARGS__)
void rr_session_running(struct rr_session *s);
void rr_session_release_tasks(struct rr_session *s);
void rr_session_task_gone(struct rr_session *s);
void rr_session_note(struct rr_task *t, const char *fmt, ...) __printf(2, 3);

#endif /* RR_SESSION_H */
