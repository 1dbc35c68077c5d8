// SPDX-License-Identifier: GPL-2.0-only
/*
 * Model check of protocol.c: small programs, all interleavings of their recording,
 * and all replays of each log; TAP.
 *
 * A program is a few operations for each thread; threads share lanes. The recorder
 * below takes the steps that the module takes and writes the log that it writes.
 * The replay has that log and the program, nothing else. It is right if each read
 * finds what it found when it was recorded, and it comes to its end, in whatever
 * order the lanes run. Two judges say so: one tries every order; the other replays
 * once, with vector clocks, and asks whether any two conflicting accesses are left
 * unordered (if none is, all orders do the same). The first is slow and looks at the
 * short programs only, where the two must agree.
 *
 * Each rule of the protocol is also broken, one at a time; the second must notice.
 */
#include "model.h"

#define LANES	3
#define THREADS	4
#define PAGES	3
#define OPS	9		/* per thread, with the exit behind them */
#define EVENTS	120		/* per lane */
#define MAX_SWITCHES 2
#define UNKNOWN	0xff		/* what replay has where the log has nothing yet */

enum op_kind {
	OP_EXIT,
	OP_READ,
	OP_WRITE,
	OP_CALL,		/* a call that touches no memory */
	OP_STAY,		/* a call in which the kernel writes the page */
	OP_DISOWN,		/* munmap and mmap: new contents that the log does not have */
	NR_OPS,
};

struct op {
	unsigned char kind, page;
};

struct program {
	unsigned int nr_threads, nr_lanes, nr_pages;
	unsigned int lane[THREADS];		/* whose thread it is */
	struct op op[THREADS][OPS];
};

enum event_kind {
	EV_REVOKE,		/* place: that of the next event that is none */
	EV_GRANT,		/* place: the fault */
	EV_ASYNC,		/* place: the operation @pc of @thread has not run */
	EV_CALL,
	EV_ENTER,
	EV_BYTES,		/* what the kernel has written so far */
	EV_LEAVE,
	EV_DISOWN,
	EV_EXIT,
};

struct event {
	enum event_kind kind;
	unsigned char thread, page, right, pc;
	unsigned char value;			/* page-in, bytes */
	bool has_value, moved;			/* @moved: more than was asked for */
	unsigned char nr_edges;
	struct {
		unsigned char lane, event;
		bool done;			/* see struct rr_crew_edge */
	} edge[LANES + 1];
};

/* Rules that can be broken. */
enum mutant {
	NONE,
	NO_LOSER_EDGE,		/* a grant does not wait for the losers */
	EDGE_TOO_EARLY,		/* ... waits for their last event, not the next */
	NO_LAST_EDGE,		/* a reader does not wait for the last writer */
	NO_PAGE_IN_EDGE,	/* ... for the page-in */
	NO_DISOWN_EDGE,		/* ... for the munmap */
	NO_REVOKE,		/* the loser logs nothing */
	REVOKE_BEHIND,		/* ... its REVOKE behind the event */
	NO_ASYNC,		/* a touch of a late page is taken for a sync point */
	ASYNC_FOR_READERS,	/* a write by a late reader is taken for an async point */
	NO_PIN,			/* bytes of the kernel are stolen before they are logged */
	SLEEP_PINNED,		/* a lane-mate runs before they are logged */
	FLUSH_LATE,		/* the loser's table is flushed behind rr_crew_apply() */
	IDLE_FORGETS_ACCESS,	/* a page that the loser has used counts as idle */
	IDLE_FORGETS_BYTES,	/* ... one that the kernel has written for it */
	NR_MUTANTS,
};

static enum mutant mutant;
static const char *complaint;

/* The first one counts. */
static bool wrong(const char *what)
{
	if (!complaint)
		complaint = what;
	return false;
}

/* --- recording --- */

struct run {
	struct rr_crew_page page[PAGES];
	unsigned char memory[PAGES];
	unsigned char pc[THREADS], phase[THREADS];
	unsigned char seen[THREADS][OPS];	/* what the reads found */
	signed char holder[LANES];		/* thread with the token */
	unsigned char stale[LANES];		/* pages that a TLB still has */
	unsigned char young[LANES];		/* pages used since the lane's last call: */
	u64 idle[LANES];			/* the event behind that; 0: none */
	unsigned int switches;			/* of a token whose holder could go on */
	u64 next[LANES];
	struct event log[LANES][EVENTS];	/* @next are valid; last in the struct */
};

static void copy_run(struct run *to, const struct run *from)
{
	unsigned int lane;

	memcpy(to, from, offsetof(struct run, log));
	for (lane = 0; lane < LANES; lane++)
		memcpy(to->log[lane], from->log[lane], from->next[lane] * sizeof(struct event));
}

