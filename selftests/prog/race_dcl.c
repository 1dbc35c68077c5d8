// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_dcl [OBJECTS]: double-checked initialisation. Two threads use the same
 * objects in the same order; who comes first makes one, under a lock that the other
 * then does not take. Who made which is the signature.
 */
#include "race.h"

#define MAX_OBJECTS 100000

struct object {
	int nr, maker;
	uint64_t check;
};

static struct object *objects[MAX_OBJECTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int n, gate, made[2], waited[2];

static struct object *make(int nr, int me)
{
	struct object *o = malloc(sizeof(*o));

	CHECK(o);
	*o = (struct object){ .nr = nr, .maker = me, .check = work(nr) };
	made[me]++;
	return o;
}

static struct object *get(int nr, int me)
{
	struct object *o = __atomic_load_n(&objects[nr], __ATOMIC_ACQUIRE);

	if (o)
		return o;
	pthread_mutex_lock(&lock);
	o = objects[nr];
	if (o) {
		waited[me]++;
	} else {
		o = make(nr, me);
		__atomic_store_n(&objects[nr], o, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&lock);
	return o;
}

static void player(int me)
{
	struct object *o;

	meet(&gate, 2);
	for (int i = 0; i < n; i++) {
		o = get(i, me);
		CHECK(o->nr == i && o->check == work(i));
	}
}

int main(int argc, char **argv)
{
	uint64_t sig = 0;

	n = amount(argc, argv, 1000, MAX_OBJECTS);
	run_threads(2, player);
	CHECK(made[0] + made[1] == n);
	for (int i = 0; i < n; i++) {
		sig = mix(sig, objects[i]->maker);
		free(objects[i]);
	}
	printf("made %d and %d, waited for %d and %d, who %016llx\n", made[0], made[1],
	       waited[0], waited[1], (unsigned long long)sig);
	return 0;
}
