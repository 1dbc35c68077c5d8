// SPDX-License-Identifier: GPL-2.0-only
/*
 * Model check of protocol.c: does every lane get on? TAP.
 *
 * Each lane runs a few instructions that need one or two pages each, so that a page
 * can be taken away again before the instruction has run. All orders of faults,
 * grants and executions are one graph. Every path through it must end with all lanes
 * finished: an end before that is a dead-lock, a cycle a live-lock (executing never
 * goes back). Without rr_crew_held() the graph has cycles, and the test must say so.
 */
#include "model.h"

#define LANES	3
#define PAGES	2
#define LENGTH	2

/* "read page 0", "write pages 0 and 1" ...; what the kernel writes is pinned. */
struct insn {
	unsigned char want[PAGES];		/* enum rr_crew_right */
	unsigned char first;			/* the page that it touches first */
	bool kernel;
};

static const struct insn insns[] = {
	{ { RR_CREW_READ, RR_CREW_NONE }, 0, false },
	{ { RR_CREW_WRITE, RR_CREW_NONE }, 0, false },
	{ { RR_CREW_WRITE, RR_CREW_WRITE }, 0, false },
	{ { RR_CREW_WRITE, RR_CREW_WRITE }, 1, false },
	{ { RR_CREW_READ, RR_CREW_WRITE }, 0, false },
	{ { RR_CREW_WRITE, RR_CREW_WRITE }, 0, true },
	{ { RR_CREW_WRITE, RR_CREW_WRITE }, 1, true },
};

#define NR_INSNS	ARRAY_SIZE(insns)

struct state {
	struct rr_crew_page page[PAGES];
	u64 ticket[LANES];
	unsigned char pc[LANES];
	unsigned char copied[LANES];		/* pages that the kernel has written */
};

static unsigned int nr_lanes, program[LANES][LENGTH];
static bool hold;

static const struct insn *insn_of(const struct state *s, unsigned int lane)
{
	return s->pc[lane] < LENGTH ? &insns[program[lane][s->pc[lane]]] : NULL;
}

/* Nothing but their order counts, so keep the tickets small. */
static void rank_tickets(struct state *s)
{
	u64 rank[LANES] = { 0 };
	unsigned int i, k;

	for (i = 0; i < nr_lanes; i++)
		for (k = 0; s->ticket[i] && k < nr_lanes; k++)
			rank[i] += s->ticket[k] && s->ticket[k] <= s->ticket[i];
	memcpy(s->ticket, rank, sizeof(rank));
}

/* What the log needs, but the future does not depend on. */
static void forget(struct state *s)
{
	enum rr_crew_right left;
	unsigned int lane, page;

	for (page = 0; page < PAGES; page++) {
		for (lane = 0; lane < nr_lanes; lane++)
			rr_crew_settle(&s->page[page], lane, &left);
		memset(&s->page[page].last, 0, sizeof(s->page[page].last));
	}
	rank_tickets(s);
}

/* Pages in the order in which the instruction touches them. */
static unsigned int page_nr(const struct insn *in, unsigned int i)
{
	return (in->first + i) % PAGES;
}

static void finish_insn(struct state *s, const struct insn *in, unsigned int lane)
{
	unsigned int page;

	for (page = 0; in->kernel && page < PAGES; page++)
		if (s->page[page].writer >> lane & 1)
			s->page[page].pinned = false;
	s->ticket[lane] = 0;
	s->copied[lane] = 0;
	s->pc[lane]++;
}

/*
 * The first page that it lacks; PAGES if none. What the kernel has copied it does
 * not need again.
 */
static unsigned int lacks(const struct state *s, const struct insn *in, unsigned int lane)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++) {
		unsigned int page = page_nr(in, i);

		if (!(s->copied[lane] >> page & 1) &&
		    rr_crew_right(&s->page[page], lane) < in->want[page])
			return page;
	}
	return PAGES;
}

static u64 held_for(const struct state *s, unsigned int lane)
{
	return hold ? rr_crew_held(s->ticket, nr_lanes, lane) : 0;
}

/* The kernel writes a page as soon as it may. */
static void copy(struct state *s, const struct insn *in, unsigned int lane)
{
	unsigned int i;

	for (i = 0; in->kernel && i < PAGES; i++) {
		unsigned int page = page_nr(in, i);

		if (s->copied[lane] >> page & 1)
			continue;
		if (rr_crew_right(&s->page[page], lane) < in->want[page])
			return;
		s->copied[lane] |= 1 << page;
		s->page[page].pinned = true;
	}
}

