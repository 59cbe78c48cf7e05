/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random: the seeded source of everything that the sample year leaves open.
 *
 * xoshiro256** seeded by splitmix64 (Blackman and Vigna, public domain): the same seed gives the
 * same files on every machine.
 */
#ifndef YEAR2024_RANDOM_H
#define YEAR2024_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state[4];
};

enum { UUID_TEXT_SIZE = 37 };

void random_seed(struct random *random, uint64_t seed);
uint64_t random_next(struct random *random);
/* From 0 to below - 1; below > 0. */
uint32_t random_below(struct random *random, uint32_t below);
/* From low to high, both inside. */
int random_between(struct random *random, int low, int high);
/* A version 4 UUID as text. */
void random_uuid(struct random *random, char text[static UUID_TEXT_SIZE]);

#endif
