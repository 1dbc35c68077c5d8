// SPDX-License-Identifier: GPL-2.0-only
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/xxhash.h>
#include <linux/sched/task_stack.h>

#include "digest.h"

/*
 * What is there is hashed where it is. A task that is being killed gets no more from
 * get_user_pages().
 */
static bool rr_digest_mapped(unsigned long addr, u64 seed, u64 *hash)
{
	struct page *page = NULL;
	bool found;
	void *data;
	pte_t pte;

	mmap_read_lock(current->mm);
	found = rr_official_get(current->mm, addr, &pte, &page) && page;
	mmap_read_unlock(current->mm);
	if (!found)
		return false;
	data = kmap_local_page(page);
	*hash = xxh64(data, PAGE_SIZE, seed);
	kunmap_local(data);
	put_page(page);
	return true;
}

/**
 * rr_digest_page() - XXH64 of a page of the current task
 * @addr: page address
 * @seed: of the hash
 * @hash: the digest; an unreadable page counts as empty
 *
 * Context: may sleep; reads the process's own table, so nothing is paged in.
 * Return: 0 or -ENOMEM.
 */
int rr_digest_page(unsigned long addr, u64 seed, u64 *hash)
{
	size_t len = PAGE_SIZE;
	void *buf;

	if (rr_digest_mapped(addr, seed, hash))
		return 0;
	buf = (void *)__get_free_page(GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	if (access_process_vm(current, addr, buf, PAGE_SIZE, FOLL_FORCE) != PAGE_SIZE)
		len = 0;
	*hash = xxh64(buf, len, seed);
	free_page((unsigned long)buf);
	return 0;
}

/**
 * rr_digest_space() - XXH64 chain over the pages that were paged in
 * @space: of the current task
 * @lane: number of its lane; of several, only what that may read counts
 * @hash: the digest
 * @pages: how many pages
 */
void rr_digest_space(struct rr_space *space, u32 lane, u64 *hash, u64 *pages)
{
	unsigned long addr = 0;

	*hash = 0;
	*pages = 0;
	while (rr_page_next(space, lane, &addr)) {
		if (rr_digest_page(addr, *hash ^ addr, hash))
			return;
		++*pages;
		addr += PAGE_SIZE;
		cond_resched();
	}
}

/**
 * rr_digest_differs() - compare pages of the current task with their digests
 * @page: addresses and digests
 * @n: how many
 *
 * Return: index of the first page that differs, @n if none does.
 */
u32 rr_digest_differs(const struct rrlog_page_hash *page, u32 n)
{
	u64 hash;
	u32 i;

	for (i = 0; i < n; i++)
		if (rr_digest_page(page[i].addr, 0, &hash) || hash != page[i].hash)
			break;
	return i;
}
