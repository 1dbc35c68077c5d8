// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system call table against the kernel that it is loaded into. Against the
 * C library's headers, and against itself, test_syscalls.c compares it.
 */
#include <linux/fs.h>
#include <linux/uaccess.h>
#include <linux/eventpoll.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/mqueue.h>
#include <linux/poll.h>
#include <linux/resource.h>
#include <linux/signal.h>
#include <linux/stat.h>
#include <linux/statfs.h>
#include <linux/sysinfo.h>
#include <linux/time.h>
#include <linux/times.h>
#include <linux/timex.h>
#include <linux/utsname.h>
#include <asm/unistd.h>
#include <trace/syscall.h>

#include "kunit.h"
#include "syscalls.h"

/* As in symbols.c. */
static unsigned long (*lookup)(const char *name);

static int syscalls_suite_init(struct kunit_suite *suite)
{
	struct kprobe kp = { .symbol_name = "kallsyms_lookup_name" };
	int ret = register_kprobe(&kp);

	if (ret)
		return ret;
	lookup = (void *)kp.addr;
	unregister_kprobe(&kp);
	return 0;
}

/* Where the kernel's function is not called as the number is. */
static const char *function_of(const char *name)
{
	static const char * const other[][2] = {
		{ "stat", "newstat" }, { "fstat", "newfstat" }, { "lstat", "newlstat" },
		{ "uname", "newuname" }, { "sendfile", "sendfile64" },
		{ "umount2", "umount" },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(other); i++)
		if (!strcmp(name, other[i][0]))
			return other[i][1];
	return name;
}

/* A call without arguments needs no wrapper: its symbol may have either name. */
static bool is_function_of(const char *symbol, const char *name)
{
	static const char * const prefix[] = { "__x64_sys_", "__do_sys_" };
	int i;

	for (i = 0; i < ARRAY_SIZE(prefix); i++)
		if (!strncmp(symbol, prefix[i], strlen(prefix[i])) &&
		    !strcmp(symbol + strlen(prefix[i]), function_of(name)))
			return true;
	return false;
}

/* A number that the kernel has is the one that the row is about. */
static void syscalls_numbers(struct kunit *test)
{
	void **table = (void *)lookup("sys_call_table");
	char symbol[KSYM_SYMBOL_LEN];
	const struct rr_syscall *row;
	unsigned int nr, known = 0;

	if (!table)
		kunit_skip(test, "no sys_call_table in kallsyms");
	for (nr = 0; nr < NR_syscalls; nr++) {
		sprint_symbol_no_offset(symbol, (unsigned long)table[nr]);
		if (strstr(symbol, "sys_ni_syscall"))
			continue;
		row = rr_syscall_row(nr);
		KUNIT_EXPECT_NOT_NULL_MSG(test, row->name, "%u is %s", nr, symbol);
		if (!row->name)
			continue;
		KUNIT_EXPECT_TRUE_MSG(test, is_function_of(symbol, row->name),
				      "%u: %s is %s", nr, row->name, symbol);
		known++;
	}
	KUNIT_EXPECT_GT(test, known, 300);
}

static const struct syscall_metadata *metadata(const char *name)
{
	char symbol[KSYM_SYMBOL_LEN];

	snprintf(symbol, sizeof(symbol), "__syscall_meta__%s", function_of(name));
	return (void *)lookup(symbol);
}

/* How wide the kernel takes an argument that says how much memory there is. */
static bool length_fits(u8 kind, const char *type)
{
	if (!strcmp(type, "int"))
		return kind == RR_A_INT;
	if (!strcmp(type, "unsigned int") || !strcmp(type, "unsigned") || !strcmp(type, "u32"))
		return kind == RR_A_UINT;
	return kind == RR_A_SIZE || kind == RR_A_LONG;
}

static bool is_pointer(const char *type)
{
	return strchr(type, '*') || !strncmp(type, "cap_user_", 9);
}

static bool has_length(const struct rr_range *r)
{
	return r->kind == RR_SIZE_ARG || r->kind == RR_SIZE_RET || r->kind == RR_SIZE_IOVEC;
}

