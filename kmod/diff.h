/* SPDX-License-Identifier: GPL-2.0-only */
/* Pure: runs of differing bytes. Builds in the kernel and in user space. */
#ifndef RR_DIFF_H
#define RR_DIFF_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#endif

/**
 * rr_diff_next() - the next run of bytes that differ
 * @a: old bytes
 * @b: new bytes
 * @len: how many
 * @from: where to begin
 * @gap: equal bytes up to this many between two runs are taken as changed
 * @start: first byte of the run
 * @end: first byte after it
 *
 * Return: false if nothing differs from @from on.
 */
static inline bool rr_diff_next(const unsigned char *a, const unsigned char *b,
				size_t len, size_t from, size_t gap,
				size_t *start, size_t *end)
{
	size_t i = from, last;

	while (i + 8 <= len && !(i & 7) &&
	       *(const unsigned long *)(a + i) == *(const unsigned long *)(b + i))
		i += 8;
	while (i < len && a[i] == b[i]) {
		i++;
		while (i + 8 <= len && !(i & 7) &&
		       *(const unsigned long *)(a + i) == *(const unsigned long *)(b + i))
			i += 8;
	}
	if (i >= len)
		return false;
	*start = i;
	last = i;
	for (i++; i < len && i - last <= gap + 1; i++)
		if (a[i] != b[i])
			last = i;
	*end = last + 1;
	return true;
}

#endif /* RR_DIFF_H */
