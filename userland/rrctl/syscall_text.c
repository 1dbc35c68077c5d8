// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls as strace(1) shows them.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "syscall_text.h"
#include "../../kmod/syscalls.h"

#define ERRNO_MAX	4095

/* Results that only the kernel sees before it restarts the call. */
static const struct restart {
	int		error;
	const char	*name;
} restarts[] = {
	{ 512, "ERESTARTSYS" },
	{ 513, "ERESTARTNOINTR" },
	{ 514, "ERESTARTNOHAND" },
	{ 516, "ERESTART_RESTARTBLOCK" },
};

void rr_syscall_name(char *buf, size_t len, __u32 nr)
{
	const struct rr_syscall *row = rr_syscall_row(nr);

	if (row->name)
		snprintf(buf, len, "%s", row->name);
	else
		snprintf(buf, len, "syscall_%u", nr);
}

const char *rr_signal_text(char *buf, size_t len, unsigned int sig)
{
	const char *name = sigabbrev_np(sig);

	if (name)
		snprintf(buf, len, "SIG%s", name);
	else if (sig >= 32 && sig <= 64)
		snprintf(buf, len, "SIGRT_%u", sig - 32);
	else
		snprintf(buf, len, "%u", sig);
	return buf;
}

static void arg_fd(char *buf, size_t len, __u64 value)
{
	if ((int)value == AT_FDCWD)
		snprintf(buf, len, "AT_FDCWD");
	else
		snprintf(buf, len, "%d", (int)value);
}

static void arg_text(char *buf, size_t len, unsigned int kind, __u64 value)
{
	switch (kind) {
	case RR_A_INT:
		snprintf(buf, len, "%d", (int)value);
		break;
	case RR_A_UINT:
		snprintf(buf, len, "%u", (unsigned int)value);
		break;
	case RR_A_LONG:
		snprintf(buf, len, "%lld", (long long)value);
		break;
	case RR_A_SIZE:
		snprintf(buf, len, "%llu", value);
		break;
	case RR_A_OCTAL:
		snprintf(buf, len, "%#o", (unsigned int)value);
		break;
	case RR_A_FD:
		arg_fd(buf, len, value);
		break;
	case RR_A_SIGNAL:
		rr_signal_text(buf, len, value);
		break;
	case RR_A_PTR:
	case RR_A_STR:
		snprintf(buf, len, value ? "%#llx" : "NULL", value);
		break;
	default:
		snprintf(buf, len, "%#llx", value);
	}
}

static void args_plain(struct sink *sink, const struct rr_syscall *row, __u32 nr,
		       const __u64 args[6])
{
	unsigned int i, nr_args = row->name ? row->nr_args : 6;
	char buf[64];

	rr_syscall_name(buf, sizeof(buf), nr);
	sink_plain(sink, " %s(", buf);
	for (i = 0; i < nr_args && i < 6; i++) {
		arg_text(buf, sizeof(buf), row->arg[i], args[i]);
		sink_plain(sink, "%s%s", i ? ", " : "", buf);
	}
	sink_plain(sink, ")");
}

/* JSON gets the registers as they are: who reads it wants no guesses. */
static void args_json(struct sink *sink, __u32 nr, const __u64 args[6])
{
	struct json_object *array = json_object_new_array();
	char buf[64];
	int i;

	rr_syscall_name(buf, sizeof(buf), nr);
	sink_str(sink, "call", buf);
	sink_num(sink, "call_nr", nr);
	for (i = 0; i < 6; i++) {
		snprintf(buf, sizeof(buf), "0x%llx", args[i]);
		json_object_array_add(array, json_object_new_string(buf));
	}
	json_object_object_add(sink->json, "args", array);
}

void rr_syscall_args(struct sink *sink, __u32 nr, const __u64 args[6])
{
	if (sink->json)
		args_json(sink, nr, args);
	else
		args_plain(sink, rr_syscall_row(nr), nr, args);
}

static const char *restart_name(int error)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(restarts); i++)
		if (restarts[i].error == error)
			return restarts[i].name;
	return NULL;
}

static void result_error(struct sink *sink, int error)
{
	const char *name = strerrorname_np(error);

	if (sink->json)
		sink_num(sink, "errno", error);
	if (sink->json && (name || restart_name(error)))
		sink_str(sink, "error", name ? name : restart_name(error));
	if (name)
		sink_plain(sink, " = -1 %s (%s)", name, strerror(error));
	else if (restart_name(error))
		sink_plain(sink, " = ? %s", restart_name(error));
	else
		sink_plain(sink, " = -1 (error %d)", error);
}

/* Addresses look like addresses, everything else like numbers. */
void rr_syscall_result(struct sink *sink, __u32 nr, __u64 ax)
{
	char name[64];

	rr_syscall_name(name, sizeof(name), nr);
	if (sink->json)
		sink_str(sink, "call", name);
	sink_plain(sink, " %s", name);
	if (ax >= (__u64)-ERRNO_MAX)
		result_error(sink, -(long long)ax);
	else
		sink_plain(sink, ax > 0xffffffff ? " = %#llx" : " = %llu", ax);
	if (sink->json)
		sink_hex(sink, "ax", ax);
}
