// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_code [CALLS]: code that is made while the program runs, as by a JIT compiler.
 * One thread calls a function that counts in the page that its code is in, and another
 * writes to that page: the page is lost at the very instruction that is looked for.
 */
#include "race.h"

#define FUNCTION	0xc0		/* offset in the page */
#define COUNT		0x100
#define NOTE		0x800

static const unsigned char code[] = {
	0x48, 0xff, 0x05, COUNT - FUNCTION - 7, 0, 0, 0,	/* incq COUNT */
	0xc3,							/* ret */
};

static char *area;
static uint64_t sig;
static int calls, gate, done;

static void player(int me)
{
	volatile uint64_t *note = (volatile uint64_t *)(area + NOTE);
	void (*function)(void) = (void (*)(void))(area + FUNCTION);

	meet(&gate, 2);
	if (!me) {
		for (int i = 0; i < calls; i++) {
			function();
			sig = mix(sig, *note);
		}
		WRITE_ONCE(done, 1);
		return;
	}
	while (!READ_ONCE(done)) {
		++*note;
		for (int i = 0; i < 2000; i++)
			relax();
	}
}

int main(int argc, char **argv)
{
	calls = amount(argc, argv, 100000, 100000000);
	area = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(area != MAP_FAILED);
	memcpy(area + FUNCTION, code, sizeof(code));
	run_threads(2, player);
	CHECK(*(uint64_t *)(area + COUNT) == (uint64_t)calls);
	printf("%d calls, signature %016llx\n", calls, (unsigned long long)sig);
	return 0;
}
