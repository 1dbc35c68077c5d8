// SPDX-License-Identifier: GPL-2.0-only
/* The system call table against itself and against the system's headers. */
#define _GNU_SOURCE
#include <assert.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <time.h>

#include "../syscalls.c"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* What the C library hides or does not have yet, as the kernel declares it. */
struct kernel_sigaction {
	void		*handler;
	unsigned long	flags;
	void		*restorer;
	unsigned long	mask;
};

struct kernel_ustat {
	int		f_tfree;
	unsigned long	f_tinode;
	char		f_fname[6];
	char		f_fpack[6];
};

struct kernel_cachestat {
	uint64_t	nr_cache, nr_dirty, nr_writeback, nr_evicted, nr_recently_evicted;
};

static_assert(sizeof(struct kernel_cachestat) == SZ_CACHESTAT, "cachestat");
static_assert(sizeof(struct epoll_event) == SZ_EPOLL_EVENT, "epoll_event");
static_assert(sizeof(struct itimerspec) == SZ_ITIMERSPEC, "itimerspec");
static_assert(sizeof(struct itimerval) == SZ_ITIMERVAL, "itimerval");
static_assert(sizeof(struct mq_attr) == SZ_MQ_ATTR, "mq_attr");
static_assert(sizeof(struct pollfd) == SZ_POLLFD, "pollfd");
static_assert(sizeof(struct rlimit) == SZ_RLIMIT, "rlimit");
static_assert(sizeof(struct rusage) == SZ_RUSAGE, "rusage");
static_assert(sizeof(struct kernel_sigaction) == SZ_SIGACTION, "sigaction");
static_assert(sizeof(siginfo_t) == SZ_SIGINFO, "siginfo");
static_assert(sizeof(stack_t) == SZ_STACK, "stack_t");
static_assert(sizeof(struct stat) == SZ_STAT, "stat");
static_assert(sizeof(struct statfs) == SZ_STATFS, "statfs");
static_assert(sizeof(struct statx) == SZ_STATX, "statx");
static_assert(sizeof(struct sysinfo) == SZ_SYSINFO, "sysinfo");
static_assert(sizeof(struct timespec) == SZ_TIMESPEC, "timespec");
static_assert(sizeof(struct timeval) == SZ_TIMEVAL, "timeval");
static_assert(sizeof(struct timex) == SZ_TIMEX, "timex");
static_assert(sizeof(struct timezone) == SZ_TIMEZONE, "timezone");
static_assert(sizeof(struct tms) == SZ_TMS, "tms");
static_assert(sizeof(struct kernel_ustat) == SZ_USTAT, "ustat");
static_assert(sizeof(struct utsname) == SZ_UTSNAME, "utsname");

static const struct {
	unsigned int	nr;
	const char	*name;
} names[] = {
#define NAME(nr, name)	{ nr, name },
#include "syscall_names.h"
#undef NAME
};


/* Numbers that no kernel of any age has used. */
#define HOLE_FIRST	336u
#define HOLE_LAST	423u

static unsigned int nr_tests, nr_failed, nr_bad;

/* A row is wrong: say which; done() reports the test. */
static void bad(u32 nr, const char *fmt, ...)
{
	const char *name = rr_syscall_row(nr)->name;
	va_list ap;

	printf("# %u %s: ", nr, name ? name : "(none)");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	nr_bad++;
}

static void done(const char *what)
{
	nr_tests++;
	if (nr_bad)
		nr_failed++;
	printf("%sok %u - %s\n", nr_bad ? "not " : "", nr_tests, what);
	nr_bad = 0;
}

static void test_names(void)
{
	unsigned int i, newer = 0;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		const char *name = rr_syscall_row(names[i].nr)->name;

		if (names[i].nr >= RR_NR_SYSCALLS)
			newer++;
		else if (!name || strcmp(name, names[i].name))
			bad(names[i].nr, "the headers say %s", names[i].name);
	}
	if (ARRAY_SIZE(names) - newer < 335)
		bad(0, "only %zu names to compare with", ARRAY_SIZE(names) - newer);
	if (newer)
		printf("# %u calls are newer than the table\n", newer);
	done("names are those of asm/unistd_64.h");
}

static void test_no_gaps(void)
{
	u32 nr;

	for (nr = 0; nr < RR_NR_SYSCALLS; nr++) {
		bool hole = nr >= HOLE_FIRST && nr <= HOLE_LAST;

		if (hole == !!rows[nr].name)
			bad(nr, hole ? "has a row" : "has no row");
	}
	done("every number in use has a row");
}

