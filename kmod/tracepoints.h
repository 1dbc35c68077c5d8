/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What perf and ftrace can watch of a recording in several lanes: who takes which
 * page from whom, what a lane is told that it has lost, and where user code was
 * stopped at a place that only an ASYNC can name.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rrcrew

#if !defined(RR_TRACEPOINTS_H) || defined(TRACE_HEADER_MULTI_READ)
#define RR_TRACEPOINTS_H

#include <linux/tracepoint.h>

/*
 * @losers: a bit per lane
 * @waited: ns, from the first refusal to now
 */
TRACE_EVENT(rrcrew_grant,
	TP_PROTO(u32 lane, u32 task, unsigned long addr, unsigned long pages, bool write,
		 u64 losers, u64 waited),
	TP_ARGS(lane, task, addr, pages, write, losers, waited),
	TP_STRUCT__entry(
		__field(u32, lane)
		__field(u32, task)
		__field(unsigned long, addr)
		__field(unsigned long, pages)
		__field(bool, write)
		__field(u64, losers)
		__field(u64, waited)
	),
	TP_fast_assign(
		__entry->lane = lane;
		__entry->task = task;
		__entry->addr = addr;
		__entry->pages = pages;
		__entry->write = write;
		__entry->losers = losers;
		__entry->waited = waited;
	),
	TP_printk("lane=%u task=%u addr=0x%lx pages=%lu right=%s losers=0x%llx waited_ns=%llu",
		  __entry->lane, __entry->task, __entry->addr, __entry->pages,
		  __entry->write ? "exclusive" : "shared", __entry->losers,
		  __entry->waited)
);

TRACE_EVENT(rrcrew_revoke,
	TP_PROTO(u32 lane, u32 task, unsigned long addr, unsigned long pages, bool downgrade),
	TP_ARGS(lane, task, addr, pages, downgrade),
	TP_STRUCT__entry(
		__field(u32, lane)
		__field(u32, task)
		__field(unsigned long, addr)
		__field(unsigned long, pages)
		__field(bool, downgrade)
	),
	TP_fast_assign(
		__entry->lane = lane;
		__entry->task = task;
		__entry->addr = addr;
		__entry->pages = pages;
		__entry->downgrade = downgrade;
	),
	TP_printk("lane=%u task=%u addr=0x%lx pages=%lu left=%s",
		  __entry->lane, __entry->task, __entry->addr, __entry->pages,
		  __entry->downgrade ? "shared" : "none")
);

/* @why: RRLOG_ASYNC_* of the event: stolen page, spinning, or 0: a signal or a waiter */
TRACE_EVENT(rrcrew_force,
	TP_PROTO(u32 lane, u32 task, unsigned long ip, u8 why),
	TP_ARGS(lane, task, ip, why),
	TP_STRUCT__entry(
		__field(u32, lane)
		__field(u32, task)
		__field(unsigned long, ip)
		__field(u8, why)
	),
	TP_fast_assign(
		__entry->lane = lane;
		__entry->task = task;
		__entry->ip = ip;
		__entry->why = why;
	),
	TP_printk("lane=%u task=%u ip=0x%lx why=%s", __entry->lane, __entry->task,
		  __entry->ip, __print_flags(__entry->why, "|",
					     { RRLOG_ASYNC_SPIN, "spin" },
					     { RRLOG_ASYNC_STOLEN, "stolen" }))
);

#endif /* RR_TRACEPOINTS_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE tracepoints
#include <trace/define_trace.h>
