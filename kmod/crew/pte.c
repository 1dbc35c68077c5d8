// SPDX-License-Identifier: GPL-2.0-only
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/highmem.h>
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <asm/invpcid.h>
#include <asm/pgalloc.h>
#include <asm/special_insns.h>
#include <asm/tlbflush.h>

#include "compat/symbols.h"
#include "crew/pte.h"

#define RR_CR3_ADDR	CR3_ADDR_MASK
#define RR_CR3_PCID	0xffful

/*
 * Whose top levels the kernel takes ours for. It copies its half to all that it has on its
 * list, and later what memory hot-plug adds; it writes mm_struct.pgd, which nobody reads.
 */
static struct mm_struct rr_table_mm;

/**
 * rr_tables_init() - before the first table is made
 *
 * Context: module load.
 */
void __init rr_tables_init(void)
{
	spin_lock_init(&rr_table_mm.page_table_lock);
}

/*
 * KPTI: the process's descriptor table is in memory of its own, below the kernel half. Its
 * entry does not change once it is there, and modify_ldt() adds none inside a group.
 */
static void rr_table_copy_ldt(pgd_t *to, const pgd_t *from)
{
#ifdef CONFIG_PAGE_TABLE_ISOLATION
	unsigned int i = pgd_index(LDT_BASE_ADDR);

	if (!boot_cpu_has(X86_FEATURE_PTI))
		return;
	to[i] = READ_ONCE(from[i]);
	to[PTRS_PER_PGD + i] = READ_ONCE(from[PTRS_PER_PGD + i]);
#endif
}

/**
 * rr_table_init() - make an empty shadow table
 * @table: to initialise
 * @mm: address space
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int rr_table_init(struct rr_table *table, struct mm_struct *mm)
{
	pgd_t *pgd = rr_sym.pgd_alloc(&rr_table_mm);

	if (!pgd)
		return -ENOMEM;
	rr_table_copy_ldt(pgd, mm->pgd);
	table->pgd = pgd;
	table->nr_set = 0;
	INIT_LIST_HEAD(&table->pages);
	return 0;
}

/**
 * rr_table_destroy() - free a table that no CPU has loaded
 * @table: initialised, or all zero
 */
void rr_table_destroy(struct rr_table *table)
{
	struct page *page, *next;

	if (!table->pgd)
		return;
	list_for_each_entry_safe(page, next, &table->pages, lru) {
		list_del(&page->lru);
		__free_page(page);
	}
	rr_sym.pgd_free(&rr_table_mm, table->pgd);
	table->pgd = NULL;
}

static unsigned long rr_table_grow(struct rr_table *table)
{
	struct page *page = alloc_page(GFP_ATOMIC | __GFP_ZERO | __GFP_NOWARN | __GFP_ACCOUNT);

	if (!page)
		return 0;
	list_add(&page->lru, &table->pages);
	return _PAGE_TABLE | page_to_phys(page);
}

static pte_t *rr_table_pte(struct rr_table *table, unsigned long addr, bool grow)
{
	pgd_t *pgd = pgd_offset_pgd(table->pgd, addr);
	unsigned long entry;
	p4d_t *p4d;
	pud_t *pud;
	pmd_t *pmd;

	if (pgtable_l5_enabled() && pgd_none(*pgd)) {
		entry = grow ? rr_table_grow(table) : 0;
		if (!entry)
			return NULL;
		set_pgd(pgd, __pgd(entry));
	}
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(*p4d)) {
		entry = grow ? rr_table_grow(table) : 0;
		if (!entry)
			return NULL;
		set_p4d(p4d, __p4d(entry));
	}
	pud = pud_offset(p4d, addr);
	if (pud_none(*pud)) {
		entry = grow ? rr_table_grow(table) : 0;
		if (!entry)
			return NULL;
		set_pud(pud, __pud(entry));
	}
	pmd = pmd_offset(pud, addr);
	if (pmd_none(*pmd)) {
		entry = grow ? rr_table_grow(table) : 0;
		if (!entry)
			return NULL;
		set_pmd(pmd, __pmd(entry));
	}
	return pte_offset_kernel(pmd, addr);
}

/**
 * rr_table_set() - map a page
 * @table: shadow table
 * @addr: user address
 * @pte: from rr_pte_shadow() or rr_pte_private()
 *
 * Context: rr_space.lock held; does not sleep.
 * Return: false if there was no memory for a page table page.
 */
bool rr_table_set(struct rr_table *table, unsigned long addr, pte_t pte)
{
	pte_t *slot = rr_table_pte(table, addr, true);

	if (!slot)
		return false;
	if (!pte_present(*slot) && table->nr_set <= RR_TABLE_FEW) {
		if (table->nr_set < RR_TABLE_FEW)
			table->set[table->nr_set] = addr;
		table->nr_set++;
	}
	set_pte(slot, pte);
	return true;
}

