/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RRCTL_MACROS_H
#define RRCTL_MACROS_H

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#endif
#ifndef __printf
#define __printf(a, b)		__attribute__((format(printf, a, b)))
#endif
#ifndef __aligned
#define __aligned(n)		__attribute__((aligned(n)))
#endif

#endif /* RRCTL_MACROS_H */
