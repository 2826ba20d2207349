// A chunk of paths, stage by stage, in one work-item: state as rows of floats that stay in the cache, W
// columns at a time (whole numbers as themselves); survivors move together after every bounce. A path adds
// its light in the order of its bounces, as in entry.cl's loop, hence the same bits.
#if W > 1

// Paths of a chunk, and the length of a row (a wide store may run over the end).
#define CHUNK_PATHS 8192
#define ROW_FLOATS (CHUNK_PATHS + 64)

enum {
  ROW_ORIGIN = 0,
  ROW_DIRECTION = 3,
  ROW_THROUGHPUT = 6,
  ROW_DENSITY = 9,
  ROW_KEY = 10,
  ROW_INDEX = 11,
  ROW_PATH = 12,  // number within the chunk | rays traced << 16
  PATH_ROWS = 13,
  ROW_T = 13,
  ROW_TRIANGLE = 14,
  ROW_INSTANCE = 15,
  ROW_SHADOW = 16,  // origin, direction, distance, light, path
  SHADOW_ROWS = 11,
  ROW_LIGHT = 27,  // from here on by number within the chunk: light gained,
  ROW_COVER = 30,  // whether the camera ray saw something,
  ROW_RAYS = 31,   // rays traced, once the path has ended
  ROW_BIN = 32,    // where a survivor belongs,
  ROW_ORDER = 33,  // which survivor comes there,
  ROW_MOVED = 34,  // and one of its rows on the way
  ROWS = 35
};

// The processor's cycles by stage, for whoever compiles with it: sums behind a work-item's last row.
enum { STAGE_GENERATE, STAGE_CLOSEST, STAGE_SHADE, STAGE_SHADOW, STAGE_SORT, STAGE_ACCUMULATE, STAGES };
#ifdef STAGE_CYCLES
#define STAGE_TIMED(rows, stage, call)                                                                       \
  do {                                                                                                       \
    ulong start = __builtin_readcyclecounter();                                                              \
    call;                                                                                                    \
    ulong end = __builtin_readcyclecounter();                                                                \
    ((__global ulong *)(rows + ROWS * ROW_FLOATS) - 16)[stage] += end - start;                               \
  } while (0)
#else
#define STAGE_TIMED(rows, stage, call) call
#endif

typedef I UnalignedI __attribute__((aligned(4)));

INLINE F row_load(__global const float *rows, int row, int column) {
  return *(__global const F *)(rows + row * ROW_FLOATS + column);
}
INLINE void row_store(__global float *rows, int row, int column, F value) {
  *(__global F *)(rows + row * ROW_FLOATS + column) = value;
}
INLINE void row_store_int(__global float *rows, int row, int column, I value) {
  *(__global I *)(rows + row * ROW_FLOATS + column) = value;
}
INLINE I row_load_int(__global const float *rows, int row, int column) {
  return *(__global const I *)(rows + row * ROW_FLOATS + column);
}
INLINE V3 row_load_v3(__global const float *rows, int row, int column) {
  return v3(row_load(rows, row, column), row_load(rows, row + 1, column), row_load(rows, row + 2, column));
}

// Stores the lanes of `bits` next to each other.
INLINE void row_compress_int(__global float *rows, int row, int column, I value, uint bits) {
  __global int *to = (__global int *)(rows + row * ROW_FLOATS + column);
#if W == 16 && defined(X86_AVX512)
  *(__global UnalignedI *)to = __builtin_ia32_compresssi512_mask(value, value, (ushort)bits);
#else
  int lanes[W] ALIGNED;
  *(I *)lanes = value;
  for (int i = 0; bits; bits &= bits - 1) to[i++] = lanes[lowest_bit(bits)];
#endif
}
INLINE void row_compress(__global float *rows, int row, int column, F value, uint bits) {
  row_compress_int(rows, row, column, AS_I(value), bits);
}
INLINE void row_compress_v3(__global float *rows, int row, int column, V3 value, uint bits) {
  row_compress(rows, row, column, value.x, bits);
  row_compress(rows, row + 1, column, value.y, bits);
  row_compress(rows, row + 2, column, value.z, bits);
}