/**
 * rr_table_get() - look a page up
 * @table: shadow table
 * @addr: user address
 *
 * Context: rr_space.lock held. Return: the entry, empty if there is none.
 */
pte_t rr_table_get(struct rr_table *table, unsigned long addr)
{
	pte_t *slot = rr_table_pte(table, addr, false);

	return slot ? *slot : __pte(0);
}

/* Where the first table page that is missing at @addr would end. */
static unsigned long rr_table_skip(struct rr_table *table, unsigned long addr)
{
	pgd_t *pgd = pgd_offset_pgd(table->pgd, addr);
	p4d_t *p4d;
	pud_t *pud;

	if (pgtable_l5_enabled() && pgd_none(*pgd))
		return (addr | ~PGDIR_MASK) + 1;
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(*p4d))
		return (addr | ~P4D_MASK) + 1;
	pud = pud_offset(p4d, addr);
	if (pud_none(*pud))
		return (addr | ~PUD_MASK) + 1;
	return (addr | ~PMD_MASK) + 1;
}

/* Where the table page that maps @addr ends, but not behind @end. */
static unsigned long rr_table_last(unsigned long addr, unsigned long end)
{
	return min((addr | ~PMD_MASK) + 1, end);
}

static bool rr_table_zap_pte(pte_t *slot, unsigned long addr, rr_pte_seen *seen, void *arg)
{
	pte_t old = *slot;

	if (!pte_present(old))
		return false;
	old = __pte(xchg(&slot->pte, 0));
	if (seen)
		seen(arg, addr, old);
	return true;
}

static bool rr_table_zap_range(struct rr_table *table, unsigned long addr,
			       unsigned long end, rr_pte_seen *seen, void *arg)
{
	unsigned long last;
	bool any = false;
	pte_t *slot;

	while (addr < end) {
		slot = rr_table_pte(table, addr, false);
		if (!slot) {
			addr = rr_table_skip(table, addr);
			continue;
		}
		for (last = rr_table_last(addr, end); addr < last; addr += PAGE_SIZE, slot++)
			any |= rr_table_zap_pte(slot, addr, seen, arg);
	}
	return any;
}

/* A capture unmaps all that it has behind each system call: mostly one page. */
static bool rr_table_zap_all(struct rr_table *table, rr_pte_seen *seen, void *arg)
{
	bool any = false;
	unsigned int i;

	if (table->nr_set > RR_TABLE_FEW)
		any = rr_table_zap_range(table, 0, TASK_SIZE_MAX, seen, arg);
	else
		for (i = 0; i < table->nr_set; i++)
			any |= rr_table_zap_range(table, table->set[i],
						  table->set[i] + PAGE_SIZE, seen, arg);
	table->nr_set = 0;
	return any;
}

/**
 * rr_table_zap() - unmap a range
 * @table: shadow table
 * @start: first byte, page aligned
 * @end: first byte after it
 * @seen: called for each page that was mapped, or NULL
 * @arg: for @seen
 *
 * Context: rr_space.lock held; the caller flushes TLBs afterwards.
 * Return: true if something was mapped.
 */
bool rr_table_zap(struct rr_table *table, unsigned long start, unsigned long end,
		  rr_pte_seen *seen, void *arg)
{
	if (!table->nr_set)
		return false;
	/* The kernel half is not ours. */
	end = min(end, TASK_SIZE_MAX);
	if (!start && end == TASK_SIZE_MAX)
		return rr_table_zap_all(table, seen, arg);
	return rr_table_zap_range(table, start & PAGE_MASK, end, seen, arg);
}

/**
 * rr_table_clean() - report and clear the dirty bits of a page of the table
 * @table: shadow table
 * @addr: what that maps, 2 MiB, begins here
 * @seen: called for each page written through this table since the last call
 * @arg: for @seen
 *
 * Forgets the translations of those pages on this CPU, so that the processor
 * sets the bits anew. No other CPU runs user code on a lane's table.
 *
 * Context: rr_space.lock held.
 */
void rr_table_clean(struct rr_table *table, unsigned long addr, rr_pte_seen *seen,
		    void *arg)
{
	pte_t *slot = rr_table_pte(table, addr, false);
	unsigned int i;

	for (i = 0; slot && i < PTRS_PER_PTE; i++, slot++) {
		pte_t old = *slot;

		if (!pte_dirty(old))
			continue;
		clear_bit(_PAGE_BIT_DIRTY, (unsigned long *)&slot->pte);
		rr_tlb_flush_addr(addr + i * PAGE_SIZE);
		seen(arg, addr + i * PAGE_SIZE, old);
	}
}

