// One lane a work-item: each stage is a kernel over all paths of a launch, so that work-items side by side do
// the same. State lies in rows of `capacity` words in the device's memory. Survivors and shadow rays are
// written next to each other, in an order that may differ from run to run; but every path adds its own light
// in the order of its bounces, and samples become whole numbers before they are added: hence the same bits.
#if W == 1

// Rows of the state. A path is one column of PATH_ROWS of them; of these there are two sets, for this bounce
// and for the next.
enum {
  PATH_ORIGIN = 0,
  PATH_DIRECTION = 3,
  PATH_THROUGHPUT = 6,
  PATH_DENSITY = 9,
  PATH_NUMBER = 10,  // within the launch: the samples of a pixel lie next to each other
  PATH_ROWS = STAGE_PATH_ROWS,
  HIT_T = 2 * PATH_ROWS,
  HIT_TRIANGLE,
  HIT_INSTANCE,
  SHADOW_ORIGIN,
  SHADOW_DIRECTION = SHADOW_ORIGIN + 3,
  SHADOW_DISTANCE = SHADOW_DIRECTION + 3,
  SHADOW_LIGHT,
  SHADOW_NUMBER = SHADOW_LIGHT + 3,
  ROW_LIGHT,  // from here on by the path's number: light gained,
  ROW_COVER = ROW_LIGHT + 3,  // whether the camera ray saw something,
  ROW_RAYS,  // rays traced
  ROWS
};
_Static_assert(ROWS == STAGE_ROWS, "the host makes room for STAGE_ROWS rows");

// `counts`: of bounce b at 2 b its paths, at 2 b + 1 its shadow rays; behind the last, how often camera rays
// have passed a surface. All but the first start at 0.
#define STATE_ARGUMENTS __global float *state, uint capacity, __global uint *counts
#define ROW(row, column) state[(size_t)(row) * capacity + (column)]
#define ROW_INT(row, column) ((__global int *)state)[(size_t)(row) * capacity + (column)]
#define ROW_V3(row, column) v3(ROW(row, column), ROW((row) + 1, column), ROW((row) + 2, column))
#define ROW_PUT_V3(row, column, vector)                                                                      \
  do {                                                                                                       \
    V3 put = vector;                                                                                         \
    ROW(row, column) = put.x;                                                                                \
    ROW((row) + 1, column) = put.y;                                                                          \
    ROW((row) + 2, column) = put.z;                                                                          \
  } while (0)

#ifndef WORK_GROUP
#define WORK_GROUP 64
#endif
#define STAGE __kernel __attribute__((reqd_work_group_size(WORK_GROUP, 1, 1))) void

// Instead of a triangle's number: the camera ray goes on behind the back of a single-sided surface.
#define TRIANGLE_PASSED 0x7ffffffe

// Writes a path; its key and its sample's index come from its number.
#define PATH_PUT(rows, column, path, path_number)                                                            \
  do {                                                                                                       \
    ROW_PUT_V3((rows) + PATH_ORIGIN, column, (path).origin);                                                 \
    ROW_PUT_V3((rows) + PATH_DIRECTION, column, (path).direction);                                           \
    ROW_PUT_V3((rows) + PATH_THROUGHPUT, column, (path).throughput);                                         \
    ROW((rows) + PATH_DENSITY, column) = (path).density;                                                     \
    ROW_INT((rows) + PATH_NUMBER, column) = (int)(path_number);                                              \
  } while (0)

STAGE stage_generate(
    SCENE_ARGUMENTS, JOB_ARGUMENTS, STATE_ARGUMENTS, __global long *path_sums, __global uint *path_points) {
  uint i = (uint)get_global_id(0);
  if (i >= counts[0]) return;
  Scene scene = scene_of(SCENE_VALUES);
  uint pixel = i / launch->sample_count, sample = i - pixel * launch->sample_count;
  uint place = pixels[first_pixel + pixel];
  Path path = path_generate(&scene, launch, place & 0xffffu, place >> 16, launch->first_sample + sample);
  PATH_PUT(0, i, path, i);
  ROW_PUT_V3(ROW_LIGHT, i, v3_zero());
  ROW_INT(ROW_RAYS, i) = 0;
  if (!launch->layers) return;
  for (int k = 0; k < LAYER_SUMS; k++) path_sums[LAYER_SUMS * (size_t)i + k] = 0;
  for (int k = 0; k < LAYER_POINTS; k++) path_points[LAYER_POINTS * (size_t)i + k] = 0;
}

// The stages of rays are there twice: code for cut-outs, though no triangle has any, costs a graphics
// processor a tenth of its speed.
#define CLOSEST_ARGUMENTS SCENE_ARGUMENTS, STATE_ARGUMENTS, uint paths, uint queue, uint again
#define CLOSEST_VALUES SCENE_VALUES, state, capacity, counts, paths, queue, again
#define SHADOW_ARGUMENTS SCENE_ARGUMENTS, STATE_ARGUMENTS, uint queue
#define SHADOW_VALUES SCENE_VALUES, state, capacity, counts, queue

