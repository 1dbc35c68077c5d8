/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recording: lanes that fight for pages merge for a while. Tasks of one lane share what
 * it has, so nothing is handed over; but they take turns. In lane 0, also those that use
 * what only that may.
 */
#ifndef RR_MERGE_H
#define RR_MERGE_H

#include <linux/types.h>

struct rr_lane;
struct rr_task;

void rr_merge_taken(struct rr_task *t, unsigned long addr, u64 ns);
void rr_merge_stopped(struct rr_task *t, u64 ns);
void rr_merge_computes(struct rr_lane *lane, bool computes);
void rr_merge_sleeps(struct rr_task *t);
void rr_merge_moved(struct rr_task *t, struct rr_lane *from, u64 left);
struct rr_lane *rr_merge_with(struct rr_task *t, u64 losers);
struct rr_lane *rr_merge_part(struct rr_task *t);

#endif /* RR_MERGE_H */
