/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A task of the group: what is tagged, and what it is doing.
 */
#ifndef RR_TASK_H
#define RR_TASK_H

#include <linux/preempt.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/task_work.h>

#include "capture.h"
#include "crew/space.h"
#include "place.h"
#include "session.h"

/* What a task is doing in the kernel; written by the task itself only. */
enum rr_stay {
	RR_STAY_USER,		/* in user mode, or in an interrupt or fault from there */
	RR_STAY_ENTRY,		/* at a sync point, reading its arguments; has the token */
	RR_STAY_SYSCALL,	/* between ENTER and LEAVE */
	RR_STAY_START,		/* a new task that has not been in user mode */
	RR_STAY_SIGNAL,		/* after TRAP or ASYNC */
	RR_STAY_EXIT,		/* in do_exit() */
};

/* How much of a task is under the session's control. */
enum rr_phase {
	RR_PHASE_ARMED,		/* waits for its execve() */
	RR_PHASE_ACTIVE,
	RR_PHASE_GONE,		/* detached or dead */
};

#define RR_NR_SAMPLES	8

/**
 * struct rr_ahead - a stream of pages that a task has taken from other lanes
 * @next: address behind the last ones
 * @pages: how many these were
 */
struct rr_ahead {
	unsigned long	next;
	unsigned int	pages;
};

/*
 * struct rr_task - a tagged task
 * @pn: on current->preempt_notifiers: this is how hooks find the rr_task
 * @ref: the tag, the session's xarray and queued task works
 * @task: referenced
 * @leave_work: ends the stay on the way out to user mode
 * @kick_work: forces a computing task to an async point
 * @token_link: rr_lane.waiters, under rr_lane.lock
 * @releasable: sleeping now gives up the token; set and cleared by the task
 * @has_token: hint for the task itself, under rr_lane.lock
 */
struct rr_task {
	struct preempt_notifier	pn;
	refcount_t		ref;
	struct task_struct	*task;
	struct rr_session	*s;
	struct rr_lane		*lane;
	struct rr_lane		*bound;		/* whose processor it runs on */
	struct rr_space		*space;
	u32			nr_execs;
	u32			id;
	enum rr_phase		phase;
	enum rr_stay		stay;

	struct rr_cr3		cr3;
	struct rr_capture	capture;

	struct callback_head	leave_work;
	bool			leave_queued;
	struct callback_head	kick_work;
	unsigned long		kick_queued;	/* bit 0 */
	bool			force;		/* the next kick must stop it */

	struct list_head	token_link;
	bool			releasable;
	bool			reads_late;	/* record: counted in rr_session.nr_reads */
	bool			has_token;
	ktime_t			token_since;
	unsigned int		nr_yields;	/* since then */

	/* the stay at hand */
	u32			nr;
	u64			args[6];
	struct pt_regs		entry;		/* registers when it began */
	unsigned long		old_brk;
	unsigned long		old_len;	/* shmdt: bytes */
	bool			amended;	/* record: the kernel was given other arguments */
	unsigned long		word[2];	/* user words that the call writes in place */
	bool			started;	/* START is logged */
	struct cpumask		cpus;		/* record: where it thinks it may run; tasks' lock */
	bool			tsc_faults;	/* the program has asked for SIGSEGV at RDTSC */
	/* computing between sync points, ns: the longest time, the time so far, and */
	u64			patience;
	u64			computed;
	u64			synced;		/* since when, local_clock() */
	long			result;		/* of the call */
	bool			result_done;	/* what the call did is logged */
	struct mm_struct	*armed_mm;	/* ARMED: to see that the execve() succeeded */
	bool			works_early;	/* the kernel may run task works inside a stay */
	bool			frame_failed;	/* no stack for the last signal */
	u32			stream;
	struct mutex		*prints;	/* record: rr_session.print_call, held */
	u32			child_id;	/* replay: number for the task being made */
	bool			in_work;	/* in a task work of ours */
	bool			dying;		/* replay: do_exit(@exit_code) when out of it */
	long			exit_code;

