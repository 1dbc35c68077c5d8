// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench_stencil [SIZE [SWEEPS]]: relaxation of a square grid by two threads, in the
 * manner of SPLASH-2's ocean: each has half of the rows, and all wait at a barrier
 * after the red points, after the black ones, and once more for the sum of all
 * changes, to which each adds under a lock. Ends early once that is small. Per sweep
 * only the rows at the border are shared.
 *
 * A point depends on points of the other colour only, so the result is the same
 * whoever is faster.
 */
#include "race.h"

#define THREADS		2
#define MAX_SIZE	2048
#define TOLERANCE	1e-9

static double grid[MAX_SIZE + 2][MAX_SIZE + 2] own_page;
static pthread_barrier_t barrier;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static double change own_line;
static int size, sweeps, done;

/* A hot edge, a cold one, and a bump in the middle. */
static void heat(void)
{
	for (int i = 0; i < size + 2; i++) {
		grid[0][i] = 100;
		grid[size + 1][i] = -20;
		grid[i][0] = i % 17;
	}
	grid[size / 2][size / 2] = 5000;
}

static double relax_row(double *row, const double *above, const double *below, int from)
{
	double moved = 0, next, diff;

	for (int k = from; k <= size; k += 2) {
		next = (row[k - 1] + row[k + 1] + above[k] + below[k]) / 4;
		diff = next - row[k];
		moved += diff * diff;
		row[k] = next;
	}
	return moved;
}

/* One colour of the rows of thread @me. */
static double relax_colour(int me, int colour)
{
	int first = 1 + me * size / THREADS, last = (me + 1) * size / THREADS;
	double moved = 0;

	for (int i = first; i <= last; i++)
		moved += relax_row(grid[i], grid[i - 1], grid[i + 1],
				   1 + (i + colour) % 2);
	return moved;
}

/* Two sums: in either order the same. */
static void add_change(double moved)
{
	pthread_mutex_lock(&lock);
	change += moved;
	pthread_mutex_unlock(&lock);
}

/* Returns whether another sweep is needed; all threads get the same answer. */
static bool agree(double moved, int sweep)
{
	bool more;

	add_change(moved);
	pthread_barrier_wait(&barrier);
	more = change > TOLERANCE && sweep < sweeps;
	if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) {
		change = 0;
		done = sweep;
	}
	/* Nobody adds to the next sum before this one is forgotten. */
	pthread_barrier_wait(&barrier);
	return more;
}

static void player(int me)
{
	double moved;
	int sweep = 0;

	do {
		moved = relax_colour(me, 0);
		pthread_barrier_wait(&barrier);
		moved += relax_colour(me, 1);
	} while (agree(moved, ++sweep));
}

int main(int argc, char **argv)
{
	uint64_t sum = 0;

	size = amount(argc, argv, 64, MAX_SIZE);
	sweeps = amount(argc - 1, argv + 1, 20, 1000000);
	CHECK(size % THREADS == 0);
	pthread_barrier_init(&barrier, NULL, THREADS);
	heat();
	run_threads(THREADS, player);
	for (int i = 0; i < size + 2; i++)
		sum = mix(sum, hash(grid[i], (size + 2) * sizeof(double)));
	printf("%d sweeps, middle %.6f, checksum %016llx\n", done,
	       grid[size / 2][size / 2], (unsigned long long)sum);
	return 0;
}
