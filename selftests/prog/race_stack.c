// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_stack [ROUNDS]: Treiber's stack. Threads take two nodes from it by
 * compare-and-exchange and put them back the other way round, which is where a head
 * without a tag would be taken for an old one (ABA). No node has two owners, none
 * gets lost; which ones a thread got is the signature.
 */
#include "race.h"

#define NODES	64
#define NOBODY	0

/* Tag in the upper half, number of the first node in the lower; 0 ends the list. */
static uint64_t head own_line;
static struct {
	uint32_t next;
	int owner;
} own_line node[NODES + 1];
static uint64_t sig[2], failures[2];
static int rounds, gate;

static bool move_head(uint64_t *old, uint32_t first, int me)
{
	uint64_t new = ((*old >> 32) + 1) << 32 | first;

	if (__atomic_compare_exchange_n(&head, old, new, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST))
		return true;
	failures[me]++;
	return false;
}

static uint32_t pop(int me)
{
	uint64_t old = READ_ONCE(head);
	uint32_t n, next;

	do {
		n = old;
		CHECK(n && n <= NODES);
		next = READ_ONCE(node[n].next);
		/* Time enough for the others to change it, and back. */
		sig[me] = work(sig[me]);
	} while (!move_head(&old, next, me));
	CHECK(__atomic_exchange_n(&node[n].owner, me + 1, __ATOMIC_SEQ_CST) == NOBODY);
	return n;
}

static void push(uint32_t n, int me)
{
	uint64_t old = READ_ONCE(head);

	CHECK(__atomic_exchange_n(&node[n].owner, NOBODY, __ATOMIC_SEQ_CST) == me + 1);
	do {
		WRITE_ONCE(node[n].next, (uint32_t)old);
	} while (!move_head(&old, n, me));
}

static void player(int me)
{
	uint32_t a, b;

	meet(&gate, 2);
	for (int i = 0; i < rounds; i++) {
		a = pop(me);
		b = pop(me);
		sig[me] = work(mix(sig[me], a * 256 + b));
		push(a, me);
		push(b, me);
	}
}

int main(int argc, char **argv)
{
	uint64_t seen = 0;

	rounds = amount(argc, argv, 1000, 10000000);
	for (int i = 1; i <= NODES; i++)
		node[i].next = i - 1;
	head = NODES;
	run_threads(2, player);
	for (uint32_t n = head; n; n = node[n].next) {
		CHECK(!(seen >> (n - 1) & 1));
		seen |= 1ull << (n - 1);
	}
	CHECK(seen == ~0ull);
	printf("failures %llu %llu, signatures %016llx %016llx\n",
	       (unsigned long long)failures[0], (unsigned long long)failures[1],
	       (unsigned long long)sig[0], (unsigned long long)sig[1]);
	return 0;
}
