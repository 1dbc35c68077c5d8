/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The door to the kernel: the generic netlink family "rrcrew". Functions
 * return 0 or a negative errno; rr_genl_error() then tells cause and remedy.
 */
#ifndef RRCTL_GENL_H
#define RRCTL_GENL_H

#include <stdbool.h>
#include <linux/rrcrew.h>
#include <linux/rrcrew_log.h>

#define RR_TEXT_LEN	512

struct rr_genl;

/* Where and how a replay diverged. */
struct rr_divergence {
	__u32			lane;
	__u32			task;
	__u32			pid;
	__u64			event;
	char			expected[RR_TEXT_LEN];
	char			got[RR_TEXT_LEN];
	bool			has_regs;
	struct rrlog_regs	regs;
	__u8			insn[32];
	__u32			insn_len;
};

/* A message about a session; what it does not name is zero. */
struct rr_session {
	__u32	id;
	__u32	mode;
	__u32	flags;
	__u32	lanes;
	__u32	state;
	__u32	result;
	__u32	tasks;
	__u32	tasks_total;
	__u32	owner;
	__u32	notice;
	__u64	events;
	__u64	bytes;
	__u64	raw_bytes;
	__u64	faults;
	__u64	pageins;
	__u64	syscalls;
	__u64	asyncs;
	__u64	forced;
	__u64	hits;
	__u64	switches;
	__u64	grants;
	__u64	revokes;
	__u64	flushes;
	__u64	denied;
	__u64	moves;
	__u64	pages;
	__u64	exclusive;
	__u64	migratory;
	__u64	async_ns;
	__u64	handover_bytes;
	__u64	waits[RRCREW_NR_WAITS];
	__u64	ns;
	char	text[RR_TEXT_LEN];
	struct rr_divergence div;
};

/**
 * struct rr_request - what a command is given
 * @has_session: @session is given
 * @session: for all but SESSION_NEW and a dump
 * @mode: for SESSION_NEW
 * @flags: for SESSION_NEW
 * @lanes: for SESSION_NEW
 */
struct rr_request {
	bool	has_session;
	__u32	session;
	__u32	mode;
	__u32	flags;
	__u32	lanes;
};

typedef void (*rr_session_fn)(const struct rr_session *session, void *data);

int rr_genl_open(struct rr_genl **genl);
int rr_genl_listen(struct rr_genl **genl, int *fd);
void rr_genl_close(struct rr_genl *genl);
int rr_genl_call(struct rr_genl *genl, enum rrcrew_cmd cmd, const struct rr_request *req,
		 rr_session_fn fn, void *data);
int rr_genl_notices(struct rr_genl *genl, rr_session_fn fn, void *data);
const char *rr_genl_error(void);

#endif /* RRCTL_GENL_H */
