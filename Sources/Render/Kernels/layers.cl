// Layers beside the light: what the camera ray of each sample met first. A pass of its own over rays that are
// traced anyway, so that renders without layers do not pay for it.

// Sums of a pixel: albedo (red, green, blue) and shading normal (x, y, z), units of 2^-30.
#define LAYER_SUMS 6
// Words of a pixel: the number of the lowest-numbered sample that met anything, plus one (0: none), then
// depth and position (x, y, z) of what it met, as bit patterns.
#define LAYER_POINTS 5
// The six sums' values and the four of the point, of one sample.
#define LAYER_VALUES 10

// Adds what the camera rays of `hit` met on `triangle` of `instance` to pixel `pixel` of the sums and points.
INLINE void layers_add(
    const Scene *scene, const Path *path, I triangle, I instance, I hit, I pixel, __global long *sums,
    __global uint *points) {
  if (!lane_bits(hit)) return;
  Surface surface = surface_seldom(
      scene, path->origin, path->direction, hit ? triangle : (I)0, hit ? instance : (I)INSTANCE_NONE);
  I material = field_int(scene->triangles, surface.triangle, TRIANGLE_WORDS, TRIANGLE_MATERIAL);
  V3 normal = material_normal(scene, &surface, material, surface_smooth_normal(scene, &surface), hit);
  normal = surface_visible_normal(&surface, normal, v3_scale(path->direction, (F)-1.0f));
  Place place = place_of(&surface);
  V3 albedo = texel_color(material_base(scene, &place, material, hit));
  V3 point = surface.raw_point;
  V3 eye = v3_scalar(
      scene->header.world_from_camera[3][0], scene->header.world_from_camera[3][1],
      scene->header.world_from_camera[3][2]);
  V3 forward = v3_scalar(
      -scene->header.world_from_camera[2][0], -scene->header.world_from_camera[2][1],
      -scene->header.world_from_camera[2][2]);
  F depth = v3_dot(v3_subtract(point, eye), forward);
  F values[LAYER_VALUES] = {
      albedo.x, albedo.y, albedo.z, normal.x, normal.y, normal.z, depth, point.x, point.y, point.z};
  float lanes[LAYER_VALUES * W] ALIGNED;
  int to[W] ALIGNED;
  uint sample[W] ALIGNED;
  for (int k = 0; k < LAYER_VALUES; k++) *(F *)(lanes + k * W) = values[k];
  *(I *)to = pixel;
  *(U *)sample = reverse_bits(path->index) + 1u;
  for (uint bits = lane_bits(hit); bits; bits &= bits - 1) {
    int lane = lowest_bit(bits);
    __global long *sum = sums + LAYER_SUMS * (size_t)to[lane];
    for (int k = 0; k < LAYER_SUMS; k++) sum[k] += signed_fixed_point(lanes[k * W + lane]);
    __global uint *first = points + LAYER_POINTS * (size_t)to[lane];
    if (first[0] != 0 && first[0] <= sample[lane]) continue;
    first[0] = sample[lane];
    for (int k = 1; k < LAYER_POINTS; k++) {
      float value = lanes[(LAYER_SUMS + k - 1) * W + lane];
      // One zero, and nothing so small that a device may flush it.
      first[k] = fabs(value) >= 1.17549435e-38f ? as_uint(value) : 0u;
    }
  }
}
