/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which pages the lanes of a recording took from each other.
 */
#ifndef RRCTL_CONTENTION_H
#define RRCTL_CONTENTION_H

#include <stdbool.h>

#include "logfile.h"

int rr_contention(struct rr_log *log, unsigned long top, bool json);

#endif /* RRCTL_CONTENTION_H */
