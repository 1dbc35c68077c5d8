// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench_lu [SIZE]: LU factorization of a dense matrix by two threads, in the manner
 * of SPLASH-2's lu with contiguous blocks. Every column of blocks has an owner, who
 * alone writes there. All wait at a barrier in each step after the block on the
 * diagonal, after those right of it and below, and after the rest. No pivoting: the
 * diagonal dominates.
 */
#include "race.h"
#include <math.h>

#define THREADS		2
#define EDGE		16
#define MAX_BLOCKS	64

typedef double block[EDGE][EDGE];

/* Two blocks are a page. */
static block matrix[MAX_BLOCKS][MAX_BLOCKS] own_page;
static double vector[MAX_BLOCKS * EDGE], product[MAX_BLOCKS * EDGE];
static pthread_barrier_t barrier;
static int size, blocks;

static double *element(int i, int j)
{
	return &matrix[j / EDGE][i / EDGE][i % EDGE][j % EDGE];
}

/* Numbers below one, and what must come out when the vector is multiplied. */
static void fill(void)
{
	uint64_t seed = 1;

	for (int i = 0; i < size; i++) {
		vector[i] = 1 + i % 7;
		for (int j = 0; j < size; j++) {
			seed = mix(seed, j);
			*element(i, j) = (seed >> 11) * 0x1p-53 + (i == j) * size;
		}
	}
	for (int i = 0; i < size; i++)
		for (int j = 0; j < size; j++)
			product[i] += *element(i, j) * vector[j];
}

/* The block on the diagonal: L and U in place. */
static void factor(block d)
{
	for (int k = 0; k < EDGE; k++)
		for (int i = k + 1; i < EDGE; i++) {
			d[i][k] /= d[k][k];
			for (int j = k + 1; j < EDGE; j++)
				d[i][j] -= d[i][k] * d[k][j];
		}
}

/* A block right of it: inverse of L from the left. */
static void solve_right(block b, block d)
{
	for (int k = 0; k < EDGE; k++)
		for (int i = k + 1; i < EDGE; i++)
			for (int j = 0; j < EDGE; j++)
				b[i][j] -= d[i][k] * b[k][j];
}

/* A block below it: inverse of U from the right. */
static void solve_below(block b, block d)
{
	for (int i = 0; i < EDGE; i++)
		for (int k = 0; k < EDGE; k++) {
			b[i][k] /= d[k][k];
			for (int j = k + 1; j < EDGE; j++)
				b[i][j] -= b[i][k] * d[k][j];
		}
}

static void subtract_product(block c, block a, block b)
{
	for (int i = 0; i < EDGE; i++)
		for (int k = 0; k < EDGE; k++)
			for (int j = 0; j < EDGE; j++)
				c[i][j] -= a[i][k] * b[k][j];
}

static void perimeter(int me, int k)
{
	for (int i = k + 1; i < blocks; i++) {
		if (k % THREADS == me)
			solve_below(matrix[k][i], matrix[k][k]);
		if (i % THREADS == me)
			solve_right(matrix[i][k], matrix[k][k]);
	}
}

static void interior(int me, int k)
{
	for (int j = k + 1; j < blocks; j++)
		for (int i = k + 1; j % THREADS == me && i < blocks; i++)
			subtract_product(matrix[j][i], matrix[k][i], matrix[j][k]);
}

static void player(int me)
{
	for (int k = 0; k < blocks; k++) {
		if (k % THREADS == me)
			factor(matrix[k][k]);
		pthread_barrier_wait(&barrier);
		perimeter(me, k);
		pthread_barrier_wait(&barrier);
		interior(me, k);
		pthread_barrier_wait(&barrier);
	}
}

/* L (U vector) must be the product. */
static void check(void)
{
	for (int i = 0; i < size; i++) {
		vector[i] *= *element(i, i);
		for (int j = i + 1; j < size; j++)
			vector[i] += *element(i, j) * vector[j];
	}
	for (int i = size - 1; i >= 0; i--) {
		for (int j = 0; j < i; j++)
			vector[i] += *element(i, j) * vector[j];
		CHECK(fabs(vector[i] - product[i]) < 1e-6 * fabs(product[i]));
	}
}

int main(int argc, char **argv)
{
	uint64_t sum = 0;

	size = amount(argc, argv, 64, MAX_BLOCKS * EDGE);
	CHECK(size % EDGE == 0);
	blocks = size / EDGE;
	pthread_barrier_init(&barrier, NULL, THREADS);
	fill();
	run_threads(THREADS, player);
	check();
	for (int j = 0; j < blocks; j++)
		sum = mix(sum, hash(matrix[j], blocks * sizeof(block)));
	printf("%d x %d, checksum %016llx\n", size, size, (unsigned long long)sum);
	return 0;
}
