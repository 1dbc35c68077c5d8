// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the fuzz targets share.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

unsigned long rr_fuzz_events;

/* The log may have been made to hurt the terminal of whoever looks at it. */
void rr_fuzz_harmless(const char *text, size_t len)
{
	for (; len; text++, len--) {
		if ((*text >= ' ' && *text <= '~') || *text == '\n' || *text == '\t')
			continue;
		fprintf(stderr, "byte %#x in the output\n", (unsigned char)*text);
		abort();
	}
}

static void say_events(void)
{
	fprintf(stderr, "fuzz: %lu events\n", rr_fuzz_events);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return atexit(say_events);
}
