// Rays against the BVH: one ray, eight boxes or eight triangles at a time, whatever W is. The answer does not
// depend on the order of the visit: nearest, among equals the lowest instance, then the lowest triangle.

#define RAY_MISS_T 1e30f
// Entries; the host refuses a tree that could need more.
#define BVH_STACK 128

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

// Whether a ray that crosses the cut-out triangle in lane i of a block, by these edge functions, hits it.
NOINLINE static int cutout_hit(
    const Scene *scene, const RaySetup *ray, int triangle, int instance, int i, const float8 *u,
    const float8 *v, const float8 *w) {
  float lanes[24] ALIGNED;
  *(float8 *)lanes = *u;
  *(float8 *)(lanes + 8) = *v;
  *(float8 *)(lanes + 16) = *w;
  float inverse = 1.0f / ((lanes[i] + lanes[8 + i]) + lanes[16 + i]);
  const float *o = ray->row + RAY_ORIGIN * W, *d = ray->row + RAY_DIRECTION * W;
  return cutout_accepts(
      scene, triangle, instance, lanes[i] * inverse, lanes[8 + i] * inverse, lanes[16 + i] * inverse,
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
  for (int axis = 0; axis < 3; axis++) {
    int down = ray_negative(ray, axis);
    float inverse = ray_at(ray, RAY_INVERSE + axis), origin = ray_at(ray, RAY_SCALED_ORIGIN + axis);
    float a = fma(down ? high[axis] : low[axis], inverse, origin);
    float b = fma(down ? low[axis] : high[axis], inverse, origin);
    enter = a > enter ? a : enter;
    leave = b < leave ? b : leave;
  }
  return enter <= leave * 1.0000005f ? enter : -1.0f;
}

// The corners of a block's triangles on one axis, relative to the ray's origin. `row`: the axis' of corner a.
INLINE float8 block_corner(__global const float *row, int corner, float origin) {
  return *(__global const float8 *)(row + 24 * corner) - origin;
}

// Woop, Benthin & Wald 2013, "Watertight Ray/Triangle Intersection". The edge functions are without fma:
// their sign must flip exactly when two triangles share the edge. Keeps the nearest hit; returns whether one
// was found.
INLINE int block_intersect(
    const Scene *scene, const RaySetup *ray, __global const float *block, int instance, Hit *hit) {
  int last = ray_last_axis(ray);
  __global const float *x = block + 8 * first_axis(last), *y = block + 8 * second_axis(last);
  __global const float *z = block + 8 * last;
  float ox = ray_at(ray, RAY_TURNED_ORIGIN), oy = ray_at(ray, RAY_TURNED_ORIGIN + 1);
  float oz = ray_at(ray, RAY_TURNED_ORIGIN + 2);
  float8 sx = (float8)(ray_at(ray, RAY_SHEAR)), sy = (float8)(ray_at(ray, RAY_SHEAR + 1));
  float8 az = block_corner(z, 0, oz), bz = block_corner(z, 1, oz), cz = block_corner(z, 2, oz);
  float8 ax = fma(sx, az, block_corner(x, 0, ox)), ay = fma(sy, az, block_corner(y, 0, oy));
  float8 bx = fma(sx, bz, block_corner(x, 1, ox)), by = fma(sy, bz, block_corner(y, 1, oy));
  float8 cx = fma(sx, cz, block_corner(x, 2, ox)), cy = fma(sy, cz, block_corner(y, 2, oy));
  float8 u = cx * by - cy * bx, v = ax * cy - ay * cx, w = bx * ay - by * ax;
  float8 low = u < v ? u : v;
  low = low < w ? low : w;
  float8 high = u > v ? u : v;
  high = high > w ? high : w;
  float8 det = (u + v) + w;
  uint inside = mask_bits8(((low >= 0.0f) | (high <= 0.0f)) & (det != 0.0f));
  if (!inside) return 0;
  float8 t = (fma(u, az, fma(v, bz, w * cz)) * ray_at(ray, RAY_SHEAR + 2)) / det;
  inside &= mask_bits8((t > 0.0f) & (t <= hit->t));
  if (!inside) return 0;
  float distance[8] ALIGNED;
  *(float8 *)distance = t;
  __global const int *triangle = (__global const int *)(block + 72);
  int found = 0;
  for (; inside; inside &= inside - 1) {  // at most eight times
    int i = lowest_bit(inside);
    int id = triangle[i];
    if (id == TRIANGLE_NONE) continue;
    int cutout = id & TRIANGLE_CUTOUT;
    id &= ~TRIANGLE_CUTOUT;
    float box_low[3], box_high[3];
    triangle_box(block, i, ray_at(ray, RAY_PADDING), box_low, box_high);
    float ti = distance[i], entry = box_entry(ray, box_low, box_high);
    if (entry < 0.0f) continue;
    ti = ti > entry ? ti : entry;
    int wins = instance < hit->instance || (instance == hit->instance && id < hit->triangle);
    if (ti < hit->t || (ti == hit->t && wins)) {
      if (cutout) {
        float8 edges[3] = {u, v, w};
        if (!cutout_hit(scene, ray, id, instance, i, &edges[0], &edges[1], &edges[2])) continue;
      }
      hit->t = ti;
      hit->triangle = id;
      hit->instance = instance;
      found = 1;
    }
  }
  return found;
}

typedef struct { int child; float t; } StackEntry;

// Pushes the children of `hit` (at least two bits) so that the nearest comes off first, and returns that one.
INLINE int push_children(
    __global const int *child, const float *entry, uint hit, int any, StackEntry *stack, int *top) {
  int first = *top, end = *top;
  do {  // at most eight times
    int i = lowest_bit(hit);
    hit &= hit - 1;
    float t = entry[i];
    int j = end;
    while (!any && j > first && stack[j - 1].t < t) {
      stack[j] = stack[j - 1];
      j--;
    }
    stack[j].child = child[i];
    stack[j].t = t;
    end++;
  } while (hit);
  *top = end - 1;
  return stack[end - 1].child;
}

// As push_children, for two.
INLINE int push_farther(
    __global const int *child, const float *entry, int i, int j, int any, StackEntry *stack, int *top) {
  int swap = !any && entry[j] < entry[i];
  stack[*top].child = child[swap ? i : j];
  stack[*top].t = entry[swap ? i : j];
  *top += 1;
  return child[swap ? j : i];
}

// What a node's boxes need of a ray.
typedef struct {
  float8 inverse[3], scaled_origin[3], best_t;
  size_t near[3], far[3];  // where the rows of bounds begin that the ray meets first and last
} NodeRay;

INLINE NodeRay node_ray(const RaySetup *ray, float best_t) {
  NodeRay boxes;
  for (int axis = 0; axis < 3; axis++) {
    boxes.inverse[axis] = (float8)(ray_at(ray, RAY_INVERSE + axis));
    boxes.scaled_origin[axis] = (float8)(ray_at(ray, RAY_SCALED_ORIGIN + axis));
    boxes.near[axis] = (size_t)(16 * axis + 8 * ray_negative(ray, axis));
    boxes.far[axis] = boxes.near[axis] ^ 8;
  }
  boxes.best_t = (float8)(best_t);
  return boxes;
}

// Where the ray meets the planes of a row.
INLINE float8 node_planes(const NodeRay *ray, int axis, __global const float *row) {
  return fma(*(__global const float8 *)row, ray->inverse[axis], ray->scaled_origin[axis]);
}

// Which of a node's eight boxes the ray enters before its best hit, and where.
INLINE uint node_intersect(const NodeRay *ray, __global const float *node, float8 *entry) {
  float8 nx = node_planes(ray, 0, node + ray->near[0]), fx = node_planes(ray, 0, node + ray->far[0]);
  float8 ny = node_planes(ray, 1, node + ray->near[1]), fy = node_planes(ray, 1, node + ray->far[1]);
  float8 nz = node_planes(ray, 2, node + ray->near[2]), fz = node_planes(ray, 2, node + ray->far[2]);
  float8 a = nx > ny ? nx : ny;
  float8 b = nz > 0.0f ? nz : (float8)(0.0f);
  float8 c = fx < fy ? fx : fy;
  float8 d = fz < ray->best_t ? fz : ray->best_t;
  float8 far = c < d ? c : d;
  *entry = a > b ? a : b;
  return mask_bits8(*entry <= far * 1.0000005f);
}

// From a node down to the nearest child that is no node: a leaf, or BVH_EMPTY where the ray misses all boxes.
INLINE int bvh_descend(
    const Scene *scene, const RaySetup *ray, int current, int any, float best_t, StackEntry *stack,
    int *top) {
  NodeRay boxes = node_ray(ray, best_t);
  while (current >= 0) {
    __global const float *node = scene->nodes + (size_t)current * 56;
    __global const int *child = (__global const int *)(node + 48);
    float8 near;
    uint hit = node_intersect(&boxes, node, &near);
    if (!hit) return BVH_EMPTY;
    int first = lowest_bit(hit);
    uint others = hit & (hit - 1);
    current = child[first];
    if (!others) continue;
    float entry[8] ALIGNED;
    *(float8 *)entry = near;
    if (others & (others - 1)) {
      current = push_children(child, entry, hit, any, stack, top);
    } else {
      current = push_farther(child, entry, first, lowest_bit(others), any, stack, top);
    }
  }
  return current;
}

// The triangles of a leaf; whether one is the nearest hit so far.
INLINE int leaf_intersect(
    const Scene *scene, const RaySetup *ray, int child, int any, int instance, Hit *hit) {
  int leaf = ~child, found = 0;
  __global const float *block = scene->blocks + (size_t)(leaf >> 3) * 80;
  for (int count = (leaf & 7) + 1; count > 0 && !(found && any); count--, block += 80) {
    found |= block_intersect(scene, ray, block, instance, hit);
  }
  return found;
}

// Takes the next child to look at; whether there is one.
INLINE int stack_pop(const StackEntry *stack, int *top, int any, float best_t, int *current) {
  do {
    if (*top == 0) return 0;
    *top -= 1;
  } while (!any && stack[*top].t > best_t);
  *current = stack[*top].child;
  return 1;
}

// Nearest hit before hit->t from child value `start` on (any = 0), or whether there is one at all (any = 1).
// `given` goes through the world where `instance` is INSTANCE_NONE, else through that instance's objects. On
// the way through the world, a BVH_EMPTY on the stack marks where the way through an instance ends. Every
// node is visited at most once for the world, and once for every instance of it.
APART int bvh_intersect(
    const Scene *scene, const RaySetup *given, int start, int any, int instance, Hit *hit) {
  StackEntry stack[BVH_STACK];
  RaySetup object;
  const RaySetup *ray = given;
  int top = 0, found = 0, current = start, inside = instance;
  do {
    if (current == BVH_EMPTY) {
      ray = given;
      inside = INSTANCE_NONE;
      continue;
    }
    current = bvh_descend(scene, ray, current, any, hit->t, stack, &top);
    if (current == BVH_EMPTY) continue;
    if (inside == INSTANCE_NONE && ~current & INSTANCE_LEAF) {
      inside = ~current ^ INSTANCE_LEAF;
      __global const int *fields = scene->instances + inside * INSTANCE_WORDS;
      ray_enter(given, fields, &object);
      ray = &object;
      StackEntry leave = {BVH_EMPTY, 0.0f}, root = {fields[INSTANCE_ROOT], 0.0f};
      stack[top++] = leave;
      stack[top++] = root;
      continue;
    }
    found |= leaf_intersect(scene, ray, current, any, inside, hit);
  } while (!(found && any) && stack_pop(stack, &top, any, hit->t, &current));
  return found;
}
