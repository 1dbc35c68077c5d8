/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * rrcrew control interface: generic netlink family "rrcrew".
 *
 * All commands need CAP_SYS_ADMIN in the initial user namespace. An unknown
 * attribute or flag is refused; every error carries extended ack text.
 *
 *	command		in			out
 *	SESSION_NEW	MODE, [FLAGS, LANES]	SESSION
 *	JOIN		SESSION			-
 *	SESSION_STOP	SESSION			-
 *	SESSION_GET	[SESSION]; dump: all	all attributes of the session
 *
 * A session lives from SESSION_NEW until its owner, the netlink socket that
 * made it, is closed; what it recorded until then is complete. Its byte stream
 * is the character device /dev/rrcrew<SESSION> (see rrcrew_log.h):
 *
 *	record	read() yields the log, 0 at its end. Closing the last reader
 *		ends the recording; the program goes on unrecorded.
 *	replay	write() takes the log; closing the last writer ends it. read()
 *		yields what the program printed, as struct rrcrew_echo and
 *		bytes, 0 when the replay has ended.
 *
 * JOIN acts on the calling task. Record: its next successful execve() is the
 * first event of the recording. Replay: JOIN does not return; the task becomes
 * the first task of the log.
 *
 * The multicast group "notices" carries RRCREW_CMD_NOTICE with NOTICE, SESSION
 * and the attributes that the notice names. To join it needs CAP_SYS_ADMIN, too.
 */
#ifndef _UAPI_LINUX_RRCREW_H
#define _UAPI_LINUX_RRCREW_H

#include <linux/types.h>

#define RRCREW_GENL_NAME	"rrcrew"
#define RRCREW_GENL_VERSION	1
#define RRCREW_GENL_NOTICES	"notices"

enum rrcrew_cmd {
	RRCREW_CMD_UNSPEC,
	RRCREW_CMD_SESSION_NEW,
	RRCREW_CMD_JOIN,
	RRCREW_CMD_SESSION_STOP,
	RRCREW_CMD_SESSION_GET,
	RRCREW_CMD_NOTICE,
	__RRCREW_CMD_MAX,
};
#define RRCREW_CMD_MAX (__RRCREW_CMD_MAX - 1)

enum rrcrew_mode {
	RRCREW_MODE_RECORD = 1,
	RRCREW_MODE_REPLAY = 2,
};

enum rrcrew_state {
	RRCREW_STATE_NEW	= 0,	/* nobody has joined */
	RRCREW_STATE_RUNNING	= 1,
	RRCREW_STATE_ENDED	= 2,	/* RESULT and TEXT say how */
};

enum rrcrew_result {
	RRCREW_RESULT_NONE	= 0,	/* not ended yet */
	RRCREW_RESULT_OK	= 1,	/* all tasks ended; the log's END was reached */
	RRCREW_RESULT_STOPPED	= 2,	/* stopped on request or its reader went away */
	RRCREW_RESULT_DIVERGED	= 3,	/* replay: the DIV_* attributes say where */
	RRCREW_RESULT_TRUNCATED	= 4,	/* replay: the log ends before its END */
	RRCREW_RESULT_BADLOG	= 5,	/* replay: damaged, TEXT says what and where */
	RRCREW_RESULT_BROKEN	= 6,	/* a fault of rrcrew or lack of memory */
};

/* RRCREW_ATTR_FLAGS */
#define RRCREW_F_CHECK_FULL	(1u << 0)	/* record: log and verify digests */

