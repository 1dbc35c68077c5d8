/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arrays that grow, and are kept in order.
 */
#ifndef RRCTL_ARRAY_H
#define RRCTL_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/* Does @element come before what @key says? */
typedef bool (*rr_before_fn)(const void *element, const void *key);

size_t rr_array_place(const void *base, size_t nr, size_t size, rr_before_fn before,
		      const void *key);
int rr_array_insert(void *array, size_t size, size_t *nr, size_t *room, size_t place);

#endif /* RRCTL_ARRAY_H */
