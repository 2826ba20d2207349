#pragma once
// Owner: Sources/Imaging/PNG.
// setjmp may not cross a Swift frame, so reading and writing are whole C functions.
#include <png.h>
#include <stddef.h>
#include <stdint.h>

enum { CPNG_REASON_BYTES = 160, CPNG_KEPT_BYTES = 512 };

// What the header chunk says.
typedef struct {
  uint32_t width;
  uint32_t height;
  uint32_t bit_depth;
  uint32_t channels;  // 1 for a palette
  uint32_t interlaced;
} CPNGHeader;

// A chunk to write between the header and the pixels.
typedef struct {
  char name[5];
  const uint8_t *bytes;
  size_t count;
} CPNGChunk;

// The chunk to look for, and its content once `found`; longer than `bytes` or twice is an error.
typedef struct {
  char name[5];
  uint32_t found;
  size_t count;
  uint8_t bytes[CPNG_KEPT_BYTES];
} CPNGKept;

// How pixels are handed out: as stored, 16 bits a sample in host order; or whatever is stored as 8-bit RGBA.
typedef enum { CPNG_STORED16, CPNG_RGBA8 } CPNGForm;

// Bytes to read one PNG file from; `max_side` bounds both sides.
typedef struct {
  const uint8_t *bytes;
  size_t count;
  uint32_t max_side;
} CPNGSource;

// All return 0, or -1 with `reason` filled in.

// Reads the header chunk, allocating nothing that depends on it.
int cpng_read_header(CPNGSource source, CPNGHeader *header, char reason[CPNG_REASON_BYTES]);

// Reads pixels into exactly `capacity` bytes. Ancillary chunks other than `kept` (may be null) and tRNS
// are skipped unread, so that every warning left is about the pixels, hence an error.
// `consumed`: the file's bytes.
int cpng_read(CPNGSource source, CPNGForm form, void *pixels, size_t capacity, CPNGKept *kept,
              size_t *consumed, char reason[CPNG_REASON_BYTES]);

typedef struct {
  CPNGHeader header;  // bit_depth 8 or 16 (host order), channels 1 to 4, never interlaced
  int level;          // of deflate
  int filters;        // PNG_FILTER_NONE and so on, or-ed
  const CPNGChunk *chunks;
  size_t chunk_count;
} CPNGLayout;

// Writes a file into at most `capacity` bytes; `written`: how many.
int cpng_write(CPNGLayout layout, const void *pixels, uint8_t *file, size_t capacity, size_t *written,
               char reason[CPNG_REASON_BYTES]);
