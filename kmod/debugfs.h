/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RR_DEBUGFS_H
#define RR_DEBUGFS_H

void rr_debugfs_init(void);
void rr_debugfs_exit(void);

#endif /* RR_DEBUGFS_H */