// `paths`: the first row of this bounce's paths; `queue`: which count is theirs; again = 1: only those that
// have passed a surface.
INLINE void find_closest(CLOSEST_ARGUMENTS, int cutouts) {
  uint i = (uint)get_global_id(0);
  if (i >= counts[queue] || (again && ROW_INT(HIT_TRIANGLE, i) != TRIANGLE_PASSED)) return;
  Scene scene = scene_of(SCENE_VALUES);
  V3 o = ROW_V3(paths + PATH_ORIGIN, i), d = ROW_V3(paths + PATH_DIRECTION, i);
  RaySetup setup;
  ray_setup(o.x, o.y, o.z, d.x, d.y, d.z, scene.header.box_padding, &setup);
  Hit hit = hit_before(RAY_MISS_T);
  scene_intersect(&scene, &setup, 0, cutouts, &hit);
  ROW(HIT_T, i) = hit.t;
  ROW_INT(HIT_TRIANGLE, i) = hit.triangle;
  ROW_INT(HIT_INSTANCE, i) = hit.instance;
}
STAGE stage_closest(CLOSEST_ARGUMENTS) { find_closest(CLOSEST_VALUES, 0); }

// Sends camera rays on that met the back of a single-sided surface; `passed`: which count grows by them.
STAGE stage_see_through(SCENE_ARGUMENTS, STATE_ARGUMENTS, uint passed) {
  uint i = (uint)get_global_id(0);
  if (!CAN(FLAG_SINGLE_SIDED) || i >= counts[0]) return;
  int triangle = ROW_INT(HIT_TRIANGLE, i);
  if (triangle == TRIANGLE_NONE) return;
  Scene scene = scene_of(SCENE_VALUES);
  V3 origin = ROW_V3(PATH_ORIGIN, i), direction = ROW_V3(PATH_DIRECTION, i);
  if (!path_passes(&scene, &origin, direction, triangle, ROW_INT(HIT_INSTANCE, i), 1)) return;
  ROW_PUT_V3(PATH_ORIGIN, i, origin);
  ROW_INT(HIT_TRIANGLE, i) = TRIANGLE_PASSED;
  atomic_inc(&counts[passed]);
}

// Shades column `i`; returns whether the path goes on.
INLINE int stage_shade_path(
    const Scene *scene, JOB_ARGUMENTS, __global float *state, uint capacity, uint paths, uint bounce,
    uint i, __global long *path_sums, __global uint *path_points, Path *path, uint *path_number,
    ShadowRay *ray) {
  uint number = (uint)ROW_INT(paths + PATH_NUMBER, i);
  uint pixel = number / launch->sample_count, sample = number - pixel * launch->sample_count;
  uint place = pixels[first_pixel + pixel];
  path->origin = ROW_V3(paths + PATH_ORIGIN, i);
  path->direction = ROW_V3(paths + PATH_DIRECTION, i);
  path->throughput = ROW_V3(paths + PATH_THROUGHPUT, i);
  path->density = ROW(paths + PATH_DENSITY, i);
  path->key = pixel_key(launch, place & 0xffffu, place >> 16);
  path->index = reverse_bits(launch->first_sample + sample);
  int triangle = ROW_INT(HIT_TRIANGLE, i);
  if (bounce == 0) ROW(ROW_COVER, i) = triangle != TRIANGLE_NONE ? 1.0f : 0.0f;
  Layers layers = {
      bounce == 0 && launch->layers ? path_sums : 0, path_points, (int)number, path->index, 1};
  V3 light;
  int alive = path_shade(
      scene, launch, (int)bounce, 1, ROW(HIT_T, i), triangle, ROW_INT(HIT_INSTANCE, i), &layers, path, ray,
      &light);
  if (light.x != 0.0f || light.y != 0.0f || light.z != 0.0f) {
    ROW_PUT_V3(ROW_LIGHT, number, v3_add(ROW_V3(ROW_LIGHT, number), light));
  }
  ROW_INT(ROW_RAYS, number) += ray->wanted ? 2 : 1;
  *path_number = number;
  return alive;
}

