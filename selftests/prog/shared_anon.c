// SPDX-License-Identifier: GPL-2.0-only
/* Shared anonymous memory between processes: futex, races, spinning. */
#include "prog.h"
#include <linux/futex.h>

struct shared {
	uint32_t turn;
	volatile uint32_t spin;
	uint64_t racy;
	uint64_t order;
};

static void play(struct shared *s, uint32_t me)
{
	uint64_t seed = me, v;

	for (int i = 0; i < 10; i++) {
		while (READ_ONCE(s->turn) != me)
			syscall(SYS_futex, &s->turn, FUTEX_WAIT, !me, NULL);
		s->order = s->order * 3 + me + 1;
		WRITE_ONCE(s->turn, !me);
		syscall(SYS_futex, &s->turn, FUTEX_WAKE, 1);
	}
	for (int i = 0; i < 8; i++) {
		while (s->spin != me)
			seed = work(seed);
		s->spin = !me;
	}
	for (int i = 0; i < 1000; i++) {
		v = READ_ONCE(s->racy);
		seed = work(seed);
		WRITE_ONCE(s->racy, v + 1);
	}
	printf("%u: seed %#llx\n", me, (unsigned long long)seed);
}

int main(void)
{
	struct shared *s = map_pages(1, PROT_READ | PROT_WRITE, MAP_SHARED);
	pid_t pid;

	setvbuf(stdout, NULL, _IOLBF, 0);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		play(s, 1);
		return 0;
	}
	play(s, 0);
	reap(pid, "child");
	printf("order %#llx racy %llu\n", (unsigned long long)s->order,
	       (unsigned long long)s->racy);
	return 0;
}
