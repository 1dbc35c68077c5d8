// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system call table of x86-64.
 *
 * How to read a row: number, name, arguments, flags, ranges. No flags means
 * that the generic capture finds out what the kernel wrote, which is always
 * right; every other row is a promise, checked against the kernel's source:
 *
 *  - NOMEM and EXACT speak of what the call itself writes by its arguments.
 *    What happens to memory on other ways is handled there and for all calls:
 *    signal frames, exit (clear_child_tid, robust futexes), page cache that is
 *    mapped as well, /proc/PID/mem.
 *  - RR_OUT ranges are written only by a call that succeeds, or that stops
 *    halfway with EFAULT. A call that writes and then fails for another reason
 *    has RR_OUT_ALWAYS.
 *  - A few drivers have read() and write() follow pointers inside the data
 *    (SCSI generic, InfiniBand verbs). The table describes all others.
 */
#include "syscalls.h"

#ifdef __KERNEL__
#include <linux/nospec.h>
#else
#define array_index_nospec(index, size)	(index)
#endif

/* Short names, to keep a row in a line. */
enum {
	INT	= RR_A_INT,
	UINT	= RR_A_UINT,
	LONG	= RR_A_LONG,
	SIZE	= RR_A_SIZE,
	HEX	= RR_A_HEX,
	PTR	= RR_A_PTR,
	FD	= RR_A_FD,
	STR	= RR_A_STR,
	OCT	= RR_A_OCTAL,
	FLG	= RR_A_FLAGS,
	SIG	= RR_A_SIGNAL,
};

enum {
	EXACT	= RR_SC_EXACT,
	NOMEM	= RR_SC_NOMEM,
	FAST	= RR_SC_FAST,
	MM	= RR_SC_MM,
	NATIVE	= RR_SC_NATIVE,
	NOSYS	= RR_SC_ENOSYS,
	FD_OUT	= RR_SC_FD_OUT,
	FUTEX	= RR_SC_FUTEX,
};

/* Bytes of the structures that cross the system call boundary. */
enum {
	SZ_CACHESTAT	= 40,
	SZ_EPOLL_EVENT	= 12,
	SZ_ITIMERSPEC	= 32,
	SZ_ITIMERVAL	= 32,
	SZ_MQ_ATTR	= 64,
	SZ_POLLFD	= 8,
	SZ_RLIMIT	= 16,
	SZ_RUSAGE	= 144,
	SZ_SIGACTION	= 32,
	SZ_SIGINFO	= 128,
	SZ_STACK	= 24,
	SZ_STAT		= 144,
	SZ_STATFS	= 120,
	SZ_STATX	= 256,
	SZ_SYSINFO	= 112,
	SZ_TIMESPEC	= 16,
	SZ_TIMEVAL	= 16,
	SZ_TIMEX	= 208,
	SZ_TIMEZONE	= 8,
	SZ_TMS		= 32,
	SZ_USTAT	= 32,
	SZ_UTSNAME	= 390,
};