INLINE void path_compress(__global float *rows, int column, const Path *path, I number, uint bits) {
  row_compress_v3(rows, ROW_ORIGIN, column, path->origin, bits);
  row_compress_v3(rows, ROW_DIRECTION, column, path->direction, bits);
  row_compress_v3(rows, ROW_THROUGHPUT, column, path->throughput, bits);
  row_compress(rows, ROW_DENSITY, column, path->density, bits);
  row_compress_int(rows, ROW_KEY, column, AS_I(path->key), bits);
  row_compress_int(rows, ROW_INDEX, column, AS_I(path->index), bits);
  row_compress_int(rows, ROW_PATH, column, number, bits);
}

INLINE Path path_load(__global const float *rows, int column) {
  Path path;
  path.origin = row_load_v3(rows, ROW_ORIGIN, column);
  path.direction = row_load_v3(rows, ROW_DIRECTION, column);
  path.throughput = row_load_v3(rows, ROW_THROUGHPUT, column);
  path.density = row_load(rows, ROW_DENSITY, column);
  path.key = AS_U(row_load_int(rows, ROW_KEY, column));
  path.index = AS_U(row_load_int(rows, ROW_INDEX, column));
  return path;
}

// Paths number 0 ..< count: all samples of a pixel next to each other.
APART void chunk_generate(
    const Scene *scene, __global const DeviceLaunch *launch, __global const uint *pixels, int count,
    __global float *rows) {
  int samples = (int)launch->sample_count;
  for (int i = 0; i < count; i += W) {
    I number = (I)i + LANE_NUMBERS;
    I valid = number < (I)count;
    I pixel = (valid ? number : (I)0) / (I)samples;
    U place = gather_uint(pixels, pixel);
    U sample = AS_U(number - pixel * samples) + launch->first_sample;
    Path path = path_generate(scene, launch, place & 0xffffu, place >> 16, sample);
    path_compress(rows, i, &path, number, (uint)((1ul << W) - 1));
    row_store(rows, ROW_LIGHT, i, (F)0.0f);
    row_store(rows, ROW_LIGHT + 1, i, (F)0.0f);
    row_store(rows, ROW_LIGHT + 2, i, (F)0.0f);
  }
}

APART void chunk_closest(const Scene *scene, int count, __global float *rows) {
  for (int i = 0; i < count; i += W) {
    RayPacket packet;
    packet.origin = row_load_v3(rows, ROW_ORIGIN, i);
    packet.direction = row_load_v3(rows, ROW_DIRECTION, i);
    packet_setup(scene->header.box_padding, &packet);
    PacketHit hit = packet_hit_before(lanes_below(count - i) ? (F)RAY_MISS_T : (F)-1.0f);
    packet_intersect(scene, &packet, 0, &hit);
    row_store(rows, ROW_T, i, hit.t);
    row_store_int(rows, ROW_TRIANGLE, i, hit.triangle);
    row_store_int(rows, ROW_INSTANCE, i, hit.instance);
  }
}

