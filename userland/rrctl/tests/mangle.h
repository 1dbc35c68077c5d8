/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changes one event of a log and leaves everything else right: a replay must
 * notice by what the event says, not by a checksum.
 */
#ifndef RRCTL_MANGLE_H
#define RRCTL_MANGLE_H

#include <stdio.h>

#include "../logfile.h"

enum mangle_op { MANGLE_FLIP, MANGLE_REG, MANGLE_DROP };

/**
 * struct mangle - what to change
 * @op: what to do
 * @type: to an event of this type
 * @nth: to which of those that can be changed so, from 1
 * @byte: FLIP: which byte of the data (MEM, PAGEIN), or behind the event's header
 * @reg: REG: name
 * @changed: if not NULL: set to the changed event's number within its lane
 */
struct mangle {
	enum mangle_op	op;
	int		type;
	unsigned long	nth;
	unsigned long	byte;
	const char	*reg;
	__u64		*changed;
};

int mangle_log(const struct mangle *mangle, struct rr_log *log, FILE *to);
int mangle_cut(struct rr_log *log, unsigned long events, FILE *to);

#endif /* RRCTL_MANGLE_H */
