// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_revoke [ROUNDS]: a call that may change all of the address space, and fails,
 * takes from the other thread's lane what that has at both ends of it.
 */
#include "race.h"
#include <sys/shm.h>

static uint64_t own_page low[512];
static uint64_t *high;
static int own_page turn;
static int rounds, id;

static void player(int me)
{
	for (int i = 0; i < rounds; i++) {
		spin_until(&turn, 2 * i + me);
		if (me) {
			CHECK(shmat(id, NULL, SHM_REMAP) == (void *)-1 && errno == EINVAL);
		} else {
			low[i % 512] = mix(high[0], i);
			high[0] = low[i % 512];
		}
		WRITE_ONCE(turn, 2 * i + me + 1);
	}
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 40, 1000000);
	high = map_pages(1, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	id = shmget(IPC_PRIVATE, 4096, 0600);
	CHECK(id >= 0);
	run_threads(2, player);
	CHECK(!shmctl(id, IPC_RMID, NULL));
	printf("%016llx\n", (unsigned long long)high[0]);
	return 0;
}
