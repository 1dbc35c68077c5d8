/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads that move bytes between the device and files.
 */
#ifndef RRCTL_PUMP_H
#define RRCTL_PUMP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/**
 * struct rr_pump - one thread
 * @in: read until its end; the pump closes it
 * @out: written to, or -1 for an echo; the pump closes it
 * @done_fd: readable when the pump has ended
 * @bytes: moved so far
 * @read_error: errno or 0, valid when done
 * @write_error: errno or 0, valid when done
 * @thread: it
 */
struct rr_pump {
	int		in;
	int		out;
	int		done_fd;
	atomic_ullong	bytes;
	int		read_error;
	int		write_error;
	pthread_t	thread;
};

int rr_pump_copy(struct rr_pump *pump, int in, int out);
int rr_pump_echo(struct rr_pump *pump, int in);
bool rr_pump_done(const struct rr_pump *pump);
bool rr_pump_wait(const struct rr_pump *pump, int ms);

#endif /* RRCTL_PUMP_H */