static void test_names_differ(void)
{
	u32 a, b;

	for (a = 0; a < RR_NR_SYSCALLS; a++)
		for (b = a + 1; rows[a].name && b < RR_NR_SYSCALLS; b++)
			if (rows[b].name && !strcmp(rows[a].name, rows[b].name))
				bad(b, "also number %u", a);
	done("no name twice");
}

static void test_unknown(void)
{
	static const u32 nrs[] = {
		HOLE_FIRST, HOLE_LAST, RR_NR_SYSCALLS, 512, 0x40000000, 0xffffffff,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nrs); i++) {
		const struct rr_syscall *row = rr_syscall_row(nrs[i]);

		if (!row)
			bad(nrs[i], "NULL");
		else if (row->name || row->flags || row->nr_args || row->range[0].kind)
			bad(nrs[i], "row is not empty");
	}
	done("unknown numbers have an empty row");
}

static void test_args(void)
{
	unsigned int i;
	u32 nr;

	for (nr = 0; nr < RR_NR_SYSCALLS; nr++) {
		const struct rr_syscall *row = &rows[nr];

		if (row->nr_args > 6)
			bad(nr, "%u arguments", row->nr_args);
		for (i = 0; i < 6; i++)
			if ((i < row->nr_args) != (row->arg[i] != RR_A_NONE))
				bad(nr, "argument %u", i);
	}
	done("as many argument kinds as arguments");
}

static bool is_pointer(const struct rr_syscall *row, u8 arg)
{
	return row->arg[arg] == RR_A_PTR || row->arg[arg] == RR_A_STR;
}

static bool is_length(const struct rr_syscall *row, u8 arg)
{
	return row->arg[arg] == RR_A_INT || row->arg[arg] == RR_A_UINT ||
	       row->arg[arg] == RR_A_SIZE;
}

static void check_range(u32 nr, const struct rr_range *r)
{
	const struct rr_syscall *row = &rows[nr];

	if (r->arg >= row->nr_args || !is_pointer(row, r->arg))
		bad(nr, "argument %u is not a pointer", r->arg);
	if (r->dir < RR_IN || r->dir > RR_OUT_ALWAYS)
		bad(nr, "direction %u", r->dir);
	if (!r->n)
		bad(nr, "empty range");

	switch (r->kind) {
	case RR_SIZE_CONST:
		if (r->len_arg)
			bad(nr, "constant with a length argument");
		break;
	case RR_SIZE_RET:
		if (r->dir == RR_IN)
			bad(nr, "reads what it returns");
		/* fall through */
	case RR_SIZE_ARG:
	case RR_SIZE_IOVEC:
		if (r->len_arg >= row->nr_args || !is_length(row, r->len_arg))
			bad(nr, "argument %u is not a length", r->len_arg);
		break;
	case RR_SIZE_STRING:
		if (r->dir != RR_IN || row->arg[r->arg] != RR_A_STR)
			bad(nr, "argument %u is not a string", r->arg);
		break;
	default:
		bad(nr, "kind %u", r->kind);
	}
}

static void test_ranges(void)
{
	unsigned int i;
	u32 nr;

	for (nr = 0; nr < RR_NR_SYSCALLS; nr++) {
		bool end = false;

		for (i = 0; i < RR_MAX_RANGES; i++) {
			const struct rr_range *r = &rows[nr].range[i];

			if (r->kind == RR_SIZE_NONE)
				end = true;
			else if (end)
				bad(nr, "range %u after the end", i);
			else
				check_range(nr, r);
		}
	}
	done("ranges are sane");
}

/* How many ranges of @row are read (@out false) or written. */
static unsigned int count_ranges(const struct rr_syscall *row, bool out)
{
	unsigned int i, n = 0;

	for (i = 0; i < RR_MAX_RANGES; i++)
		if (row->range[i].kind && (row->range[i].dir != RR_IN) == out)
			n++;
	return n;
}

static bool const_only(const struct rr_syscall *row)
{
	unsigned int i;

	for (i = 0; i < RR_MAX_RANGES; i++)
		if (row->range[i].kind && row->range[i].kind != RR_SIZE_CONST)
			return false;
	return true;
}

