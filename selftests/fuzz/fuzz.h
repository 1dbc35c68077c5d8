/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the fuzz targets share.
 */
#ifndef RR_FUZZ_H
#define RR_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Events that came through all checks, so far: a target that sees none is blind. */
extern unsigned long rr_fuzz_events;

void rr_fuzz_harmless(const char *text, size_t len);

/* libFuzzer's */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

#endif /* RR_FUZZ_H */
