// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench_mutex [ROUNDS]: mutex ping-pong. Two threads want one mutex all the time;
 * who is inside changes a few words there. The order in which they came is the
 * signature.
 */
#include "race.h"

static struct {
	pthread_mutex_t lock;
	struct section section;
} own_page shared = { .lock = PTHREAD_MUTEX_INITIALIZER };
static int rounds, gate;

static void player(int me)
{
	meet(&gate, 2);
	for (int i = 0; i < rounds; i++) {
		pthread_mutex_lock(&shared.lock);
		section_pass(&shared.section, me);
		pthread_mutex_unlock(&shared.lock);
	}
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 1000, 100000000);
	run_threads(2, player);
	section_print(&shared.section, 2ull * rounds);
	return 0;
}