	/* several lanes */
	bool			stolen;		/* record: touches a page that is late, */
	unsigned long		stolen_at;	/* there */
	struct rrlog_page_hash	*left;		/* record: put here what was left in lost pages, */
	u32			nr_left;	/* so many, up to RR_LEFT_MAX */
	bool			holds_op;	/* has rr_space.op.lock */
	struct rr_lane		*move_to;	/* record: it must go on there */
	bool			merges;		/* there, since the lanes fight */
	struct rr_lane		*own_lane;	/* merged, or visits lane 0: where it was before, */
	u64			part;		/* when it may go back, */
	u64			merged_ns;	/* after how long; */
	u64			apart;		/* when it last went back: local_clock() */
	bool			backs_off;	/* was not given a page, tries again */
	bool			settled;	/* record: what it lost went to the log at a touch */
	u64			denied;		/* since when, ns */
	unsigned long		taken;		/* pages that the last GRANT gave */
	struct rr_ahead		ahead[2];	/* record: streams, the latest first */
	bool			at_touch;	/* replay: the next event is of this touch, */
	unsigned long		touch;		/* of this page */
	u32			child_lane;	/* replay: of the task being made */

	/* spin detection: hashes of the registers at some of the last kicks */
	u64			sample[RR_NR_SAMPLES];
	unsigned int		nr_samples;
	unsigned int		claims;		/* in vain, with the mmap lock */
	unsigned int		nr_tries;	/* kicks that found no place to stop it at */

	struct rr_place		place;
};

extern struct preempt_ops rr_preempt_ops;

/**
 * rr_task_current() - the tag of the current task
 *
 * Return: NULL for a task of no group: the common case, and cheap.
 */
static inline struct rr_task *rr_task_current(void)
{
	struct preempt_notifier *pn;

	if (likely(hlist_empty(&current->preempt_notifiers)))
		return NULL;
	hlist_for_each_entry(pn, &current->preempt_notifiers, link)
		if (pn->ops == &rr_preempt_ops)
			return container_of(pn, struct rr_task, pn);
	return NULL;
}

/* The table of the task's lane in its address space. */
static inline struct rr_table *rr_lane_table(struct rr_task *t)
{
	return &t->space->lane[t->lane->nr].table;
}

/* May what the task sees be in use by another lane? */
static inline bool rr_task_parallel(struct rr_task *t)
{
	return t->s->nr_lanes > 1;
}

/* The lock of the current task's signals; its sighand is its own to use. */
static inline spinlock_t *rr_siglock(void)
{
	return &rcu_dereference_protected(current->sighand, true)->siglock;
}

struct rr_task *rr_task_new(struct rr_session *s, struct task_struct *task,
			    struct rr_lane *lane, u32 id);
void rr_task_tag(struct rr_task *t);
int rr_task_tag_child(struct rr_task *t);
void rr_task_may_run(struct task_struct *task, struct cpumask *cpus);
void rr_task_unbind(struct task_struct *task, const struct cpumask *cpus);
void rr_task_untag(struct rr_task *t);
void rr_task_escape(struct rr_task *t);
void rr_task_rehook(struct rr_task *t);
void rr_task_abandon(struct rr_task *t);
struct rr_task *rr_task_adopt(struct rr_task *t, struct task_struct *child,
			      struct rr_lane *lane, u32 id);
void rr_task_get(struct rr_task *t);
void rr_task_put(struct rr_task *t);
int rr_task_set_space(struct rr_task *t);
struct rr_space *rr_task_space_get(struct rr_task *t);
void rr_task_leave_space(struct rr_task *t);
void rr_task_queue_leave(struct rr_task *t);
void rr_task_kick(struct rr_task *t);
bool rr_task_peek(void *to, unsigned long addr, size_t len);
bool rr_task_sole(struct rr_task *t);

#endif /* RR_TASK_H */
