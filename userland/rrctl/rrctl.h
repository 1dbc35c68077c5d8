/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all parts of rrctl share: verbs, exit statuses, messages.
 */
#ifndef RRCTL_H
#define RRCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "macros.h"

#define RRCTL_VERSION	"0.1"

/* Exit statuses of rrctl itself, as those of env(1) and timeout(1). */
enum rr_exit {
	RR_EXIT_DIVERGED	= 124,
	RR_EXIT_FAILED		= 125,
	RR_EXIT_CANNOT_EXEC	= 126,
	RR_EXIT_NOT_FOUND	= 127,
	RR_EXIT_SIGNAL		= 128,	/* + signal number */
};

/**
 * struct rr_verb - one command of rrctl
 * @name: the word on the command line
 * @synopsis: what follows the name
 * @brief: one line for the list of verbs
 * @help: the options, whole lines
 * @run: argv[0] is the verb; returns the exit status
 */
struct rr_verb {
	const char	*name;
	const char	*synopsis;
	const char	*brief;
	const char	*help;
	int		(*run)(int argc, char **argv);
};

extern const struct rr_verb rr_verb_record, rr_verb_replay, rr_verb_dump, rr_verb_info,
	rr_verb_ps, rr_verb_status, rr_verb_stop;

/* msg.c: messages to standard error */
__printf(1, 2) int rr_fail(const char *fmt, ...);
__printf(1, 2) void rr_warn(const char *fmt, ...);
__printf(1, 2) void rr_say(const char *fmt, ...);
__printf(1, 2) void rr_progress(const char *fmt, ...);
const char *rr_size_text(char *buf, size_t len, __u64 bytes);
int rr_verb_help(const struct rr_verb *verb);
int rr_verb_misused(const struct rr_verb *verb, const char *why);

#endif /* RRCTL_H */
