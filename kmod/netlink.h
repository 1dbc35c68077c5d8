/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RR_NETLINK_H
#define RR_NETLINK_H

#include "../include/uapi/linux/rrcrew.h"

struct rr_session;

int rr_netlink_init(void);
void rr_netlink_exit(void);
void rr_netlink_notice(struct rr_session *s, enum rrcrew_notice notice, const char *text);

#endif /* RR_NETLINK_H */
