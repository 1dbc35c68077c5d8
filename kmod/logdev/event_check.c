// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is this event well formed? What passes can be taken apart by its type, flags,
 * aux and len without looking at len again, and does not contradict itself.
 *
 * Not decided here, since it depends on the machine or on what came before: is
 * an address below this kernel's TASK_SIZE_MAX (here it is below that of 5-level
 * paging), is it mapped, does the task exist, may the event come now. Registers
 * are what user mode could have had, but whoever loads them still has to force
 * IF and to keep FS and GS bases canonical for this CPU.
 */
#include "event_check.h"

#define PAGE_BYTES	4096u
#define USER_END	(1ULL << 56)	/* of any x86-64 address space */
#define SIGNAL_MAX	64u
#define ERRNO_MAX	4095u
#define PROT_BITS	7u		/* PROT_READ | PROT_WRITE | PROT_EXEC */
#define SETTLS		0x00080000ULL	/* CLONE_SETTLS */

/* CF 1 PF AF ZF SF TF IF DF OF NT RF AC ID: neither IOPL nor VM, VIF, VIP. */
#define EFLAGS_USER	0x254fd7ULL
#define EFLAGS_RF	0x010000ULL

/**
 * rr_reason_set() - say why something is refused
 * @why: where to
 * @fmt: as printf
 *
 * Return: -EBADMSG, so that a check can return what this returns.
 */
int rr_reason_set(struct rr_reason *why, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, args);
	va_end(args);
	return -EBADMSG;
}

static bool is_canonical(u64 addr)
{
	return (u64)((s64)(addr << 7) >> 7) == addr;
}

static bool is_user_page(u64 addr)
{
	return addr < USER_END && addr % PAGE_BYTES == 0;
}

static bool is_user_word(u64 addr)
{
	return addr < USER_END && (addr % 8 & ~RRLOG_WORD_SET) == RRLOG_WORD;
}

/* A range of whole pages; @len may be zero. */
static bool is_user_range(u64 addr, u64 len)
{
	return is_user_page(addr) && len % PAGE_BYTES == 0 && len <= USER_END - addr;
}

static bool is_signal(u32 nr)
{
	return nr >= 1 && nr <= SIGNAL_MAX;
}

static const char *check_regs(const struct rrlog_regs *regs)
{
	if (regs->flags & ~EFLAGS_USER)
		return "flags that user mode cannot have";
	if (!is_canonical(regs->fs_base) || !is_canonical(regs->gs_base))
		return "FS or GS base is not canonical";
	return NULL;
}

static bool is_prot(u32 prot)
{
	return !(prot & ~PROT_BITS);
}

/*
 * What madvise() may be asked to do on a log's word: there is advice that
 * poisons memory. MADV_DONTNEED, REMOVE, DONTFORK, DOFORK, WIPEONFORK,
 * KEEPONFORK, DONTNEED_LOCKED, or nothing in particular.
 */
static bool is_advice(u32 advice)
{
	static const u8 known[] = { 0, 4, 9, 10, 11, 18, 19, 24 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i] == advice)
			return true;
	return false;
}

static bool is_private_object(const struct rrlog_vma *vma)
{
	return vma->object && !(vma->flags & RRLOG_VMA_SHARED);
}

/* All but prot and object, whose meaning is not the same everywhere. */
static const char *check_vma(const struct rrlog_vma *vma)
{
	if (vma->start >= vma->end || !is_user_range(vma->start, vma->end - vma->start))
		return "mapping with bad bounds";
	if (vma->flags & ~(RRLOG_VMA_SHARED | RRLOG_VMA_GROWSDOWN))
		return "mapping with unknown flags";
	if (!(vma->flags & RRLOG_VMA_SHARED) && vma->offset)
		return "private mapping of an object";
	if (vma->offset % PAGE_BYTES || vma->offset + (vma->end - vma->start) < vma->offset)
		return "mapping with a bad offset";
	return NULL;
}