enum phase { USER, IN_CALL, WROTE };

/* No two operations write the same value. */
static unsigned char value_of(unsigned int thread, unsigned int pc)
{
	return 1 + thread * OPS + pc;
}

static const struct op *op_of(const struct program *p, const struct run *r, unsigned int t)
{
	return &p->op[t][r->pc[t]];
}

static struct event *log_event(struct run *r, unsigned int lane, enum event_kind kind,
			       unsigned int thread)
{
	struct event *e = &r->log[lane][r->next[lane]++];

	assert(r->next[lane] < EVENTS);
	memset(e, 0, sizeof(*e));
	e->kind = kind;
	e->thread = thread;
	return e;
}

static void settle(const struct program *p, struct run *r, unsigned int lane,
		   unsigned int thread)
{
	enum rr_crew_right left;
	struct event *e;
	unsigned int i;

	for (i = 0; i < p->nr_pages; i++) {
		if (!rr_crew_settle(&r->page[i], lane, &left) || mutant == NO_REVOKE)
			continue;
		e = log_event(r, lane, EV_REVOKE, thread);
		e->page = i;
		e->right = left;
	}
}

static struct event *log_sync(const struct program *p, struct run *r, unsigned int lane,
			      enum event_kind kind, unsigned int thread)
{
	struct event *e;

	/* Behind the exit there is no place. */
	if (mutant != REVOKE_BEHIND || kind == EV_EXIT)
		settle(p, r, lane, thread);
	e = log_event(r, lane, kind, thread);
	if (mutant == REVOKE_BEHIND)
		settle(p, r, lane, thread);
	return e;
}

static void add_edge(struct event *e, unsigned int lane, u64 event, bool done)
{
	e->edge[e->nr_edges].lane = lane;
	e->edge[e->nr_edges].done = done;
	e->edge[e->nr_edges++].event = event;
}

/* What a loser of the page has to arrive at; see protocol.h about idle pages. */
static void loser_next(const struct run *r, unsigned int page,
		       const struct rr_crew_actions *act, u64 *next)
{
	unsigned int lane;

	memcpy(next, r->next, sizeof(r->next));
	for (lane = 0; lane < LANES; lane++)
		if (act->losers >> lane & 1 && r->idle[lane] &&
		    !(r->young[lane] >> page & 1))
			next[lane] = r->idle[lane];
}

static void add_edges(struct event *e, const struct rr_crew_actions *act, const u64 *next)
{
	unsigned int lane;

	for (lane = 0; lane < LANES; lane++) {
		u64 event = next[lane];

		if (!(act->losers >> lane & 1) || mutant == NO_LOSER_EDGE)
			continue;
		if (mutant == EDGE_TOO_EARLY && event)
			event--;
		add_edge(e, lane, event, false);
	}
	if (act->last.valid && mutant != NO_LAST_EDGE)
		add_edge(e, act->last.lane, act->last.event, act->last.done);
}

/* The lane has used the page, unless the mutant @but forgets that. */
static void use(struct run *r, unsigned int lane, unsigned int page, enum mutant but)
{
	if (mutant != but)
		r->young[lane] |= 1 << page;
}

/*
 * The event that takes @act; the page has been handed over as of its number.
 * Returns the event.
 */
static struct event *log_taken(const struct program *p, struct run *r,
			       enum event_kind kind, unsigned int thread, unsigned int page,
			       const struct rr_crew_actions *act)
{
	unsigned int lane = p->lane[thread];
	u64 next[LANES];
	struct event *e;

	if (mutant != REVOKE_BEHIND)
		settle(p, r, lane, thread);
	loser_next(r, page, act, next);
	if (kind == EV_GRANT)
		rr_crew_apply(&r->page[page], lane, act, next);
	else
		rr_crew_disown(&r->page[page], lane, act, next);
	e = log_sync(p, r, lane, kind, thread);
	e->page = page;
	add_edges(e, act, next);
	return e;
}

/* Give @thread the page. Returns false if it must wait. */
static bool take(const struct program *p, struct run *r, unsigned int thread,
		 unsigned int page, enum rr_crew_right want)
{
	unsigned int lane = p->lane[thread];
	struct rr_crew_page *state = &r->page[page];
	struct rr_crew_actions act = rr_crew_decide(state, lane, want, true, 0);
	struct event *e;
	bool async;

	if (act.verdict == RR_CREW_HAVE)
		return true;
	if (act.verdict == RR_CREW_WAIT && mutant != NO_PIN)
		return false;
	if (act.verdict == RR_CREW_WAIT) {
		state->pinned = false;
		act = rr_crew_decide(state, lane, want, true, 0);
	}
	async = rr_crew_is_async(state, lane, want);
	if (mutant == ASYNC_FOR_READERS)
		async = state->late_read >> lane & 1;
	if (async && r->phase[thread] == USER && mutant != NO_ASYNC)
		log_sync(p, r, lane, EV_ASYNC, thread)->pc = r->pc[thread];
	e = log_taken(p, r, EV_GRANT, thread, page, &act);
	e->right = act.right;
	e->moved = act.right > want;
	e->has_value = act.page_in;
	e->value = r->memory[page];
	if (act.page_in && mutant == NO_PAGE_IN_EDGE)
		state->last.valid = false;
	if (mutant == FLUSH_LATE)
		for (lane = 0; lane < LANES; lane++)
			if (act.losers >> lane & 1)
				r->stale[lane] |= 1 << page;
	return true;
}

