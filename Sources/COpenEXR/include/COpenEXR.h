#pragma once
// Owner: Sources/Imaging/EXR. What Swift cannot import: initialiser macros, and stream callbacks, whose error
// function is variadic.
#include <OpenEXR/openexr.h>
#include <stddef.h>
#include <stdint.h>

// A file in memory. To write: start with zeros, cexr_free in the end. To read: lend bytes and count.
typedef struct {
  uint8_t *bytes;
  size_t count;
  size_t capacity;
} CEXRMemory;

void cexr_free(CEXRMemory *memory);

// Contexts over `memory`, which must outlive them; errors are returned, never printed.
exr_context_initializer_t cexr_writing(CEXRMemory *memory);
exr_context_initializer_t cexr_reading(CEXRMemory *memory, int max_side);

static inline exr_encode_pipeline_t cexr_encode_pipeline(void) {
  exr_encode_pipeline_t pipeline = EXR_ENCODE_PIPELINE_INITIALIZER;
  return pipeline;
}

// Its buffers start as zeros: what a damaged chunk leaves unwritten must be the same on every machine.
exr_decode_pipeline_t cexr_decode_pipeline(void);
