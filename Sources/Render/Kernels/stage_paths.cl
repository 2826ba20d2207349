// The stages at both ends of a path, and what sends camera rays on.
#if W == 1

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
