// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_between [ROUNDS]: one thread sleeps again and again inside a single write() of
 * memory that a second one, in another lane, changes meanwhile; a third, in the lane of
 * the first, uses a word for a while, which the second changes, too, and then computes
 * for long without a call. With two lanes every other thread is in the same one.
 */
#include "race.h"

#define BYTES	4096
#define PAGES	128

static uint64_t word own_page;
static uint64_t sig own_page;
static int rounds, done own_page;
static int fds[2], gate own_page;
static char *memory;

static void taker(int me)
{
	static char buf[8 * BYTES];
	uint64_t i = 0;
	ssize_t n;

	(void)me;
	meet(&gate, 3);
	while (!READ_ONCE(done)) {
		WRITE_ONCE(word, ++i);
		for (int p = 0; p < PAGES; p += 8)
			memory[p * BYTES] = i;
		usleep(500);
		n = read(fds[0], buf, sizeof(buf));
		CHECK(n >= 0);
		if (!n)		/* the writer has ended before us */
			break;
		usleep(500);
	}
	close(fds[0]);
}

static void writer(int me)
{
	(void)me;
	meet(&gate, 3);
	while (!READ_ONCE(done)) {
		if (write(fds[1], memory, PAGES * BYTES) < 0)
			break;
	}
	close(fds[1]);
}

static void computer(int me)
{
	uint64_t own = 1;

	(void)me;
	meet(&gate, 3);
	for (int r = 0; r < rounds; r++) {
		for (int i = 0; i < 500000; i++)
			own = mix(own, READ_ONCE(word));
		for (int i = 0; i < 8000000; i++)
			own = mix(own, i);
	}
	sig = own;
	WRITE_ONCE(done, 1);
}

static void nobody(int me)
{
	(void)me;
}

static void run(int me)
{
	static void (* const roles[])(int me) = { taker, writer, nobody, computer };

	roles[me](me);
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 20, 100000);
	signal(SIGPIPE, SIG_IGN);
	CHECK(!pipe(fds));
	memory = map_pages(PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	run_threads(4, run);
	printf("%016llx\n", (unsigned long long)sig);
	return 0;
}
