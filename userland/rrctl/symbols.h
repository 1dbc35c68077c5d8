/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which variables of a program or library lie on a page.
 */
#ifndef RRCTL_SYMBOLS_H
#define RRCTL_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define RR_PAGE_BYTES	4096u

struct rr_symbols;

/**
 * struct rr_symbol - a variable that lies on a page
 * @name: of the file, may be anything; valid until rr_symbols_close()
 * @addr: of its first byte, as the file has it
 * @offset: of the page's first byte in it, 0 if it begins on the page
 * @bytes: of it on the page
 */
struct rr_symbol {
	const char	*name;
	__u64		addr;
	__u64		offset;
	__u64		bytes;
};

struct rr_symbols *rr_symbols_open(const char *path, __u64 size, const void *head);
int rr_symbols_on_page(const struct rr_symbols *symbols, __u64 map_offset, __u64 offset,
		       bool writable, struct rr_symbol **list);
void rr_symbols_close(struct rr_symbols *symbols);

#endif /* RRCTL_SYMBOLS_H */
