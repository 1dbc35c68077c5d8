// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_write [CALLS]: a thread changes all pages of a buffer, one after the other,
 * while another gives it to write(): what the kernel reads there is logged as one
 * piece, so it must not begin again for ever. What the pipe got is the signature.
 */
#include "race.h"

#define PAGES	12

static uint64_t buffer[PAGES * 512] own_page;
static uint64_t got[PAGES * 512];
static int calls, done, p[2];
static uint64_t sig;

static void scribbler(void)
{
	for (uint64_t n = 0; !READ_ONCE(done); n++)
		WRITE_ONCE(buffer[n % PAGES * 512 + n / PAGES % 512], n);
}

static void writer(void)
{
	for (int i = 0; i < calls; i++) {
		CHECK(write(p[1], buffer, sizeof(buffer)) == sizeof(buffer));
		CHECK(read(p[0], got, sizeof(got)) == sizeof(got));
		for (int n = 0; n < PAGES * 512; n += 64)
			sig = mix(sig, got[n]);
	}
	WRITE_ONCE(done, 1);
}

static void thread(int me)
{
	if (me)
		scribbler();
	else
		writer();
}

int main(int argc, char **argv)
{
	calls = amount(argc, argv, 20, 1000000);
	CHECK(!pipe(p));
	run_threads(2, thread);
	printf("%d calls, signature %016llx\n", calls, (unsigned long long)sig);
	return 0;
}
