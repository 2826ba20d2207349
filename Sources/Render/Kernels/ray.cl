// One ray, prepared for its way through the BVH.

#define RAY_MISS_T 1e30f

// The nearest hit so far, or how far the ray goes. `t` is in units of the ray's direction, in both spaces.
typedef struct {
  float t;
  int triangle;  // TRIANGLE_NONE: nothing yet
  int instance;  // INSTANCE_NONE: the triangle lies in world space
} Hit;

INLINE Hit hit_before(float t) {
  Hit hit = {t, TRIANGLE_NONE, INSTANCE_NONE};
  return hit;
}

// What a ray's traversal needs, precomputed: rows of numbers. A packet has those of W rays side by side, and
// one of its rays lies in it as the packet is (packet.cl), W numbers from row to row.
#define RAY_ORIGIN 0          // x, y, z
#define RAY_DIRECTION 3
#define RAY_INVERSE 6         // 1 / direction, finite
#define RAY_SCALED_ORIGIN 9   // -origin / direction
#define RAY_TURNED_ORIGIN 12  // the axis along which the ray goes furthest last
#define RAY_SHEAR 15          // of x and y along that axis, and its scale (Woop)
#define RAY_LAST_AXIS 18      // a whole number
#define RAY_PADDING 19        // of the tree's boxes
#define RAY_ROWS 20
typedef struct { float row[RAY_ROWS * W]; } RaySetup;

INLINE float ray_at(const RaySetup *ray, int row) { return ray->row[row * W]; }
INLINE int ray_last_axis(const RaySetup *ray) { return ((const int *)ray->row)[RAY_LAST_AXIS * W]; }
// 1 where the direction is negative.
INLINE int ray_negative(const RaySetup *ray, int axis) {
  return (int)(as_uint(ray_at(ray, RAY_INVERSE + axis)) >> 31);
}
INLINE void ray_put(RaySetup *ray, int row, float x, float y, float z) {
  ray->row[row * W] = x;
  ray->row[(row + 1) * W] = y;
  ray->row[(row + 2) * W] = z;
}

INLINE float finite_inverse(float x) {
  return fabs(x) < 1e-18f ? (x < 0.0f ? -1e18f : 1e18f) : 1.0f / x;
}
INLINE float pick_axis(float x, float y, float z, int axis) { return axis == 0 ? x : axis == 1 ? y : z; }
// The axes before the last one, so that they turn the same way round.
INLINE int first_axis(int last) { return last == 2 ? 0 : last + 1; }
INLINE int second_axis(int last) { return last == 0 ? 2 : last - 1; }

INLINE void ray_setup(
    float ox, float oy, float oz, float dx, float dy, float dz, float padding, RaySetup *ray) {
  float ix = finite_inverse(dx), iy = finite_inverse(dy), iz = finite_inverse(dz);
  ray_put(ray, RAY_ORIGIN, ox, oy, oz);
  ray_put(ray, RAY_DIRECTION, dx, dy, dz);
  ray_put(ray, RAY_INVERSE, ix, iy, iz);
  ray_put(ray, RAY_SCALED_ORIGIN, -(ox * ix), -(oy * iy), -(oz * iz));
  float ax = fabs(dx), ay = fabs(dy), az = fabs(dz);
  int kz = ax > ay ? (ax > az ? 0 : 2) : (ay > az ? 1 : 2);
  int kx = first_axis(kz), ky = second_axis(kz);
  ray_put(
      ray, RAY_TURNED_ORIGIN, pick_axis(ox, oy, oz, kx), pick_axis(ox, oy, oz, ky),
      pick_axis(ox, oy, oz, kz));
  float sz = pick_axis(ix, iy, iz, kz);
  ray_put(ray, RAY_SHEAR, -(pick_axis(dx, dy, dz, kx) * sz), -(pick_axis(dx, dy, dz, ky) * sz), sz);
  ((int *)ray->row)[RAY_LAST_AXIS * W] = kz;
  ray->row[RAY_PADDING * W] = padding;
}

// The ray as an instance's objects see it; its length changes with the scale, so that distances stay.
INLINE void ray_enter(const RaySetup *world, __global const int *instance, RaySetup *ray) {
  __global const float *m = (__global const float *)instance + INSTANCE_OBJECT_FROM_WORLD;
  const float *o = world->row + RAY_ORIGIN * W, *d = world->row + RAY_DIRECTION * W;
  float p[3], v[3];
  for (int i = 0; i < 3; i++) {
    p[i] = fma(m[i], o[0], fma(m[3 + i], o[W], fma(m[6 + i], o[2 * W], m[9 + i])));
    v[i] = fma(m[i], d[0], fma(m[3 + i], d[W], m[6 + i] * d[2 * W]));
  }
  ray_setup(p[0], p[1], p[2], v[0], v[1], v[2], ((__global const float *)instance)[INSTANCE_PADDING], ray);
}
