/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The rrcrew log: what a recording is and all that a replay needs.
 *
 * A log is one struct rrlog_header, then blocks. A block is one struct
 * rrlog_block and its payload; the payload, unpacked, is a run of whole events
 * of one lane. Reading /dev/rrcrewN of a recording session yields exactly
 * these bytes, writing them to /dev/rrcrewN of a replay session feeds it.
 *
 * All integers are little endian, all structures naturally aligned, all
 * padding explicit and zero. Every event is a multiple of 8 bytes long.
 *
 * Grammar of one task's events ("stay" = one visit to the kernel):
 *
 *	task    := (START | EXEC-of-first-task) ... stay* EXIT
 *	stay    := begin action* LEAVE | TSC | BUS | touch | ASYNC(STOLEN)
 *	begin   := ENTER | WAIT? TRAP | ASYNC | START
 *	action  := touch(KERNEL) | MEM | WAIT | MAP | CLONE | EXEC | CHECK | MOVE
 *	touch   := WAIT? PAGEIN | GRANT | MOVE
 *
 * A task runs user code only while the next event of its lane is its own. A
 * begin may be followed by other tasks' events: the task sleeps in the kernel.
 * EXIT may come anywhere after a begin, and, with RRLOG_EXIT_KILLED, anywhere.
 *
 * REVOKE and NOTE have no place of their own: they are done where the lane arrives
 * at the event behind them, before that event.
 *
 * Several lanes: each runs at its own pace and waits only for edges. A lane may
 * use the pages that its own events have given it and not taken away. With one
 * lane there are neither GRANT, REVOKE, WAIT nor MOVE; PAGEIN gives all rights.
 *
 * Version rules: a reader refuses another major version and a minor version
 * above its own. Major: existing bytes change their meaning. Minor: new event
 * types or flags, which an old reader could not skip without replaying wrong; 3:
 * digests of pages leave out what FNSTENV stores; 4: RRLOG_BLOCK_DELTA; 5: and the
 * pointers that are left of that; RRLOG_TSC_RANDOM.
 */
#ifndef _UAPI_LINUX_RRCREW_LOG_H
#define _UAPI_LINUX_RRCREW_LOG_H

#include <linux/types.h>

#define RRLOG_MAGIC		"RRCREWLG"
#define RRLOG_MAJOR		1
#define RRLOG_MINOR		5

/* struct rrlog_header.flags */
#define RRLOG_CHECK_FULL	(1u << 0)	/* CHECK events at every sync point */

/**
 * struct rrlog_header - the first 128 bytes of a log
 * @magic: RRLOG_MAGIC
 * @major: RRLOG_MAJOR
 * @minor: RRLOG_MINOR
 * @header_len: bytes of this structure, 128
 * @flags: RRLOG_CHECK_FULL
 * @nr_lanes: lanes are numbered 0 .. nr_lanes - 1
 * @start_ns: CLOCK_REALTIME of the start, nanoseconds
 * @features: what the recorded CPU offered: [0] CPUID 1 ecx:edx, [1] CPUID 7
 *	ebx:ecx, [2] CPUID 0x80000001 ecx:edx (first register in the high
 *	half), [3] XCR0. A replay needs a CPU that has all of them.
 * @release: uname -r of the recorded kernel, zero filled
 * @pad: zero
 * @crc: CRC32C of all bytes before it
 */
struct rrlog_header {
	__u8	magic[8];
	__u16	major;
	__u16	minor;
	__u32	header_len;
	__u32	flags;
	__u32	nr_lanes;
	__u64	start_ns;
	__u64	features[4];
	__u8	release[48];
	__u8	pad[12];
	__u32	crc;
};

#define RRLOG_BLOCK_MAGIC	0x4b425252u	/* "RRBK" */
#define RRLOG_BLOCK_MAX		65536u		/* unpacked payload, bytes */

/* struct rrlog_block.flags */
#define RRLOG_BLOCK_LZ4		(1u << 0)	/* payload is LZ4, else stored */
#define RRLOG_BLOCK_LAST	(1u << 1)	/* the log ends with this block */
#define RRLOG_BLOCK_DELTA	(1u << 2)	/* unpacked, events are differences */