/* Has the kernel written bytes for @thread that are not logged? */
static bool holds_bytes(const struct program *p, const struct run *r, unsigned int thread)
{
	const struct rr_crew_page *page = &r->page[op_of(p, r, thread)->page];

	return r->phase[thread] == WROTE && page->pinned &&
	       page->writer >> p->lane[thread] & 1;
}

static void log_bytes(const struct program *p, struct run *r, unsigned int thread,
		      enum event_kind kind)
{
	unsigned int page = op_of(p, r, thread)->page, lane = p->lane[thread];
	struct event *e = log_sync(p, r, lane, kind, thread);

	e->page = page;
	e->has_value = holds_bytes(p, r, thread);
	e->value = r->memory[page];
	if (!e->has_value)
		return;
	r->page[page].pinned = false;
	use(r, lane, page, IDLE_FORGETS_BYTES);
}

/* The kernel side of a call. Returns false if it must wait. */
static bool step_stay(const struct program *p, struct run *r, unsigned int thread)
{
	const struct op *op = op_of(p, r, thread);

	if (r->phase[thread] == USER) {
		log_sync(p, r, p->lane[thread], EV_ENTER, thread);
		r->phase[thread] = IN_CALL;
	} else if (r->phase[thread] == IN_CALL) {
		if (!take(p, r, thread, op->page, RR_CREW_WRITE))
			return false;
		r->memory[op->page] = value_of(thread, r->pc[thread]);
		r->page[op->page].pinned = true;
		r->phase[thread] = WROTE;
	} else {
		log_bytes(p, r, thread, EV_LEAVE);
		r->phase[thread] = USER;
		r->pc[thread]++;
	}
	return true;
}

static bool step_disown(const struct program *p, struct run *r, unsigned int thread)
{
	unsigned int lane = p->lane[thread], page = op_of(p, r, thread)->page;
	struct rr_crew_actions act = rr_crew_decide_disown(&r->page[page], lane, 0);

	if (act.verdict == RR_CREW_WAIT)
		return false;
	log_taken(p, r, EV_DISOWN, thread, page, &act);
	if (mutant == NO_DISOWN_EDGE)
		r->page[page].last.valid = false;
	r->memory[page] = value_of(thread, r->pc[thread]);
	r->pc[thread]++;
	return true;
}

static bool step_access(const struct program *p, struct run *r, unsigned int thread)
{
	const struct op *op = op_of(p, r, thread);
	bool write = op->kind == OP_WRITE;
	unsigned int lane = p->lane[thread];

	if (r->stale[lane] >> op->page & 1)
		r->stale[lane] &= ~(1 << op->page);
	else if (!take(p, r, thread, op->page, write ? RR_CREW_WRITE : RR_CREW_READ))
		return false;
	if (write)
		r->memory[op->page] = value_of(thread, r->pc[thread]);
	else
		r->seen[thread][r->pc[thread]] = r->memory[op->page];
	use(r, lane, op->page, IDLE_FORGETS_ACCESS);
	r->pc[thread]++;
	return true;
}

/* One step of the thread that has its lane's token. Returns false if there is none. */
static bool step(const struct program *p, struct run *r, unsigned int thread)
{
	switch (op_of(p, r, thread)->kind) {
	case OP_READ:
	case OP_WRITE:
		return step_access(p, r, thread);
	case OP_STAY:
		return step_stay(p, r, thread);
	case OP_DISOWN:
		return step_disown(p, r, thread);
	case OP_CALL:
		log_sync(p, r, p->lane[thread], EV_CALL, thread);
		r->young[p->lane[thread]] = 0;
		r->idle[p->lane[thread]] = r->next[p->lane[thread]];
		r->pc[thread]++;
		return true;
	default:
		return false;
	}
}

static bool is_access(const struct op *op)
{
	return op->kind == OP_READ || op->kind == OP_WRITE;
}

static bool finished(const struct program *p, const struct run *r, unsigned int thread)
{
	return op_of(p, r, thread)->kind == OP_EXIT;
}

