// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"

/**
 * rr_array_place() - where something is in an array, or belongs
 * @base: the array, in order
 * @nr: of its elements
 * @size: of each, bytes
 * @before: tells which come before it
 * @key: for @before
 *
 * Return: the first place whose element does not come before it.
 */
size_t rr_array_place(const void *base, size_t nr, size_t size, rr_before_fn before,
		      const void *key)
{
	size_t low = 0, high = nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (before((const char *)base + mid * size, key))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/**
 * rr_array_insert() - make room for one more element, all zero
 * @array: address of the pointer to the array, of whatever type
 * @size: of an element, bytes
 * @nr: of elements
 * @room: for so many there is memory
 * @place: where, at most @nr
 *
 * Elements move.
 *
 * Return: 0 or -ENOMEM, then nothing has changed.
 */
int rr_array_insert(void *array, size_t size, size_t *nr, size_t *room, size_t place)
{
	size_t more = *room ? 2 * *room : 16;
	char *base;

	memcpy(&base, array, sizeof(base));
	if (*nr == *room) {
		base = reallocarray(base, more, size);
		if (!base)
			return -ENOMEM;
		memcpy(array, &base, sizeof(base));
		*room = more;
	}
	memmove(base + (place + 1) * size, base + place * size, (*nr - place) * size);
	memset(base + place * size, 0, size);
	++*nr;
	return 0;
}
