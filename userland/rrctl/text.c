// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text that others wrote, for terminals, JSON and shells.
 */
#include <stdio.h>

#include "text.h"

/**
 * rr_plain_text() - text that is harmless on a terminal and in JSON
 * @buf: set
 * @len: room in @buf; what does not fit is left out
 * @text: from a log, or a file name
 * @text_len: its bytes; it ends before at a zero
 *
 * Return: @buf.
 */
const char *rr_plain_text(char *buf, size_t len, const void *text, size_t text_len)
{
	const unsigned char *p = text;
	size_t used = 0;

	for (; text_len && *p && used + 5 < len; p++, text_len--) {
		if (*p >= ' ' && *p < 0x7f && *p != '\\')
			buf[used++] = *p;
		else
			used += snprintf(buf + used, len - used, "\\x%02x", *p);
	}
	buf[used] = '\0';
	return buf;
}
