// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where logs are kept when nobody says where.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "rrctl.h"
#include "store.h"

#define STORE_TRIES	10000

static const char *home_dir(void)
{
	const char *home = getenv("HOME");
	const struct passwd *pw;

	if (home && *home)
		return home;
	pw = getpwuid(getuid());
	return pw ? pw->pw_dir : "/";
}

static int store_path(char path[PATH_MAX], const char *name)
{
	const char *dir = getenv("RRCREW_DIR");
	int len;

	if (dir && *dir)
		len = snprintf(path, PATH_MAX, "%s/%s", dir, name);
	else
		len = snprintf(path, PATH_MAX, "%s/.local/share/rrcrew/%s", home_dir(), name);
	return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* mkdir -p of what is before the last slash; logs hold other people's memory. */
static int make_parents(char *path)
{
	char *slash = path;

	while ((slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		if (mkdir(path, 0700) && errno != EEXIST) {
			int err = -errno;

			*slash = '/';
			return err;
		}
		*slash = '/';
	}
	return 0;
}

/**
 * rr_store_create() - make the file for a recording of @cmd
 * @cmd: the command as typed
 * @path: set to the file's name
 *
 * Return: a descriptor or a negative errno.
 */
int rr_store_create(const char *cmd, char path[PATH_MAX])
{
	const char *base = strrchr(cmd, '/') ? strrchr(cmd, '/') + 1 : cmd;
	char name[128], date[16];
	time_t t = time(NULL);
	int n, fd, err;

	strftime(date, sizeof(date), "%Y%m%d", localtime(&t));
	for (n = 1; n <= STORE_TRIES; n++) {
		snprintf(name, sizeof(name), "%.64s-%s-%d.rrlog", base, date, n);
		err = store_path(path, name);
		if (!err)
			err = make_parents(path);
		if (err)
			return err;
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd >= 0)
			return fd;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

/* "latest" is swapped in one step: there is always one. */
void rr_store_set_latest(const char *path)
{
	const char *base = strrchr(path, '/') + 1;
	char link[PATH_MAX], tmp[PATH_MAX];
	char name[64];

	snprintf(name, sizeof(name), ".latest-%d", getpid());
	if (store_path(link, "latest") || store_path(tmp, name))
		return;
	if (symlink(base, tmp) || rename(tmp, link)) {
		rr_warn("cannot update %s: %s", link, strerror(errno));
		unlink(tmp);
	}
}

/**
 * rr_store_find() - the log that the user means
 * @arg: as typed, or NULL for the latest recording
 * @path: set to the file's name
 *
 * Return: 0 or a negative errno.
 */
int rr_store_find(const char *arg, char path[PATH_MAX])
{
	if (!arg)
		return store_path(path, "latest");
	return snprintf(path, PATH_MAX, "%s", arg) < PATH_MAX ? 0 : -ENAMETOOLONG;
}
