/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One row per x86-64 system call: its name, which user memory the kernel reads
 * and writes for it, and what the recorder must know beyond that.
 *
 * A row is an optimisation and a source of text for people, never a condition:
 * a call without RR_SC_EXACT goes through the generic capture. Builds in the
 * kernel and in user space (rrctl dump).
 */
#ifndef RR_SYSCALLS_H
#define RR_SYSCALLS_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;
#endif

/* How many bytes are at the pointer in argument rr_range.arg. */
enum rr_size_kind {
	RR_SIZE_NONE = 0,	/* end of the list */
	RR_SIZE_CONST,		/* .n bytes */
	RR_SIZE_RET,		/* what the call returns * .n; at most argument .len_arg * .n */
	RR_SIZE_ARG,		/* argument .len_arg * .n */
	RR_SIZE_U32AT,		/* the 32-bit integer at pointer argument .len_arg (socklen_t) */
	RR_SIZE_IOVEC,		/* struct iovec[argument .len_arg]; limited to the return value */
	RR_SIZE_STRING,		/* NUL-terminated (reads only) */
};

enum rr_range_dir {
	RR_IN	= 1,		/* outgoing: the kernel reads it; hashed and compared */
	RR_OUT	= 2,		/* the kernel writes it, if the call succeeds or ends in EFAULT */
	RR_OUT_ALWAYS = 3,	/* the kernel may write it even if the call fails */
};

/* A null pointer is nothing: neither read nor written. */
struct rr_range {
	u8	arg;		/* 0..5 */
	u8	kind;		/* enum rr_size_kind */
	u8	dir;		/* enum rr_range_dir */
	u8	len_arg;
	u16	n;
};

/* Flags of a row. */
#define RR_SC_EXACT	(1u << 0)	/* the RR_OUT ranges cover every byte that the kernel writes */
#define RR_SC_NOMEM	(1u << 1)	/* writes no user memory (implies EXACT) */
#define RR_SC_FAST	(1u << 2)	/* never sleeps, changes no task, mm or signal state: run inside the hook */
#define RR_SC_MM	(1u << 3)	/* changes the address space: keeps the lane's token while it sleeps */
#define RR_SC_NATIVE	(1u << 4)	/* replay executes it: it touches only this task's CPU state */
#define RR_SC_ENOSYS	(1u << 5)	/* refused inside a group */
#define RR_SC_FD_OUT	(1u << 6)	/* argument 0 is the descriptor that the RR_IN bytes go to (write, writev, sendto ...) */
#define RR_SC_FUTEX	(1u << 7)	/* argument 1 decides which words are written */

/*
 * How rrctl dump prints an argument, and how wide a length is: INT and UINT
 * have 32 bits (the rest of the register is garbage), LONG and SIZE 64.
 */
enum rr_arg_kind {
	RR_A_NONE = 0, RR_A_INT, RR_A_UINT, RR_A_HEX, RR_A_PTR, RR_A_FD,
	RR_A_STR, RR_A_OCTAL, RR_A_FLAGS, RR_A_SIGNAL, RR_A_LONG, RR_A_SIZE,
};

#define RR_MAX_RANGES	4

struct rr_syscall {
	const char	*name;		/* NULL: no such call */
	u8		nr_args;
	u8		arg[6];		/* enum rr_arg_kind */
	u32		flags;		/* RR_SC_* */
	struct rr_range	range[RR_MAX_RANGES];
};

#define RR_NR_SYSCALLS	463

/**
 * rr_syscall_row() - the row of a system call
 * @nr: number
 *
 * Return: the row, or an empty row (name NULL, no flags) for a number that the
 * table does not know. Never NULL. Any context.
 */
const struct rr_syscall *rr_syscall_row(u32 nr);

/* No call moves more bytes at once (MAX_RW_COUNT). */
#define RR_RANGE_MAX	0x7ffff000u

/**
 * rr_range_len() - bytes of a range, as far as the registers tell
 * @row: the system call
 * @range: one of its ranges
 * @args: its arguments
 * @ret: what it returned. Negative, and for RR_SIZE_RET: the whole buffer,
 *	which is also what a call may have touched that returns less
 *
 * Return: at most RR_RANGE_MAX; 0 for the kinds whose length is in memory
 * (RR_SIZE_U32AT, RR_SIZE_IOVEC, RR_SIZE_STRING). Any context.
 */
u64 rr_range_len(const struct rr_syscall *row, const struct rr_range *range,
		 const u64 *args, s64 ret);

#endif /* RR_SYSCALLS_H */
