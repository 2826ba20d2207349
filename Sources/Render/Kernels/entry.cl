// Entry points. Pixels are a list of x | y << 16; a launch adds its samples to the sums of pixels
// first_pixel ..< first_pixel + launch->pixel_count. rgba: 4 a pixel, units of 2^-30; work: rays traced;
// layer_sums and layer_points: as layers.cl says where launch->layers is set, else not touched.
// Every pixel belongs to one work-item alone, hence no atomics on the sums.

#define JOB_ARGUMENTS __global const DeviceLaunch *launch, __global const uint *pixels, uint first_pixel
#define SUM_ARGUMENTS                                                                                        \
  __global long *rgba, __global uint *work, __global long *layer_sums, __global uint *layer_points

#if W > 1
// One long-running work-item a compute unit; it takes chunks of `chunk_pixels` pixels until none is left.
// `next_chunk` starts at 0; `scratch` has ROWS * ROW_FLOATS floats a work-item.
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void render_wavefront(
    SCENE_ARGUMENTS, JOB_ARGUMENTS, uint chunk_pixels, __global uint *next_chunk, __global float *scratch,
    SUM_ARGUMENTS) {
  Scene scene = scene_of(SCENE_VALUES);
  __global float *rows = scratch + get_global_id(0) * (size_t)(ROWS * ROW_FLOATS);
  uint count = launch->pixel_count;
  uint chunks = (count + chunk_pixels - 1) / chunk_pixels;
  for (uint chunk = atomic_inc(next_chunk); chunk < chunks; chunk = atomic_inc(next_chunk)) {
    uint first = chunk * chunk_pixels;
    int taken = (int)(count - first < chunk_pixels ? count - first : chunk_pixels);
    first += first_pixel;
    chunk_render(
        &scene, launch, pixels + first, taken, rows, rgba + 4 * (size_t)first, work + first,
        layer_sums + LAYER_SUMS * (size_t)first, layer_points + LAYER_POINTS * (size_t)first);
  }
}
#else

// One sample of one pixel, all bounces; returns the light and adds the rays.
INLINE V3 sample_trace(
    const Scene *scene, __global const DeviceLaunch *launch, uint place, uint sample, int *cover,
    uint *rays, __global long *layer_sums, __global uint *layer_points) {
  Path path = path_generate(scene, launch, place & 0xffffu, place >> 16, sample);
  V3 sum = v3_zero();
  int alive = 1;
  for (int bounce = 0; bounce <= launch->max_depth && alive; bounce++) {
    RaySetup setup;
    Hit hit;
    V3 o, d = path.direction;
    int found;
    int passed = 0;
    do {
      o = path.origin;
      ray_setup(o.x, o.y, o.z, d.x, d.y, d.z, scene->header.box_padding, &setup);
      hit = hit_before(RAY_MISS_T);
      scene_intersect(scene, &setup, 0, &hit);
      found = hit.triangle != TRIANGLE_NONE;
    } while (bounce == 0 && found && passed++ < SEE_THROUGH_MAX &&
             path_passes(scene, &path.origin, d, hit.triangle, hit.instance, 1));
    *rays += 1;
    if (bounce == 0) *cover = found;
    Layers layers = {bounce == 0 && launch->layers ? layer_sums : 0, layer_points, 0, path.index, 1};
    ShadowRay ray;
    V3 light;
    alive = path_shade(
        scene, launch, bounce, 1, hit.t, hit.triangle, hit.instance, &layers, &path, &ray, &light);
    sum = v3_add(sum, light);
    if (!ray.wanted) continue;
    *rays += 1;
    o = ray.origin;
    d = ray.direction;
    ray_setup(o.x, o.y, o.z, d.x, d.y, d.z, scene->header.box_padding, &setup);
    hit = hit_before(ray.distance);
    if (!scene_intersect(scene, &setup, 1, &hit)) sum = v3_add(sum, ray.light);
  }
  return sum;
}

// One work-item a pixel.
#ifndef WORK_GROUP
#define WORK_GROUP 64
#endif
__kernel __attribute__((reqd_work_group_size(WORK_GROUP, 1, 1))) void render_pixels(
    SCENE_ARGUMENTS, JOB_ARGUMENTS, SUM_ARGUMENTS) {
  uint i = (uint)get_global_id(0);
  if (i >= launch->pixel_count) return;
  Scene scene = scene_of(SCENE_VALUES);
  uint pixel = first_pixel + i;
  long sums[4] = {0, 0, 0, 0};
  uint rays = 0;
  for (uint k = 0; k < launch->sample_count; k++) {
    int cover = 0;
    V3 light = sample_trace(
        &scene, launch, pixels[pixel], launch->first_sample + k, &cover, &rays,
        layer_sums + LAYER_SUMS * (size_t)pixel, layer_points + LAYER_POINTS * (size_t)pixel);
    sums[0] += fixed_point(light.x);
    sums[1] += fixed_point(light.y);
    sums[2] += fixed_point(light.z);
    sums[3] += fixed_point(launch->transparent_background ? (float)cover : 1.0f);
  }
  for (int c = 0; c < 4; c++) rgba[4 * (size_t)pixel + c] += sums[c];
  work[pixel] += rays;
}
#endif

// Rays without paths, for tests and benchmarks. `rays`: rows of `stride` floats (a multiple of 16): origin,
// direction, length; out: distance and triangle of the nearest hit (TRIANGLE_NONE: nothing), or, if any = 1,
// distance -1 where something is hit. Work-item i takes `share` rays (a multiple of W) from i * share on.
// alone = 1: rays one by one, not in packets.
#ifdef TRACE_RAYS
#if W > 1
INLINE void rays_trace(
    const Scene *scene, const RayPacket *rays, int any, int alone, PacketHit *hit) {
  if (alone) {
    packet_singles(scene, rays, 0, any, INSTANCE_NONE, lane_bits(hit->t >= 0.0f), hit);
  } else {
    packet_intersect(scene, rays, any, hit);
  }
}
#endif

__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void trace_rays(
    SCENE_ARGUMENTS, __global const float *rays, uint stride, uint share, uint any, uint alone,
    __global float *hit_distances, __global int *hit_triangles) {
  Scene scene = scene_of(SCENE_VALUES);
  uint first = (uint)get_global_id(0) * share;
  for (uint i = first; i < first + share && i < stride; i += W) {
    F r[7];
    for (int row = 0; row < 7; row++) r[row] = *(__global const F *)(rays + row * stride + i);
#if W == 1
    Hit hit = hit_before(r[6]);
    RaySetup ray;
    ray_setup(r[0], r[1], r[2], r[3], r[4], r[5], scene.header.box_padding, &ray);
    if (scene_intersect(&scene, &ray, (int)any, &hit) && any) hit.t = -1.0f;
#else
    PacketHit hit = packet_hit_before(r[6]);
    RayPacket packet;
    packet.origin = v3(r[0], r[1], r[2]);
    packet.direction = v3(r[3], r[4], r[5]);
    packet_setup(scene.header.box_padding, &packet);
    if (any) {
      rays_trace(&scene, &packet, 1, (int)alone, &hit);
    } else {
      rays_trace(&scene, &packet, 0, (int)alone, &hit);
    }
#endif
    *(__global F *)(hit_distances + i) = hit.t;
    *(__global I *)(hit_triangles + i) = hit.triangle;
  }
}
#endif
