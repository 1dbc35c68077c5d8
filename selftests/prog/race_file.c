// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_file [PIECES [DIR]]: two threads read a file in DIR. First with one position, into
 * pieces of the same pages: who gets which piece is the signature. Then past the page
 * cache, if the file system can, into pages at which the other one looks meanwhile. At
 * last reads that fail, or end early.
 */
#include "race.h"
#include <sys/mman.h>
#include <sys/uio.h>

#define MAX_PIECES	4096
#define PIECE		65	/* words */
#define PAGE		4096
#define DIRECT		16	/* pages */

static uint64_t buffer[MAX_PIECES][PIECE] own_page;
static uint64_t direct[2][DIRECT][PAGE / 8] own_page;
static uint64_t sig[2];
static int pieces, gate, later, ends, fd, direct_fd;

static void write_file(const char *name)
{
	uint64_t piece[PIECE];

	fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0);
	for (int i = 0; i < pieces; i++) {
		for (int k = 0; k < PIECE; k++)
			piece[k] = i * PIECE + k;
		CHECK(write(fd, piece, sizeof(piece)) == sizeof(piece));
	}
	/* Words of 2 from there on, a page of 3 to begin with. */
	memset(direct, 2, sizeof(direct));
	memset(direct, 3, PAGE);
	CHECK(pwrite(fd, direct, sizeof(direct), 1 << 24) == sizeof(direct));
	memset(direct, 0, sizeof(direct));
	CHECK(!lseek(fd, 0, SEEK_SET));
}

static void read_pieces(int me)
{
	for (int i = me; i < pieces; i += 2) {
		uint64_t *to = buffer[i];

		CHECK(read(fd, to, sizeof(buffer[i])) == sizeof(buffer[i]));
		for (int k = 1; k < PIECE; k++)
			CHECK(to[k] == to[0] + k);
		sig[me] = mix(sig[me], to[0]);
	}
}

static void read_direct(int me)
{
	volatile uint64_t *other = direct[!me][0];

	for (int i = 0; i < DIRECT; i++) {
		CHECK(pread(direct_fd, direct[me][i], PAGE, (1 << 24) + i * PAGE) == PAGE);
		for (int k = 0; k < DIRECT; k++)
			sig[me] = mix(sig[me], other[k * PAGE / 8 + i]);
	}
}

static void player(int me)
{
	meet(&gate, 2);
	read_pieces(me);
	meet(&later, 2);
	read_direct(me);
}

static void *map(size_t len, int prot, int flags, int file)
{
	void *m = mmap(NULL, len, prot, flags, file, 0);

	CHECK(m != MAP_FAILED);
	return m;
}

static void show(const char *what, ssize_t n)
{
	printf("%s: %zd%s%s\n", what, n < 0 ? 0 : n, n < 0 ? " " : "",
	       n < 0 ? strerror(errno) : "");
}

static void odd_reads(void)
{
	char *two = map(2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	char *shared = map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd), few[10];
	char *big = map(2 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	uint64_t sum = 0;
	struct iovec iov;

	CHECK(!munmap(two + PAGE, PAGE));
	show("over the end of memory", pread(fd, two + PAGE - 96, 200, 8));
	sum += two[PAGE - 96];
	CHECK(!mprotect(two, PAGE, PROT_READ));
	show("into memory that is read only", pread(fd, two, 8, 8));
	show("into a mapping of the file", pread(fd, shared, 64, 80));
	sum += shared[0];
	show("much", pread(fd, big + 5, (2 << 20) - 5, (1 << 24) - (1 << 20)));
	for (int i = 0; i < 2 << 20; i++)
		sum += big[i] * i;
	/* Now the memory is in use. */
	iov = (struct iovec){ big, 8192 };
	show("a vector", preadv(fd, &iov, 1, 1 << 24));
	show("much again", pread(fd, big + 8192, (2 << 20) - 8192, (1 << 24) - (1 << 19)));
	for (int i = 0; i < 2 << 20; i++)
		sum += big[i] * i;
	show("nothing", pread(fd, few, 0, 0));
	show("before the beginning", pread(fd, few, 1, -1));
	CHECK(!ftruncate(fd, 45));
	CHECK(lseek(fd, 40, SEEK_SET) == 40);
	show("up to the end", read(fd, few, 10));
	show("behind it", read(fd, few, 10));
	show("position", lseek(fd, 0, SEEK_CUR));
	CHECK(!close(fd));
	show("no file", read(fd, few, 10));
	printf("sum %llu\n", (unsigned long long)sum);
}

static void *ends_late(void *arg)
{
	spin_until(&ends, 1);
	return NULL;
}

int main(int argc, char **argv)
{
	const char *name = "race_file.in";
	pthread_t last;

	pieces = amount(argc, argv, 400, MAX_PIECES);
	CHECK(argc < 3 || !chdir(argv[2]));
	write_file(name);
	direct_fd = open(name, O_RDONLY | O_DIRECT);
	if (direct_fd < 0)
		direct_fd = open(name, O_RDONLY);
	run_threads(2, player);
	/* Not alone, or what is read is seen by nobody. */
	CHECK(!pthread_create(&last, NULL, ends_late, NULL));
	odd_reads();
	WRITE_ONCE(ends, 1);
	CHECK(!pthread_join(last, NULL));
	unlink(name);
	printf("signature %016llx %016llx\n", (unsigned long long)sig[0],
	       (unsigned long long)sig[1]);
	return 0;
}
