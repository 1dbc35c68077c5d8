// SPDX-License-Identifier: GPL-2.0-only
#include "event.h"
#include "handover.h"

/**
 * rr_event_put() - rr_event_begin() for whoever has locked the task's lane
 * @t: whose event
 * @type: what
 * @flags: of the type
 * @aux: of the type
 * @len: bytes of the whole event; rounded up to 8
 *
 * Does not settle what is late, and a failure is the caller's.
 */
void *rr_event_put(struct rr_task *t, enum rrlog_type type, u8 flags, u32 aux, u32 len)
{
	struct rrlog_event *e;

	len = ALIGN(len, 8);
	e = rr_out_put(t->s->out, t->lane->nr, len);
	if (!e)
		return NULL;
	e->type = type;
	e->flags = flags;
	e->len = len;
	e->task = t->id;
	e->aux = aux;
	return e;
}

/* The event is complete; the lane stays locked. Returns its number. */
u64 rr_event_done(struct rr_task *t)
{
	return rr_out_done(t->s->out, t->lane->nr);
}

/**
 * rr_event_failed() - the log takes no more: end the session, if it has not ended
 * @t: whose event could not be logged
 *
 * Context: may sleep; no lane is locked.
 */
void rr_event_failed(struct rr_task *t)
{
	rr_session_end(t->s, RRCREW_RESULT_BROKEN,
		       "no memory for the log: record with more memory free");
}

/**
 * rr_event_begin() - begin an event of a task, in its lane
 * @t: whose event
 * @type: what
 * @flags: of the type
 * @aux: of the type
 * @len: bytes of the whole event; rounded up to 8
 *
 * What the lane has lost is logged first: it loses it at this event's place.
 *
 * The lane is locked until rr_event_end(): do not sleep on anything but memory
 * in between. A failure ends the session.
 *
 * Context: may sleep.
 * Return: the event, zeroed but for its header, or NULL (session has ended).
 */
void *rr_event_begin(struct rr_task *t, enum rrlog_type type, u8 flags, u32 aux, u32 len)
{
	struct rrlog_event *e = NULL;

	if (rr_session_ended(t->s))
		return NULL;
	rr_out_lock(t->s->out, t->lane->nr);
	if (rr_handover_settle(t))
		e = rr_event_put(t, type, flags, aux, len);
	if (e)
		return e;
	rr_out_unlock(t->s->out, t->lane->nr);
	rr_event_failed(t);
	return NULL;
}

/**
 * rr_event_end() - the event is complete
 * @t: whose event
 *
 * Return: its number within the lane.
 */
u64 rr_event_end(struct rr_task *t)
{
	return rr_out_commit(t->s->out, t->lane->nr);
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
		[RRLOG_WAIT] = "WAIT", [RRLOG_MOVE] = "MOVE",
	};

	return type < RRLOG_NR_TYPES && names[type] ? names[type] : "?";
}