/* The token of @lane goes to @to. Returns false if it cannot. */
static bool pass_token(const struct program *p, struct run *r, unsigned int lane,
		       unsigned int to)
{
	unsigned int from = r->holder[lane];

	if (to == from || p->lane[to] != lane || finished(p, r, to))
		return false;
	if (!finished(p, r, from) && r->switches++ >= MAX_SWITCHES)
		return false;
	if (finished(p, r, from))
		log_sync(p, r, lane, EV_EXIT, from);
	else if (r->phase[from] == USER)
		log_sync(p, r, lane, EV_ASYNC, from)->pc = r->pc[from];
	else if (holds_bytes(p, r, from) && mutant != SLEEP_PINNED)
		log_bytes(p, r, from, EV_BYTES);
	r->holder[lane] = to;
	return true;
}

/* Whoever waits for a pinned page finds its owner asleep. */
static bool log_pinned(const struct program *p, struct run *r, unsigned int lane)
{
	unsigned int thread = r->holder[lane], other;
	bool wanted = false;

	if (!holds_bytes(p, r, thread))
		return false;
	for (other = 0; other < p->nr_lanes; other++) {
		const struct op *op = op_of(p, r, r->holder[other]);

		wanted |= other != lane && op->kind != OP_CALL && op->kind != OP_EXIT &&
			  op->page == op_of(p, r, thread)->page;
	}
	if (!wanted)
		return false;
	log_bytes(p, r, thread, EV_BYTES);
	return true;
}

static void start(const struct program *p, struct run *r)
{
	unsigned int t;

	memset(r, 0, offsetof(struct run, log));
	for (t = p->nr_threads; t-- > 0; )
		r->holder[p->lane[t]] = t;
}

/* All that can happen next: a step, bytes logged, or the token passed, in a lane. */
#define NR_CHOICES	(LANES * (2 + THREADS))

static bool choose(const struct program *p, struct run *r, unsigned int choice)
{
	unsigned int lane = choice / (2 + THREADS), what = choice % (2 + THREADS);

	if (lane >= p->nr_lanes)
		return false;
	if (what == 0)
		return step(p, r, r->holder[lane]);
	if (what == 1)
		return log_pinned(p, r, lane);
	return what - 2 < p->nr_threads && pass_token(p, r, lane, what - 2);
}

static bool end(const struct program *p, struct run *r)
{
	unsigned int t, lane;

	for (t = 0; t < p->nr_threads; t++)
		if (!finished(p, r, t))
			return wrong("the recording hangs");
	for (lane = 0; lane < p->nr_lanes; lane++)
		log_sync(p, r, lane, EV_EXIT, r->holder[lane]);
	return true;
}

/* --- replay --- */

struct replay {
	unsigned char memory[PAGES];
	unsigned char pc[THREADS], phase[THREADS];
	unsigned char right[LANES][PAGES];
	unsigned char at[LANES];		/* the next event */
	bool arrived[LANES];
};

static bool over(const struct run *r, const struct replay *y, unsigned int lane)
{
	return y->at[lane] >= r->next[lane];
}

/* The event that says where the lane's next event happens. */
static const struct event *place_of(const struct run *r, const struct replay *y,
				    unsigned int lane)
{
	unsigned int i = y->at[lane];

	while (i < r->next[lane] && r->log[lane][i].kind == EV_REVOKE)
		i++;
	return i < r->next[lane] ? &r->log[lane][i] : NULL;
}

struct clock {
	unsigned short at[LANES];
};

/* Who has seen what: for judge_clocks(). */
struct order {
	struct clock now[LANES];
	struct clock arrival[LANES][EVENTS];	/* the lane's clock at its arrival there */
	struct clock done[LANES][EVENTS + 1];	/* ... and when so many were complete */
	struct clock read[PAGES], written[PAGES];
};

static bool before(const struct clock *a, const struct clock *b)
{
	unsigned int i;

	for (i = 0; i < LANES; i++)
		if (a->at[i] > b->at[i])
			return false;
	return true;
}

static void join(struct clock *a, const struct clock *b)
{
	unsigned int i;

	for (i = 0; i < LANES; i++)
		if (b->at[i] > a->at[i])
			a->at[i] = b->at[i];
}

/* A lane touches a page. Returns false if that is not ordered; @o may be NULL. */
static bool touch(struct order *o, unsigned int lane, unsigned int page, bool write)
{
	struct clock *now;

	if (!o)
		return true;
	now = &o->now[lane];
	if (!before(&o->written[page], now) || (write && !before(&o->read[page], now)))
		return wrong("two accesses are left unordered");
	now->at[lane]++;
	(write ? &o->written[page] : &o->read[page])->at[lane] = now->at[lane];
	return true;
}