// Sends camera rays on that met the back of a single-sided surface.
APART void chunk_see_through(const Scene *scene, int count, __global float *rows) {
  for (int i = 0; i < count; i += W) {
    V3 origin = row_load_v3(rows, ROW_ORIGIN, i), direction = row_load_v3(rows, ROW_DIRECTION, i);
    I lanes = lanes_below(count - i);
    for (int passed = 0; passed < SEE_THROUGH_MAX; passed++) {
      F t = row_load(rows, ROW_T, i);
      I triangle = row_load_int(rows, ROW_TRIANGLE, i), instance = row_load_int(rows, ROW_INSTANCE, i);
      I hit = lanes & (triangle != (I)TRIANGLE_NONE);
      I passes = path_passes(scene, &origin, direction, triangle, instance, hit);
      if (!lane_bits(passes)) break;
      RayPacket packet;
      packet.origin = origin;
      packet.direction = direction;
      packet_setup(scene->header.box_padding, &packet);
      PacketHit next = packet_hit_before(passes ? (F)RAY_MISS_T : (F)-1.0f);
      packet_intersect(scene, &packet, 0, &next);
      row_store(rows, ROW_T, i, passes ? next.t : t);
      row_store_int(rows, ROW_TRIANGLE, i, passes ? next.triangle : triangle);
      row_store_int(rows, ROW_INSTANCE, i, passes ? next.instance : instance);
    }
    row_store(rows, ROW_ORIGIN, i, origin.x);
    row_store(rows, ROW_ORIGIN + 1, i, origin.y);
    row_store(rows, ROW_ORIGIN + 2, i, origin.z);
  }
}

APART void chunk_shadow(const Scene *scene, int count, __global float *rows) {
  for (int i = 0; i < count; i += W) {
    RayPacket packet;
    packet.origin = row_load_v3(rows, ROW_SHADOW, i);
    packet.direction = row_load_v3(rows, ROW_SHADOW + 3, i);
    packet_setup(scene->header.box_padding, &packet);
    F length = lanes_below(count - i) ? row_load(rows, ROW_SHADOW + 6, i) : (F)-1.0f;
    PacketHit hit = packet_hit_before(length);
    packet_intersect(scene, &packet, 1, &hit);
    __global const float *light = rows + (ROW_SHADOW + 7) * ROW_FLOATS + i;
    __global const int *number = (__global const int *)rows + (ROW_SHADOW + 10) * ROW_FLOATS + i;
    for (uint bits = lane_bits(hit.t >= 0.0f); bits; bits &= bits - 1) {
      int lane = lowest_bit(bits);
      __global float *sum = rows + ROW_LIGHT * ROW_FLOATS + (number[lane] & 0xffff);
      sum[0] += light[lane];
      sum[ROW_FLOATS] += light[ROW_FLOATS + lane];
      sum[2 * ROW_FLOATS] += light[2 * ROW_FLOATS + lane];
    }
  }
}

// Adds the lanes' light to their paths.
INLINE void light_scatter(__global float *rows, V3 light, I number) {
  uint bits = lane_bits((light.x != 0.0f) | (light.y != 0.0f) | (light.z != 0.0f));
  if (!bits) return;
  float lanes[3 * W] ALIGNED;
  int to[W] ALIGNED;
  *(F *)lanes = light.x;
  *(F *)(lanes + W) = light.y;
  *(F *)(lanes + 2 * W) = light.z;
  *(I *)to = number & 0xffff;
  for (; bits; bits &= bits - 1) {
    int lane = lowest_bit(bits);
    __global float *sum = rows + ROW_LIGHT * ROW_FLOATS + to[lane];
    sum[0] += lanes[lane];
    sum[ROW_FLOATS] += lanes[W + lane];
    sum[2 * ROW_FLOATS] += lanes[2 * W + lane];
  }
}

// Writes down how many rays the paths that end here took.
INLINE void rays_scatter(__global float *rows, I number, uint bits) {
  __global int *sums = (__global int *)rows + ROW_RAYS * ROW_FLOATS;
#if W == 16 && defined(X86_AVX512)
  I path = number & 0xffff;
  if (bits) __builtin_ia32_scattersiv16si((void *)(size_t)sums, (ushort)bits, path, number >> 16, 4);
#else
  int lanes[W] ALIGNED;
  *(I *)lanes = number;
  for (; bits; bits &= bits - 1) {
    int value = lanes[lowest_bit(bits)];
    sums[value & 0xffff] = value >> 16;
  }
#endif
}

