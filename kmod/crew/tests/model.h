/* SPDX-License-Identifier: GPL-2.0-only */
/* What the model checks share: TAP, and a set of the states that were looked at. */
#ifndef RR_MODEL_H
#define RR_MODEL_H

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../protocol.c"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static unsigned int nr_tests, nr_failed;

static __attribute__((format(printf, 2, 3))) void ok(bool good, const char *fmt, ...)
{
	va_list args;

	printf("%sok %u - ", good ? "" : "not ", ++nr_tests);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	nr_failed += !good;
}

/* Returns the exit status. */
static int finish(void)
{
	printf("1..%u\n", nr_tests);
	return nr_failed != 0;
}

#define SET_BITS	16
#define SET_SLOTS	(1u << SET_BITS)

/**
 * struct set - states, by their bytes; open addressing
 * @size: bytes of a state
 * @generation: of the graph at hand; older entries do not count
 * @nr: states in it
 * @total: states in all generations
 * @in: per slot, the generation that it is of
 * @state: per slot, @size bytes
 */
struct set {
	size_t size;
	unsigned int generation, nr;
	unsigned long total;
	unsigned int in[SET_SLOTS];
	unsigned char *state;
};

/* Begin another graph, of states of @size bytes, the same in all generations. */
static void set_clear(struct set *s, size_t size)
{
	if (!s->state)
		s->state = malloc(SET_SLOTS * size);
	assert(s->state);
	s->size = size;
	s->generation++;
	s->nr = 0;
}

/* Find or add. Returns the slot. */
static unsigned int set_slot(struct set *s, const void *state, bool *fresh)
{
	const unsigned char *byte = state;
	u64 hash = 14695981039346656037ull;
	unsigned int slot;
	size_t i;

	for (i = 0; i < s->size; i++)
		hash = (hash ^ byte[i]) * 1099511628211ull;
	*fresh = false;
	for (slot = hash >> (64 - SET_BITS); s->in[slot] == s->generation;
	     slot = (slot + 1) % SET_SLOTS)
		if (!memcmp(s->state + slot * s->size, state, s->size))
			return slot;
	*fresh = true;
	s->nr++;
	/* Full, the loop above would not end. */
	assert(s->nr < SET_SLOTS);
	s->total++;
	s->in[slot] = s->generation;
	memcpy(s->state + slot * s->size, state, s->size);
	return slot;
}

#endif /* RR_MODEL_H */