/**
 * rr_table_age() - clear bits in a page of the table
 * @table: shadow table
 * @addr: what that maps, 2 MiB, begins here
 * @bits: _PAGE_ACCESSED, maybe _PAGE_DIRTY
 *
 * Context: rr_space.lock held; the caller flushes TLBs afterwards.
 */
void rr_table_age(struct rr_table *table, unsigned long addr, unsigned long bits)
{
	pte_t *slot = rr_table_pte(table, addr, false);
	unsigned int i;

	for (i = 0; slot && i < PTRS_PER_PTE; i++, slot++)
		if (pte_flags(*slot) & bits)
			atomic64_andnot(bits, (atomic64_t *)&slot->pte);
}

/*
 * KPTI with PCIDs: user mode runs with another PCID, which a write to CR3 in
 * kernel mode does not flush. Not testable under TCG, which has no PCID.
 */
static void rr_cr3_flush_user_pcid(unsigned long cr3)
{
	if (!static_cpu_has(X86_FEATURE_PTI) || !(cr3 & RR_CR3_PCID))
		return;
	if (boot_cpu_has(X86_FEATURE_INVPCID))
		invpcid_flush_single_context((cr3 & RR_CR3_PCID) |
					     BIT(X86_CR3_PTI_PCID_USER_BIT));
	else
		__flush_tlb_all();
}

static void rr_cr3_write(unsigned long cr3)
{
	/* Bit 63 clear: all entries of the PCID go, we share it with the mm. */
	native_write_cr3(cr3);
	rr_cr3_flush_user_pcid(cr3);
}

static bool rr_cr3_is_loaded(struct rr_cr3 *c)
{
	/* The mask takes the encryption bit off, too. */
	return c->loaded && (__native_read_cr3() & RR_CR3_ADDR) == __pa(c->loaded->pgd);
}

/**
 * rr_cr3_sched_out() - the task leaves its CPU: back to the process's own table
 * @c: the task's
 *
 * The kernel's switch_mm() must find the CR3 that it knows. Something in the kernel may
 * have loaded that already (text_poke()), and with PCIDs it does so without a flush: what
 * our table had is forgotten here.
 *
 * Context: the task's CPU, preemption disabled.
 */
void rr_cr3_sched_out(struct rr_cr3 *c)
{
	if (c->loaded)
		rr_cr3_write(rr_cr3_is_loaded(c) ? c->official : __native_read_cr3());
	c->loaded = NULL;
}

/**
 * rr_cr3_sched_in() - the task gets a CPU: load its table
 * @c: the task's
 *
 * Context: the task's CPU, preemption disabled.
 */
void rr_cr3_sched_in(struct rr_cr3 *c)
{
	unsigned long flags;

	if (!c->table)
		return;
	local_irq_save(flags);
	c->official = __native_read_cr3();
	c->loaded = c->table;
	rr_cr3_write(__sme_pa(c->table->pgd) | (c->official & RR_CR3_PCID));
	local_irq_restore(flags);
}

/**
 * rr_cr3_switch() - run on another table from now on
 * @c: current's
 * @table: shadow table, or NULL for the process's own
 *
 * Context: current, preemptible.
 */
void rr_cr3_switch(struct rr_cr3 *c, struct rr_table *table)
{
	preempt_disable();
	if (c->table != table) {
		rr_cr3_sched_out(c);
		c->table = table;
		rr_cr3_sched_in(c);
	}
	preempt_enable();
}

/**
 * rr_cr3_check() - load the task's table again if the kernel has changed CR3
 * @c: current's
 *
 * text_poke() in a system call of the task (a static key flips) ends by loading
 * the process's own table.
 */
void rr_cr3_check(struct rr_cr3 *c)
{
	preempt_disable();
	if (c->table && !rr_cr3_is_loaded(c)) {
		c->loaded = NULL;
		rr_cr3_sched_in(c);
	}
	preempt_enable();
}

/**
 * rr_pte_shadow() - the shadow entry for an official one
 * @official: entry of the process's own table
 * @write: the access at hand is a write
 *
 * Writable only if the official entry is writable and dirty already (or this
 * is the write, for which the kernel has just made it so): a shadow table
 * never hides from the kernel that a page was written. The shadow's own dirty
 * bit starts clear and tells which pages user code changes.
 */
pte_t rr_pte_shadow(pte_t official, bool write)
{
	pte_t pte = pte_mkyoung(official);

	if (!write && !(pte_write(official) && pte_dirty(official)))
		pte = pte_wrprotect(pte);
	pte = pte_clear_flags(pte, _PAGE_GLOBAL | _PAGE_DIRTY | _PAGE_SOFT_DIRTY);
	return pte;
}

