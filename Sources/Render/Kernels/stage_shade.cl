// The stage between the rays of one bounce and those of the next.
#if W == 1

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

// `paths`: the first row of this bounce's paths, which are read; the other set is written. A group asks for
// its columns at once.
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
#endif
