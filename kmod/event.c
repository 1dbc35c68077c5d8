// SPDX-License-Identifier: GPL-2.0-only
#include "event.h"

/**
 * rr_event_begin() - begin an event of the (only) lane
 * @s: recording session
 * @task: whose event
 * @type: what
 * @flags: of the type
 * @aux: of the type
 * @len: bytes of the whole event; rounded up to 8
 *
 * The lane is locked until rr_event_end(): do not sleep on anything but memory
 * in between. A failure ends the session.
 *
 * Context: may sleep.
 * Return: the event, zeroed but for its header, or NULL (session has ended).
 */
void *rr_event_begin(struct rr_session *s, u32 task, enum rrlog_type type,
		     u8 flags, u32 aux, u32 len)
{
	struct rrlog_event *e;

	if (rr_session_ended(s))
		return NULL;
	len = ALIGN(len, 8);
	e = rr_out_reserve(s->out, 0, len);
	if (!e) {
		rr_session_end(s, RRCREW_RESULT_BROKEN,
			       "no memory for the log: record with more memory free");
		return NULL;
	}
	e->type = type;
	e->flags = flags;
	e->len = len;
	e->task = task;
	e->aux = aux;
	return e;
}

/**
 * rr_event_end() - the event is complete
 * @s: session
 *
 * Return: its number within the lane.
 */
u64 rr_event_end(struct rr_session *s)
{
	return rr_out_commit(s->out, 0);
}

const char *rr_event_name(u8 type)
{
	static const char * const names[RRLOG_NR_TYPES] = {
		[RRLOG_ENTER] = "ENTER", [RRLOG_LEAVE] = "LEAVE",
		[RRLOG_MEM] = "MEM", [RRLOG_PAGEIN] = "PAGEIN",
		[RRLOG_MAP] = "MAP", [RRLOG_CLONE] = "CLONE",
		[RRLOG_START] = "START", [RRLOG_EXEC] = "EXEC",
		[RRLOG_TRAP] = "TRAP", [RRLOG_ASYNC] = "ASYNC",
		[RRLOG_TSC] = "TSC", [RRLOG_BUS] = "BUS",
		[RRLOG_EXIT] = "EXIT", [RRLOG_CHECK] = "CHECK",
		[RRLOG_NOTE] = "NOTE", [RRLOG_END] = "END",
		[RRLOG_GRANT] = "GRANT", [RRLOG_REVOKE] = "REVOKE",
	};

	return type < RRLOG_NR_TYPES && names[type] ? names[type] : "?";
}