enum rrcrew_attr {
	RRCREW_ATTR_UNSPEC,
	RRCREW_ATTR_SESSION,		/* u32 */
	RRCREW_ATTR_MODE,		/* u32, enum rrcrew_mode */
	RRCREW_ATTR_FLAGS,		/* u32, RRCREW_F_* */
	RRCREW_ATTR_LANES,		/* u32, 1 .. 32; record: 0 = as many as CPUs */
	RRCREW_ATTR_STATE,		/* u32, enum rrcrew_state */
	RRCREW_ATTR_RESULT,		/* u32, enum rrcrew_result */
	RRCREW_ATTR_TEXT,		/* string: cause and remedy */
	RRCREW_ATTR_TASKS,		/* u32, tasks alive */
	RRCREW_ATTR_TASKS_TOTAL,	/* u32 */
	RRCREW_ATTR_EVENTS,		/* u64 */
	RRCREW_ATTR_BYTES,		/* u64, bytes of the log file */
	RRCREW_ATTR_RAW_BYTES,		/* u64, before compression */
	RRCREW_ATTR_FAULTS,		/* u64, page faults of the group */
	RRCREW_ATTR_PAGEINS,		/* u64 */
	RRCREW_ATTR_SYSCALLS,		/* u64 */
	RRCREW_ATTR_ASYNCS,		/* u64, async points */
	RRCREW_ATTR_FORCED,		/* u64, of these forced by a waiting task */
	RRCREW_ATTR_HITS,		/* u64, replay: breakpoint hits */
	RRCREW_ATTR_SWITCHES,		/* u64, token hand-overs */
	RRCREW_ATTR_NS,			/* u64, since JOIN took effect */
	RRCREW_ATTR_OWNER,		/* u32, pid that made the session */
	RRCREW_ATTR_NOTICE,		/* u32, enum rrcrew_notice */
	RRCREW_ATTR_DIV_LANE,		/* u32 */
	RRCREW_ATTR_DIV_TASK,		/* u32 */
	RRCREW_ATTR_DIV_EVENT,		/* u64, number within the lane */
	RRCREW_ATTR_DIV_EXPECTED,	/* string */
	RRCREW_ATTR_DIV_GOT,		/* string */
	RRCREW_ATTR_DIV_REGS,		/* binary, struct rrlog_regs */
	RRCREW_ATTR_DIV_INSN,		/* binary, bytes at the instruction pointer */
	RRCREW_ATTR_DIV_PID,		/* u32, pid of the stopped task, for inspection */
	RRCREW_ATTR_PAD,
	RRCREW_ATTR_GRANTS,		/* u64, several lanes: hand-overs */
	RRCREW_ATTR_REVOKES,		/* u64, pages or ranges lost */
	RRCREW_ATTR_FLUSHES,		/* u64, record: TLB flushes for that */
	RRCREW_ATTR_DENIED,		/* u64, record: a page was kept a little longer */
	RRCREW_ATTR_MOVES,		/* u64, tasks that changed their lane */
	RRCREW_ATTR_WAITS,		/* binary, u64[RRCREW_NR_WAITS] */
	RRCREW_ATTR_PAGES,		/* u64, pages handed over: a grant gives several */
	RRCREW_ATTR_EXCLUSIVE,		/* u64, of the grants: to write */
	RRCREW_ATTR_MIGRATORY,		/* u64, of these: to a reader, who will write */
	RRCREW_ATTR_ASYNC_NS,		/* u64, record: time that async points took */
	RRCREW_ATTR_HANDOVER_BYTES,	/* u64, record: of GRANT and REVOKE, before compression */
	__RRCREW_ATTR_MAX,
};
#define RRCREW_ATTR_MAX (__RRCREW_ATTR_MAX - 1)

/*
 * RRCREW_ATTR_WAITS, record: how many hand-overs waited how long for the page, which
 * its last holders kept: [i] shorter than 2^i microseconds, the last one all others.
 */
#define RRCREW_NR_WAITS		16

enum rrcrew_notice {
	RRCREW_NOTICE_END	= 1,	/* RESULT, TEXT */
	RRCREW_NOTICE_DIVERGED	= 2,	/* DIV_* */
	RRCREW_NOTICE_OVERFLOW	= 3,	/* record: tasks wait for the reader */
	RRCREW_NOTICE_UNSOUND	= 4,	/* TEXT: what cannot be replayed, and why */
};

/**
 * struct rrcrew_echo - what read() of a replay device yields, before @len bytes
 * @stream: 1 standard output, 2 standard error
 * @len: bytes that follow
 */
struct rrcrew_echo {
	__u32	stream;
	__u32	len;
};

#endif /* _UAPI_LINUX_RRCREW_H */
