// One ray against triangles, SIDE of them side by side.

// A processor's vector has eight; elsewhere four fit into a lane's registers.
#if W > 1
#define SIDE 8
typedef float8 SideF;
typedef int8 SideI;
INLINE uint side_bits(SideI mask) { return mask_bits8(mask); }
// Values to be taken one by one.
typedef struct { float value[SIDE]; } ALIGNED SideRow;
INLINE SideRow side_row(SideF values) {
  SideRow row;
  *(SideF *)row.value = values;
  return row;
}
INLINE float side_value(const SideRow *row, int i) { return row->value[i]; }
#else
#define SIDE 4
typedef float4 SideF;
typedef int4 SideI;
INLINE uint side_bits(SideI mask) {
  int4 bits = mask & (int4)(1, 2, 4, 8);
  return (uint)((bits.x | bits.y) | (bits.z | bits.w));
}
typedef struct { SideF values; } SideRow;
INLINE SideRow side_row(SideF values) {
  SideRow row = {values};
  return row;
}
INLINE float side_value(const SideRow *row, int i) {
  SideF v = row->values;
  float low = i & 1 ? v.y : v.x, high = i & 1 ? v.w : v.z;
  return i & 2 ? high : low;
}
#endif

// Whether a ray that crosses a cut-out triangle, with these edge functions, hits it.
NOINLINE static int cutout_hit(
    const Scene *scene, const RaySetup *ray, int triangle, int instance, float u, float v, float w) {
  float inverse = 1.0f / ((u + v) + w);
  const float *o = ray->row + RAY_ORIGIN * W, *d = ray->row + RAY_DIRECTION * W;
  return cutout_accepts(
      scene, triangle, instance, u * inverse, v * inverse, w * inverse,
      cutout_seed(o[0], o[W], o[2 * W], d[0], d[W], d[2 * W]));
}

INLINE float lowest_of(float a, float b, float c) {
  float low = a < b ? a : b;
  return low < c ? low : c;
}
INLINE float highest_of(float a, float b, float c) {
  float high = a > b ? a : b;
  return high > c ? high : c;
}

// Bounds of triangle `i` of a block, padded as the tree's boxes are.
INLINE void triangle_box(__global const float *block, int i, float padding, float *low, float *high) {
#pragma unroll
  for (int axis = 0; axis < 3; axis++) {
    __global const float *row = block + 8 * axis + i;
    low[axis] = lowest_of(row[0], row[24], row[48]) - padding;
    high[axis] = highest_of(row[0], row[24], row[48]) + padding;
  }
}

// Where the ray enters a triangle's box, or -1 if it misses it. Beside a triangle that is about as small as
// single precision resolves, rounding alone makes the edge functions: a hit counts only inside of the box,
// and from its entry on. The boxes that lead to the triangle contain this one, and rounding is monotone: so
// no hit lies before their entries, and none is lost or won by the order of the visit or the tree's shape.
INLINE float box_entry(const RaySetup *ray, const float *low, const float *high) {
  float enter = 0.0f, leave = RAY_MISS_T;
#pragma unroll
  for (int axis = 0; axis < 3; axis++) {
    int down = ray_negative(ray, axis);
    float inverse = ray_at(ray, RAY_INVERSE + axis), origin = ray_at(ray, RAY_SCALED_ORIGIN + axis);
    float a = fma(down ? high[axis] : low[axis], inverse, origin);
    float b = fma(down ? low[axis] : high[axis], inverse, origin);
    enter = a > enter ? a : enter;
    leave = b < leave ? b : leave;
  }
  return enter <= leave ? enter : -1.0f;
}

// The corners of a block's triangles on one axis, relative to the ray's origin. `row`: the axis' of corner a.
INLINE SideF block_corner(__global const float *row, int corner, float origin) {
  return *(__global const SideF *)(row + 24 * corner) - origin;
}

