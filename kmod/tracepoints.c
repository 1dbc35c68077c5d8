// SPDX-License-Identifier: GPL-2.0-only
#include <linux/rrcrew_log.h>

#define CREATE_TRACE_POINTS
#include "tracepoints.h"
