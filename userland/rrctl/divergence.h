/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RRCTL_DIVERGENCE_H
#define RRCTL_DIVERGENCE_H

#include "genl.h"

void rr_divergence_print(const struct rr_divergence *div);

#endif /* RRCTL_DIVERGENCE_H */
