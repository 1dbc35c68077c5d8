/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The byte stream of a session: /dev/rrcrew<SESSION>.
 */
#ifndef RRCTL_DEVICE_H
#define RRCTL_DEVICE_H

#include <linux/types.h>

int rr_device_open(__u32 session, int flags);

#endif /* RRCTL_DEVICE_H */
