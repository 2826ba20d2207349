#include "COpenEXR.h"

#include <stdlib.h>
#include <string.h>

static void ignore_message(exr_const_context_t context, exr_result_t code, const char *message) {
  (void)context;
  (void)code;
  (void)message;
}

static int grow(CEXRMemory *memory, size_t needed) {
  if (needed <= memory->capacity) return 0;
  size_t capacity = memory->capacity ? memory->capacity : 1 << 16;
  while (capacity < needed) capacity *= 2;
  uint8_t *bytes = realloc(memory->bytes, capacity);
  if (!bytes) return -1;
  memory->bytes = bytes;
  memory->capacity = capacity;
  return 0;
}

// The chunk table is written last, into a gap left for it: writes come at any offset.
static int64_t write_at(exr_const_context_t context, void *user, const void *bytes, uint64_t count,
                        uint64_t offset, exr_stream_error_func_ptr_t error) {
  CEXRMemory *memory = user;
  size_t end = offset + count;
  if (grow(memory, end) != 0) return error(context, EXR_ERR_OUT_OF_MEMORY, "out of memory"), -1;
  if (offset > memory->count) memset(memory->bytes + memory->count, 0, offset - memory->count);
  memcpy(memory->bytes + offset, bytes, count);
  if (end > memory->count) memory->count = end;
  return (int64_t)count;
}

static int64_t read_at(exr_const_context_t context, void *user, void *out, uint64_t count, uint64_t offset,
                       exr_stream_error_func_ptr_t error) {
  (void)context;
  (void)error;
  CEXRMemory *memory = user;
  if (offset >= memory->count) return 0;
  if (count > memory->count - offset) count = memory->count - offset;
  memcpy(out, memory->bytes + offset, count);
  return (int64_t)count;
}

static int64_t size_of(exr_const_context_t context, void *user) {
  (void)context;
  return (int64_t)((CEXRMemory *)user)->count;
}

static void *zeroed(exr_transcoding_pipeline_buffer_id_t buffer, size_t bytes) {
  (void)buffer;
  return calloc(1, bytes);
}

static void release(exr_transcoding_pipeline_buffer_id_t buffer, void *bytes) {
  (void)buffer;
  free(bytes);
}

exr_decode_pipeline_t cexr_decode_pipeline(void) {
  exr_decode_pipeline_t pipeline = EXR_DECODE_PIPELINE_INITIALIZER;
  pipeline.alloc_fn = zeroed;
  pipeline.free_fn = release;
  return pipeline;
}

void cexr_free(CEXRMemory *memory) {
  free(memory->bytes);
  *memory = (CEXRMemory){0};
}

exr_context_initializer_t cexr_writing(CEXRMemory *memory) {
  exr_context_initializer_t initializer = EXR_DEFAULT_CONTEXT_INITIALIZER;
  initializer.error_handler_fn = ignore_message;
  initializer.user_data = memory;
  initializer.write_fn = write_at;
  return initializer;
}

exr_context_initializer_t cexr_reading(CEXRMemory *memory, int max_side) {
  exr_context_initializer_t initializer = EXR_DEFAULT_CONTEXT_INITIALIZER;
  initializer.error_handler_fn = ignore_message;
  initializer.user_data = memory;
  initializer.read_fn = read_at;
  initializer.size_fn = size_of;
  initializer.max_image_width = max_side;
  initializer.max_image_height = max_side;
  initializer.flags = EXR_CONTEXT_FLAG_STRICT_HEADER | EXR_CONTEXT_FLAG_DISABLE_CHUNK_RECONSTRUCTION;
  return initializer;
}
