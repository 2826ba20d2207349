// Layers beside the light: what the camera ray of each sample met first, noted where it is shaded.

// Sums of a pixel: albedo (red, green, blue) and shading normal (x, y, z), units of 2^-30.
#define LAYER_SUMS 6
// Words of a pixel: the number of the lowest-numbered sample that met anything, plus one (0: none), then
// depth and position (x, y, z) of what it met, as bit patterns.
#define LAYER_POINTS 5
// The six sums' values and the four of the point, of one sample.
#define LAYER_VALUES 10

// Where a first hit is noted.
typedef struct {
  __global long *sums;  // null: nowhere
  __global uint *points;
  I path;       // number within the chunk: the samples of a pixel lie next to each other
  U index;      // of the sample, bit-reversed
  int samples;  // of a pixel
} Layers;

// Adds what the lanes of `hit` met.
APART void layers_add(const Scene *scene, const Layers *layers, V3 albedo, V3 normal, V3 point, I hit) {
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
  *(I *)to = layers->path / (I)layers->samples;
  *(U *)sample = reverse_bits(layers->index) + 1u;
  for (uint bits = lane_bits(hit); bits; bits &= bits - 1) {
    int lane = lowest_bit(bits);
    __global long *sum = layers->sums + LAYER_SUMS * (size_t)to[lane];
    for (int k = 0; k < LAYER_SUMS; k++) sum[k] += signed_fixed_point(lanes[k * W + lane]);
    __global uint *first = layers->points + LAYER_POINTS * (size_t)to[lane];
    if (first[0] != 0 && first[0] <= sample[lane]) continue;
    first[0] = sample[lane];
    for (int k = 1; k < LAYER_POINTS; k++) {
      float value = lanes[(LAYER_SUMS + k - 1) * W + lane];
      // One zero, and nothing so small that a device may flush it.
      first[k] = fabs(value) >= 1.17549435e-38f ? as_uint(value) : 0u;
    }
  }
}