/* The check of each type; the lengths and flags are known to be right. */

static const char *check_enter(const struct rrlog_event *e, const struct rr_event_ctx *ctx)
{
	const struct rrlog_enter *enter = (const void *)e;

	if (enter->stream > 2)
		return "unknown output stream";
	if (enter->pad)
		return "padding is not zero";
	return NULL;
}

static const char *check_leave(const struct rrlog_event *e, const struct rr_event_ctx *ctx)
{
	const struct rrlog_leave *leave = (const void *)e;

	if (e->flags & RRLOG_LEAVE_SIGNAL ? !is_signal(e->aux) : e->aux)
		return "bad signal number";
	if (!(e->flags & RRLOG_LEAVE_REGS))
		return e->flags & RRLOG_LEAVE_SIGNAL ? "signal without registers" : NULL;
	return check_regs(leave->regs);
}

static const char *check_mem(const struct rrlog_event *e, const struct rr_event_ctx *ctx)
{
	const struct rrlog_mem *mem = (const void *)e;

	if (!e->aux || e->aux > RRLOG_MEM_MAX)
		return "bad number of bytes";
	if (mem->addr >= USER_END || e->aux > USER_END - mem->addr)
		return "not a user address";
	return NULL;
}

static const char *check_pagein(const struct rrlog_event *e, const struct rr_event_ctx *ctx)
{
	const struct rrlog_pagein *pagein = (const void *)e;

	if (!is_user_page(pagein->addr))
		return "not a page address";
	if (e->flags & RRLOG_PAGEIN_REF) {
		if (e->flags & RRLOG_PAGEIN_ZERO)
			return "both zero and a reference";
		return pagein->ref < ctx->pageins ? NULL : "reference to a later page";
	}
	return pagein->ref ? "reference without its flag" : NULL;
}

static const char *check_map(const struct rrlog_event *e, const struct rr_event_ctx *ctx)
{
	const struct rrlog_map *map = (const void *)e;

	if (!e->aux || e->aux >= RRLOG_MAP_NR_OPS)
		return "unknown operation";
	if (e->aux == RRLOG_MAP_MOVE) {
		if (!is_user_range(map->old_addr, map->old_len))
			return "moved from a bad range";
	} else if (e->aux == RRLOG_MAP_PROTECT) {
		if (map->old_addr > 15 || map->old_len > 1)
			return "unknown protection key";
	} else if (map->old_addr || map->old_len) {
		return "an old range without a move";
	}
	if (e->aux != RRLOG_MAP_UNOWN && is_private_object(&map->vma))
		return "private mapping of an object";
	if (e->aux == RRLOG_MAP_DISCARD ? !is_advice(map->vma.prot) : !is_prot(map->vma.prot))
		return "mapping with unknown protection";
	return check_vma(&map->vma);
}

static const char *check_clone(const struct rrlog_event *e, const struct rr_event_ctx *ctx)
{
	const struct rrlog_clone *clone = (const void *)e;

	if (!e->aux)
		return "new task without a number";
	if (clone->flags & SETTLS && !is_canonical(clone->tls))
		return "TLS is not canonical";
	if (clone->lane >= ctx->nr_lanes || clone->pad)
		return "bad lane";
	return NULL;
}

static const char *check_exec(const struct rrlog_event *e, const struct rr_event_ctx *ctx)
{
	const struct rrlog_exec *exec = (const void *)e;
	const char *bad;
	u32 i;

	if (!e->aux)
		return "no mappings";
	if (strnlen((const char *)exec->comm, sizeof(exec->comm)) == sizeof(exec->comm))
		return "name without its end";
	for (i = 0; i < e->aux; i++) {
		bad = check_vma(&exec->vma[i]);
		if (bad)
			return bad;
		if (!is_prot(exec->vma[i].prot))
			return "mapping with unknown protection";
		if (is_private_object(&exec->vma[i]))
			return "private mapping of an object";
		if (i && exec->vma[i].start < exec->vma[i - 1].end)
			return "mappings out of order";
	}
	return NULL;
}