// Shades all paths; returns how many go on, and in *shadow_count how many shadow rays there are.
APART int chunk_shade(
    const Scene *scene, __global const DeviceLaunch *launch, int bounce, int count, __global float *rows,
    __global long *layer_sums, __global uint *layer_points, int *shadow_count) {
  int alive_count = 0, shadows = 0;
  for (int i = 0; i < count; i += W) {
    Path path = path_load(rows, i);
    I number = row_load_int(rows, ROW_PATH, i) + 0x10000;
    I active = lanes_below(count - i);
    I triangle = row_load_int(rows, ROW_TRIANGLE, i), instance = row_load_int(rows, ROW_INSTANCE, i);
    if (bounce == 0) row_store(rows, ROW_COVER, i, triangle != (I)TRIANGLE_NONE ? (F)1.0f : (F)0.0f);
    Layers layers = {
        bounce == 0 && launch->layers ? layer_sums : 0, layer_points, number & 0xffff, path.index,
        (int)launch->sample_count};
    ShadowRay ray;
    V3 light;
    F t = row_load(rows, ROW_T, i);
    I alive = path_shade(
        scene, launch, bounce, active, t, triangle, instance, &layers, &path, &ray, &light);
    light_scatter(rows, light, number);
    number = ray.wanted ? number + 0x10000 : number;
    uint shadow_bits = lane_bits(ray.wanted), alive_bits = lane_bits(alive);
    if (shadow_bits) {
      row_compress_v3(rows, ROW_SHADOW, shadows, ray.origin, shadow_bits);
      row_compress_v3(rows, ROW_SHADOW + 3, shadows, ray.direction, shadow_bits);
      row_compress(rows, ROW_SHADOW + 6, shadows, ray.distance, shadow_bits);
      row_compress_v3(rows, ROW_SHADOW + 7, shadows, ray.light, shadow_bits);
      row_compress_int(rows, ROW_SHADOW + 10, shadows, number, shadow_bits);
      shadows += popcount(shadow_bits);
    }
    rays_scatter(rows, number, lane_bits(active) & ~alive_bits);
    path_compress(rows, alive_count, &path, number, alive_bits);
    alive_count += popcount(alive_bits);
  }
  *shadow_count = shadows;
  return alive_count;
}

// Survivors that lie in the same place and go the same way should share a packet. Bins: octant of the
// direction, then cell of the origin in a grid of 4 x 4 x 4 over the scene, in Morton order.
#define BINS 512

INLINE I bin_cell(F p, float low, float high) {
  float size = high - low;
  F place = (p - low) * (size > 0.0f ? 4.0f / size : 0.0f);
  return TO_I(clamp_lane(place, 0.0f, 3.0f));
}

INLINE I path_bin(const Scene *scene, V3 origin, V3 direction) {
  const float *low = scene->header.scene_low, *high = scene->header.scene_high;
  I x = bin_cell(origin.x, low[0], high[0]), y = bin_cell(origin.y, low[1], high[1]);
  I z = bin_cell(origin.z, low[2], high[2]);
  I cell = ((x & 2) << 4) | ((y & 2) << 3) | ((z & 2) << 2) | ((x & 1) << 2) | ((y & 1) << 1) | (z & 1);
  // By sign bits, not by comparisons: Oclgrind makes 255 of a lane's `true & 1`.
  U octant = (AS_U(direction.x) >> 31) | ((AS_U(direction.y) >> 30) & 2u) | ((AS_U(direction.z) >> 29) & 4u);
  return AS_I(octant << 6) | cell;
}

