// SPDX-License-Identifier: GPL-2.0-only
/* What /proc says about this process and the machine. */
#include "prog.h"
#include <dirent.h>

static void show(const char *path)
{
	static char buf[65536];
	ssize_t n, len = 0;
	int fd = open(path, O_RDONLY);

	if (fd < 0) {
		printf("%s: %s\n", path, strerror(errno));
		return;
	}
	while ((n = read(fd, buf + len, sizeof(buf) - len)) > 0)
		len += n;
	close(fd);
	printf("%s: %zd bytes\n%.*s\n", path, len, (int)len, buf);
}

int main(void)
{
	static const char *const files[] = {
		"/proc/self/maps", "/proc/self/stat", "/proc/self/status",
		"/proc/self/limits", "/proc/self/cmdline", "/proc/self/io",
		"/proc/self/auxv", "/proc/uptime", "/proc/loadavg",
		"/proc/meminfo", "/proc/stat", "/proc/version",
		"/proc/thread-self/comm", "/proc/self/mountinfo",
	};
	struct dirent *d;
	char link[256];
	ssize_t n;
	DIR *dir;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		show(files[i]);
	n = readlink("/proc/self/exe", link, sizeof(link));
	printf("exe %.*s\n", (int)n, link);
	n = readlink("/proc/self/cwd", link, sizeof(link));
	printf("cwd %.*s\n", (int)n, link);
	dir = opendir("/proc/self/fd");
	CHECK(dir);
	while ((d = readdir(dir)))
		printf("fd %s\n", d->d_name);
	return 0;
}
