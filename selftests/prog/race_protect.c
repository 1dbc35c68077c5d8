// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_protect [PAGES]: a thread that computes allows writing to page after page, and
 * another writes to them without asking: mostly later, but nothing it has read says so.
 * Nobody has used the pages before. Some writes fail, which is the result.
 */
#include "race.h"
#include <setjmp.h>

static volatile char *place;
static int gate, pages;
static uint64_t sink, faults;
static sigjmp_buf back;

static void on_fault(int signal, siginfo_t *info, void *context)
{
	siglongjmp(back, 1);
}

/* In a replay this one is as slow, and who sleeps is not. */
static void allow(void)
{
	for (int i = 0; i < pages; i++) {
		for (int n = 0; n < 20000; n++)
			sink = work(sink);
		CHECK(!mprotect((void *)(place + i * 4096), 4096, PROT_READ | PROT_WRITE));
	}
}

static void write_all(void)
{
	struct timespec ts = { 0, 10000000 };

	for (volatile int i = 0; i < pages; i++) {
		nanosleep(&ts, NULL);
		if (sigsetjmp(back, 1))
			faults++;
		else
			place[i * 4096] = i;
	}
}

static void player(int me)
{
	meet(&gate, 2);
	if (me)
		write_all();
	else
		allow();
}

int main(int argc, char **argv)
{
	uint64_t sig = 0;

	pages = amount(argc, argv, 30, 10000);
	place = map_pages(pages, PROT_READ, MAP_PRIVATE);
	on_signal(SIGSEGV, on_fault, SA_NODEFER);
	run_threads(2, player);
	for (int i = 0; i < pages; i++)
		sig = mix(sig, place[i * 4096]);
	printf("faults %llu, signature %016llx\n", (unsigned long long)faults,
	       (unsigned long long)sig);
	return 0;
}
