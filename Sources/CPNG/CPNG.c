#include "CPNG.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

// Where an error returns to, once `armed`.
typedef struct {
  jmp_buf env;
  int armed;
  char *reason;
} Escape;

static void on_error(png_structp png, png_const_charp message) {
  Escape *escape = png_get_error_ptr(png);
  snprintf(escape->reason, CPNG_REASON_BYTES, "%s", message);
  if (escape->armed) longjmp(escape->env, 1);
}

// A warning here is about the pixels: every chunk that a warning could excuse is skipped unread.
static void on_warning(png_structp png, png_const_charp message) {
  Escape *escape = png_get_error_ptr(png);
  if (escape->armed) on_error(png, message);
}

typedef struct {
  CPNGSource source;
  size_t offset;
} Cursor;

static void read_bytes(png_structp png, png_bytep out, size_t count) {
  Cursor *cursor = png_get_io_ptr(png);
  if (count > cursor->source.count - cursor->offset) png_error(png, "file ends early");
  memcpy(out, cursor->source.bytes + cursor->offset, count);
  cursor->offset += count;
}

static int keep_chunk(png_structp png, png_unknown_chunkp chunk) {
  CPNGKept *kept = png_get_user_chunk_ptr(png);
  if (memcmp(chunk->name, kept->name, 4) != 0) return 1;
  if (kept->found) png_error(png, "private chunk twice");
  if (chunk->size > CPNG_KEPT_BYTES) png_error(png, "private chunk too long");
  memcpy(kept->bytes, chunk->data, chunk->size);
  kept->count = chunk->size;
  kept->found = 1;
  return 1;
}

static void set_reading(png_structp png, Cursor *cursor) {
  png_set_read_fn(png, cursor, read_bytes);
  png_set_user_limits(png, cursor->source.max_side, cursor->source.max_side);
  png_set_chunk_malloc_max(png, 1 << 16);
  png_set_chunk_cache_max(png, 128);
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_benign_errors(png, 0);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
}

static void fill_header(png_structp png, png_infop info, CPNGHeader *header) {
  header->width = png_get_image_width(png, info);
  header->height = png_get_image_height(png, info);
  header->bit_depth = png_get_bit_depth(png, info);
  header->channels = png_get_channels(png, info);
  header->interlaced = png_get_interlace_type(png, info) != PNG_INTERLACE_NONE;
}

static void set_form(png_structp png, CPNGForm form) {
  if (form == CPNG_STORED16) {
    png_set_swap(png);
    return;
  }
  png_set_expand(png);
  png_set_scale_16(png);
  png_set_gray_to_rgb(png);
  png_set_add_alpha(png, 0xFF, PNG_FILLER_AFTER);
}

int cpng_read_header(CPNGSource source, CPNGHeader *header, char reason[CPNG_REASON_BYTES]) {
  Escape escape = {.armed = 0, .reason = reason};
  Cursor cursor = {source, 0};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &escape, on_error, on_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_read_struct(&png, NULL, NULL);
    snprintf(reason, CPNG_REASON_BYTES, "out of memory");
    return -1;
  }
  if (setjmp(escape.env)) {
    png_destroy_read_struct(&png, &info, NULL);
    return -1;
  }
  escape.armed = 1;
  set_reading(png, &cursor);
  png_read_info(png, info);
  fill_header(png, info, header);
  png_destroy_read_struct(&png, &info, NULL);
  return 0;
}

int cpng_read(CPNGSource source, CPNGForm form, void *pixels, size_t capacity, CPNGKept *kept,
              size_t *consumed, char reason[CPNG_REASON_BYTES]) {
  Escape escape = {.armed = 0, .reason = reason};
  Cursor cursor = {source, 0};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &escape, on_error, on_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_read_struct(&png, NULL, NULL);
    snprintf(reason, CPNG_REASON_BYTES, "out of memory");
    return -1;
  }
  if (setjmp(escape.env)) {
    png_destroy_read_struct(&png, &info, NULL);
    return -1;
  }
  escape.armed = 1;
  set_reading(png, &cursor);
  if (kept) png_set_read_user_chunk_fn(png, kept, keep_chunk);
  png_read_info(png, info);
  set_form(png, form);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  size_t row_bytes = png_get_rowbytes(png, info);
  uint32_t height = png_get_image_height(png, info);
  if (row_bytes * height != capacity) png_error(png, "pixels do not fit the buffer");
  for (int pass = 0; pass < passes; pass++)
    for (uint32_t y = 0; y < height; y++) png_read_row(png, (png_bytep)pixels + y * row_bytes, NULL);
  png_read_end(png, NULL);
  *consumed = cursor.offset;
  png_destroy_read_struct(&png, &info, NULL);
  return 0;
}

typedef struct {
  uint8_t *file;
  size_t capacity;
  size_t count;
} Sink;

static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
  Sink *sink = png_get_io_ptr(png);
  if (count > sink->capacity - sink->count) png_error(png, "file is longer than its bound");
  memcpy(sink->file + sink->count, bytes, count);
  sink->count += count;
}

static void flush_nothing(png_structp png) { (void)png; }

static int color_type(uint32_t channels) {
  switch (channels) {
    case 1: return PNG_COLOR_TYPE_GRAY;
    case 2: return PNG_COLOR_TYPE_GRAY_ALPHA;
    case 3: return PNG_COLOR_TYPE_RGB;
    default: return PNG_COLOR_TYPE_RGB_ALPHA;
  }
}

int cpng_write(CPNGLayout layout, const void *pixels, uint8_t *file, size_t capacity, size_t *written,
               char reason[CPNG_REASON_BYTES]) {
  Escape escape = {.armed = 0, .reason = reason};
  Sink sink = {file, capacity, 0};
  CPNGHeader header = layout.header;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &escape, on_error, on_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_write_struct(&png, NULL);
    snprintf(reason, CPNG_REASON_BYTES, "out of memory");
    return -1;
  }
  if (setjmp(escape.env)) {
    png_destroy_write_struct(&png, &info);
    return -1;
  }
  escape.armed = 1;
  png_set_write_fn(png, &sink, write_bytes, flush_nothing);
  png_set_compression_level(png, layout.level);
  png_set_compression_buffer_size(png, 1 << 16);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, layout.filters);
  png_set_IHDR(png, info, header.width, header.height, (int)header.bit_depth, color_type(header.channels),
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
  png_write_info(png, info);
  for (size_t i = 0; i < layout.chunk_count; i++) {
    const CPNGChunk *chunk = &layout.chunks[i];
    png_write_chunk(png, (png_const_bytep)chunk->name, chunk->bytes, chunk->count);
  }
  // libpng forgets a swap that is asked for before the header is written.
  if (header.bit_depth == 16) png_set_swap(png);
  size_t row_bytes = (size_t)header.width * header.channels * (header.bit_depth / 8);
  for (uint32_t y = 0; y < header.height; y++)
    png_write_row(png, (png_const_bytep)pixels + y * row_bytes);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  *written = sink.count;
  return 0;
}
