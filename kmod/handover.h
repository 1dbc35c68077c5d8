/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recording several lanes: how a page changes hands. The rules are protocol.h's;
 * here they meet locks, page tables and the log.
 *
 * "Decide, clear and flush the losers' entries, read the losers' event numbers,
 * change the side table, log, fill" is one step under rr_space.pagein. From the
 * numbers to the log entry the losers' lanes and the taker's are locked as well
 * (rr_out_lock()), so a loser that logs something does so before it has lost, or
 * settles first.
 */
#ifndef RR_HANDOVER_H
#define RR_HANDOVER_H

#include <linux/types.h>

#include "crew/space.h"

struct rr_copy;
struct rr_session;
struct rr_task;
struct vm_area_struct;

/* How many pages one GRANT gives at most. */
#define RR_AHEAD_PAGES	16
/* Lost pages of which an event can say what was left there: rr_task.left. */
#define RR_LEFT_MAX	64

enum rr_take {
	RR_TAKE_HAVE,		/* the lane has the right */
	RR_TAKE_AGAIN,		/* fault again: the official table has changed */
	RR_TAKE_BUSY,		/* fault again a little later */
	RR_TAKE_LATE,		/* an async point first */
	RR_TAKE_TOKEN,		/* first let who computes in the lane come to an event */
	RR_TAKE_MOVE,		/* go to rr_task.move_to first */
	RR_TAKE_FAILED,		/* the session has ended */
};

enum rr_take rr_handover_take(struct rr_task *t, struct vm_area_struct *vma,
			      unsigned long addr, enum rr_crew_right want,
			      unsigned int needs);
bool rr_handover_is_home(struct rr_space *space, struct vm_area_struct *vma,
			 unsigned long addr);
bool rr_handover_settle(struct rr_task *t);
bool rr_handover_is_late(struct rr_task *t);
bool rr_handover_kept(struct rr_task *t, unsigned long addr, u64 *word, size_t n);
void rr_handover_after(struct rr_task *t, const struct rr_crew_edge *edge);
void rr_handover_after_all(struct rr_task *t);
void rr_handover_forget(struct rr_session *s);

int rr_handover_commit(struct rr_task *t, unsigned long addr, struct rr_copy *copy,
		       unsigned int pages, bool log);
int rr_handover_log(struct rr_task *t, unsigned long addr, size_t len);

void rr_handover_op_begin(struct rr_task *t);
void rr_handover_op_range(struct rr_task *t, unsigned long start, unsigned long len);
void rr_handover_op_all(struct rr_task *t);
void rr_handover_op_done(struct rr_task *t, u64 event);
void rr_handover_op_end(struct rr_task *t);
void rr_handover_abort(struct rr_task *t);
void rr_handover_unown_begin(struct rr_task *t, struct rr_space *space, unsigned long start,
			     unsigned long end);
void rr_handover_unown_end(struct rr_task *t, struct rr_space *space, unsigned long start,
			   unsigned long end, u64 event);
void rr_handover_release(struct rr_task *t, struct rr_space *space, unsigned long start,
			 unsigned long len, u64 event, bool owned);
void rr_handover_moved(struct rr_task *t, unsigned long from, unsigned long to,
		       unsigned long len, u64 event);
bool rr_handover_trap_begin(struct rr_task *t);
bool rr_handover_stolen(struct rr_task *t, unsigned long addr, bool write);
void rr_handover_trap_end(struct rr_task *t, u64 event);

#endif /* RR_HANDOVER_H */