// SIDE triangles of a block, from the one on that `block` has been moved to.
// Woop, Benthin & Wald 2013, "Watertight Ray/Triangle Intersection". The edge functions are without fma:
// their sign must flip exactly when two triangles share the edge. Keeps the nearest hit; returns whether one
// was found. `cutouts`: 0 where no triangle may have holes.
INLINE int block_intersect(
    const Scene *scene, const RaySetup *ray, __global const float *block, int instance, int cutouts,
    Hit *hit) {
  int last = ray_last_axis(ray);
  __global const float *x = block + 8 * first_axis(last), *y = block + 8 * second_axis(last);
  __global const float *z = block + 8 * last;
  float ox = ray_at(ray, RAY_TURNED_ORIGIN), oy = ray_at(ray, RAY_TURNED_ORIGIN + 1);
  float oz = ray_at(ray, RAY_TURNED_ORIGIN + 2);
  SideF sx = (SideF)(ray_at(ray, RAY_SHEAR)), sy = (SideF)(ray_at(ray, RAY_SHEAR + 1));
  SideF az = block_corner(z, 0, oz), bz = block_corner(z, 1, oz), cz = block_corner(z, 2, oz);
  SideF ax = fma(sx, az, block_corner(x, 0, ox)), ay = fma(sy, az, block_corner(y, 0, oy));
  SideF bx = fma(sx, bz, block_corner(x, 1, ox)), by = fma(sy, bz, block_corner(y, 1, oy));
  SideF cx = fma(sx, cz, block_corner(x, 2, ox)), cy = fma(sy, cz, block_corner(y, 2, oy));
  SideF u = cx * by - cy * bx, v = ax * cy - ay * cx, w = bx * ay - by * ax;
  SideF low = u < v ? u : v;
  low = low < w ? low : w;
  SideF high = u > v ? u : v;
  high = high > w ? high : w;
  SideF det = (u + v) + w;
  SideF scaled_t = fma(u, az, fma(v, bz, w * cz)) * ray_at(ray, RAY_SHEAR + 2);
  SideI crosses = ((low >= 0.0f) | (high <= 0.0f)) & (det != 0.0f);
#if W > 1
  SideF distance = scaled_t / det;
  uint inside = side_bits(crosses & (distance > 0.0f) & (distance <= hit->t));
  if (!inside) return 0;
  SideRow t = side_row(distance);
#else
  uint inside = side_bits(crosses);
  if (!inside) return 0;
  SideRow dividend = side_row(scaled_t), divisor = side_row(det);
#endif
  __global const int *triangle = (__global const int *)(block + 72);
  int found = 0;
  for (; inside; inside &= inside - 1) {  // at most SIDE times
    int i = lowest_bit(inside);
    int id = triangle[i];
    if (id == TRIANGLE_NONE) continue;
    int cutout = id & TRIANGLE_CUTOUT;
    id &= ~TRIANGLE_CUTOUT;
    float box_low[3], box_high[3];
    triangle_box(block, i, ray_at(ray, RAY_PADDING), box_low, box_high);
#if W > 1
    float ti = side_value(&t, i);
#else
    float ti = side_value(&dividend, i) / side_value(&divisor, i);
    if (!(ti > 0.0f && ti <= hit->t)) continue;
#endif
    float entry = box_entry(ray, box_low, box_high);
    if (entry < 0.0f) continue;
    ti = ti > entry ? ti : entry;
    int wins = instance < hit->instance || (instance == hit->instance && id < hit->triangle);
    if (ti < hit->t || (ti == hit->t && wins)) {
      if (CAN(FLAG_CUTOUT) && cutouts && cutout) {
        SideRow a = side_row(u), b = side_row(v), c = side_row(w);
        if (!cutout_hit(
                scene, ray, id, instance, side_value(&a, i), side_value(&b, i), side_value(&c, i))) {
          continue;
        }
      }
      hit->t = ti;
      hit->triangle = id;
      hit->instance = instance;
      found = 1;
    }
  }
  return found;
}

// The triangles of a leaf; whether one is the nearest hit so far.
INLINE int leaf_intersect(
    const Scene *scene, const RaySetup *ray, int child, int any, int instance, int cutouts, Hit *hit) {
  int leaf = ~child, found = 0;
  __global const float *block = scene->blocks + (size_t)(leaf >> 3) * 80;
  for (int count = (leaf & 7) + 1; count > 0 && !(found && any); count--, block += 80) {
    for (int i = 0; i < BVH_WIDTH; i += SIDE) {
      found |= block_intersect(scene, ray, block + i, instance, cutouts, hit);
    }
  }
  return found;
}