/* Ranges: a pointer argument; then the argument with the length, if any. */
#define RANGE(a, k, d, l, size)	\
	{ .arg = (a), .kind = RR_SIZE_##k, .dir = (d), .len_arg = (l), .n = (size) }

#define IN_CONST(a, n)		RANGE(a, CONST, RR_IN, 0, n)
#define IN_ARG(a, len, n)	RANGE(a, ARG, RR_IN, len, n)
#define IN_IOVEC(a, len)	RANGE(a, IOVEC, RR_IN, len, 1)
#define IN_STR(a)		RANGE(a, STRING, RR_IN, 0, 1)
#define OUT_CONST(a, n)		RANGE(a, CONST, RR_OUT, 0, n)
#define OUT_ARG(a, len, n)	RANGE(a, ARG, RR_OUT, len, n)
#define OUT_RET(a, n, cap)	RANGE(a, RET, RR_OUT, cap, n)
#define OUT_IOVEC(a, len)	RANGE(a, IOVEC, RR_OUT, len, 1)
#define ALWAYS_CONST(a, n)	RANGE(a, CONST, RR_OUT_ALWAYS, 0, n)
#define ALWAYS_ARG(a, len, n)	RANGE(a, ARG, RR_OUT_ALWAYS, len, n)

static const struct rr_syscall rows[RR_NR_SYSCALLS] = {
	[0] = { "read", 3, { FD, PTR, SIZE }, EXACT, { OUT_RET(1, 1, 2) } },
	[1] = { "write", 3, { FD, PTR, SIZE }, NOMEM | FD_OUT, { IN_ARG(1, 2, 1) } },
	[2] = { "open", 3, { STR, FLG, OCT }, NOMEM, { IN_STR(0) } },
	[3] = { "close", 1, { FD }, NOMEM, {} },
	[4] = { "stat", 2, { STR, PTR }, EXACT, { IN_STR(0), OUT_CONST(1, SZ_STAT) } },
	[5] = { "fstat", 2, { FD, PTR }, EXACT, { OUT_CONST(1, SZ_STAT) } },
	[6] = { "lstat", 2, { STR, PTR }, EXACT, { IN_STR(0), OUT_CONST(1, SZ_STAT) } },
	[7] = { "poll", 3, { PTR, UINT, INT }, EXACT, { ALWAYS_ARG(0, 1, SZ_POLLFD) } },
	[8] = { "lseek", 3, { FD, LONG, UINT }, NOMEM, {} },
	[9] = { "mmap", 6, { HEX, SIZE, FLG, FLG, FD, HEX }, MM | NOMEM, {} },
	[10] = { "mprotect", 3, { HEX, SIZE, FLG }, MM | NOMEM, {} },
	[11] = { "munmap", 2, { HEX, SIZE }, MM | NOMEM, {} },
	[12] = { "brk", 1, { HEX }, MM | NOMEM, {} },
	[13] = { "rt_sigaction", 4, { SIG, PTR, PTR, SIZE }, EXACT,
		{ OUT_CONST(2, SZ_SIGACTION) } },
	[14] = { "rt_sigprocmask", 4, { INT, PTR, PTR, SIZE }, EXACT, { OUT_ARG(2, 3, 1) } },
	[15] = { "rt_sigreturn", 0, {}, NATIVE | NOMEM, {} },
	/* What an ioctl writes is the driver's business. */
	[16] = { "ioctl", 3, { FD, HEX, HEX }, 0, {} },
	[17] = { "pread64", 4, { FD, PTR, SIZE, LONG }, EXACT, { OUT_RET(1, 1, 2) } },
	[18] = { "pwrite64", 4, { FD, PTR, SIZE, LONG }, NOMEM | FD_OUT, { IN_ARG(1, 2, 1) } },
	[19] = { "readv", 3, { FD, PTR, SIZE }, EXACT, { OUT_IOVEC(1, 2) } },
	[20] = { "writev", 3, { FD, PTR, SIZE }, NOMEM | FD_OUT, { IN_IOVEC(1, 2) } },
	[21] = { "access", 2, { STR, FLG }, NOMEM, { IN_STR(0) } },
	[22] = { "pipe", 1, { PTR }, EXACT, { OUT_CONST(0, 8) } },
	[23] = { "select", 5, { INT, PTR, PTR, PTR, PTR }, 0, {} },
	[24] = { "sched_yield", 0, {}, NOMEM, {} },
	[25] = { "mremap", 5, { HEX, SIZE, SIZE, FLG, HEX }, MM | NOMEM, {} },
	[26] = { "msync", 3, { HEX, SIZE, FLG }, NOMEM, {} },
	[27] = { "mincore", 3, { HEX, SIZE, PTR }, 0, {} },
	[28] = { "madvise", 3, { HEX, SIZE, FLG }, MM | NOMEM, {} },
	[29] = { "shmget", 3, { INT, SIZE, FLG }, NOMEM, {} },
	[30] = { "shmat", 3, { INT, HEX, FLG }, MM | NOMEM, {} },
	[31] = { "shmctl", 3, { INT, INT, PTR }, 0, {} },
	[32] = { "dup", 1, { FD }, NOMEM, {} },
	[33] = { "dup2", 2, { FD, FD }, NOMEM, {} },
	[34] = { "pause", 0, {}, NOMEM, {} },
	[35] = { "nanosleep", 2, { PTR, PTR }, EXACT,
		{ IN_CONST(0, SZ_TIMESPEC), ALWAYS_CONST(1, SZ_TIMESPEC) } },
	[36] = { "getitimer", 2, { INT, PTR }, EXACT, { OUT_CONST(1, SZ_ITIMERVAL) } },
	[37] = { "alarm", 1, { UINT }, NOMEM, {} },
	[38] = { "setitimer", 3, { INT, PTR, PTR }, EXACT, { OUT_CONST(2, SZ_ITIMERVAL) } },
	[39] = { "getpid", 0, {}, NOMEM | FAST, {} },
	/* Like splice() and copy_file_range(): moves the offset behind a pointer. */
	[40] = { "sendfile", 4, { FD, FD, PTR, SIZE }, 0, {} },
	[41] = { "socket", 3, { INT, FLG, INT }, NOMEM, {} },
	[42] = { "connect", 3, { FD, PTR, INT }, NOMEM, { IN_ARG(1, 2, 1) } },
	[43] = { "accept", 3, { FD, PTR, PTR }, 0, {} },
	[44] = { "sendto", 6, { FD, PTR, SIZE, FLG, PTR, INT }, NOMEM | FD_OUT,
		{ IN_ARG(1, 2, 1) } },
	[45] = { "recvfrom", 6, { FD, PTR, SIZE, FLG, PTR, PTR }, 0, {} },
	[46] = { "sendmsg", 3, { FD, PTR, FLG }, NOMEM, {} },
	[47] = { "recvmsg", 3, { FD, PTR, FLG }, 0, {} },
	[48] = { "shutdown", 2, { FD, INT }, NOMEM, {} },
	[49] = { "bind", 3, { FD, PTR, INT }, NOMEM, { IN_ARG(1, 2, 1) } },
	[50] = { "listen", 2, { FD, INT }, NOMEM, {} },
	[51] = { "getsockname", 3, { FD, PTR, PTR }, 0, {} },
	[52] = { "getpeername", 3, { FD, PTR, PTR }, 0, {} },
	/* The descriptor numbers are written before the sockets are made. */
	[53] = { "socketpair", 4, { INT, FLG, INT, PTR }, EXACT, { ALWAYS_CONST(3, 8) } },
	/* IPT_SO_SET_REPLACE hands the old counters back. */
	[54] = { "setsockopt", 5, { FD, INT, INT, PTR, INT }, 0, {} },
	[55] = { "getsockopt", 5, { FD, INT, INT, PTR, PTR }, 0, {} },
	/* These write thread ids, or nothing. */
	[56] = { "clone", 5, { FLG, HEX, PTR, PTR, HEX }, MM, {} },
	[57] = { "fork", 0, {}, MM, {} },
	[58] = { "vfork", 0, {}, MM, {} },
	[59] = { "execve", 3, { STR, PTR, PTR }, 0, { IN_STR(0) } },
	[60] = { "exit", 1, { INT }, NOMEM, {} },
	[61] = { "wait4", 4, { INT, PTR, FLG, PTR }, EXACT,
		{ OUT_CONST(1, 4), OUT_CONST(3, SZ_RUSAGE) } },
	[62] = { "kill", 2, { INT, SIG }, NOMEM, {} },
	[63] = { "uname", 1, { PTR }, EXACT, { OUT_CONST(0, SZ_UTSNAME) } },
	[64] = { "semget", 3, { INT, INT, FLG }, NOMEM, {} },
	[65] = { "semop", 3, { INT, PTR, UINT }, NOMEM, {} },
	[66] = { "semctl", 4, { INT, INT, INT, HEX }, 0, {} },
	[67] = { "shmdt", 1, { HEX }, MM | NOMEM, {} },
	[68] = { "msgget", 2, { INT, FLG }, NOMEM, {} },
	[69] = { "msgsnd", 4, { INT, PTR, SIZE, FLG }, NOMEM, {} },
	[70] = { "msgrcv", 5, { INT, PTR, SIZE, LONG, FLG }, 0, {} },
	[71] = { "msgctl", 3, { INT, INT, PTR }, 0, {} },
	[72] = { "fcntl", 3, { FD, UINT, HEX }, 0, {} },
	[73] = { "flock", 2, { FD, UINT }, NOMEM, {} },
	[74] = { "fsync", 1, { FD }, NOMEM, {} },
	[75] = { "fdatasync", 1, { FD }, NOMEM, {} },
	[76] = { "truncate", 2, { STR, LONG }, NOMEM, { IN_STR(0) } },
	[77] = { "ftruncate", 2, { FD, LONG }, NOMEM, {} },
	[78] = { "getdents", 3, { FD, PTR, UINT }, EXACT, { OUT_RET(1, 1, 2) } },
	[79] = { "getcwd", 2, { PTR, SIZE }, EXACT, { OUT_RET(0, 1, 1) } },
	[80] = { "chdir", 1, { STR }, NOMEM, { IN_STR(0) } },
	[81] = { "fchdir", 1, { FD }, NOMEM, {} },
	[82] = { "rename", 2, { STR, STR }, NOMEM, { IN_STR(0), IN_STR(1) } },
	[83] = { "mkdir", 2, { STR, OCT }, NOMEM, { IN_STR(0) } },
	[84] = { "rmdir", 1, { STR }, NOMEM, { IN_STR(0) } },
	[85] = { "creat", 2, { STR, OCT }, NOMEM, { IN_STR(0) } },
	[86] = { "link", 2, { STR, STR }, NOMEM, { IN_STR(0), IN_STR(1) } },
	[87] = { "unlink", 1, { STR }, NOMEM, { IN_STR(0) } },
	[88] = { "symlink", 2, { STR, STR }, NOMEM, { IN_STR(0), IN_STR(1) } },
	[89] = { "readlink", 3, { STR, PTR, INT }, EXACT, { IN_STR(0), OUT_RET(1, 1, 2) } },
	[90] = { "chmod", 2, { STR, OCT }, NOMEM, { IN_STR(0) } },
	[91] = { "fchmod", 2, { FD, OCT }, NOMEM, {} },
	[92] = { "chown", 3, { STR, UINT, UINT }, NOMEM, { IN_STR(0) } },
	[93] = { "fchown", 3, { FD, UINT, UINT }, NOMEM, {} },
	[94] = { "lchown", 3, { STR, UINT, UINT }, NOMEM, { IN_STR(0) } },
	[95] = { "umask", 1, { OCT }, NOMEM | FAST, {} },
	[96] = { "gettimeofday", 2, { PTR, PTR }, EXACT | FAST,
		{ OUT_CONST(0, SZ_TIMEVAL), OUT_CONST(1, SZ_TIMEZONE) } },
	[97] = { "getrlimit", 2, { UINT, PTR }, EXACT, { OUT_CONST(1, SZ_RLIMIT) } },
	[98] = { "getrusage", 2, { INT, PTR }, EXACT, { OUT_CONST(1, SZ_RUSAGE) } },
	[99] = { "sysinfo", 1, { PTR }, EXACT, { OUT_CONST(0, SZ_SYSINFO) } },
	[100] = { "times", 1, { PTR }, EXACT, { OUT_CONST(0, SZ_TMS) } },
	[101] = { "ptrace", 4, { LONG, LONG, HEX, HEX }, 0, {} },
	[102] = { "getuid", 0, {}, NOMEM | FAST, {} },
	[103] = { "syslog", 3, { INT, PTR, INT }, 0, {} },
	[104] = { "getgid", 0, {}, NOMEM | FAST, {} },
	[105] = { "setuid", 1, { UINT }, NOMEM, {} },
	[106] = { "setgid", 1, { UINT }, NOMEM, {} },
	[107] = { "geteuid", 0, {}, NOMEM | FAST, {} },
	[108] = { "getegid", 0, {}, NOMEM | FAST, {} },
	[109] = { "setpgid", 2, { INT, INT }, NOMEM, {} },
	[110] = { "getppid", 0, {}, NOMEM | FAST, {} },
	[111] = { "getpgrp", 0, {}, NOMEM | FAST, {} },
	[112] = { "setsid", 0, {}, NOMEM, {} },
	[113] = { "setreuid", 2, { UINT, UINT }, NOMEM, {} },
	[114] = { "setregid", 2, { UINT, UINT }, NOMEM, {} },
	[115] = { "getgroups", 2, { INT, PTR }, EXACT, { OUT_RET(1, 4, 0) } },
	[116] = { "setgroups", 2, { INT, PTR }, NOMEM, {} },
	[117] = { "setresuid", 3, { UINT, UINT, UINT }, NOMEM, {} },
	[118] = { "getresuid", 3, { PTR, PTR, PTR }, EXACT,
		{ OUT_CONST(0, 4), OUT_CONST(1, 4), OUT_CONST(2, 4) } },
	[119] = { "setresgid", 3, { UINT, UINT, UINT }, NOMEM, {} },
	[120] = { "getresgid", 3, { PTR, PTR, PTR }, EXACT,
		{ OUT_CONST(0, 4), OUT_CONST(1, 4), OUT_CONST(2, 4) } },
	[121] = { "getpgid", 1, { INT }, NOMEM | FAST, {} },
	[122] = { "setfsuid", 1, { UINT }, NOMEM, {} },
	[123] = { "setfsgid", 1, { UINT }, NOMEM, {} },
	[124] = { "getsid", 1, { INT }, NOMEM | FAST, {} },
	[125] = { "capget", 2, { PTR, PTR }, 0, {} },
	/* A wrong version is answered with the right one, and an error. */
	[126] = { "capset", 2, { PTR, PTR }, EXACT, { ALWAYS_CONST(0, 4) } },
	[127] = { "rt_sigpending", 2, { PTR, SIZE }, EXACT, { OUT_ARG(0, 1, 1) } },
	[128] = { "rt_sigtimedwait", 4, { PTR, PTR, PTR, SIZE }, EXACT,
		{ OUT_CONST(1, SZ_SIGINFO) } },
	[129] = { "rt_sigqueueinfo", 3, { INT, SIG, PTR }, NOMEM, {} },
	[130] = { "rt_sigsuspend", 2, { PTR, SIZE }, NOMEM, {} },
	[131] = { "sigaltstack", 2, { PTR, PTR }, EXACT, { OUT_CONST(1, SZ_STACK) } },
	[132] = { "utime", 2, { STR, PTR }, NOMEM, { IN_STR(0) } },
	[133] = { "mknod", 3, { STR, OCT, HEX }, NOMEM, { IN_STR(0) } },
	[134] = { "uselib", 1, { STR }, NOSYS, {} },
	[135] = { "personality", 1, { HEX }, NOMEM, {} },
	[136] = { "ustat", 2, { HEX, PTR }, EXACT, { OUT_CONST(1, SZ_USTAT) } },
	[137] = { "statfs", 2, { STR, PTR }, EXACT, { IN_STR(0), OUT_CONST(1, SZ_STATFS) } },
	[138] = { "fstatfs", 2, { FD, PTR }, EXACT, { OUT_CONST(1, SZ_STATFS) } },
	[139] = { "sysfs", 3, { INT, HEX, HEX }, 0, {} },
	[140] = { "getpriority", 2, { INT, INT }, NOMEM, {} },
	[141] = { "setpriority", 3, { INT, INT, INT }, NOMEM, {} },
	[142] = { "sched_setparam", 2, { INT, PTR }, NOMEM, {} },
	[143] = { "sched_getparam", 2, { INT, PTR }, EXACT, { OUT_CONST(1, 4) } },
	[144] = { "sched_setscheduler", 3, { INT, INT, PTR }, NOMEM, {} },
	[145] = { "sched_getscheduler", 1, { INT }, NOMEM, {} },
	[146] = { "sched_get_priority_max", 1, { INT }, NOMEM, {} },
	[147] = { "sched_get_priority_min", 1, { INT }, NOMEM, {} },
	[148] = { "sched_rr_get_interval", 2, { INT, PTR }, EXACT, { OUT_CONST(1, SZ_TIMESPEC) } },
	[149] = { "mlock", 2, { HEX, SIZE }, NOMEM, {} },
	[150] = { "munlock", 2, { HEX, SIZE }, NOMEM, {} },
	[151] = { "mlockall", 1, { FLG }, NOMEM, {} },
	[152] = { "munlockall", 0, {}, NOMEM, {} },
	[153] = { "vhangup", 0, {}, NOMEM, {} },
	/* Reading the LDT writes memory. */
	[154] = { "modify_ldt", 3, { INT, PTR, SIZE }, NATIVE, {} },
	[155] = { "pivot_root", 2, { STR, STR }, NOMEM, { IN_STR(0), IN_STR(1) } },
	[156] = { "_sysctl", 0, {}, NOMEM, {} },
	[157] = { "prctl", 5, { INT, HEX, HEX, HEX, HEX }, 0, {} },
	/* ARCH_GET_FS and ARCH_GET_GS write memory. */
	[158] = { "arch_prctl", 2, { INT, HEX }, NATIVE, {} },
	[159] = { "adjtimex", 1, { PTR }, EXACT, { ALWAYS_CONST(0, SZ_TIMEX) } },
	[160] = { "setrlimit", 2, { UINT, PTR }, NOMEM, {} },
	[161] = { "chroot", 1, { STR }, NOMEM, { IN_STR(0) } },
	[162] = { "sync", 0, {}, NOMEM, {} },
	[163] = { "acct", 1, { STR }, NOMEM, { IN_STR(0) } },
	[164] = { "settimeofday", 2, { PTR, PTR }, NOMEM, {} },
	[165] = { "mount", 5, { STR, STR, STR, FLG, PTR }, NOMEM,
		{ IN_STR(0), IN_STR(1), IN_STR(2) } },
	[166] = { "umount2", 2, { STR, FLG }, NOMEM, { IN_STR(0) } },
	[167] = { "swapon", 2, { STR, FLG }, NOMEM, { IN_STR(0) } },
	[168] = { "swapoff", 1, { STR }, NOMEM, { IN_STR(0) } },
	[169] = { "reboot", 4, { HEX, HEX, UINT, PTR }, NOMEM, {} },
	[170] = { "sethostname", 2, { STR, INT }, NOMEM, { IN_ARG(0, 1, 1) } },
	[171] = { "setdomainname", 2, { STR, INT }, NOMEM, { IN_ARG(0, 1, 1) } },
	[172] = { "iopl", 1, { UINT }, NOSYS, {} },
	[173] = { "ioperm", 3, { HEX, SIZE, INT }, NOSYS, {} },
	[174] = { "create_module", 0, {}, NOMEM, {} },
	[175] = { "init_module", 3, { PTR, SIZE, STR }, NOMEM, {} },
	[176] = { "delete_module", 2, { STR, FLG }, NOMEM, { IN_STR(0) } },
	[177] = { "get_kernel_syms", 0, {}, NOMEM, {} },
	[178] = { "query_module", 0, {}, NOMEM, {} },
	[179] = { "quotactl", 4, { UINT, STR, UINT, PTR }, 0, { IN_STR(1) } },
	[180] = { "nfsservctl", 0, {}, NOMEM, {} },
	[181] = { "getpmsg", 0, {}, NOMEM, {} },
	[182] = { "putpmsg", 0, {}, NOMEM, {} },
	[183] = { "afs_syscall", 0, {}, NOMEM, {} },
	[184] = { "tuxcall", 0, {}, NOMEM, {} },
	[185] = { "security", 0, {}, NOMEM, {} },
	[186] = { "gettid", 0, {}, NOMEM | FAST, {} },
	[187] = { "readahead", 3, { FD, LONG, SIZE }, NOMEM, {} },
	[188] = { "setxattr", 5, { STR, STR, PTR, SIZE, FLG }, NOMEM,
		{ IN_STR(0), IN_STR(1), IN_ARG(2, 3, 1) } },
	[189] = { "lsetxattr", 5, { STR, STR, PTR, SIZE, FLG }, NOMEM,
		{ IN_STR(0), IN_STR(1), IN_ARG(2, 3, 1) } },
	[190] = { "fsetxattr", 5, { FD, STR, PTR, SIZE, FLG }, NOMEM,
		{ IN_STR(1), IN_ARG(2, 3, 1) } },
	[191] = { "getxattr", 4, { STR, STR, PTR, SIZE }, EXACT,
		{ IN_STR(0), IN_STR(1), OUT_RET(2, 1, 3) } },
	[192] = { "lgetxattr", 4, { STR, STR, PTR, SIZE }, EXACT,
		{ IN_STR(0), IN_STR(1), OUT_RET(2, 1, 3) } },
	[193] = { "fgetxattr", 4, { FD, STR, PTR, SIZE }, EXACT, { IN_STR(1), OUT_RET(2, 1, 3) } },
	[194] = { "listxattr", 3, { STR, PTR, SIZE }, EXACT, { IN_STR(0), OUT_RET(1, 1, 2) } },
	[195] = { "llistxattr", 3, { STR, PTR, SIZE }, EXACT, { IN_STR(0), OUT_RET(1, 1, 2) } },
	[196] = { "flistxattr", 3, { FD, PTR, SIZE }, EXACT, { OUT_RET(1, 1, 2) } },
	[197] = { "removexattr", 2, { STR, STR }, NOMEM, { IN_STR(0), IN_STR(1) } },
	[198] = { "lremovexattr", 2, { STR, STR }, NOMEM, { IN_STR(0), IN_STR(1) } },
	[199] = { "fremovexattr", 2, { FD, STR }, NOMEM, { IN_STR(1) } },
	[200] = { "tkill", 2, { INT, SIG }, NOMEM, {} },
	[201] = { "time", 1, { PTR }, EXACT | FAST, { OUT_CONST(0, 8) } },
	/* The operation decides which words are written. */
	[202] = { "futex", 6, { PTR, INT, HEX, PTR, PTR, UINT }, FUTEX, {} },
	[203] = { "sched_setaffinity", 3, { INT, UINT, PTR }, NOMEM, {} },
	[204] = { "sched_getaffinity", 3, { INT, UINT, PTR }, EXACT, { OUT_RET(2, 1, 1) } },
	[205] = { "set_thread_area", 1, { PTR }, NATIVE | NOMEM, {} },
	[206] = { "io_setup", 2, { UINT, PTR }, NOSYS, {} },
	[207] = { "io_destroy", 1, { HEX }, 0, {} },
	[208] = { "io_getevents", 5, { HEX, LONG, LONG, PTR, PTR }, 0, {} },
	[209] = { "io_submit", 3, { HEX, LONG, PTR }, 0, {} },
	[210] = { "io_cancel", 3, { HEX, PTR, PTR }, 0, {} },
	[211] = { "get_thread_area", 1, { PTR }, NOMEM, {} },
	[212] = { "lookup_dcookie", 3, { HEX, PTR, SIZE }, 0, {} },
	[213] = { "epoll_create", 1, { INT }, NOMEM, {} },
	[214] = { "epoll_ctl_old", 0, {}, NOMEM, {} },
	[215] = { "epoll_wait_old", 0, {}, NOMEM, {} },
	[216] = { "remap_file_pages", 5, { HEX, SIZE, FLG, SIZE, FLG }, MM | NOMEM, {} },
	[217] = { "getdents64", 3, { FD, PTR, UINT }, EXACT, { OUT_RET(1, 1, 2) } },
	[218] = { "set_tid_address", 1, { PTR }, NOMEM, {} },
	/* Whatever it restarts: poll() writes revents, nanosleep() the rest. */
	[219] = { "restart_syscall", 0, {}, 0, {} },
	[220] = { "semtimedop", 4, { INT, PTR, UINT, PTR }, NOMEM, {} },
	[221] = { "fadvise64", 4, { FD, LONG, SIZE, FLG }, NOMEM, {} },
	/* The number is written before the timer is known to work. */
	[222] = { "timer_create", 3, { INT, PTR, PTR }, EXACT, { ALWAYS_CONST(2, 4) } },
	[223] = { "timer_settime", 4, { INT, FLG, PTR, PTR }, EXACT,
		{ OUT_CONST(3, SZ_ITIMERSPEC) } },
	[224] = { "timer_gettime", 2, { INT, PTR }, EXACT, { OUT_CONST(1, SZ_ITIMERSPEC) } },
	[225] = { "timer_getoverrun", 1, { INT }, NOMEM, {} },
	[226] = { "timer_delete", 1, { INT }, NOMEM, {} },
	[227] = { "clock_settime", 2, { INT, PTR }, NOMEM, {} },
	[228] = { "clock_gettime", 2, { INT, PTR }, EXACT | FAST, { OUT_CONST(1, SZ_TIMESPEC) } },
	[229] = { "clock_getres", 2, { INT, PTR }, EXACT, { OUT_CONST(1, SZ_TIMESPEC) } },
	[230] = { "clock_nanosleep", 4, { INT, FLG, PTR, PTR }, EXACT,
		{ IN_CONST(2, SZ_TIMESPEC), ALWAYS_CONST(3, SZ_TIMESPEC) } },
	[231] = { "exit_group", 1, { INT }, NOMEM, {} },
	[232] = { "epoll_wait", 4, { FD, PTR, INT, INT }, EXACT,
		{ OUT_RET(1, SZ_EPOLL_EVENT, 2) } },
	[233] = { "epoll_ctl", 4, { FD, INT, FD, PTR }, NOMEM, {} },
	[234] = { "tgkill", 3, { INT, INT, SIG }, NOMEM, {} },
	[235] = { "utimes", 2, { STR, PTR }, NOMEM, { IN_STR(0) } },
	[236] = { "vserver", 0, {}, NOMEM, {} },
	[237] = { "mbind", 6, { HEX, SIZE, SIZE, PTR, SIZE, FLG }, NOMEM, {} },
	[238] = { "set_mempolicy", 3, { INT, PTR, SIZE }, NOMEM, {} },
	[239] = { "get_mempolicy", 5, { PTR, PTR, SIZE, HEX, FLG }, 0, {} },
	[240] = { "mq_open", 4, { STR, FLG, OCT, PTR }, NOMEM, { IN_STR(0) } },
	[241] = { "mq_unlink", 1, { STR }, NOMEM, { IN_STR(0) } },
	[242] = { "mq_timedsend", 5, { FD, PTR, SIZE, UINT, PTR }, NOMEM, { IN_ARG(1, 2, 1) } },
	[243] = { "mq_timedreceive", 5, { FD, PTR, SIZE, PTR, PTR }, EXACT,
		{ OUT_RET(1, 1, 2), OUT_CONST(3, 4) } },
	[244] = { "mq_notify", 2, { FD, PTR }, NOMEM, {} },
	[245] = { "mq_getsetattr", 3, { FD, PTR, PTR }, EXACT, { OUT_CONST(2, SZ_MQ_ATTR) } },
	[246] = { "kexec_load", 4, { HEX, SIZE, PTR, FLG }, NOMEM, {} },
	/* @infop is cleared even without a child to wait for. */
	[247] = { "waitid", 5, { INT, INT, PTR, FLG, PTR }, EXACT,
		{ ALWAYS_CONST(2, SZ_SIGINFO), OUT_CONST(4, SZ_RUSAGE) } },
	[248] = { "add_key", 5, { STR, STR, PTR, SIZE, INT }, NOMEM,
		{ IN_STR(0), IN_STR(1), IN_ARG(2, 3, 1) } },
	[249] = { "request_key", 4, { STR, STR, STR, INT }, NOMEM,
		{ IN_STR(0), IN_STR(1), IN_STR(2) } },
	[250] = { "keyctl", 5, { INT, HEX, HEX, HEX, HEX }, 0, {} },
	[251] = { "ioprio_set", 3, { INT, INT, INT }, NOMEM, {} },
	[252] = { "ioprio_get", 2, { INT, INT }, NOMEM, {} },
	[253] = { "inotify_init", 0, {}, NOMEM, {} },
	[254] = { "inotify_add_watch", 3, { FD, STR, HEX }, NOMEM, { IN_STR(1) } },
	[255] = { "inotify_rm_watch", 2, { FD, INT }, NOMEM, {} },
	[256] = { "migrate_pages", 4, { INT, SIZE, PTR, PTR }, NOMEM, {} },
	[257] = { "openat", 4, { FD, STR, FLG, OCT }, NOMEM, { IN_STR(1) } },
	[258] = { "mkdirat", 3, { FD, STR, OCT }, NOMEM, { IN_STR(1) } },
	[259] = { "mknodat", 4, { FD, STR, OCT, HEX }, NOMEM, { IN_STR(1) } },
	[260] = { "fchownat", 5, { FD, STR, UINT, UINT, FLG }, NOMEM, { IN_STR(1) } },
	[261] = { "futimesat", 3, { FD, STR, PTR }, NOMEM, { IN_STR(1) } },
	[262] = { "newfstatat", 4, { FD, STR, PTR, FLG }, EXACT,
		{ IN_STR(1), OUT_CONST(2, SZ_STAT) } },
	[263] = { "unlinkat", 3, { FD, STR, FLG }, NOMEM, { IN_STR(1) } },
	[264] = { "renameat", 4, { FD, STR, FD, STR }, NOMEM, { IN_STR(1), IN_STR(3) } },
	[265] = { "linkat", 5, { FD, STR, FD, STR, FLG }, NOMEM, { IN_STR(1), IN_STR(3) } },
	[266] = { "symlinkat", 3, { STR, FD, STR }, NOMEM, { IN_STR(0), IN_STR(2) } },
	[267] = { "readlinkat", 4, { FD, STR, PTR, INT }, EXACT, { IN_STR(1), OUT_RET(2, 1, 3) } },
	[268] = { "fchmodat", 3, { FD, STR, OCT }, NOMEM, { IN_STR(1) } },
	[269] = { "faccessat", 3, { FD, STR, FLG }, NOMEM, { IN_STR(1) } },
	[270] = { "pselect6", 6, { INT, PTR, PTR, PTR, PTR, PTR }, 0, {} },
	[271] = { "ppoll", 5, { PTR, UINT, PTR, PTR, SIZE }, EXACT,
		{ ALWAYS_ARG(0, 1, SZ_POLLFD), ALWAYS_CONST(2, SZ_TIMESPEC) } },
	[272] = { "unshare", 1, { FLG }, NOMEM, {} },
	[273] = { "set_robust_list", 2, { PTR, SIZE }, NOMEM, {} },
	[274] = { "get_robust_list", 3, { INT, PTR, PTR }, EXACT,
		{ OUT_CONST(1, 8), OUT_CONST(2, 8) } },
	[275] = { "splice", 6, { FD, PTR, FD, PTR, SIZE, FLG }, 0, {} },
	[276] = { "tee", 4, { FD, FD, SIZE, FLG }, NOMEM, {} },
	[277] = { "sync_file_range", 4, { FD, LONG, LONG, FLG }, NOMEM, {} },
	[278] = { "vmsplice", 4, { FD, PTR, SIZE, FLG }, 0, {} },
	[279] = { "move_pages", 6, { INT, SIZE, PTR, PTR, PTR, FLG }, 0, {} },
	[280] = { "utimensat", 4, { FD, STR, PTR, FLG }, NOMEM, { IN_STR(1) } },
	[281] = { "epoll_pwait", 6, { FD, PTR, INT, INT, PTR, SIZE }, EXACT,
		{ OUT_RET(1, SZ_EPOLL_EVENT, 2) } },
	[282] = { "signalfd", 3, { FD, PTR, SIZE }, NOMEM, {} },
	[283] = { "timerfd_create", 2, { INT, FLG }, NOMEM, {} },
	[284] = { "eventfd", 1, { UINT }, NOMEM, {} },
	[285] = { "fallocate", 4, { FD, INT, LONG, LONG }, NOMEM, {} },
	[286] = { "timerfd_settime", 4, { FD, FLG, PTR, PTR }, EXACT,
		{ OUT_CONST(3, SZ_ITIMERSPEC) } },
	[287] = { "timerfd_gettime", 2, { FD, PTR }, EXACT, { OUT_CONST(1, SZ_ITIMERSPEC) } },
	[288] = { "accept4", 4, { FD, PTR, PTR, FLG }, 0, {} },
	[289] = { "signalfd4", 4, { FD, PTR, SIZE, FLG }, NOMEM, {} },
	[290] = { "eventfd2", 2, { UINT, FLG }, NOMEM, {} },
	[291] = { "epoll_create1", 1, { FLG }, NOMEM, {} },
	[292] = { "dup3", 3, { FD, FD, FLG }, NOMEM, {} },
	[293] = { "pipe2", 2, { PTR, FLG }, EXACT, { OUT_CONST(0, 8) } },
	[294] = { "inotify_init1", 1, { FLG }, NOMEM, {} },
	[295] = { "preadv", 5, { FD, PTR, SIZE, SIZE, SIZE }, EXACT, { OUT_IOVEC(1, 2) } },
	[296] = { "pwritev", 5, { FD, PTR, SIZE, SIZE, SIZE }, NOMEM | FD_OUT, { IN_IOVEC(1, 2) } },
	[297] = { "rt_tgsigqueueinfo", 4, { INT, INT, SIG, PTR }, NOMEM, {} },
	/* A size that the kernel does not know is corrected in @attr. */
	[298] = { "perf_event_open", 5, { PTR, INT, INT, FD, FLG }, 0, {} },
	[299] = { "recvmmsg", 5, { FD, PTR, UINT, FLG, PTR }, 0, {} },
	[300] = { "fanotify_init", 2, { FLG, FLG }, NOMEM, {} },
	[301] = { "fanotify_mark", 5, { FD, FLG, HEX, FD, STR }, NOMEM, { IN_STR(4) } },
	[302] = { "prlimit64", 4, { INT, UINT, PTR, PTR }, EXACT, { OUT_CONST(3, SZ_RLIMIT) } },
	[303] = { "name_to_handle_at", 5, { FD, STR, PTR, PTR, FLG }, 0, { IN_STR(1) } },
	[304] = { "open_by_handle_at", 3, { FD, PTR, FLG }, NOMEM, {} },
	[305] = { "clock_adjtime", 2, { INT, PTR }, EXACT, { OUT_CONST(1, SZ_TIMEX) } },
	[306] = { "syncfs", 1, { FD }, NOMEM, {} },
	[307] = { "sendmmsg", 4, { FD, PTR, UINT, FLG }, 0, {} },
	[308] = { "setns", 2, { FD, FLG }, NOMEM, {} },
	[309] = { "getcpu", 3, { PTR, PTR, PTR }, EXACT | FAST,
		{ OUT_CONST(0, 4), OUT_CONST(1, 4) } },
	[310] = { "process_vm_readv", 6, { INT, PTR, SIZE, PTR, SIZE, FLG }, 0, {} },
	[311] = { "process_vm_writev", 6, { INT, PTR, SIZE, PTR, SIZE, FLG }, 0, {} },
	[312] = { "kcmp", 5, { INT, INT, INT, HEX, HEX }, NOMEM, {} },
	[313] = { "finit_module", 3, { FD, STR, FLG }, NOMEM, { IN_STR(1) } },
	/* A size that the kernel does not know is corrected in @uattr. */
	[314] = { "sched_setattr", 3, { INT, PTR, FLG }, EXACT, { ALWAYS_CONST(1, 4) } },
	[315] = { "sched_getattr", 4, { INT, PTR, UINT, FLG }, EXACT, { OUT_ARG(1, 2, 1) } },
	[316] = { "renameat2", 5, { FD, STR, FD, STR, FLG }, NOMEM, { IN_STR(1), IN_STR(3) } },
	[317] = { "seccomp", 3, { UINT, FLG, PTR }, 0, {} },
	[318] = { "getrandom", 3, { PTR, SIZE, FLG }, EXACT, { OUT_RET(0, 1, 1) } },
	[319] = { "memfd_create", 2, { STR, FLG }, NOMEM, { IN_STR(0) } },
	[320] = { "kexec_file_load", 5, { FD, FD, SIZE, PTR, FLG }, NOMEM, {} },
	[321] = { "bpf", 3, { INT, PTR, UINT }, 0, {} },
	[322] = { "execveat", 5, { FD, STR, PTR, PTR, FLG }, 0, { IN_STR(1) } },
	[323] = { "userfaultfd", 1, { FLG }, NOSYS, {} },
	[324] = { "membarrier", 3, { INT, FLG, INT }, NOMEM, {} },
	[325] = { "mlock2", 3, { HEX, SIZE, FLG }, NOMEM, {} },
	[326] = { "copy_file_range", 6, { FD, PTR, FD, PTR, SIZE, FLG }, 0, {} },
	[327] = { "preadv2", 6, { FD, PTR, SIZE, SIZE, SIZE, FLG }, EXACT, { OUT_IOVEC(1, 2) } },
	[328] = { "pwritev2", 6, { FD, PTR, SIZE, SIZE, SIZE, FLG }, NOMEM | FD_OUT,
		{ IN_IOVEC(1, 2) } },
	[329] = { "pkey_mprotect", 4, { HEX, SIZE, FLG, INT }, MM | NOMEM, {} },
	[330] = { "pkey_alloc", 2, { FLG, SIZE }, NATIVE | NOMEM, {} },
	[331] = { "pkey_free", 1, { INT }, NATIVE | NOMEM, {} },
	[332] = { "statx", 5, { FD, STR, FLG, HEX, PTR }, EXACT,
		{ IN_STR(1), OUT_CONST(4, SZ_STATX) } },
	[333] = { "io_pgetevents", 6, { HEX, LONG, LONG, PTR, PTR, PTR }, 0, {} },
	[334] = { "rseq", 4, { PTR, UINT, FLG, UINT }, NOSYS, {} },
	/* Only the trampoline of uretprobes calls it; it pops the user stack. */
	[335] = { "uretprobe", 0, {}, 0, {} },
	[424] = { "pidfd_send_signal", 4, { FD, SIG, PTR, FLG }, NOMEM, {} },
	[425] = { "io_uring_setup", 2, { UINT, PTR }, NOSYS, {} },
	[426] = { "io_uring_enter", 6, { FD, UINT, UINT, FLG, PTR, SIZE }, NOSYS, {} },
	[427] = { "io_uring_register", 4, { FD, UINT, PTR, UINT }, NOSYS, {} },
	[428] = { "open_tree", 3, { FD, STR, FLG }, NOMEM, { IN_STR(1) } },
	[429] = { "move_mount", 5, { FD, STR, FD, STR, FLG }, NOMEM, { IN_STR(1), IN_STR(3) } },
	[430] = { "fsopen", 2, { STR, FLG }, NOMEM, { IN_STR(0) } },
	[431] = { "fsconfig", 5, { FD, UINT, STR, PTR, INT }, NOMEM, { IN_STR(2) } },
	[432] = { "fsmount", 3, { FD, FLG, FLG }, NOMEM, {} },
	[433] = { "fspick", 3, { FD, STR, FLG }, NOMEM, { IN_STR(1) } },
	[434] = { "pidfd_open", 2, { INT, FLG }, NOMEM, {} },
	[435] = { "clone3", 2, { PTR, SIZE }, MM, {} },
	[436] = { "close_range", 3, { FD, UINT, FLG }, NOMEM, {} },
	[437] = { "openat2", 4, { FD, STR, PTR, SIZE }, NOMEM, { IN_STR(1) } },
	[438] = { "pidfd_getfd", 3, { FD, FD, FLG }, NOMEM, {} },
	[439] = { "faccessat2", 4, { FD, STR, FLG, FLG }, NOMEM, { IN_STR(1) } },
	[440] = { "process_madvise", 5, { FD, PTR, SIZE, FLG, FLG }, MM | NOMEM, {} },
	[441] = { "epoll_pwait2", 6, { FD, PTR, INT, PTR, PTR, SIZE }, EXACT,
		{ OUT_RET(1, SZ_EPOLL_EVENT, 2) } },
	[442] = { "mount_setattr", 5, { FD, STR, FLG, PTR, SIZE }, NOMEM, { IN_STR(1) } },
	[443] = { "quotactl_fd", 4, { FD, UINT, UINT, PTR }, 0, {} },
	[444] = { "landlock_create_ruleset", 3, { PTR, SIZE, FLG }, NOMEM, {} },
	[445] = { "landlock_add_rule", 4, { FD, INT, PTR, FLG }, NOMEM, {} },
	[446] = { "landlock_restrict_self", 2, { FD, FLG }, NOMEM, {} },
	/* Its memory is not the kernel's to read: nothing of it could be logged. */
	[447] = { "memfd_secret", 1, { FLG }, NOSYS, {} },
	[448] = { "process_mrelease", 2, { FD, FLG }, NOMEM, {} },
	/* FUTEX2_NUMA (6.16) writes the node next to the futex. */
	[449] = { "futex_waitv", 5, { PTR, UINT, FLG, PTR, INT }, 0, {} },
	[450] = { "set_mempolicy_home_node", 4, { HEX, SIZE, SIZE, FLG }, NOMEM, {} },
	[451] = { "cachestat", 4, { FD, PTR, PTR, FLG }, EXACT, { OUT_CONST(2, SZ_CACHESTAT) } },
	[452] = { "fchmodat2", 4, { FD, STR, OCT, FLG }, NOMEM, { IN_STR(1) } },
	/* Writes a token to the end of the new stack. */
	[453] = { "map_shadow_stack", 3, { HEX, SIZE, FLG }, MM, {} },
	/* FUTEX2_NUMA again. */
	[454] = { "futex_wake", 4, { PTR, HEX, INT, FLG }, 0, {} },
	[455] = { "futex_wait", 6, { PTR, HEX, HEX, FLG, PTR, INT }, 0, {} },
	[456] = { "futex_requeue", 4, { PTR, FLG, INT, INT }, 0, {} },
	[457] = { "statmount", 4, { PTR, PTR, SIZE, FLG }, 0, {} },
	[458] = { "listmount", 4, { PTR, PTR, SIZE, FLG }, 0, {} },
	[459] = { "lsm_get_self_attr", 4, { UINT, PTR, PTR, FLG }, 0, {} },
	[460] = { "lsm_set_self_attr", 4, { UINT, PTR, UINT, FLG }, NOMEM, {} },
	[461] = { "lsm_list_modules", 3, { PTR, PTR, FLG }, 0, {} },
	[462] = { "mseal", 3, { HEX, SIZE, FLG }, MM | NOMEM, {} },
};

const struct rr_syscall *rr_syscall_row(u32 nr)
{
	static const struct rr_syscall unknown;

	if (nr >= RR_NR_SYSCALLS)
		return &unknown;
	/* user code chose the number */
	return &rows[array_index_nospec(nr, RR_NR_SYSCALLS)];
}

/* Argument @i as the kernel takes it: the upper half of an int is garbage. */
static u64 len_arg(const struct rr_syscall *row, const u64 *args, u8 i)
{
	if (row->arg[i] == RR_A_INT)
		return (s32)args[i] < 0 ? 0 : (u32)args[i];
	if (row->arg[i] == RR_A_UINT)
		return (u32)args[i];
	return args[i];
}

static u64 scaled(u64 count, u16 n)
{
	if (n && count > RR_RANGE_MAX / n)
		return RR_RANGE_MAX;
	return count * n;
}

u64 rr_range_len(const struct rr_syscall *row, const struct rr_range *range,
		 const u64 *args, s64 ret)
{
	u64 max;

	switch (range->kind) {
	case RR_SIZE_CONST:
		return range->n;
	case RR_SIZE_ARG:
		return scaled(len_arg(row, args, range->len_arg), range->n);
	case RR_SIZE_RET:
		max = len_arg(row, args, range->len_arg);
		if (ret >= 0 && (u64)ret < max)
			max = ret;
		return scaled(max, range->n);
	default:
		return 0;
	}
}