/* Run user code for one operation, or see that it stops here. */
static bool replay_user(const struct program *p, const struct run *r, struct replay *y,
			unsigned int lane, struct order *o)
{
	const struct event *place = place_of(r, y, lane);
	unsigned int t, pc;
	const struct op *op;
	bool write;

	if (!place)
		return wrong("a REVOKE without place");
	t = place->thread;
	pc = y->pc[t];
	op = &p->op[t][pc];
	if (place->kind == EV_ASYNC ? pc == place->pc
				    : y->phase[t] != USER || !is_access(op)) {
		y->arrived[lane] = true;
		return true;
	}
	if (!is_access(op))
		return wrong("a call in place of an async point");
	write = op->kind == OP_WRITE;
	if (y->right[lane][op->page] < (write ? RR_CREW_WRITE : RR_CREW_READ)) {
		if (place->kind != EV_GRANT || place->page != op->page)
			return wrong("a fault that the log does not have");
		y->arrived[lane] = true;
		return true;
	}
	if (!touch(o, lane, op->page, write))
		return false;
	if (write)
		y->memory[op->page] = value_of(t, pc);
	else if (y->memory[op->page] != r->seen[t][pc])
		return wrong("a read finds something else");
	y->pc[t]++;
	return true;
}

static bool ready(const struct replay *y, const struct event *e)
{
	unsigned int i;

	for (i = 0; i < e->nr_edges; i++) {
		unsigned int lane = e->edge[i].lane;
		u64 event = e->edge[i].event;

		if (y->at[lane] < event ||
		    (y->at[lane] == event && !y->arrived[lane] && !e->edge[i].done))
			return false;
	}
	return true;
}

/* Memory that the log, not the program, writes. */
static bool replay_value(const struct event *e, struct replay *y, unsigned int lane,
			 unsigned char value, struct order *o)
{
	if (!touch(o, lane, e->page, true))
		return false;
	y->memory[e->page] = value;
	return true;
}

static bool replay_bytes(const struct event *e, struct replay *y, unsigned int lane,
			 struct order *o)
{
	if (!e->has_value)
		return true;
	if (y->right[lane][e->page] != RR_CREW_WRITE)
		return wrong("bytes for a page of another lane");
	return replay_value(e, y, lane, e->value, o);
}

static bool replay_call(const struct program *p, struct replay *y, const struct event *e,
			unsigned int lane, struct order *o)
{
	static const enum op_kind call[] = {
		[EV_CALL] = OP_CALL, [EV_ENTER] = OP_STAY, [EV_DISOWN] = OP_DISOWN,
		[EV_EXIT] = OP_EXIT,
	};

	if (p->op[e->thread][y->pc[e->thread]].kind != call[e->kind])
		return wrong("another call");
	if (e->kind == EV_ENTER)
		y->phase[e->thread] = IN_CALL;
	else if (e->kind != EV_EXIT)
		y->pc[e->thread]++;
	if (e->kind != EV_DISOWN)
		return true;
	y->right[lane][e->page] = RR_CREW_NONE;
	return replay_value(e, y, lane, UNKNOWN, o);
}

static bool replay_event(const struct program *p, const struct run *r, struct replay *y,
			 unsigned int lane, struct order *o)
{
	const struct event *e = &r->log[lane][y->at[lane]];
	bool good = true;

	switch (e->kind) {
	case EV_REVOKE:
		y->right[lane][e->page] = e->right;
		break;
	case EV_GRANT:
		y->right[lane][e->page] = e->right;
		good = !e->has_value || replay_value(e, y, lane, e->value, o);
		break;
	case EV_ASYNC:
		break;
	case EV_LEAVE:
		y->phase[e->thread] = USER;
		y->pc[e->thread]++;
		good = replay_bytes(e, y, lane, o);
		break;
	case EV_BYTES:
		good = replay_bytes(e, y, lane, o);
		break;
	default:
		good = replay_call(p, y, e, lane, o);
	}
	y->at[lane]++;
	y->arrived[lane] = false;
	return good;
}

enum progress { BLOCKED, MOVED, DIVERGED };

static enum progress replay_step(const struct program *p, const struct run *r,
				 struct replay *y, unsigned int lane,
				 struct order *o)
{
	if (over(r, y, lane))
		return BLOCKED;
	if (!y->arrived[lane])
		return replay_user(p, r, y, lane, o) ? MOVED : DIVERGED;
	if (!ready(y, &r->log[lane][y->at[lane]]))
		return BLOCKED;
	return replay_event(p, r, y, lane, o) ? MOVED : DIVERGED;
}

/* --- the judge that tries all orders --- */

static struct set seen;

