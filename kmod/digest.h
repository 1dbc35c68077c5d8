/* SPDX-License-Identifier: GPL-2.0-only */
/* Digests of memory, the same in record and replay. */
#ifndef RR_DIGEST_H
#define RR_DIGEST_H

#include "task.h"

void rr_digest_init(void);
u64 rr_digest(const void *data, size_t len, u64 seed, bool stack);
bool rr_digest_counts(const void *data, size_t len, size_t at);
int rr_digest_page(unsigned long addr, u64 seed, u64 *hash);
void rr_digest_space(struct rr_space *space, u32 lane, u64 *hash, u64 *pages);
u32 rr_digest_differs(const struct rrlog_page_hash *page, u32 n);

#endif /* RR_DIGEST_H */
