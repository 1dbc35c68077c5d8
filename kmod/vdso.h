/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RR_VDSO_H
#define RR_VDSO_H

struct mm_struct;

int rr_vdso_patch(struct mm_struct *mm);

#endif /* RR_VDSO_H */
