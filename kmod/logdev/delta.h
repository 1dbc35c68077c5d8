/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events as differences to the last one of the same type in the block: what a block's
 * payload is before it is compressed. Pure, as block.h.
 */
#ifndef RR_DELTA_H
#define RR_DELTA_H

#include "block_shim.h"

#define RR_DELTA_TYPES	128	/* of an event, as far as they fit into the first byte */

/* More room than that of the events lets the last one be packed, too. */
#define RR_DELTA_SPARE	256u

/**
 * struct rr_delta - where a block is; all zero at its start
 * @last: offset, plus one, of the last event of each type
 * @bytes: that these events take
 */
struct rr_delta {
	u32 last[RR_DELTA_TYPES];
	u32 bytes[RR_DELTA_TYPES];
};

u32 rr_delta_pack(struct rr_delta *d, const u8 *raw, u32 raw_len, u8 *to, u32 room);
bool rr_delta_unpack(struct rr_delta *d, const u8 *from, u32 len, u8 *raw, u32 raw_len);

#endif /* RR_DELTA_H */