static const char *check_trap(const struct rrlog_event *e, const struct rr_event_ctx *ctx)
{
	return is_signal(e->aux) ? NULL : "bad signal number";
}

static const char *check_async(const struct rrlog_event *e, const struct rr_event_ctx *ctx)
{
	const struct rrlog_async *async = (const void *)e;
	u32 i;

	if (async->regs.flags & EFLAGS_RF)
		return "RF is set";
	for (i = 0; i < e->aux && !(async->page[i].addr & RRLOG_WORD); i++)
		if (!is_user_page(async->page[i].addr))
			return "not a page address";
	for (; i < e->aux; i++)
		if (!is_user_word(async->page[i].addr))
			return "not the address of a word";
	return check_regs(&async->regs);
}

static const char *check_tsc(const struct rrlog_event *e, const struct rr_event_ctx *ctx)
{
	if ((e->flags & RRLOG_TSC_RDTSCP) && (e->flags & RRLOG_TSC_RANDOM))
		return "two instructions";
	return e->flags & RRLOG_TSC_RDTSCP || !e->aux ? NULL : "TSC_AUX without RDTSCP";
}

static const char *check_bus(const struct rrlog_event *e, const struct rr_event_ctx *ctx)
{
	const struct rrlog_bus *bus = (const void *)e;

	return bus->addr < USER_END ? NULL : "not a user address";
}

static const char *check_exit(const struct rrlog_event *e, const struct rr_event_ctx *ctx)
{
	return e->aux <= 0xffff ? NULL : "bad exit code";
}

static const char *check_check(const struct rrlog_event *e, const struct rr_event_ctx *ctx)
{
	const struct rrlog_check *check = (const void *)e;
	u32 i;

	for (i = 0; i < e->aux; i++)
		if (!is_user_page(check->page[i].addr))
			return "not a page address";
	return NULL;
}

/* It ends up on terminals. */
static const char *check_note(const struct rrlog_event *e, const struct rr_event_ctx *ctx)
{
	const struct rrlog_note *note = (const void *)e;
	u32 i;

	for (i = 0; i < e->aux; i++)
		if ((note->text[i] < ' ' && note->text[i] != '\n') || note->text[i] == 0x7f)
			return "control characters";
	return NULL;
}

static const char *check_end(const struct rrlog_event *e, const struct rr_event_ctx *ctx)
{
	if (ctx->lane)
		return "not in lane 0";
	return e->aux <= ERRNO_MAX ? NULL : "bad error number";
}

static const char *check_edges(const struct rrlog_edge *edge, u32 n,
			       const struct rr_event_ctx *ctx)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (edge[i].lane >= ctx->nr_lanes || edge[i].lane == ctx->lane ||
		    edge[i].flags & ~RRLOG_EDGE_DONE)
			return "bad edge";
	return NULL;
}

static const char *check_grant(const struct rrlog_event *e, const struct rr_event_ctx *ctx)
{
	const struct rrlog_grant *grant = (const void *)e;
	u64 more = grant->addr & RRLOG_GRANT_MORE;

	if (!is_user_range(grant->addr - more, (1 + more) * PAGE_BYTES))
		return "not a range of pages";
	return check_edges(grant->edge, e->aux, ctx);
}

static const char *check_revoke(const struct rrlog_event *e, const struct rr_event_ctx *ctx)
{
	const struct rrlog_revoke *revoke = (const void *)e;

	return e->aux && is_user_range(revoke->addr, (u64)e->aux * PAGE_BYTES) ?
	       NULL : "not a range of pages";
}

static const char *check_wait(const struct rrlog_event *e, const struct rr_event_ctx *ctx)
{
	return check_edges(((const struct rrlog_wait *)e)->edge, e->aux, ctx);
}

