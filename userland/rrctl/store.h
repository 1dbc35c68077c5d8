/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where logs are kept: $RRCREW_DIR, else ~/.local/share/rrcrew.
 */
#ifndef RRCTL_STORE_H
#define RRCTL_STORE_H

#include <limits.h>

int rr_store_create(const char *cmd, char path[PATH_MAX]);
void rr_store_set_latest(const char *path);
int rr_store_find(const char *arg, char path[PATH_MAX]);

#endif /* RRCTL_STORE_H */
