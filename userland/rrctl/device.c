// SPDX-License-Identifier: GPL-2.0-only
/*
 * The byte stream of a session.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "device.h"
#include "rrctl.h"

static const char *remedy(int error)
{
	if (error == ENOENT)
		return ": mount devtmpfs on /dev";
	if (error == EACCES)
		return ": it is root's: run as root or with CAP_DAC_OVERRIDE";
	return "";
}

/**
 * rr_device_open() - open a session's device
 * @session: its number
 * @flags: O_RDONLY or O_WRONLY
 *
 * Return: a descriptor, or -1 after a message.
 */
int rr_device_open(__u32 session, int flags)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/dev/rrcrew%u", session);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		rr_fail("cannot open %s: %s%s", path, strerror(errno), remedy(errno));
	return fd;
}