static bool all_over(const struct program *p, const struct run *r, const struct replay *y)
{
	unsigned int lane;

	for (lane = 0; lane < p->nr_lanes; lane++)
		if (!over(r, y, lane))
			return false;
	return true;
}

static bool try_orders(const struct program *p, const struct run *r, const struct replay *y)
{
	bool moved = false, fresh;
	unsigned int lane;

	set_slot(&seen, y, &fresh);
	if (!fresh)
		return true;
	for (lane = 0; lane < p->nr_lanes; lane++) {
		struct replay then = *y;

		switch (replay_step(p, r, &then, lane, NULL)) {
		case DIVERGED:
			return false;
		case BLOCKED:
			continue;
		case MOVED:
			moved = true;
		}
		if (!try_orders(p, r, &then))
			return false;
	}
	if (!moved && !all_over(p, r, y))
		return wrong("the replay hangs");
	return true;
}

static void replay_start(struct replay *y)
{
	memset(y, 0, sizeof(*y));
	memset(y->memory, UNKNOWN, sizeof(y->memory));
}

static bool judge_orders(const struct program *p, const struct run *r)
{
	struct replay y;

	replay_start(&y);
	set_clear(&seen, sizeof(y));
	return try_orders(p, r, &y);
}

/* --- the judge with vector clocks (FastTrack's rule, without its epochs) --- */

static void order_wait(struct order *o, const struct event *e, unsigned int lane)
{
	unsigned int i;

	for (i = 0; i < e->nr_edges; i++) {
		unsigned int from = e->edge[i].lane, event = e->edge[i].event;

		join(&o->now[lane], e->edge[i].done ? &o->done[from][event] :
						      &o->arrival[from][event]);
	}
}

static bool judge_clocks(const struct program *p, const struct run *r)
{
	static struct order o;
	struct replay y;
	bool moved;

	replay_start(&y);
	memset(&o, 0, sizeof(o));
	do {
		unsigned int lane;

		moved = false;
		for (lane = 0; lane < p->nr_lanes; lane++) {
			struct replay then = y;
			enum progress how;

			/* What it waits for, if it waits: it moves only when that is there. */
			if (y.arrived[lane] && !over(r, &y, lane) &&
			    ready(&y, &r->log[lane][y.at[lane]]))
				order_wait(&o, &r->log[lane][y.at[lane]], lane);
			how = replay_step(p, r, &then, lane, &o);
			if (how == DIVERGED)
				return false;
			moved |= how == MOVED;
			if (then.at[lane] > y.at[lane])
				o.done[lane][then.at[lane]] = o.now[lane];
			y = then;
			if (y.arrived[lane])
				o.arrival[lane][y.at[lane]] = o.now[lane];
		}
	} while (moved);
	return all_over(p, r, &y) || wrong("the replay hangs");
}

/* --- all recordings of a program --- */

struct tally {
	unsigned long recordings, bad, asyncs, edges, pinned;
	unsigned long moved;			/* reads that were given the right to write */
	bool every_order;			/* ask the slow judge, too */
	bool stop_at_first;
};

static void count(const struct program *p, const struct run *r, struct tally *t)
{
	unsigned int lane, i;

	for (lane = 0; lane < p->nr_lanes; lane++)
		for (i = 0; i < r->next[lane]; i++) {
			t->asyncs += r->log[lane][i].kind == EV_ASYNC;
			t->pinned += r->log[lane][i].kind == EV_BYTES;
			t->edges += r->log[lane][i].nr_edges;
			t->moved += r->log[lane][i].moved;
		}
}

static void judge(const struct program *p, struct run *r, struct tally *t)
{
	bool good = end(p, r) && judge_clocks(p, r);

	t->recordings++;
	t->bad += !good;
	count(p, r, t);
	if (t->every_order && judge_orders(p, r) != good) {
		t->bad += good;
		wrong("the judges disagree");
	}
}

static void record_all(const struct program *p, const struct run *r, struct tally *t)
{
	unsigned int choice;
	bool any = false;

	for (choice = 0; choice < NR_CHOICES; choice++) {
		struct run then;

		if (t->stop_at_first && t->bad)
			return;
		copy_run(&then, r);
		if (!choose(p, &then, choice))
			continue;
		any = true;
		record_all(p, &then, t);
	}
	if (!any) {
		struct run then;

		copy_run(&then, r);
		judge(p, &then, t);
	}
}

/* --- which programs --- */

/* Operations of the alphabet: no call has a page, all others have each. */
static unsigned int alphabet(const char *kinds, unsigned int nr_pages, struct op *op)
{
	static const char letter[] = "rwcsd";
	unsigned int n = 0, page;

	for (; *kinds; kinds++) {
		unsigned char kind = OP_READ + (strchr(letter, *kinds) - letter);

		for (page = 0; page < (kind == OP_CALL ? 1 : nr_pages); page++)
			op[n++] = (struct op){ kind, page };
	}
	return n;
}