static const char *check_move(const struct rrlog_event *e, const struct rr_event_ctx *ctx)
{
	return e->aux < ctx->nr_lanes && e->aux != ctx->lane ? NULL : "bad lane";
}

/**
 * struct event_rule - what is fixed about a type
 * @name: for messages
 * @check: what else must hold, returns the fault or NULL; or NULL
 * @len: bytes without the part that varies
 * @per_aux: bytes for each one that aux counts
 * @flags: known ones
 * @no_aux: aux is unused and zero
 * @no_task: the event is of no task, else it is of one
 */
struct event_rule {
	const char *name;
	const char *(*check)(const struct rrlog_event *e, const struct rr_event_ctx *ctx);
	u16 len;
	u8 per_aux;
	u8 flags;
	bool no_aux;
	bool no_task;
};

static const struct event_rule event_rules[] = {
	[RRLOG_ENTER] = { .name = "ENTER", .check = check_enter,
		.len = sizeof(struct rrlog_enter), .flags = RRLOG_ENTER_HASHED },
	[RRLOG_LEAVE] = { .name = "LEAVE", .check = check_leave,
		.len = sizeof(struct rrlog_leave),
		.flags = RRLOG_LEAVE_REGS | RRLOG_LEAVE_SIGNAL },
	[RRLOG_MEM] = { .name = "MEM", .check = check_mem,
		.len = sizeof(struct rrlog_mem), .per_aux = 1 },
	[RRLOG_PAGEIN] = { .name = "PAGEIN", .check = check_pagein,
		.len = sizeof(struct rrlog_pagein), .no_aux = true,
		.flags = RRLOG_PAGEIN_ZERO | RRLOG_PAGEIN_KERNEL | RRLOG_PAGEIN_REF |
			 RRLOG_PAGEIN_EXCLUSIVE },
	[RRLOG_MAP] = { .name = "MAP", .check = check_map,
		.len = sizeof(struct rrlog_map) },
	[RRLOG_CLONE] = { .name = "CLONE", .check = check_clone,
		.len = sizeof(struct rrlog_clone) },
	[RRLOG_START] = { .name = "START",
		.len = sizeof(struct rrlog_start), .no_aux = true },
	[RRLOG_EXEC] = { .name = "EXEC", .check = check_exec,
		.len = sizeof(struct rrlog_exec), .per_aux = sizeof(struct rrlog_vma) },
	[RRLOG_TRAP] = { .name = "TRAP", .check = check_trap,
		.len = sizeof(struct rrlog_trap) },
	[RRLOG_ASYNC] = { .name = "ASYNC", .check = check_async,
		.len = sizeof(struct rrlog_async), .flags = RRLOG_ASYNC_SPIN | RRLOG_ASYNC_STOLEN,
		.per_aux = sizeof(struct rrlog_page_hash) },
	[RRLOG_TSC] = { .name = "TSC", .check = check_tsc,
		.len = sizeof(struct rrlog_tsc), .flags = RRLOG_TSC_RDTSCP | RRLOG_TSC_RANDOM },
	[RRLOG_BUS] = { .name = "BUS", .check = check_bus,
		.len = sizeof(struct rrlog_bus), .no_aux = true },
	[RRLOG_EXIT] = { .name = "EXIT", .check = check_exit,
		.len = sizeof(struct rrlog_exit),
		.flags = RRLOG_EXIT_KILLED | RRLOG_EXIT_GROUP | RRLOG_EXIT_HASHED },
	[RRLOG_CHECK] = { .name = "CHECK", .check = check_check,
		.len = sizeof(struct rrlog_check), .per_aux = sizeof(struct rrlog_page_hash) },
	[RRLOG_NOTE] = { .name = "NOTE", .check = check_note,
		.len = sizeof(struct rrlog_note), .per_aux = 1, .no_task = true },
	[RRLOG_END] = { .name = "END", .check = check_end,
		.len = sizeof(struct rrlog_end), .no_task = true },
	[RRLOG_GRANT] = { .name = "GRANT", .check = check_grant,
		.len = sizeof(struct rrlog_grant),
		.flags = RRLOG_GRANT_EXCLUSIVE | RRLOG_GRANT_KERNEL | RRLOG_GRANT_EXIT,
		.per_aux = sizeof(struct rrlog_edge) },
	[RRLOG_REVOKE] = { .name = "REVOKE", .check = check_revoke,
		.len = sizeof(struct rrlog_revoke), .flags = RRLOG_REVOKE_DOWNGRADE },
	[RRLOG_WAIT] = { .name = "WAIT", .check = check_wait,
		.len = sizeof(struct rrlog_wait), .per_aux = sizeof(struct rrlog_edge) },
	[RRLOG_MOVE] = { .name = "MOVE", .check = check_move,
		.len = sizeof(struct rrlog_move), .flags = RRLOG_MOVE_EXIT },
};