/*
 * With RRLOG_BLOCK_DELTA what comes out of LZ4, or is stored, is for each event
 *
 *	its type, and 0x80 if its first 16 bytes are those of the last event of that
 *	    type in the block,
 *	for each two 8-byte words, of the first 24 as far as there are, without 0x80 from
 *	    the first one on, with 0x80 from the third: a byte that says how many bytes
 *	    each takes, the first in its low half, and these bytes,
 *	the rest of the event as it is.
 *
 * A word is the difference to the same word of the last event of that type in the block,
 * or to zero if there is none, with its sign in bit 0 (2n, or -2n - 1 if negative), little
 * endian, without leading zeroes.
 */

/**
 * struct rrlog_block - header of a block, 48 bytes
 * @magic: RRLOG_BLOCK_MAGIC
 * @lane: whose events these are
 * @flags: RRLOG_BLOCK_*
 * @seq: 0, 1, 2 ... over all lanes
 * @first_event: number of the first event within its lane
 * @nr_events: events in this block
 * @raw_len: bytes of the payload unpacked, at most RRLOG_BLOCK_MAX
 * @stored_len: bytes of the payload as stored, at most @raw_len
 * @payload_crc: CRC32C of the payload as stored
 * @pad: zero
 * @crc: CRC32C of all bytes of this header before it
 */
struct rrlog_block {
	__u32	magic;
	__u16	lane;
	__u16	flags;
	__u64	seq;
	__u64	first_event;
	__u32	nr_events;
	__u32	raw_len;
	__u32	stored_len;
	__u32	payload_crc;
	__u32	pad;
	__u32	crc;
};

enum rrlog_type {
	RRLOG_ENTER	= 1,	/* a task entered a system call */
	RRLOG_LEAVE	= 2,	/* a stay ends, user code goes on */
	RRLOG_MEM	= 3,	/* the kernel wrote user memory */
	RRLOG_PAGEIN	= 4,	/* contents of a page at its first touch */
	RRLOG_MAP	= 5,	/* the address space changed */
	RRLOG_CLONE	= 6,	/* a task was made */
	RRLOG_START	= 7,	/* first event of a made task */
	RRLOG_EXEC	= 8,	/* the task has a new address space */
	RRLOG_TRAP	= 9,	/* an instruction raised a signal */
	RRLOG_ASYNC	= 10,	/* user code was stopped at this state */
	RRLOG_TSC	= 11,	/* RDTSC, RDTSCP, RDRAND or RDSEED */
	RRLOG_BUS	= 12,	/* touching a page raised SIGBUS */
	RRLOG_EXIT	= 13,	/* a task ended */
	RRLOG_CHECK	= 14,	/* digests of registers and memory */
	RRLOG_NOTE	= 15,	/* text for people, e.g. "unsound: ..." */
	RRLOG_END	= 16,	/* last event of the log */
	RRLOG_GRANT	= 17,	/* CREW: a lane gets a right to a page */
	RRLOG_REVOKE	= 18,	/* CREW: a lane loses a right to a page */
	RRLOG_WAIT	= 19,	/* the lane goes on when others have arrived */
	RRLOG_MOVE	= 20,	/* the task goes on in another lane */
	RRLOG_NR_TYPES	= 21,
};

/**
 * struct rrlog_event - what every event begins with, 16 bytes
 * @type: enum rrlog_type
 * @flags: RRLOG_<TYPE>_* of the type
 * @pad: zero
 * @len: bytes of the whole event, this header included, a multiple of 8
 * @task: number of the task within the session, 1, 2, 3 ...; 0 for END, NOTE
 * @aux: see the type
 */
struct rrlog_event {
	__u8	type;
	__u8	flags;
	__u16	pad;
	__u32	len;
	__u32	task;
	__u32	aux;
};

/* General registers as user code sees them. */
struct rrlog_regs {
	__u64	ip, flags, sp, bp;
	__u64	ax, bx, cx, dx, si, di;
	__u64	r8, r9, r10, r11, r12, r13, r14, r15;
	__u64	fs_base, gs_base;
};

