// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text that others wrote, for terminals, JSON and shells; and numbers in it.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* As a word of bash without quotes. */
static bool is_plain_word(const char *text)
{
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr("%+,-./:=@_", *text))
			return false;
	return true;
}

/**
 * rr_shell_word() - the name of a file, to be pasted into a command line
 * @buf: set
 * @len: room in @buf: what may be four times as long, and 7 bytes more
 * @path: not empty
 *
 * Return: @buf: the path, in bash's quotes if it needs them, and never an option.
 */
const char *rr_shell_word(char *buf, size_t len, const char *path)
{
	const char *dir = *path == '-' ? "./" : "";
	const unsigned char *p;
	size_t used;

	if (is_plain_word(path)) {
		snprintf(buf, len, "%s%s", dir, path);
		return buf;
	}
	used = snprintf(buf, len, "$'%s", dir);
	for (p = (const unsigned char *)path; *p && used + 6 < len; p++) {
		if (*p == '\'' || *p == '\\')
			used += snprintf(buf + used, len - used, "\\%c", *p);
		else if (iscntrl(*p))
			used += snprintf(buf + used, len - used, "\\x%02x", *p);
		else
			buf[used++] = *p;
	}
	strcpy(buf + used, "'");
	return buf;
}

/**
 * rr_number() - a number that a user gives
 * @text: digits, and nothing else
 * @max: the largest that will do
 * @value: set
 *
 * Return: whether it is one. strtoul() alone takes "-1" and " 1", too.
 */
bool rr_number(const char *text, unsigned long max, unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno && *value <= max;
}
