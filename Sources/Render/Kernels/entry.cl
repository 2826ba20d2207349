// Entry points of more than one lane, and rays for tests.

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
    if (scene_intersect(&scene, &ray, (int)any, 1, &hit) && any) hit.t = -1.0f;
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