/*
 * Lanes of one thread each can trade places, and so can pages: of the programs that
 * differ in nothing else, one is enough.
 */
static bool is_first_of_its_kind(const struct program *p, unsigned int length)
{
	unsigned int t, i, pages = 0;

	for (t = 1; p->nr_lanes == p->nr_threads && t < p->nr_threads; t++)
		if (memcmp(p->op[t - 1], p->op[t], length * sizeof(struct op)) > 0)
			return false;
	for (t = 0; t < p->nr_threads; t++)
		for (i = 0; i < length; i++) {
			if (p->op[t][i].kind == OP_CALL)
				continue;
			if (p->op[t][i].page > pages)
				return false;
			if (p->op[t][i].page == pages)
				pages++;
		}
	return true;
}

/* All programs of @length operations per thread. Returns how many. */
static unsigned long all_programs(struct program *p, unsigned int length,
				  const char *kinds, struct tally *t)
{
	struct op letters[NR_OPS * PAGES];
	unsigned int n = alphabet(kinds, p->nr_pages, letters);
	unsigned char digit[THREADS * OPS] = { 0 };
	unsigned int i, places = length * p->nr_threads;
	unsigned long nr = 0;
	struct run r;

	memset(p->op, 0, sizeof(p->op));
	for (;;) {
		for (i = 0; i < places; i++)
			p->op[i / length][i % length] = letters[digit[i]];
		if (is_first_of_its_kind(p, length)) {
			nr++;
			start(p, &r);
			record_all(p, &r, t);
		}
		if (t->stop_at_first && t->bad)
			return nr;
		for (i = 0; i < places && ++digit[i] == n; i++)
			digit[i] = 0;
		if (i == places)
			return nr;
	}
}

static u64 random_state;

static unsigned int rnd(unsigned int below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 16) % below;
}

/* Long programs, one recording each. @seed says which. */
static void random_programs(struct program *p, unsigned int length, unsigned long how_many,
			    u64 seed, struct tally *t)
{
	struct op letters[NR_OPS * PAGES];
	unsigned int n = alphabet("rrwwcsd", p->nr_pages, letters);
	struct run r;

	random_state = seed;
	while (how_many-- && !(t->stop_at_first && t->bad)) {
		unsigned int thread, i, tries;

		memset(p->op, 0, sizeof(p->op));
		for (thread = 0; thread < p->nr_threads; thread++)
			for (i = 0; i < length; i++)
				p->op[thread][i] = letters[rnd(n)];
		start(p, &r);
		for (tries = 0; tries < 3 * NR_CHOICES; tries++)
			if (choose(p, &r, rnd(p->nr_lanes) * (2 + THREADS) +
				   (rnd(2) ? 0 : rnd(2 + THREADS))))
				tries = 0;
		/* Whatever is left, in turn. */
		for (i = 0; i < NR_CHOICES; i++)
			if (choose(p, &r, i))
				i = -1u;
		judge(p, &r, t);
	}
}

/* --- TAP --- */

static void print_tally(const struct tally *t)
{
	if (complaint)
		printf("# %s\n", complaint);
	printf("# ");
	printf("%lu recordings, %lu bad, %lu states of replays; ", t->recordings, t->bad,
	       seen.total);
	printf("%lu async points, %lu edges, ", t->asyncs, t->edges);
	printf("%lu transactions broken, %lu migratory grants\n", t->pinned, t->moved);
}

struct scope {
	const char *name;
	unsigned int threads, lanes, pages, length;
	const char *kinds;
	bool every_order, takes_long;
};

#define NR_SCOPES	ARRAY_SIZE(scopes)

static const struct scope scopes[] = {
	{ "2 lanes, 2 pages, 2 operations: all orders", 2, 2, 2, 2, "rwsd", true, false },
	{ "2 lanes, 2 pages, 3 operations", 2, 2, 2, 3, "rwcd", false, false },
	{ "3 lanes, 1 page, 2 operations: all orders", 3, 3, 1, 2, "rwc", true, false },
	{ "3 lanes, 2 pages, 2 operations", 3, 3, 2, 2, "rw", false, false },
	{ "2 lanes, one with 2 threads, 1 page, 2 operations: all orders", 3, 2, 1, 2,
	  "rw", true, false },
	{ "2 lanes, one with 2 threads, 1 page, 1 operation, with the kernel: all orders",
	  3, 2, 1, 1, "rwsd", true, false },
	{ "2 lanes, 2 pages, 3 operations, with the kernel", 2, 2, 2, 3, "rwcsd", false, true },
	{ "2 lanes, 1 page, 4 operations: all orders", 2, 2, 1, 4, "rwc", true, true },
	{ "3 lanes, 1 page, 2 operations, with the kernel: all orders", 3, 3, 1, 2, "rwsd",
	  true, true },
	{ "3 lanes, 1 page, 3 operations", 3, 3, 1, 3, "rwc", false, true },
	{ "3 lanes, 2 pages, 2 operations, with the kernel", 3, 3, 2, 2, "rwsd", false, true },
	{ "2 lanes, one with 2 threads, 2 pages, 2 operations", 3, 2, 2, 2, "rwsd", false,
	  true },
};