#define RRLOG_ENTER_HASHED	(1u << 0)	/* @out_hash is valid */

/**
 * struct rrlog_enter - ENTER; aux = system call number
 * @e: what every event begins with
 * @ip: address after the SYSCALL instruction
 * @sp: stack pointer
 * @args: rdi, rsi, rdx, r10, r8, r9
 * @out_hash: XXH64 (seed 0) of the bytes that the call takes from user memory
 *	by its descriptor
 * @stream: 1, 2: the call writes to the recording's standard output, error
 * @pad: zero
 */
struct rrlog_enter {
	struct rrlog_event e;
	__u64	ip;
	__u64	sp;
	__u64	args[6];
	__u64	out_hash;
	__u32	stream;
	__u32	pad;
};

#define RRLOG_LEAVE_REGS	(1u << 0)	/* @regs follow, else only @ax changed */
#define RRLOG_LEAVE_SIGNAL	(1u << 1)	/* into a handler: aux = signal; FPU is reset */

/**
 * struct rrlog_leave - LEAVE; aux = signal delivered or 0
 * @e: what every event begins with
 * @ax: result of the call; rax, unless @regs follow: then a signal's handler or
 *	a restart may have changed that (-512 .. -516: the call is to be restarted)
 * @regs: present if RRLOG_LEAVE_REGS
 */
struct rrlog_leave {
	struct rrlog_event e;
	__u64	ax;
	struct rrlog_regs regs[];
};

#define RRLOG_MEM_MAX		32768u		/* bytes in one MEM event */

/**
 * struct rrlog_mem - MEM; aux = bytes of @data that count (the rest is padding)
 * @e: what every event begins with
 * @addr: where they go
 * @data: the bytes
 */
struct rrlog_mem {
	struct rrlog_event e;
	__u64	addr;
	__u8	data[];
};

#define RRLOG_PAGEIN_ZERO	(1u << 0)	/* no @data: the page is zero */
#define RRLOG_PAGEIN_KERNEL	(1u << 1)	/* the kernel touched it in a stay */
#define RRLOG_PAGEIN_REF	(1u << 2)	/* no @data: equal to PAGEIN @ref */
#define RRLOG_PAGEIN_EXCLUSIVE	(1u << 3)	/* several lanes: for writing, too */

/**
 * struct rrlog_pagein - PAGEIN
 * @e: what every event begins with
 * @addr: the page's address
 * @ref: with REF: number, among the PAGEINs of the lane that carry data (0, 1,
 *	2 ...), of the one with the same contents; else zero
 * @data: 4096 bytes, or nothing with ZERO and REF
 */
struct rrlog_pagein {
	struct rrlog_event e;
	__u64	addr;
	__u64	ref;
	__u8	data[];
};

enum rrlog_map_op {
	RRLOG_MAP_MAP		= 1,	/* mapped [addr, addr+len) */
	RRLOG_MAP_UNMAP		= 2,
	RRLOG_MAP_PROTECT	= 3,	/* @prot */
	RRLOG_MAP_MOVE		= 4,	/* [old_addr, +old_len) is now [addr, +len) */
	RRLOG_MAP_DISCARD	= 5,	/* contents dropped (MADV_DONTNEED ...) */
	RRLOG_MAP_UNOWN		= 6,	/* changed behind the mapping: paged in anew */
	RRLOG_MAP_NR_OPS	= 7,
};

/* struct rrlog_vma.flags */
#define RRLOG_VMA_SHARED	(1u << 0)	/* @object, @offset name its memory */
#define RRLOG_VMA_GROWSDOWN	(1u << 1)

/**
 * struct rrlog_vma - one mapping
 * @start: first byte
 * @end: first byte after it
 * @prot: PROT_READ | PROT_WRITE | PROT_EXEC
 * @flags: RRLOG_VMA_*
 * @object: with SHARED: what is mapped, a number unique within the session
 * @offset: with SHARED: offset of @start in it, bytes
 */
struct rrlog_vma {
	__u64	start;
	__u64	end;
	__u32	prot;
	__u32	flags;
	__u64	object;
	__u64	offset;
};

