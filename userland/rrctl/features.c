// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPU features, as struct rrlog_header.features counts them.
 */
#include <cpuid.h>
#include <stdio.h>
#include <string.h>

#include "features.h"
#include "macros.h"

/* The names that /proc/cpuinfo uses, for what programs look at. */
static const struct feature {
	__u8		word;
	__u8		bit;
	const char	*name;
} features[] = {
	{ 0, 32 + 0, "sse3" },		{ 0, 32 + 1, "pclmulqdq" },
	{ 0, 32 + 9, "ssse3" },		{ 0, 32 + 12, "fma" },
	{ 0, 32 + 13, "cx16" },		{ 0, 32 + 19, "sse4_1" },
	{ 0, 32 + 20, "sse4_2" },	{ 0, 32 + 21, "x2apic" },
	{ 0, 32 + 22, "movbe" },	{ 0, 32 + 23, "popcnt" },
	{ 0, 32 + 25, "aes" },		{ 0, 32 + 26, "xsave" },
	{ 0, 32 + 27, "osxsave" },	{ 0, 32 + 28, "avx" },
	{ 0, 32 + 29, "f16c" },		{ 0, 32 + 30, "rdrand" },
	{ 0, 32 + 31, "hypervisor" },
	{ 1, 32 + 0, "fsgsbase" },	{ 1, 32 + 3, "bmi1" },
	{ 1, 32 + 4, "hle" },		{ 1, 32 + 5, "avx2" },
	{ 1, 32 + 7, "smep" },		{ 1, 32 + 8, "bmi2" },
	{ 1, 32 + 9, "erms" },		{ 1, 32 + 10, "invpcid" },
	{ 1, 32 + 11, "rtm" },		{ 1, 32 + 16, "avx512f" },
	{ 1, 32 + 17, "avx512dq" },	{ 1, 32 + 18, "rdseed" },
	{ 1, 32 + 19, "adx" },		{ 1, 32 + 20, "smap" },
	{ 1, 32 + 21, "avx512ifma" },	{ 1, 32 + 23, "clflushopt" },
	{ 1, 32 + 24, "clwb" },		{ 1, 32 + 28, "avx512cd" },
	{ 1, 32 + 29, "sha_ni" },	{ 1, 32 + 30, "avx512bw" },
	{ 1, 32 + 31, "avx512vl" },
	{ 1, 1, "avx512vbmi" },		{ 1, 2, "umip" },
	{ 1, 3, "pku" },		{ 1, 4, "ospke" },
	{ 1, 6, "avx512_vbmi2" },	{ 1, 8, "gfni" },
	{ 1, 9, "vaes" },		{ 1, 10, "vpclmulqdq" },
	{ 1, 11, "avx512_vnni" },	{ 1, 12, "avx512_bitalg" },
	{ 1, 14, "avx512_vpopcntdq" },	{ 1, 16, "la57" },
	{ 1, 22, "rdpid" },
	{ 2, 32 + 0, "lahf_lm" },	{ 2, 32 + 5, "abm" },
	{ 2, 32 + 6, "sse4a" },		{ 2, 32 + 8, "3dnowprefetch" },
	{ 2, 32 + 11, "xop" },		{ 2, 32 + 16, "fma4" },
	{ 2, 32 + 21, "tbm" },		{ 2, 20, "nx" },
	{ 2, 26, "pdpe1gb" },		{ 2, 27, "rdtscp" },
	{ 3, 1, "SSE state" },		{ 3, 2, "AVX state" },
	{ 3, 3, "MPX state" },		{ 3, 4, "MPX state" },
	{ 3, 5, "AVX-512 state" },	{ 3, 6, "AVX-512 state" },
	{ 3, 7, "AVX-512 state" },	{ 3, 9, "PKRU state" },
	{ 3, 17, "AMX state" },		{ 3, 18, "AMX state" },
};

static const char * const words[4] = { "CPUID 1", "CPUID 7", "CPUID 0x80000001", "XCR0" };

static __u64 xcr0(void)
{
	__u32 low, high;

	__asm__ volatile("xgetbv" : "=a" (low), "=d" (high) : "c" (0));
	return (__u64)high << 32 | low;
}

/**
 * rr_features_here() - what this CPU offers
 * @have: set, in the form of struct rrlog_header.features
 */
void rr_features_here(__u64 have[4])
{
	__u32 a, b, c, d;

	memset(have, 0, 4 * sizeof(*have));
	if (__get_cpuid(1, &a, &b, &c, &d)) {
		have[0] = (__u64)c << 32 | d;
		if (c & bit_OSXSAVE)
			have[3] = xcr0();
	}
	if (__get_cpuid_count(7, 0, &a, &b, &c, &d))
		have[1] = (__u64)b << 32 | c;
	if (__get_cpuid(0x80000001, &a, &b, &c, &d))
		have[2] = (__u64)c << 32 | d;
}

static const char *feature_name(unsigned int word, unsigned int bit)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(features); i++)
		if (features[i].word == word && features[i].bit == bit)
			return features[i].name;
	return NULL;
}

static void name_append(char *names, size_t len, unsigned int word, unsigned int bit)
{
	const char *name = feature_name(word, bit);
	size_t used = strlen(names);
	const char *sep = used ? ", " : "";

	if (name && strstr(names, name))
		return;
	if (name)
		snprintf(names + used, len - used, "%s%s", sep, name);
	else
		snprintf(names + used, len - used, "%s%s bit %u", sep, words[word], bit);
}

/**
 * rr_features_missing() - compare features
 * @want: of a log
 * @have: of a CPU
 * @names: set to the names of what is missing
 * @len: room in @names
 *
 * Return: whether anything is missing.
 */
bool rr_features_missing(const __u64 want[4], const __u64 have[4], char *names, size_t len)
{
	unsigned int word, bit;

	names[0] = '\0';
	for (word = 0; word < 4; word++)
		for (bit = 0; bit < 64; bit++)
			if ((want[word] & ~have[word]) >> bit & 1)
				name_append(names, len, word, bit);
	return names[0];
}