static_assert(ARRAY_SIZE(event_rules) == RRLOG_NR_TYPES);
static_assert(sizeof(struct rrlog_event) == 16);
static_assert(sizeof(struct rrlog_regs) == 160);
static_assert(sizeof(struct rrlog_enter) == 96);
static_assert(sizeof(struct rrlog_vma) == 40);

/* Bytes that an event with this type, aux and these flags uses; not rounded. */
static u64 event_used(const struct rrlog_event *e, const struct event_rule *rule)
{
	u64 used = rule->len + (u64)rule->per_aux * e->aux;

	if (e->type == RRLOG_LEAVE && e->flags & RRLOG_LEAVE_REGS)
		used += sizeof(struct rrlog_regs);
	if (e->type == RRLOG_PAGEIN && !(e->flags & (RRLOG_PAGEIN_ZERO | RRLOG_PAGEIN_REF)))
		used += PAGE_BYTES;
	return used;
}

/* What holds for every event, by its rule. */
static const char *check_frame(const struct rrlog_event *e, const struct event_rule *rule)
{
	u64 used = event_used(e, rule);

	if (e->flags & ~rule->flags)
		return "unknown flags";
	if (e->len != ((used + 7) & ~7ULL))
		return "length does not fit the contents";
	if (e->pad || !rr_is_zero((const u8 *)e + used, e->len - used))
		return "padding is not zero";
	if (rule->no_aux && e->aux)
		return "aux is not zero";
	if (rule->no_task != !e->task)
		return rule->no_task ? "event with a task" : "event without a task";
	return NULL;
}

/**
 * rr_event_check() - is this event well formed?
 * @e: the event, aligned to 8
 * @room: readable bytes at @e
 * @ctx: what it may refer to
 * @why: set on refusal
 *
 * Return: 0: @e->len is a multiple of 8, at least 16, at most @room, and right
 * for the type; flags are known; padding is zero; contents are consistent. Or
 * -EBADMSG.
 */
int rr_event_check(const struct rrlog_event *e, u32 room, const struct rr_event_ctx *ctx,
		   struct rr_reason *why)
{
	const struct event_rule *rule;
	const char *bad;

	if (room < sizeof(*e))
		return rr_reason_set(why, "cut off");
	if (e->len < sizeof(*e) || e->len % 8 || e->len > room)
		return rr_reason_set(why, "length %u with %u bytes left", e->len, room);
	if (e->type >= RRLOG_NR_TYPES || !event_rules[e->type].name)
		return rr_reason_set(why, "unknown type %u", e->type);
	rule = &event_rules[e->type];
	bad = check_frame(e, rule);
	if (!bad && rule->check)
		bad = rule->check(e, ctx);
	if (bad)
		return rr_reason_set(why, "%s: %s", rule->name, bad);
	return 0;
}