static void test_flags(void)
{
	u32 nr;

	for (nr = 0; nr < RR_NR_SYSCALLS; nr++) {
		const struct rr_syscall *row = &rows[nr];
		bool exact = row->flags & RR_SC_EXACT;
		bool nomem = row->flags & RR_SC_NOMEM;

		if (exact && nomem)
			bad(nr, "EXACT and NOMEM");
		if (exact != !!count_ranges(row, true))
			bad(nr, "EXACT without RR_OUT or the other way round");
		if ((row->flags & RR_SC_FAST) && !exact && !nomem)
			bad(nr, "FAST but neither EXACT nor NOMEM");
		if ((row->flags & RR_SC_FAST) && !const_only(row))
			bad(nr, "FAST with a range that is not constant");
		if ((row->flags & RR_SC_FAST) && (row->flags & RR_SC_MM))
			bad(nr, "FAST and MM");
		if ((row->flags & RR_SC_FD_OUT) &&
		    (row->arg[0] != RR_A_FD || count_ranges(row, false) != 1))
			bad(nr, "FD_OUT needs a descriptor and one RR_IN range");
		if ((row->flags & RR_SC_ENOSYS) && row->flags != RR_SC_ENOSYS)
			bad(nr, "refused, and more flags");
	}
	done("flags go together");
}

static void test_spot_checks(void)
{
	static const struct {
		u32 nr;
		const char *name;
		u32 flags;
	} spots[] = {
		{ 0, "read", RR_SC_EXACT },
		{ 1, "write", RR_SC_NOMEM | RR_SC_FD_OUT },
		{ 9, "mmap", RR_SC_NOMEM | RR_SC_MM },
		{ 15, "rt_sigreturn", RR_SC_NOMEM | RR_SC_NATIVE },
		{ 16, "ioctl", 0 },
		{ 47, "recvmsg", 0 },
		{ 56, "clone", RR_SC_MM },
		{ 59, "execve", 0 },
		{ 202, "futex", RR_SC_FUTEX },
		{ 219, "restart_syscall", 0 },
		{ 228, "clock_gettime", RR_SC_EXACT | RR_SC_FAST },
		{ 334, "rseq", RR_SC_ENOSYS },
		{ 425, "io_uring_setup", RR_SC_ENOSYS },
		{ 462, "mseal", RR_SC_NOMEM | RR_SC_MM },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(spots); i++) {
		const struct rr_syscall *row = rr_syscall_row(spots[i].nr);

		if (!row->name || strcmp(row->name, spots[i].name) ||
		    row->flags != spots[i].flags)
			bad(spots[i].nr, "%s, flags %#x", spots[i].name, row->flags);
	}
	done("rows that must never change");
}

static void expect_len(u32 nr, unsigned int range, const u64 *args, s64 ret, u64 want)
{
	const struct rr_syscall *row = rr_syscall_row(nr);
	u64 len = rr_range_len(row, &row->range[range], args, ret);

	if (len != want)
		bad(nr, "range %u has %llu bytes, expected %llu", range,
		    (unsigned long long)len, (unsigned long long)want);
}

static void test_range_len(void)
{
	static const u64 rw[6] = { 3, 0x1000, 100 };
	static const u64 huge[6] = { 3, 0x1000, ~0ULL };
	static const u64 poll_garbage[6] = { 0x1000, 0xdead00000002ULL, 0 };
	static const u64 groups_none[6] = { 0, 0x1000 };
	static const u64 groups[6] = { 0xdead00000004ULL, 0x1000 };
	static const u64 link_minus[6] = { 0x1000, 0x2000, 0xffffffffULL };
	static const u64 xattr_probe[6] = { 0x1000, 0x2000, 0x3000, 0 };
	static const u64 epoll[6] = { 3, 0x1000, 64, 0 };

	expect_len(0, 0, rw, 10, 10);
	expect_len(0, 0, rw, 100, 100);
	expect_len(0, 0, rw, 0, 0);
	expect_len(0, 0, rw, -14, 100);
	expect_len(0, 0, huge, -14, RR_RANGE_MAX);
	expect_len(1, 0, rw, 10, 100);
	expect_len(1, 0, huge, 10, RR_RANGE_MAX);
	expect_len(5, 0, rw, 0, SZ_STAT);
	expect_len(7, 0, poll_garbage, 1, 2 * SZ_POLLFD);
	expect_len(19, 0, rw, 10, 0);
	expect_len(89, 0, link_minus, -22, 0);
	expect_len(89, 1, link_minus, -22, 0);
	expect_len(115, 0, groups_none, 7, 0);
	expect_len(115, 0, groups, 3, 12);
	expect_len(191, 2, xattr_probe, 17, 0);
	expect_len(232, 0, epoll, 2, 2 * SZ_EPOLL_EVENT);
	done("lengths are those that the kernel sees");
}

int main(void)
{
	test_names();
	test_no_gaps();
	test_names_differ();
	test_unknown();
	test_args();
	test_ranges();
	test_flags();
	test_spot_checks();
	test_range_len();
	printf("1..%u\n", nr_tests);
	return nr_failed ? 1 : 0;
}