// Moves the paths together that have the same bin (counting sort: the order within a bin stays).
APART void chunk_sort(const Scene *scene, int count, __global float *rows) {
  __global int *bin = (__global int *)rows + ROW_BIN * ROW_FLOATS;
  __global int *order = (__global int *)rows + ROW_ORDER * ROW_FLOATS;
  int place[BINS];
  for (int i = 0; i < BINS; i++) place[i] = 0;
  for (int i = 0; i < count; i += W) {
    V3 origin = row_load_v3(rows, ROW_ORIGIN, i), direction = row_load_v3(rows, ROW_DIRECTION, i);
    row_store_int(rows, ROW_BIN, i, path_bin(scene, origin, direction));
  }
#pragma unroll 1
  for (int i = 0; i < count; i++) place[bin[i]]++;
  int sum = 0;
#pragma unroll 1
  for (int i = 0; i < BINS; i++) {
    int size = place[i];
    place[i] = sum;
    sum += size;
  }
#pragma unroll 1
  for (int i = 0; i < count; i++) order[place[bin[i]]++] = i;
  for (int i = 0; i < W; i++) order[count + i] = 0;
  for (int row = 0; row < PATH_ROWS; row++) {
    __global const int *from = (__global const int *)rows + row * ROW_FLOATS;
#pragma unroll 1
    for (int i = 0; i < count; i += W) {
      row_store_int(rows, ROW_MOVED, i, gather_int(from, row_load_int(rows, ROW_ORDER, i)));
    }
#pragma unroll 1
    for (int i = 0; i < count; i += W) row_store_int(rows, row, i, row_load_int(rows, ROW_MOVED, i));
  }
}

// Adds the samples of the chunk's pixels to the sums.
APART void chunk_accumulate(
    __global const DeviceLaunch *launch, int pixel_count, __global const float *rows, __global long *rgba,
    __global uint *work) {
  int samples = (int)launch->sample_count;
  __global const float *light = rows + ROW_LIGHT * ROW_FLOATS;
  for (int pixel = 0; pixel < pixel_count; pixel++) {
    long red = 0, green = 0, blue = 0, alpha = 0;
    uint rays = 0;
#pragma unroll 1
    for (int i = pixel * samples; i < (pixel + 1) * samples; i++) {
      red += fixed_point(light[i]);
      green += fixed_point(light[ROW_FLOATS + i]);
      blue += fixed_point(light[2 * ROW_FLOATS + i]);
      alpha += fixed_point(launch->transparent_background ? rows[ROW_COVER * ROW_FLOATS + i] : 1.0f);
      rays += ((__global const uint *)rows)[ROW_RAYS * ROW_FLOATS + i];
    }
    rgba[4 * pixel] += red;
    rgba[4 * pixel + 1] += green;
    rgba[4 * pixel + 2] += blue;
    rgba[4 * pixel + 3] += alpha;
    work[pixel] += rays;
  }
}

// All samples of `pixel_count` pixels; pixel_count * launch->sample_count <= CHUNK_PATHS.
APART void chunk_render(
    const Scene *scene, __global const DeviceLaunch *launch, __global const uint *pixels, int pixel_count,
    __global float *rows, __global long *rgba, __global uint *work, __global long *layer_sums,
    __global uint *layer_points) {
  int count = pixel_count * (int)launch->sample_count;
  STAGE_TIMED(rows, STAGE_GENERATE, chunk_generate(scene, launch, pixels, count, rows));
  for (int bounce = 0; bounce <= launch->max_depth && count > 0; bounce++) {
    int shadow_count;
    STAGE_TIMED(rows, STAGE_CLOSEST, chunk_closest(scene, count, rows));
    if (bounce == 0 && NEEDS(scene, FLAG_SINGLE_SIDED)) {
      STAGE_TIMED(rows, STAGE_CLOSEST, chunk_see_through(scene, count, rows));
    }
    STAGE_TIMED(
        rows, STAGE_SHADE,
        count = chunk_shade(
            scene, launch, bounce, count, rows, layer_sums, layer_points, &shadow_count));
    STAGE_TIMED(rows, STAGE_SHADOW, chunk_shadow(scene, shadow_count, rows));
    STAGE_TIMED(rows, STAGE_SORT, chunk_sort(scene, count, rows));
  }
  STAGE_TIMED(rows, STAGE_ACCUMULATE, chunk_accumulate(launch, pixel_count, rows, rgba, work));
}

#endif