/**
 * struct rrlog_map - MAP; aux = enum rrlog_map_op
 * @e: what every event begins with
 * @vma: the range that changed and, for MAP, what is there now; for DISCARD,
 *	prot is the advice of madvise(); for UNOWN, object is the space that it
 *	is in, 0 for the task's own
 * @old_addr: MOVE: where it came from; PROTECT: protection key, if @old_len
 * @old_len: MOVE: bytes that were there; PROTECT: 1 = with a protection key
 */
struct rrlog_map {
	struct rrlog_event e;
	struct rrlog_vma vma;
	__u64	old_addr;
	__u64	old_len;
};

/**
 * struct rrlog_clone - CLONE; aux = number of the new task
 * @e: what every event begins with
 * @flags: clone flags of the recorded call, exit signal in the low byte
 * @lane: the new task's; its START is there
 * @pad: zero
 * @tls: CLONE_SETTLS value
 */
struct rrlog_clone {
	struct rrlog_event e;
	__u64	flags;
	__u32	lane;
	__u32	pad;
	__u64	tls;
};

struct rrlog_start {
	struct rrlog_event e;
};

/**
 * struct rrlog_exec - EXEC; aux = number of mappings
 * @e: what every event begins with
 * @stack_limit: RLIMIT_STACK, bytes
 * @comm: the task's name, zero filled
 * @cpu: the processor that the group is bound to: CPUID tells programs its
 *	number, and cannot be trapped everywhere
 * @pad: zero
 * @vma: the new address space
 */
struct rrlog_exec {
	struct rrlog_event e;
	__u64	stack_limit;
	__u8	comm[16];
	__u32	cpu;
	__u32	pad;
	struct rrlog_vma vma[];
};

/**
 * struct rrlog_trap - TRAP; aux = signal
 * @e: what every event begins with
 * @ip: the instruction
 * @addr: si_addr
 */
struct rrlog_trap {
	struct rrlog_event e;
	__u64	ip;
	__u64	addr;
};

/*
 * What looks like a store of FNSTENV has zeroes for its last 16 bytes in the digest of
 * a page: many processors do not keep these pointers for each task.
 */
struct rrlog_page_hash {
	__u64	addr;		/* page address */
	__u64	hash;		/* XXH64 of its 4096 bytes, seed 0 */
};

#define RRLOG_ASYNC_SPIN	(1u << 0)	/* found spinning: the state recurs */
#define RRLOG_ASYNC_STOLEN	(1u << 1)	/* touches a page that it has lost: user code goes on */
#define RRLOG_WORD		1ull		/* in addr: of the 8-byte word there, hash is its value */
#define RRLOG_WORD_SET		2ull		/* ... and does not tell the state: set when that is met */

/**
 * struct rrlog_async - ASYNC; aux = number of pages and words
 * @e: what every event begins with
 * @regs: registers; RF of the flags is masked
 * @fpu_hash: XXH64 of the x87, SSE and AVX state
 * @ns: about how long the task has computed since its last event; a replay
 *	that takes very much longer has missed the place
 * @page: pages that user code may have changed since the task's last event,
 *	as far as they tell this state from an earlier one, those that the lane
 *	loses here as it left them; then, with RRLOG_WORD, some words that the code
 *	there uses and that registers point to: a quick way to tell states of equal
 *	registers apart. RRLOG_WORD_SET: the instruction stopped at the border behind
 *	these, and may have been made in part; others see that from here on
 */
struct rrlog_async {
	struct rrlog_event e;
	struct rrlog_regs regs;
	__u64	fpu_hash;
	__u64	ns;
	struct rrlog_page_hash page[];
};

#define RRLOG_TSC_RDTSCP	(1u << 0)
#define RRLOG_TSC_RANDOM	(1u << 1)	/* RDRAND or RDSEED */

/**
 * struct rrlog_tsc - TSC; aux = TSC_AUX for RDTSCP
 * @e: what every event begins with
 * @value: the time stamp counter, or what is random
 * @ip: address of the instruction
 */
