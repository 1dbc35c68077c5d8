// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_handoff [ITEMS]: items go through a ring buffer from one thread to the other.
 * Who finds it full or empty sleeps on a futex; who moves on wakes only if somebody
 * may sleep. How full it was each time, and the sleeps, are the result.
 */
#include "race.h"
#include <linux/futex.h>

#define SIZE 16

static struct {
	uint32_t head, tail, sleepers;
	uint64_t item[SIZE];
} ring own_page;
static uint64_t sig, sleeps[2];
static int items, gate;

static void wait_while(uint32_t *word, uint32_t value, int me)
{
	if (READ_ONCE(*word) != value)
		return;
	__atomic_fetch_add(&ring.sleepers, 1, __ATOMIC_SEQ_CST);
	while (READ_ONCE(*word) == value) {
		sleeps[me]++;
		syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL);
	}
	__atomic_fetch_sub(&ring.sleepers, 1, __ATOMIC_SEQ_CST);
}

static void move_on(uint32_t *word)
{
	WRITE_ONCE(*word, *word + 1);
	if (READ_ONCE(ring.sleepers))
		syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1);
}

static void producer(int me)
{
	for (int i = 1; i <= items; i++) {
		wait_while(&ring.head, ring.tail - SIZE, me);
		ring.item[ring.tail % SIZE] = work(i);
		move_on(&ring.tail);
	}
}

static void consumer(int me)
{
	for (int i = 1; i <= items; i++) {
		wait_while(&ring.tail, ring.head, me);
		sig = mix(sig, READ_ONCE(ring.tail) - ring.head);
		CHECK(READ_ONCE(ring.tail) - ring.head <= SIZE);
		CHECK(ring.item[ring.head % SIZE] == work(i));
		move_on(&ring.head);
	}
}

static void player(int me)
{
	meet(&gate, 2);
	if (me)
		consumer(me);
	else
		producer(me);
}

int main(int argc, char **argv)
{
	items = amount(argc, argv, 2000, 10000000);
	run_threads(2, player);
	CHECK(ring.head == (uint32_t)items && ring.tail == (uint32_t)items);
	printf("%d items, slept %llu %llu, levels %016llx\n", items,
	       (unsigned long long)sleeps[0], (unsigned long long)sleeps[1],
	       (unsigned long long)sig);
	return 0;
}
