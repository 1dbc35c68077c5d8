// SPDX-License-Identifier: GPL-2.0-only
/* Directories, links, times, locks, attributes, notifications of files. */
#include "prog.h"
#include <dirent.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/xattr.h>

static void list(void)
{
	struct dirent *d;
	DIR *dir = opendir("files.tmp");

	CHECK(dir);
	while ((d = readdir(dir)))
		printf("%s type %d inode %lu at %ld\n", d->d_name, d->d_type,
		       (unsigned long)d->d_ino, telldir(dir));
	closedir(dir);
}

int main(void)
{
	char ev[4096], cwd[512], link[64];
	struct statx sx;
	struct flock fl = { .l_type = F_WRLCK, .l_len = 10 };
	int in = inotify_init1(IN_NONBLOCK), fd;
	ssize_t n;

	CHECK(!mkdir("files.tmp", 0755));
	CHECK(inotify_add_watch(in, "files.tmp", IN_ALL_EVENTS) > 0);
	fd = open("files.tmp/a", O_CREAT | O_RDWR, 0600);
	CHECK(fd >= 0 && write(fd, "hello", 5) == 5);
	CHECK(!symlink("a", "files.tmp/b"));
	CHECK(!rename("files.tmp/a", "files.tmp/c"));
	list();
	n = read(in, ev, sizeof(ev));
	printf("%zd bytes of inotify %#llx\n", n, (unsigned long long)hash(ev, n));
	n = readlink("files.tmp/b", link, sizeof(link));
	printf("link %.*s\n", (int)n, link);
	CHECK(!statx(fd, "", AT_EMPTY_PATH, STATX_ALL, &sx));
	printf("size %llu inode %llu changed %lld.%09u\n",
	       (unsigned long long)sx.stx_size, (unsigned long long)sx.stx_ino,
	       (long long)sx.stx_ctime.tv_sec, sx.stx_ctime.tv_nsec);
	printf("lock %d flock %d\n", fcntl(fd, F_SETLK, &fl), flock(fd, LOCK_EX));
	printf("allocate %d truncate %d\n", fallocate(fd, 0, 0, 8192),
	       ftruncate(fd, 3));
	printf("xattr %d\n", fsetxattr(fd, "user.test", "value", 5, 0));
	printf("cwd %s\n", getcwd(cwd, sizeof(cwd)));
	CHECK(!unlink("files.tmp/b") && !unlink("files.tmp/c") &&
	      !rmdir("files.tmp"));
	return 0;
}
