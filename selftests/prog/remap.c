// SPDX-License-Identifier: GPL-2.0-only
/*
 * remap_file_pages(): turns two pages of a shared mapping round; another mapping of
 * the file shows what is written there then.
 */
#include "prog.h"

int main(void)
{
	char *map, *other;
	int fd;

	fd = memfd_create("remap", MFD_CLOEXEC);
	CHECK(fd >= 0 && !ftruncate(fd, 8192));
	CHECK(pwrite(fd, "a", 1, 0) == 1 && pwrite(fd, "b", 1, 4096) == 1);
	map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(map != MAP_FAILED);
	printf("before %c%c\n", map[0], map[4096]);
	CHECK(!remap_file_pages(map, 4096, 0, 1, 0));
	CHECK(!remap_file_pages(map + 4096, 4096, 0, 0, 0));
	printf("after %c%c\n", map[0], map[4096]);
	other = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(other != MAP_FAILED);
	map[1] = 'c';
	other[1] = 'd';
	printf("written %s %s, elsewhere %s %s\n", map, map + 4096, other, other + 4096);
	return map[0] != 'b' || map[4096] != 'a';
}
