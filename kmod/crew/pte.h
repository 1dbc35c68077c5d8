/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shadow page tables: what a lane may use now. The only code that touches page
 * tables and CR3. A shadow table is a cache of page ownership and of the
 * process's own table, as a TLB is: emptying it is always right.
 */
#ifndef RR_CREW_PTE_H
#define RR_CREW_PTE_H

#include <linux/mm.h>
#include <linux/types.h>

/* So many pages are unmapped without a walk through the table. */
#define RR_TABLE_FEW	8

/**
 * struct rr_table - one shadow page table
 * @pgd: from pgd_alloc()
 * @pages: the lower levels, for freeing, linked by page->lru
 * @nr_set: so many pages were set since all were unmapped, at most one more than
 * @set: has room for: their addresses
 *
 * Locking: all but enter and leave under rr_space.lock of its address space.
 */
struct rr_table {
	pgd_t		*pgd;
	struct list_head pages;
	unsigned int	nr_set;
	unsigned long	set[RR_TABLE_FEW];
};

/**
 * struct rr_cr3 - which table a task runs on; a member of the task
 * @table: what it wants to run on, NULL for the process's own
 * @loaded: what CR3 holds while it is on a CPU, NULL for the process's own
 * @official: CR3 of the process's own table, valid while @loaded
 *
 * Written by the task itself with preemption disabled, or by the scheduler for
 * it (sched_in, sched_out).
 */
struct rr_cr3 {
	struct rr_table	*table;
	struct rr_table	*loaded;
	unsigned long	official;
};

/* Called for an entry: as it is, or was. */
typedef void rr_pte_seen(void *arg, unsigned long addr, pte_t pte);

void rr_tables_init(void);
int rr_table_init(struct rr_table *table, struct mm_struct *mm);
void rr_table_destroy(struct rr_table *table);
bool rr_table_set(struct rr_table *table, unsigned long addr, pte_t pte);
pte_t rr_table_get(struct rr_table *table, unsigned long addr);
bool rr_table_zap(struct rr_table *table, unsigned long start, unsigned long end,
		  rr_pte_seen *seen, void *arg);
void rr_table_clean(struct rr_table *table, unsigned long addr, rr_pte_seen *seen,
		    void *arg);
void rr_table_age(struct rr_table *table, unsigned long addr, unsigned long bits);

void rr_cr3_switch(struct rr_cr3 *c, struct rr_table *table);
void rr_cr3_sched_in(struct rr_cr3 *c);
void rr_cr3_sched_out(struct rr_cr3 *c);
void rr_cr3_check(struct rr_cr3 *c);

pte_t rr_pte_shadow(pte_t official, bool write);
pte_t rr_pte_private(struct page *page);
pte_t rr_pte_copy(pte_t official, struct page *copy);
bool rr_official_get(struct mm_struct *mm, unsigned long addr, pte_t *pte,
		     struct page **page);
void rr_tlb_flush_all(void *unused);
void rr_tlb_flush_addr(unsigned long addr);

#endif /* RR_CREW_PTE_H */