struct rrlog_tsc {
	struct rrlog_event e;
	__u64	value;
	__u64	ip;
};

struct rrlog_bus {
	struct rrlog_event e;
	__u64	addr;
};

#define RRLOG_EXIT_KILLED	(1u << 0)	/* at no point that can be found again */
#define RRLOG_EXIT_GROUP	(1u << 1)	/* the whole process ends */
#define RRLOG_EXIT_HASHED	(1u << 2)	/* @mem_hash is valid */

/**
 * struct rrlog_exit - EXIT; aux = exit code as wait4() reports it
 * @e: what every event begins with
 * @mem_hash: XXH64 chain over the pages of the address space that were paged
 *	in, by address, when its last task ends
 * @pages: how many pages that were
 */
struct rrlog_exit {
	struct rrlog_event e;
	__u64	mem_hash;
	__u64	pages;
};

/**
 * struct rrlog_check - CHECK; aux = number of pages
 * @e: what every event begins with
 * @regs_hash: XXH64 of struct rrlog_regs
 * @fpu_hash: XXH64 of the x87, SSE and AVX state
 * @page: the pages that user code wrote since the last CHECK
 */
struct rrlog_check {
	struct rrlog_event e;
	__u64	regs_hash;
	__u64	fpu_hash;
	struct rrlog_page_hash page[];
};

/*
 * NOTE; aux = bytes of text. "unsound: ..." is what a replay will not do again. "file
 * START-END OFFSET SIZE PATH", behind an EXEC or MAP in the same lane: that address
 * space has a file there (all but SIZE in hexadecimal). Only with several lanes.
 */
struct rrlog_note {
	struct rrlog_event e;
	__u8	text[];
};

/**
 * struct rrlog_end - END; aux = 0, or the errno that ended the recording
 * @e: what every event begins with
 * @events: events of all lanes, this one included
 * @ns: duration
 */
struct rrlog_end {
	struct rrlog_event e;
	__u64	events;
	__u64	ns;
};

/*
 * "lane has arrived at its event": what a lane waits for (FDR, RTR). A lane arrives
 * at an event when its user code can go no further without it.
 */
struct rrlog_edge {
	__u32	lane;
	__u32	flags;		/* RRLOG_EDGE_* */
	__u64	event;
};

#define RRLOG_EDGE_DONE		(1u << 0)	/* enough: the lane's event before is complete */

#define RRLOG_GRANT_EXCLUSIVE	(1u << 0)	/* else shared */
#define RRLOG_GRANT_KERNEL	(1u << 1)	/* the kernel touched the page in a stay */
#define RRLOG_GRANT_EXIT	(1u << 2)	/* at the end of a task, wherever it is */
#define RRLOG_GRANT_MORE	0xfffull	/* in struct rrlog_grant.addr */

/**
 * struct rrlog_grant - GRANT; aux = number of edges
 * @e: what every event begins with
 * @addr: the page's address; the contents are in memory already. RRLOG_GRANT_MORE of it
 *	says how many pages behind that one are given as well
 * @edge: what the lane waits for
 */
struct rrlog_grant {
	struct rrlog_event e;
	__u64	addr;
	struct rrlog_edge edge[];
};

#define RRLOG_REVOKE_DOWNGRADE	(1u << 0)	/* exclusive becomes shared */

/**
 * struct rrlog_revoke - REVOKE; aux = number of pages; task = that of the event behind
 * @e: what every event begins with
 * @addr: address of the first page
 * @space: number of the address space: the task that it was made for, and in the
 *	high half how many times that has called execve()
 */
struct rrlog_revoke {
	struct rrlog_event e;
	__u64	addr;
	__u64	space;
};

/* WAIT; aux = number of edges */
struct rrlog_wait {
	struct rrlog_event e;
	struct rrlog_edge edge[];
};

#define RRLOG_MOVE_EXIT		(1u << 0)	/* at the end of a task, wherever it is */

/* MOVE; aux = the lane that has the task's further events */
struct rrlog_move {
	struct rrlog_event e;
};

#endif /* _UAPI_LINUX_RRCREW_LOG_H */
