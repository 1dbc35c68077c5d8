/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What block.c, delta.c and event_check.c need from their surroundings: the kernel's, or
 * the C library and liblz4. All differences between the two are here.
 */
#ifndef RR_BLOCK_SHIM_H
#define RR_BLOCK_SHIM_H

#ifdef __KERNEL__

#include <linux/build_bug.h>
#include <linux/crc32.h>
#include <linux/crc32c.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/lz4.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include "../../include/uapi/linux/rrcrew_log.h"

#define RR_READER		"this module"
#define RR_LZ4_WORK_BYTES	LZ4_MEM_COMPRESS

/*
 * Where crc32c_le is a macro, crc32c() is in a module that does not load unless
 * yet another one was loaded before; the same function is in the kernel itself.
 */
static inline u32 rr_crc32c(const void *data, size_t len)
{
#ifdef crc32c_le
	return ~__crc32c_le(~0u, data, len);
#else
	return ~crc32c(~0u, data, len);
#endif
}

static inline bool rr_is_zero(const void *data, size_t len)
{
	return !memchr_inv(data, 0, len);
}

static inline int rr_lz4_pack(const void *src, void *dst, int len, int room, void *work)
{
	return LZ4_compress_default(src, dst, len, room, work);
}

#else /* user space */

#include <assert.h>
#include <errno.h>
#include <lz4.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <linux/rrcrew_log.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s64 s64;

#define RR_READER		"this rrctl"
#define RR_LZ4_WORK_BYTES	1	/* liblz4 brings its own */
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#ifndef __printf
#define __printf(a, b)		/* the kernel's build checks it */
#endif

/* Castagnoli's polynomial, reflected, four bits at a time. */
static inline u32 rr_crc32c(const void *data, size_t len)
{
	static const u32 table[16] = {
		0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1,
		0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
		0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
		0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
	};
	const u8 *p = data;
	u32 crc = ~0u;

	for (; len; len--) {
		crc ^= *p++;
		crc = (crc >> 4) ^ table[crc & 15];
		crc = (crc >> 4) ^ table[crc & 15];
	}
	return ~crc;
}

static inline bool rr_is_zero(const void *data, size_t len)
{
	const u8 *p = data;

	while (len && !*p) {
		p++;
		len--;
	}
	return !len;
}

static inline int rr_lz4_pack(const void *src, void *dst, int len, int room, void *work)
{
	(void)work;
	return LZ4_compress_default(src, dst, len, room);
}

#endif /* __KERNEL__ */
#endif /* RR_BLOCK_SHIM_H */
