/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RRCTL_FEATURES_H
#define RRCTL_FEATURES_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

void rr_features_here(__u64 have[4]);
bool rr_features_missing(const __u64 want[4], const __u64 have[4], char *names, size_t len);

#endif /* RRCTL_FEATURES_H */
