// SPDX-License-Identifier: GPL-2.0-only
/* futex(2) itself: wait, wake, requeue, bit sets, wake_op, time-outs. */
#include "prog.h"
#include <linux/futex.h>

static uint32_t word[4];
static int order[8], pos, started;

static long futex(uint32_t *a, int op, uint32_t val, uintptr_t val2, uint32_t *b,
		  uint32_t val3)
{
	long ret = syscall(SYS_futex, a, op, val, val2, b, val3);

	return ret < 0 ? -errno : ret;
}

static void *waiter(void *arg)
{
	int me = (intptr_t)arg;
	long ret;

	__atomic_fetch_add(&started, 1, __ATOMIC_SEQ_CST);
	if (me < 4)
		ret = futex(&word[0], FUTEX_WAIT, 0, 0, NULL, 0);
	else
		ret = futex(&word[2], FUTEX_WAIT_BITSET, 0, 0, NULL, 1 << me);
	order[__atomic_fetch_add(&pos, 1, __ATOMIC_SEQ_CST)] = me;
	return (void *)ret;
}

int main(void)
{
	struct timespec ts = { 0, 5000000 };
	pthread_t t[6];
	void *ret;

	printf("wait: %ld\n", futex(&word[0], FUTEX_WAIT, 1, 0, NULL, 0));
	printf("time-out: %ld\n",
	       futex(&word[0], FUTEX_WAIT, 0, (uintptr_t)&ts, NULL, 0));
	for (long i = 0; i < 6; i++)
		CHECK(!pthread_create(&t[i], NULL, waiter, (void *)i));
	while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) < 6)
		sleep_ms(5);
	sleep_ms(20);	/* until they wait */
	printf("requeue: %ld\n", futex(&word[0], FUTEX_CMP_REQUEUE, 1, 2, &word[1], 0));
	printf("wake moved: %ld\n", futex(&word[1], FUTEX_WAKE, 10, 0, NULL, 0));
	printf("wake bit 5: %ld\n", futex(&word[2], FUTEX_WAKE_BITSET, 10, 0, NULL, 1 << 5));
	printf("wake bit 9: %ld\n", futex(&word[2], FUTEX_WAKE_BITSET, 10, 0, NULL, 1 << 9));
	/* Who comes only now does not wait for what has been. */
	__atomic_store_n(&word[0], 1, __ATOMIC_SEQ_CST);
	printf("wake_op: %ld\n",
	       futex(&word[0], FUTEX_WAKE_OP, 10, 10, &word[2],
		     FUTEX_OP(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_EQ, 0)));
	for (int i = 0; i < 6; i++) {
		CHECK(!pthread_join(t[i], &ret));
		printf("%d returned %ld\n", i, (long)(intptr_t)ret);
	}
	for (int i = 0; i < pos; i++)
		printf("%d ", order[i]);
	printf("words %u %u %u\n", word[0], word[1], word[2]);
	return 0;
}