/* Take a page from a lane that waits itself: its kernel side's bytes are logged. */
static bool unpin(struct state *s, unsigned int page, u64 owner)
{
	unsigned int lane = __builtin_ctzll(owner), missing;
	const struct insn *in = insn_of(s, lane);
	struct rr_crew_actions act;

	missing = in ? lacks(s, in, lane) : PAGES;
	if (missing == PAGES)
		return false;
	act = rr_crew_decide(&s->page[missing], lane, in->want[missing], true,
			     held_for(s, lane));
	if (act.verdict != RR_CREW_WAIT)
		return false;
	s->page[page].pinned = false;
	return true;
}

/* One step of a lane. Returns false if it must wait, or has finished. */
static bool step(struct state *s, unsigned int lane)
{
	static const u64 next[LANES];
	const struct insn *in = insn_of(s, lane);
	struct rr_crew_actions act;
	unsigned int page;

	if (!in)
		return false;
	page = lacks(s, in, lane);
	if (page == PAGES) {
		finish_insn(s, in, lane);
		return true;
	}
	if (!s->ticket[lane]) {
		s->ticket[lane] = LANES + 1;
		return true;
	}
	act = rr_crew_decide(&s->page[page], lane, in->want[page], true, held_for(s, lane));
	if (act.verdict == RR_CREW_WAIT)
		return s->page[page].pinned && unpin(s, page, act.losers);
	rr_crew_apply(&s->page[page], lane, &act, next);
	copy(s, in, lane);
	return true;
}

/* --- the graph, depth first --- */

enum colour { WHITE, GREY, BLACK };

static struct set states;
static unsigned char colour[SET_SLOTS];		/* of the state there */
static unsigned long nr_stuck, nr_cycles;

static unsigned int find(const struct state *s)
{
	bool fresh;
	unsigned int slot = set_slot(&states, s, &fresh);

	if (fresh)
		colour[slot] = WHITE;
	return slot;
}

static void visit(const struct state *from)
{
	unsigned int here = find(from), lane;
	bool moved = false, finished = true;

	colour[here] = GREY;
	for (lane = 0; lane < nr_lanes; lane++) {
		struct state s;

		memcpy(&s, from, sizeof(s));
		finished &= !insn_of(&s, lane);
		if (!step(&s, lane))
			continue;
		moved = true;
		forget(&s);
		switch (colour[find(&s)]) {
		case GREY:
			nr_cycles++;
			break;
		case WHITE:
			visit(&s);
		}
	}
	nr_stuck += !moved && !finished;
	colour[here] = BLACK;
}

/* Lanes can trade places: of the programs that differ in nothing else, one will do. */
static bool is_sorted(void)
{
	unsigned int lane;

	for (lane = 1; lane < nr_lanes; lane++)
		if (memcmp(program[lane - 1], program[lane], sizeof(program[0])) > 0)
			return false;
	return true;
}

/* All programs for this many lanes. */
static unsigned long visit_all(unsigned int lanes)
{
	unsigned int *digit = &program[0][0], i;
	unsigned long nr = 0;
	struct state s;

	nr_lanes = lanes;
	states.total = 0;
	nr_stuck = 0;
	nr_cycles = 0;
	memset(program, 0, sizeof(program));
	do {
		memset(&s, 0, sizeof(s));
		if (is_sorted()) {
			set_clear(&states, sizeof(s));
			visit(&s);
			nr++;
		}
		for (i = 0; i < lanes * LENGTH && ++digit[i] == NR_INSNS; i++)
			digit[i] = 0;
	} while (i < lanes * LENGTH);
	return nr;
}

static void print_graph(unsigned long nr)
{
	printf("# %lu programs, %lu states, %lu dead-locks, %lu cycles\n", nr, states.total,
	       nr_stuck, nr_cycles);
}

int main(void)
{
	unsigned long nr;

	hold = true;
	nr = visit_all(2);
	ok(!nr_stuck && !nr_cycles, "2 lanes get on");
	print_graph(nr);
	nr = visit_all(3);
	ok(!nr_stuck && !nr_cycles, "3 lanes get on");
	print_graph(nr);
	hold = false;
	nr = visit_all(2);
	ok(nr_cycles, "noticed: nobody holds what it has got");
	print_graph(nr);
	return finish();
}
