// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_queue [ITEMS]: queues without locks. First from one thread to the other, then
 * one into which both put and from which both take (Vyukov's). Nothing is lost or
 * doubled, and of one producer's items each consumer gets a rising sequence; which
 * those are, and how full the queue was, is the signature.
 */
#include "race.h"

#define SIZE 16

static struct {
	uint64_t head own_line, tail own_line, item[SIZE] own_line;
} spsc;

static struct {
	uint64_t head own_line, tail own_line;
	struct {
		uint64_t seq, item;
	} cell[SIZE] own_line;
} mpmc;

static uint64_t sig[2], sum[2], taken;
static int items, gate, second_gate;

static void spsc_put(uint64_t item)
{
	uint64_t tail = spsc.tail;

	while (tail - __atomic_load_n(&spsc.head, __ATOMIC_ACQUIRE) == SIZE)
		relax();
	spsc.item[tail % SIZE] = item;
	__atomic_store_n(&spsc.tail, tail + 1, __ATOMIC_RELEASE);
}

static uint64_t spsc_take(uint64_t *level)
{
	uint64_t head = spsc.head, item;

	while (!(*level = __atomic_load_n(&spsc.tail, __ATOMIC_ACQUIRE) - head))
		relax();
	item = spsc.item[head % SIZE];
	__atomic_store_n(&spsc.head, head + 1, __ATOMIC_RELEASE);
	return item;
}

static void one_to_one(int me)
{
	uint64_t level;

	for (int i = 1; i <= items; i++) {
		if (me) {
			spsc_put(i);
			continue;
		}
		CHECK(spsc_take(&level) == (uint64_t)i && level <= SIZE);
		sig[0] = mix(sig[0], level);
	}
}

/* A cell's seq says whose turn it is there: position to put, plus 1 to take. */
static bool mpmc_claim(uint64_t *end, uint64_t turn, uint64_t *pos)
{
	int64_t ahead;

	*pos = READ_ONCE(*end);
	for (;;) {
		ahead = __atomic_load_n(&mpmc.cell[*pos % SIZE].seq, __ATOMIC_ACQUIRE) -
			(*pos + turn);
		if (ahead < 0)
			return false;
		if (ahead > 0)
			*pos = READ_ONCE(*end);
		else if (__atomic_compare_exchange_n(end, pos, *pos + 1, false,
						     __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return true;
	}
}

static bool mpmc_put(uint64_t item)
{
	uint64_t pos;

	if (!mpmc_claim(&mpmc.tail, 0, &pos))
		return false;
	mpmc.cell[pos % SIZE].item = item;
	__atomic_store_n(&mpmc.cell[pos % SIZE].seq, pos + 1, __ATOMIC_RELEASE);
	return true;
}

static bool mpmc_take(uint64_t *item)
{
	uint64_t pos;

	if (!mpmc_claim(&mpmc.head, 1, &pos))
		return false;
	*item = mpmc.cell[pos % SIZE].item;
	__atomic_store_n(&mpmc.cell[pos % SIZE].seq, pos + SIZE, __ATOMIC_RELEASE);
	return true;
}

static void consume(int me, uint64_t *last)
{
	uint64_t item;

	if (!mpmc_take(&item))
		return;
	CHECK(item / 2 > last[item % 2]);
	last[item % 2] = item / 2;
	sum[me] += item;
	sig[me] = work(mix(sig[me], item));
	__atomic_fetch_add(&taken, 1, __ATOMIC_SEQ_CST);
}

/* The other may have been slow: put as long as there is room, take as you go. */
static void all_to_all(int me)
{
	uint64_t last[2] = { 0 };

	for (int i = 1; i <= items; i++) {
		while (!mpmc_put(2ull * i + me))
			consume(me, last);
		if (i % 4)
			consume(me, last);
	}
	while (READ_ONCE(taken) < 2ull * items) {
		consume(me, last);
		relax();
	}
}

static void player(int me)
{
	meet(&gate, 2);
	one_to_one(me);
	meet(&second_gate, 2);
	all_to_all(me);
}

int main(int argc, char **argv)
{
	uint64_t n;

	n = items = amount(argc, argv, 2000, 10000000);
	for (int i = 0; i < SIZE; i++)
		mpmc.cell[i].seq = i;
	run_threads(2, player);
	CHECK(sum[0] + sum[1] == 2 * n * (n + 1) + n);
	printf("%d items, signatures %016llx %016llx\n", items,
	       (unsigned long long)sig[0], (unsigned long long)sig[1]);
	return 0;
}