/* How many arguments, and their types as far as memory depends on them. */
static void syscalls_arguments(struct kunit *test)
{
	const struct syscall_metadata *meta;
	const struct rr_syscall *row;
	const struct rr_range *r;
	unsigned int nr, known = 0;

	for (nr = 0; nr < NR_syscalls; nr++) {
		row = rr_syscall_row(nr);
		meta = row->name ? metadata(row->name) : NULL;
		if (!meta)
			continue;
		known++;
		KUNIT_EXPECT_EQ_MSG(test, row->nr_args, meta->nb_args, "%s", row->name);
		for (r = row->range; r < row->range + RR_MAX_RANGES && r->kind; r++) {
			KUNIT_EXPECT_TRUE_MSG(test, is_pointer(meta->types[r->arg]),
					      "%s: argument %u is %s", row->name,
					      r->arg, meta->types[r->arg]);
			if (has_length(r))
				KUNIT_EXPECT_TRUE_MSG(test, length_fits(row->arg[r->len_arg],
							meta->types[r->len_arg]),
						      "%s: length is %s", row->name,
						      meta->types[r->len_arg]);
		}
	}
	if (!known)
		kunit_skip(test, "a kernel without CONFIG_FTRACE_SYSCALLS");
	KUNIT_EXPECT_GT(test, known, 250);
}

/* What the kernel writes, by its own structures: user space may see others. */
static const struct {
	unsigned int	nr;
	u8		arg;
	u16		size;
} written[] = {
	{ __NR_stat, 1, sizeof(struct stat) },
	{ __NR_statfs, 1, sizeof(struct statfs) },
	{ __NR_statx, 4, sizeof(struct statx) },
	{ __NR_rt_sigaction, 2, sizeof(struct sigaction) },
	{ __NR_sigaltstack, 1, sizeof(stack_t) },
	{ __NR_waitid, 2, sizeof(siginfo_t) },
	{ __NR_waitid, 4, sizeof(struct rusage) },
	{ __NR_getrusage, 1, sizeof(struct rusage) },
	{ __NR_getrlimit, 1, sizeof(struct rlimit) },
	{ __NR_prlimit64, 3, sizeof(struct rlimit64) },
	{ __NR_sysinfo, 0, sizeof(struct sysinfo) },
	{ __NR_times, 0, sizeof(struct tms) },
	{ __NR_uname, 0, sizeof(struct new_utsname) },
	{ __NR_gettimeofday, 0, sizeof(struct __kernel_old_timeval) },
	{ __NR_gettimeofday, 1, sizeof(struct timezone) },
	{ __NR_clock_gettime, 1, sizeof(struct __kernel_timespec) },
	{ __NR_clock_adjtime, 1, sizeof(struct __kernel_timex) },
	{ __NR_timerfd_gettime, 1, sizeof(struct __kernel_itimerspec) },
	{ __NR_getitimer, 1, sizeof(struct __kernel_old_itimerval) },
	{ __NR_poll, 0, sizeof(struct pollfd) },
	{ __NR_epoll_wait, 1, sizeof(struct epoll_event) },
	{ __NR_mq_getsetattr, 2, sizeof(struct mq_attr) },
};

static void syscalls_sizes(struct kunit *test)
{
	const struct rr_syscall *row;
	const struct rr_range *r;
	unsigned int i, found = 0;

	for (i = 0; i < ARRAY_SIZE(written); i++) {
		row = rr_syscall_row(written[i].nr);
		for (r = row->range; r < row->range + RR_MAX_RANGES && r->kind; r++) {
			if (r->arg != written[i].arg || r->dir == RR_IN)
				continue;
			found++;
			KUNIT_EXPECT_EQ_MSG(test, r->n, written[i].size, "%s: argument %u",
					    row->name, r->arg);
		}
		KUNIT_EXPECT_EQ_MSG(test, found, i + 1, "%s: argument %u is not written",
				    row->name, written[i].arg);
		found = i + 1;
	}
}

/* Any number that user code may load into EAX. */
static void syscalls_wild_numbers(struct kunit *test)
{
	static const u32 wild[] = {
		RR_NR_SYSCALLS, 512, 0x40000000, 0x40000001, 0x7fffffff, 0x80000000, ~0u,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(wild); i++) {
		KUNIT_ASSERT_NOT_NULL(test, rr_syscall_row(wild[i]));
		KUNIT_EXPECT_NULL(test, rr_syscall_row(wild[i])->name);
		KUNIT_EXPECT_EQ(test, rr_syscall_row(wild[i])->flags, 0);
	}
}

static struct kunit_case syscalls_tests[] = {
	KUNIT_CASE(syscalls_numbers),
	KUNIT_CASE(syscalls_arguments),
	KUNIT_CASE(syscalls_sizes),
	KUNIT_CASE(syscalls_wild_numbers),
	{}
};

struct kunit_suite rr_syscalls_suite = {
	.name		= "rr_syscalls",
	.suite_init	= syscalls_suite_init,
	.test_cases	= syscalls_tests,
};