static void set_scope(struct program *p, const struct scope *s)
{
	memset(p, 0, sizeof(*p));
	p->nr_threads = s->threads;
	p->nr_lanes = s->lanes;
	p->nr_pages = s->pages;
	/* The last threads share lane 0. */
	for (unsigned int t = 0; t < s->threads; t++)
		p->lane[t] = t % s->lanes;
}

static void test_scopes(bool all)
{
	unsigned int i;

	for (i = 0; i < NR_SCOPES; i++) {
		struct tally t = { .every_order = scopes[i].every_order };
		unsigned long nr;
		struct program p;

		if (scopes[i].takes_long && !all)
			continue;
		complaint = NULL;
		seen.total = 0;
		set_scope(&p, &scopes[i]);
		nr = all_programs(&p, scopes[i].length, scopes[i].kinds, &t);
		ok(nr && !t.bad && t.asyncs && t.edges, "%s", scopes[i].name);
		printf("# %lu programs\n", nr);
		print_tally(&t);
	}
}

static void try_random(unsigned long how_many, u64 seed, struct tally *t)
{
	static const struct scope s = { "", 4, 3, 3, OPS - 1, "", false, false };
	struct program p;

	set_scope(&p, &s);
	random_programs(&p, s.length, how_many, seed, t);
}

static void test_random(unsigned long how_many, u64 seed)
{
	struct tally t = { 0 };

	complaint = NULL;
	seen.total = 0;
	try_random(how_many, seed, &t);
	ok(t.recordings == how_many && !t.bad && t.asyncs && t.pinned && t.moved,
	   "3 lanes, one with 2 threads, 3 pages, 8 operations, at random");
	printf("# seed %llu\n", (unsigned long long)seed);
	print_tally(&t);
}

static const char *const mutant_name[NR_MUTANTS] = {
	[NO_LOSER_EDGE] = "a grant that does not wait for the losers",
	[EDGE_TOO_EARLY] = "a grant that waits for the losers' last events",
	[NO_LAST_EDGE] = "a reader that does not wait for the last writer",
	[NO_PAGE_IN_EDGE] = "a reader that does not wait for the page-in",
	[NO_DISOWN_EDGE] = "a page-in that does not wait for the munmap",
	[NO_REVOKE] = "a loser that logs nothing",
	[REVOKE_BEHIND] = "a REVOKE behind its event",
	[NO_ASYNC] = "a touch of a late page taken for a sync point",
	[ASYNC_FOR_READERS] = "a late reader's write taken for an async point",
	[NO_PIN] = "bytes of the kernel stolen before they are logged",
	[SLEEP_PINNED] = "a lane-mate that runs before they are logged",
	[FLUSH_LATE] = "a loser flushed behind the hand-over",
	[IDLE_FORGETS_ACCESS] = "a loser that has used a page since it is said to be idle",
	[IDLE_FORGETS_BYTES] = "... for which the kernel has written it since",
};

static void test_mutants(void)
{
	unsigned int i;

	for (mutant = NONE + 1; mutant < NR_MUTANTS; mutant++) {
		struct tally t = { .stop_at_first = true };

		complaint = NULL;
		for (i = 0; i < NR_SCOPES && !t.bad; i++) {
			struct program p;

			if (scopes[i].takes_long)
				continue;
			set_scope(&p, &scopes[i]);
			all_programs(&p, scopes[i].length, scopes[i].kinds, &t);
		}
		try_random(10000, 1, &t);
		ok(t.bad, "noticed: %s", mutant_name[mutant]);
		printf("# %s, after %lu recordings\n", complaint, t.recordings);
	}
	mutant = NONE;
}

/* model_protocol [--long] [RUNS [SEED]] */
int main(int argc, char **argv)
{
	bool all = argc > 1 && !strcmp(argv[1], "--long");
	unsigned long runs = all ? 20000000 : 200000;

	argc -= all;
	argv += all;
	if (argc > 1)
		runs = strtoul(argv[1], NULL, 0);
	setlinebuf(stdout);
	test_scopes(all);
	test_random(runs, argc > 2 ? strtoull(argv[2], NULL, 0) : 1);
	test_mutants();
	return finish();
}
