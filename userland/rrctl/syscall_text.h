/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls as strace(1) shows them, as far as registers tell.
 */
#ifndef RRCTL_SYSCALL_TEXT_H
#define RRCTL_SYSCALL_TEXT_H

#include <linux/types.h>

#include "sink.h"

void rr_syscall_name(char *buf, size_t len, __u32 nr);
void rr_syscall_args(struct sink *sink, __u32 nr, const __u64 args[6]);
void rr_syscall_result(struct sink *sink, __u32 nr, __u64 ax);
const char *rr_signal_text(char *buf, size_t len, unsigned int sig);

#endif /* RRCTL_SYSCALL_TEXT_H */