// `paths`, as above, are read; the other set is written. A group asks for its columns at once.
STAGE stage_shade(
    SCENE_ARGUMENTS, JOB_ARGUMENTS, STATE_ARGUMENTS, uint paths, uint bounce, __global long *path_sums,
    __global uint *path_points) {
  __local uint wanted[2], first[2];
  uint i = (uint)get_global_id(0), leads = get_local_id(0) == 0;
  if (leads) wanted[0] = wanted[1] = 0;
  barrier(CLK_LOCAL_MEM_FENCE);
  Path path;
  ShadowRay ray;
  uint number = 0, path_place = 0, ray_place = 0;
  int alive = 0;
  ray.wanted = 0;
  if (i < counts[2 * bounce]) {
    Scene scene = scene_of(SCENE_VALUES);
    alive = stage_shade_path(
        &scene, launch, pixels, first_pixel, state, capacity, paths, bounce, i, path_sums, path_points,
        &path, &number, &ray);
  }
  if (alive) path_place = atomic_inc(&wanted[0]);
  if (ray.wanted) ray_place = atomic_inc(&wanted[1]);
  barrier(CLK_LOCAL_MEM_FENCE);
  if (leads) {
    first[0] = atomic_add(&counts[2 * bounce + 2], wanted[0]);
    first[1] = atomic_add(&counts[2 * bounce + 1], wanted[1]);
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  if (alive) {
    path_place += first[0];
    PATH_PUT(PATH_ROWS - paths, path_place, path, number);
  }
  if (ray.wanted) {
    ray_place += first[1];
    ROW_PUT_V3(SHADOW_ORIGIN, ray_place, ray.origin);
    ROW_PUT_V3(SHADOW_DIRECTION, ray_place, ray.direction);
    ROW(SHADOW_DISTANCE, ray_place) = ray.distance;
    ROW_PUT_V3(SHADOW_LIGHT, ray_place, ray.light);
    ROW_INT(SHADOW_NUMBER, ray_place) = (int)number;
  }
}

// Adds the light of the shadow rays that hit nothing.
INLINE void find_shadow(SHADOW_ARGUMENTS, int cutouts) {
  uint i = (uint)get_global_id(0);
  if (i >= counts[queue]) return;
  Scene scene = scene_of(SCENE_VALUES);
  V3 o = ROW_V3(SHADOW_ORIGIN, i), d = ROW_V3(SHADOW_DIRECTION, i);
  RaySetup setup;
  ray_setup(o.x, o.y, o.z, d.x, d.y, d.z, scene.header.box_padding, &setup);
  Hit hit = hit_before(ROW(SHADOW_DISTANCE, i));
  if (scene_intersect(&scene, &setup, 1, cutouts, &hit)) return;
  uint number = (uint)ROW_INT(SHADOW_NUMBER, i);
  ROW_PUT_V3(ROW_LIGHT, number, v3_add(ROW_V3(ROW_LIGHT, number), ROW_V3(SHADOW_LIGHT, i)));
}
STAGE stage_shadow(SHADOW_ARGUMENTS) { find_shadow(SHADOW_VALUES, 0); }

#if FEATURES & FLAG_CUTOUT
STAGE stage_closest_cutouts(CLOSEST_ARGUMENTS) { find_closest(CLOSEST_VALUES, 1); }
STAGE stage_shadow_cutouts(SHADOW_ARGUMENTS) { find_shadow(SHADOW_VALUES, 1); }
#endif

// Adds what a path's camera ray met to the layers of its pixel.
INLINE void stage_add_layers(
    __global const long *path_sums, __global const uint *path_point, __global long *sums,
    __global uint *point) {
  for (int k = 0; k < LAYER_SUMS; k++) sums[k] += path_sums[k];
  if (path_point[0] == 0 || (point[0] != 0 && point[0] <= path_point[0])) return;
  for (int k = 0; k < LAYER_POINTS; k++) point[k] = path_point[k];
}

// One work-item a pixel.
STAGE stage_accumulate(
    JOB_ARGUMENTS, STATE_ARGUMENTS, __global const long *path_sums, __global const uint *path_points,
    SUM_ARGUMENTS) {
  uint i = (uint)get_global_id(0), samples = launch->sample_count;
  if (i >= launch->pixel_count) return;
  size_t pixel = first_pixel + i;
  long sums[4] = {0, 0, 0, 0};
  uint rays = 0;
  for (size_t number = (size_t)i * samples; number < (size_t)(i + 1) * samples; number++) {
    for (int c = 0; c < 3; c++) sums[c] += fixed_point(ROW(ROW_LIGHT + c, number));
    sums[3] += fixed_point(launch->transparent_background ? ROW(ROW_COVER, number) : 1.0f);
    rays += (uint)ROW_INT(ROW_RAYS, number);
    if (!launch->layers) continue;
    stage_add_layers(
        path_sums + LAYER_SUMS * number, path_points + LAYER_POINTS * number,
        layer_sums + LAYER_SUMS * pixel, layer_points + LAYER_POINTS * pixel);
  }
  for (int c = 0; c < 4; c++) rgba[4 * pixel + c] += sums[c];
  work[pixel] += rays;
}
#endif
