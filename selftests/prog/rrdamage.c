// SPDX-License-Identifier: GPL-2.0-only
/*
 * rrdamage cut IN OUT BYTES | flip IN OUT BYTE MASK | header IN OUT BYTE VALUE |
 *	    prefix PART WHOLE | generate BYTES SEED | size FILE
 *
 * What tests do to files: cut, flip bits, change a log's header and set its
 * CRC right again, ask whether one file begins another, and make text that does
 * not compress to nothing.
 */
#include "prog.h"

#define HEADER		128	/* sizeof(struct rrlog_header) */
#define HEADER_CRC	124

static char *load(const char *path, size_t *len)
{
	FILE *f = fopen(path, "re");
	char *data;

	CHECK(f && !fseek(f, 0, SEEK_END));
	*len = ftell(f);
	data = malloc(*len + 1);
	CHECK(data);
	rewind(f);
	CHECK(fread(data, 1, *len, f) == *len);
	fclose(f);
	return data;
}

static void store(const char *path, const char *data, size_t len)
{
	FILE *f = fopen(path, "we");

	CHECK(f && fwrite(data, 1, len, f) == len && !fclose(f));
}

static uint32_t crc32c(const char *data, size_t len)
{
	uint32_t crc = ~0u;

	while (len--) {
		crc ^= (unsigned char)*data++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

/* The log may say the CRC with or without the final inversion. */
static void set_header(char *log, size_t at, char value)
{
	uint32_t crc, invert = 0;

	memcpy(&crc, log + HEADER_CRC, 4);
	if (crc == ~crc32c(log, HEADER_CRC))
		invert = ~0u;
	log[at] = value;
	crc = crc32c(log, HEADER_CRC) ^ invert;
	memcpy(log + HEADER_CRC, &crc, 4);
}

static void generate(size_t bytes, uint64_t seed)
{
	static const char *const words[] = {
		"lane", "page", "grant", "revoke", "token", "fault", "replay",
		"record", "needle", "thread", "signal", "clock", "kernel",
	};

	for (size_t n = 0; n < bytes;) {
		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		n += printf("%llx %s %llu %s\n", (unsigned long long)(seed >> 30),
			    words[(seed >> 33) % ARRAY_SIZE(words)],
			    (unsigned long long)(seed >> 48),
			    words[(seed >> 41) % ARRAY_SIZE(words)]);
	}
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	size_t n, m, at;
	char *a, *b;

	if (!strcmp(verb, "generate") && argc == 4) {
		generate(strtoul(argv[2], NULL, 0), strtoul(argv[3], NULL, 0));
		return 0;
	}
	if (argc < 3)
		return 2;
	a = load(argv[2], &n);
	if (!strcmp(verb, "size")) {
		printf("%zu\n", n);
		return 0;
	}
	if (!strcmp(verb, "prefix") && argc == 4) {
		b = load(argv[3], &m);
		return n > m || memcmp(a, b, n);
	}
	if (argc < 5)
		return 2;
	at = strtoul(argv[4], NULL, 0);
	if (!strcmp(verb, "cut") && at <= n) {
		store(argv[3], a, at);
		return 0;
	}
	if (argc != 6 || at >= n)
		return 2;
	if (!strcmp(verb, "flip"))
		a[at] ^= strtoul(argv[5], NULL, 0);
	else if (!strcmp(verb, "header") && n >= HEADER && at < HEADER_CRC)
		set_header(a, at, strtoul(argv[5], NULL, 0));
	else
		return 2;
	store(argv[3], a, n);
	return 0;
}
