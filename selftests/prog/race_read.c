// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_read [BYTES]: the kernel writes where another thread looks. One thread reads
 * pieces of a known stream from a pipe into a buffer, the other waits for byte after
 * byte to appear there, and looks how far the thread is ahead: the signature.
 */
#include "race.h"

#define MAX_BYTES (1 << 20)

static unsigned char buffer[MAX_BYTES + 256];
static uint64_t sig, ahead;
static int bytes, gate, p[2];

/* Never 0, which is what is not there yet. */
static unsigned char expected(int i)
{
	return 1 + mix(1, i) % 255;
}

static void reader(void)
{
	unsigned char piece[64];
	int n, len;

	for (int i = 0; i < bytes; i += len) {
		len = 1 + mix(2, i) % sizeof(piece);
		len = len < bytes - i ? len : bytes - i;
		for (n = 0; n < len; n++)
			piece[n] = expected(i + n);
		CHECK(write(p[1], piece, len) == len);
		CHECK(read(p[0], buffer + i, len) == len);
	}
}

static void poller(void)
{
	unsigned char seen;
	int next;

	for (int i = 0; i < bytes; i++) {
		while (!(seen = READ_ONCE(buffer[i])))
			relax();
		CHECK(seen == expected(i));
		next = i + 1 + i % 97;
		seen = READ_ONCE(buffer[next]);
		CHECK(!seen || seen == expected(next));
		ahead += !!seen;
		sig = mix(sig, seen);
		if (i % 16 == 0)
			sig = work(sig);
	}
}

static void player(int me)
{
	meet(&gate, 2);
	if (me)
		poller();
	else
		reader();
}

int main(int argc, char **argv)
{
	bytes = amount(argc, argv, 6000, MAX_BYTES);
	CHECK(!pipe(p));
	run_threads(2, player);
	printf("%d bytes, ahead at %llu, signature %016llx\n", bytes,
	       (unsigned long long)ahead, (unsigned long long)sig);
	return 0;
}
