// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads that move bytes. The device is read and written with plain blocking
 * calls: whoever is faster waits in the kernel.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <linux/rrcrew.h>

#include "pump.h"

#define PUMP_BUF	(1024 * 1024)
#define ECHO_BUF	(64 * 1024)

static ssize_t read_some(int fd, void *buf, size_t len)
{
	ssize_t n;

	do
		n = read(fd, buf, len);
	while (n < 0 && errno == EINTR);
	return n;
}

static int write_all(int fd, const char *buf, size_t len)
{
	while (len) {
		ssize_t n = write(fd, buf, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return -ENOSPC;
		buf += n;
		len -= n;
	}
	return 0;
}

static void pump_signal_done(struct rr_pump *pump)
{
	__u64 one = 1;

	if (write(pump->done_fd, &one, sizeof(one)) < 0)
		abort();	/* an eventfd of ours that was never full */
}

static void copy_loop(struct rr_pump *pump, char *buf)
{
	ssize_t n;

	while ((n = read_some(pump->in, buf, PUMP_BUF)) > 0) {
		pump->write_error = -write_all(pump->out, buf, n);
		if (pump->write_error)
			return;
		atomic_fetch_add(&pump->bytes, n);
	}
	if (n < 0)
		pump->read_error = errno;
}

static void *copy_thread(void *data)
{
	struct rr_pump *pump = data;
	char *buf = malloc(PUMP_BUF);

	if (buf)
		copy_loop(pump, buf);
	else
		pump->read_error = ENOMEM;
	free(buf);
	close(pump->in);
	if (close(pump->out) && !pump->write_error)
		pump->write_error = errno;
	pump_signal_done(pump);
	return NULL;
}

/* Bytes that are left of an echo, and the part of its header that is here. */
struct echo {
	struct rrcrew_echo	head;
	size_t			head_have;
	size_t			left;
};

static size_t echo_head(struct echo *echo, const char *buf, size_t len)
{
	size_t want = sizeof(echo->head) - echo->head_have;

	if (want > len)
		want = len;
	memcpy((char *)&echo->head + echo->head_have, buf, want);
	echo->head_have += want;
	if (echo->head_have == sizeof(echo->head)) {
		echo->head_have = 0;
		echo->left = echo->head.len;
	}
	return want;
}

/* What cannot be printed is dropped: the replay is not to wait for it. */
static size_t echo_data(struct rr_pump *pump, struct echo *echo, const char *buf, size_t len)
{
	if (len > echo->left)
		len = echo->left;
	if (!pump->write_error)
		pump->write_error = -write_all(echo->head.stream == 2 ? STDERR_FILENO :
					       STDOUT_FILENO, buf, len);
	echo->left -= len;
	atomic_fetch_add(&pump->bytes, len);
	return len;
}

static void echo_feed(struct rr_pump *pump, struct echo *echo, const char *buf, size_t len)
{
	while (len) {
		size_t used = echo->left ? echo_data(pump, echo, buf, len) :
					   echo_head(echo, buf, len);

		buf += used;
		len -= used;
	}
}

static void *echo_thread(void *data)
{
	struct rr_pump *pump = data;
	struct echo echo = { 0 };
	char buf[ECHO_BUF];
	ssize_t n;

	while ((n = read_some(pump->in, buf, sizeof(buf))) > 0)
		echo_feed(pump, &echo, buf, n);
	if (n < 0)
		pump->read_error = errno;
	close(pump->in);
	pump_signal_done(pump);
	return NULL;
}

static int pump_start(struct rr_pump *pump, int in, int out, void *(*fn)(void *data))
{
	int err;

	memset(pump, 0, sizeof(*pump));
	pump->in = in;
	pump->out = out;
	pump->done_fd = eventfd(0, EFD_CLOEXEC);
	if (pump->done_fd < 0)
		return -errno;
	err = pthread_create(&pump->thread, NULL, fn, pump);
	if (err) {
		close(pump->done_fd);
		return -err;
	}
	pthread_detach(pump->thread);
	return 0;
}

/**
 * rr_pump_copy() - move all bytes of @in to @out
 * @pump: must live until the pump is done
 * @in: belongs to the pump from now on
 * @out: likewise
 *
 * Return: 0 or a negative errno; then the descriptors are still the caller's.
 */
int rr_pump_copy(struct rr_pump *pump, int in, int out)
{
	return pump_start(pump, in, out, copy_thread);
}

/**
 * rr_pump_echo() - print what a replayed program printed
 * @pump: must live until the pump is done
 * @in: the replay's device, belongs to the pump from now on
 *
 * Return: 0 or a negative errno; then the descriptor is still the caller's.
 */
int rr_pump_echo(struct rr_pump *pump, int in)
{
	return pump_start(pump, in, -1, echo_thread);
}

bool rr_pump_done(const struct rr_pump *pump)
{
	return rr_pump_wait(pump, 0);
}

/**
 * rr_pump_wait() - wait until a pump is done
 * @pump: started
 * @ms: how long at most
 *
 * Return: is it done?
 */
bool rr_pump_wait(const struct rr_pump *pump, int ms)
{
	struct pollfd pfd = { .fd = pump->done_fd, .events = POLLIN };

	return poll(&pfd, 1, ms) == 1;
}