/**
 * rr_pte_private() - an entry for a page of our own, readable and writable
 * @page: from alloc_page()
 */
pte_t rr_pte_private(struct page *page)
{
	return mk_pte(page, PAGE_SHARED);
}

/**
 * rr_pte_copy() - the shadow entry for a copy of a page: readable only
 * @official: entry of the process's own table
 * @copy: from alloc_page()
 */
pte_t rr_pte_copy(pte_t official, struct page *copy)
{
	pte_t pte = pte_wrprotect(rr_pte_shadow(official, false));

	return pfn_pte(page_to_pfn(copy), pte_pgprot(pte));
}

static pte_t rr_official_huge(pmd_t pmd, unsigned long addr)
{
	unsigned long pfn = pmd_pfn(pmd) + ((addr & ~PMD_MASK) >> PAGE_SHIFT);
	pgprot_t prot = __pgprot(pmd_flags(pmd) & ~_PAGE_PSE & ~_PAGE_PAT_LARGE);

	return pfn_pte(pfn, prot);
}

static pte_t rr_official_huge_pud(pud_t pud, unsigned long addr)
{
	unsigned long pfn = pud_pfn(pud) + ((addr & ~PUD_MASK) >> PAGE_SHIFT);
	pgprot_t prot = __pgprot(pud_flags(pud) & ~_PAGE_PSE & ~_PAGE_PAT_LARGE);

	return pfn_pte(pfn, prot);
}

/* The official entry at @addr. Caller holds the mmap lock for reading. */
static pte_t rr_official_walk(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t pud;
	pmd_t pmd;

	if (pgd_none(*pgd) || pgd_bad(*pgd))
		return __pte(0);
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(*p4d) || p4d_bad(*p4d))
		return __pte(0);
	pud = READ_ONCE(*pud_offset(p4d, addr));
	if (!pud_present(pud))
		return __pte(0);
	if (pud_large(pud))
		return rr_official_huge_pud(pud, addr);
	pmd = READ_ONCE(*pmd_offset(&pud, addr));
	if (!pmd_present(pmd) || (pmd_flags(pmd) & _PAGE_PROTNONE))
		return __pte(0);
	if (pmd_large(pmd))
		return rr_official_huge(pmd, addr);
	return READ_ONCE(*pte_offset_kernel(&pmd, addr));
}

/**
 * rr_official_get() - what the process's own table says about a page
 * @mm: address space
 * @addr: user address
 * @pte: the entry, as if mapped with 4 KiB pages
 * @page: the page with a reference, or NULL if the address has none (device)
 *
 * The walk is lockless, as gup_fast's is: interrupts are off, so table pages
 * cannot be freed under it, and the entry is read again after the reference
 * was taken. The caller's invalidation count decides whether it may be used.
 *
 * Context: mmap lock held for reading.
 * Return: true if a hardware access that the entry permits would succeed.
 */
bool rr_official_get(struct mm_struct *mm, unsigned long addr, pte_t *pte,
		     struct page **page)
{
	unsigned long flags;
	bool ok = false;

	*page = NULL;
	local_irq_save(flags);
	*pte = rr_official_walk(mm, addr);
	if (!(pte_flags(*pte) & _PAGE_PRESENT))
		goto out;
	ok = true;
	if (is_zero_pfn(pte_pfn(*pte))) {
		*page = ZERO_PAGE(addr);
		get_page(*page);
		goto out;
	}
	if (!pfn_valid(pte_pfn(*pte)) || pte_special(*pte))
		goto out;
	ok = false;
	*page = pte_page(*pte);
	if (!get_page_unless_zero(compound_head(*page))) {
		*page = NULL;
		goto out;
	}
	ok = true;
	if (((rr_official_walk(mm, addr).pte ^ pte->pte) &
	     ~(pteval_t)(_PAGE_ACCESSED | _PAGE_DIRTY))) {
		put_page(*page);
		*page = NULL;
		ok = false;
	}
out:
	local_irq_restore(flags);
	return ok;
}

/**
 * rr_tlb_flush_all() - forget all translations on this CPU
 * @unused: as smp_call_function() has it
 *
 * Context: preemption disabled.
 */
void rr_tlb_flush_all(void *unused)
{
	__flush_tlb_all();
}

/**
 * rr_tlb_flush_addr() - forget one translation on this CPU
 * @addr: user address
 *
 * Context: preemption disabled, or the table is this task's alone (a migration
 * flushes everything).
 */
void rr_tlb_flush_addr(unsigned long addr)
{
	asm volatile("invlpg (%0)" : : "r" (addr) : "memory");
	rr_cr3_flush_user_pcid(__native_read_cr3());
}
