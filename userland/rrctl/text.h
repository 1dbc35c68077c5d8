/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text that others wrote, for terminals, JSON and shells; and numbers in it.
 */
#ifndef RRCTL_TEXT_H
#define RRCTL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

const char *rr_plain_text(char *buf, size_t len, const void *text, size_t text_len);
const char *rr_shell_word(char *buf, size_t len, const char *path);
bool rr_number(const char *text, unsigned long max, unsigned long *value);

#endif /* RRCTL_TEXT_H */
