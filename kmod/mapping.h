/* SPDX-License-Identifier: GPL-2.0-only */
/* The address space: what a call changed (record), and making it so (replay). */
#ifndef RR_MAPPING_H
#define RR_MAPPING_H

#include "task.h"

bool rr_mapping_permits(unsigned long addr, unsigned long error);
void rr_mapping_before(struct rr_task *t, struct pt_regs *regs);
void rr_mapping_restore(struct rr_task *t, struct pt_regs *regs);
void rr_mapping_record(struct rr_task *t, long ret);
void rr_mapping_record_file(struct rr_task *t, long ret);
int rr_mapping_record_exec(struct rr_task *t);
int rr_mapping_replay(struct rr_task *t, const struct rrlog_map *map);
void rr_mapping_replay_limit(struct rr_task *t);
int rr_mapping_replay_exec(struct rr_task *t, const struct rrlog_exec *exec);
void rr_inode_hold(struct inode *inode);
void rr_inode_drop(struct inode *inode);
void rr_mapping_forget(struct rr_session *s);
long rr_syscall_make(struct rr_task *t, u32 nr, u64 a, u64 b, u64 c, u64 d, u64 e);

#endif /* RR_MAPPING_H */
