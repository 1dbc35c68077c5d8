// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages to standard error. A progress line is overwritten by whatever is
 * said next.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "rrctl.h"

static bool progress_shown;

static void progress_clear(void)
{
	if (progress_shown)
		fputs("\r\033[K", stderr);
	progress_shown = false;
}

/* What is said may have names of files in it, and these anything. */
static void put_harmless(const char *text)
{
	for (; *text; text++) {
		if (iscntrl((unsigned char)*text))
			fprintf(stderr, "\\x%02x", (unsigned char)*text);
		else
			fputc(*text, stderr);
	}
}

static void say(const char *label, const char *fmt, va_list args)
{
	char *text;

	progress_clear();
	fprintf(stderr, "rrctl: %s", label);
	if (vasprintf(&text, fmt, args) >= 0) {
		put_harmless(text);
		free(text);
	}
	fputc('\n', stderr);
}

/**
 * rr_fail() - say why rrctl gives up
 * @fmt: cause first, then the remedy
 *
 * Return: the exit status for it.
 */
int rr_fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say("", fmt, args);
	va_end(args);
	return RR_EXIT_FAILED;
}

void rr_warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say("warning: ", fmt, args);
	va_end(args);
}

void rr_say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say("", fmt, args);
	va_end(args);
}

void rr_progress(const char *fmt, ...)
{
	va_list args;

	progress_clear();
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fflush(stderr);
	progress_shown = true;
}

/* 56 kB, 1.4 MB: powers of 1000, as the units say. */
const char *rr_size_text(char *buf, size_t len, __u64 bytes)
{
	static const char * const unit[] = { "kB", "MB", "GB", "TB" };
	double n = bytes / 1000.0;
	unsigned int i = 0;

	if (bytes < 1000) {
		snprintf(buf, len, "%llu bytes", bytes);
		return buf;
	}
	for (; n >= 999.5 && i < 3; i++)
		n /= 1000.0;
	snprintf(buf, len, n < 9.95 ? "%.1f %s" : "%.0f %s", n, unit[i]);
	return buf;
}

int rr_verb_help(const struct rr_verb *verb)
{
	printf("Usage: rrctl %s %s\n%s.\n\n%s", verb->name, verb->synopsis, verb->brief,
	       verb->help);
	return 0;
}

/**
 * rr_verb_misused() - say how a verb is used
 * @verb: this one
 * @why: what is wrong, or NULL if getopt_long() has said it
 *
 * Return: the exit status for it.
 */
int rr_verb_misused(const struct rr_verb *verb, const char *why)
{
	if (why)
		rr_fail("%s: %s", verb->name, why);
	fprintf(stderr, "Usage: rrctl %s %s\nTry 'rrctl %s --help'.\n", verb->name,
		verb->synopsis, verb->name);
	return RR_EXIT_FAILED;
}
