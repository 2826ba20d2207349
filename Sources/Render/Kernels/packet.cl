// Rays against the BVH, W at a time: a node's boxes and a leaf's triangles one after the other against all of
// them; where few rays have business, each goes on alone (bvh.cl). The same bits as there: the distances are
// computed by the same operations, and the answer does not depend on the order of the visit.
#if W > 1

// So many rays, or fewer, are followed one by one; in a small tree a packet always stays together, because
// there a ray's setup costs more than its way.
#define PACKET_FEW (W / 4)
#define SMALL_TREE_NODES 64
// Entry distance for rays that do not go into a box; more than any ray's length.
#define PACKET_NEVER 3e38f

// RaySetup of W rays: first its rows, in their order. Axes are turned so that the one along which a ray goes
// furthest is the last.
typedef struct {
  V3 origin, direction;
  V3 inverse, scaled_origin, turned_origin;
  F sx, sy, sz;
  I last;
  F paddings;
  I x_last, y_last;
  float padding;
  int last_axis;  // the last axis if all rays have the same, else -1
  int octant;     // bit a: the rays go down axis a; -1: they do not agree
} RayPacket;

// Hit of W rays.
typedef struct {
  F t;  // negative: takes no part
  I triangle, instance;
} PacketHit;

INLINE PacketHit packet_hit_before(F t) {
  PacketHit hit = {t, (I)TRIANGLE_NONE, (I)INSTANCE_NONE};
  return hit;
}

INLINE F finite_inverse_lanes(F x) {
  F bound = x < 0.0f ? (F)-1e18f : (F)1e18f;
  return fabs(x) < 1e-18f ? bound : 1.0f / x;
}

// 1 where all lanes are true, 0 where none is, -1 where they differ.
INLINE int lanes_agree(I mask) {
  uint bits = lane_bits(mask);
  return bits == 0 ? 0 : bits == (uint)((1ul << W) - 1) ? 1 : -1;
}

// From rays->origin and rays->direction to the rest. Apart: called from several places, and all is in memory.
APART void packet_setup(float padding, RayPacket *rays) {
  V3 origin = rays->origin, direction = rays->direction;
  V3 inverse = v3(
      finite_inverse_lanes(direction.x), finite_inverse_lanes(direction.y),
      finite_inverse_lanes(direction.z));
  rays->inverse = inverse;
  rays->scaled_origin = v3(-(origin.x * inverse.x), -(origin.y * inverse.y), -(origin.z * inverse.z));
  F ax = fabs(direction.x), ay = fabs(direction.y), az = fabs(direction.z);
  rays->x_last = (ax > ay) & (ax > az);
  rays->y_last = ~rays->x_last & (ay > az);
  rays->last = rays->x_last ? (I)0 : rays->y_last ? (I)1 : (I)2;
  V3 d = v3_rotated(direction, rays->x_last, rays->y_last);
  rays->sz = v3_rotated(inverse, rays->x_last, rays->y_last).z;
  rays->sx = -(d.x * rays->sz);
  rays->sy = -(d.y * rays->sz);
  rays->turned_origin = v3_rotated(origin, rays->x_last, rays->y_last);
  rays->padding = padding;
  rays->paddings = (F)(padding);
  int x = lanes_agree(rays->x_last), y = lanes_agree(rays->y_last);
  rays->last_axis = x == 1 ? 0 : y == 1 ? 1 : x == 0 && y == 0 ? 2 : -1;
  x = lanes_agree(inverse.x < 0.0f);
  y = lanes_agree(inverse.y < 0.0f);
  int z = lanes_agree(inverse.z < 0.0f);
  rays->octant = (x | y | z) < 0 ? -1 : x | y << 1 | z << 2;
}

// Where rays enter a box, and in *leave where they leave it or end. `ordered`: a has the planes that all rays
// meet first, b the others.
INLINE F packet_box(const RayPacket *rays, int ordered, V3 a, V3 b, F t, F *leave) {
  V3 inverse = rays->inverse, origin = rays->scaled_origin;
  a = v3(fma(a.x, inverse.x, origin.x), fma(a.y, inverse.y, origin.y), fma(a.z, inverse.z, origin.z));
  b = v3(fma(b.x, inverse.x, origin.x), fma(b.y, inverse.y, origin.y), fma(b.z, inverse.z, origin.z));
  if (!ordered) {
    V3 near = v3(min_lane(a.x, b.x), min_lane(a.y, b.y), min_lane(a.z, b.z));
    b = v3(max_lane(a.x, b.x), max_lane(a.y, b.y), max_lane(a.z, b.z));
    a = near;
  }
  *leave = min_lane(min_lane(b.x, b.y), min_lane(b.z, t));
  return max_lane(max_lane(a.x, a.y), max_lane(a.z, (F)0.0f));
}

typedef struct {
  F entry[BVH_STACK];
  int child[BVH_STACK];
  int top;
} PacketStack;

INLINE void packet_push(PacketStack *stack, int child, F entry) {
  stack->child[stack->top] = child;
  stack->entry[stack->top++] = entry;
}

// Pushes the children that rays enter before `t`, but for one that is near: returns that (or BVH_EMPTY), and
// in *entry where the rays enter it.
INLINE int packet_node(
    const RayPacket *rays, __global const float *node, int any, F t, F *entry, PacketStack *stack) {
  __global const int *child = (__global const int *)(node + 48);
  I inside = *entry <= t;
  // With one octant for all, the near and far rows of every axis.
  int down = rays->octant < 0 ? 0 : rays->octant;
  int x = (down & 1) * 8, y = (down & 2) * 4, z = (down & 4) * 2;
  __global const float *nx = node + x, *fx = node + 8 - x, *ny = node + 16 + y, *fy = node + 24 - y;
  __global const float *nz = node + 32 + z, *fz = node + 40 - z;
  int nearest = BVH_EMPTY;
  F nearest_entry = (F)PACKET_NEVER;
  for (int i = 0; i < BVH_WIDTH; i++) {
    if (child[i] == BVH_EMPTY) break;
    F leave;
    F enter = packet_box(
        rays, rays->octant >= 0, v3_scalar(nx[i], ny[i], nz[i]), v3_scalar(fx[i], fy[i], fz[i]), t, &leave);
    I hit = inside & (enter <= leave);
    if (!lane_bits(hit)) continue;
    enter = hit ? enter : (F)PACKET_NEVER;
    int pushed = child[i];
    F pushed_entry = enter;
    if (nearest == BVH_EMPTY || (!any && lane_bits(enter < nearest_entry))) {
      pushed = nearest;
      pushed_entry = nearest_entry;
      nearest = child[i];
      nearest_entry = enter;
      if (pushed == BVH_EMPTY) continue;
    }
    packet_push(stack, pushed, pushed_entry);
  }
  *entry = nearest_entry;
  return nearest;
}

// The corners of triangle `i`, whose axes are turned as the rays' are.
INLINE void packet_corners(const RayPacket *rays, __global const float *block, int i, V3 *corner) {
  if (rays->last_axis >= 0) {
    int z = 8 * rays->last_axis + i;
    int x = 8 * first_axis(rays->last_axis) + i, y = 8 * second_axis(rays->last_axis) + i;
#pragma unroll
    for (int k = 0; k < 3; k++, block += 24) corner[k] = v3_scalar(block[x], block[y], block[z]);
  } else {
#pragma unroll
    for (int k = 0; k < 3; k++, block += 24) {
      corner[k] = v3_rotated(v3_scalar(block[i], block[8 + i], block[16 + i]), rays->x_last, rays->y_last);
    }
  }
}

// A corner relative to the rays' origins, sheared so that they go along the last axis.
INLINE V3 packet_sheared(const RayPacket *rays, V3 corner) {
  V3 p = v3_subtract(corner, rays->turned_origin);
  return v3(fma(rays->sx, p.z, p.x), fma(rays->sy, p.z, p.y), p.z);
}

// Leaves those lanes in *found that hit the cut-out triangle which they cross, by these edge functions.
NOINLINE static void packet_cutout(
    const Scene *scene, const RayPacket *rays, int triangle, int instance, const V3 *edges, I *found) {
  float lanes[3 * W] ALIGNED;
  int accepted[W] ALIGNED;
  *(F *)lanes = edges->x;
  *(F *)(lanes + W) = edges->y;
  *(F *)(lanes + 2 * W) = edges->z;
  *(I *)accepted = (I)0;
  const float *origin = (const float *)&rays->origin, *direction = (const float *)&rays->direction;
  for (uint bits = lane_bits(*found); bits; bits &= bits - 1) {
    int lane = lowest_bit(bits);
    const float *edge = lanes + lane, *o = origin + lane, *d = direction + lane;
    float inverse = 1.0f / ((edge[0] + edge[W]) + edge[2 * W]);
    accepted[lane] = cutout_accepts(
        scene, triangle, instance, edge[0] * inverse, edge[W] * inverse, edge[2 * W] * inverse,
        cutout_seed(o[0], o[W], o[2 * W], d[0], d[W], d[2 * W]));
  }
  *found = *found & (*(I *)accepted != 0);
}

// block_intersect's test of triangle `i`; returns the lanes of `active` that found a nearer hit.
INLINE I packet_triangle(
    const Scene *scene, const RayPacket *rays, __global const float *block, int i, int instance, I active,
    PacketHit *hit) {
  V3 corner[3];
  packet_corners(rays, block, i, corner);
  V3 a = packet_sheared(rays, corner[0]), b = packet_sheared(rays, corner[1]);
  V3 c = packet_sheared(rays, corner[2]);
  F u = c.x * b.y - c.y * b.x, v = a.x * c.y - a.y * c.x, w = b.x * a.y - b.y * a.x;
  F low = min_lane(min_lane(u, v), w), high = max_lane(max_lane(u, v), w);
  F det = (u + v) + w;
  I found = active & ((low >= 0.0f) | (high <= 0.0f)) & (det != 0.0f);
  if (!lane_bits(found)) return found;
  F t = (fma(u, a.z, fma(v, b.z, w * c.z)) * rays->sz) / det;
  found = found & (t > 0.0f) & (t <= hit->t);
  if (!lane_bits(found)) return found;
  float box_low[3], box_high[3];
  triangle_box(block, i, rays->padding, box_low, box_high);
  F leave;
  F enter = packet_box(
      rays, 0, v3_scalar(box_low[0], box_low[1], box_low[2]),
      v3_scalar(box_high[0], box_high[1], box_high[2]), (F)RAY_MISS_T, &leave);
  t = max_lane(t, enter);
  int id = ((__global const int *)block)[72 + i];
  int cutout = id & TRIANGLE_CUTOUT;
  id &= ~TRIANGLE_CUTOUT;
  I wins = (hit->instance > (I)instance) | ((hit->instance == (I)instance) & ((I)id < hit->triangle));
  found = found & (enter <= leave) & ((t < hit->t) | ((t == hit->t) & wins));
  if (CAN(FLAG_CUTOUT) && cutout && lane_bits(found)) {
    V3 edges = v3(u, v, w);
    packet_cutout(scene, rays, id, instance, &edges, &found);
  }
  hit->t = found ? t : hit->t;
  hit->triangle = found ? (I)id : hit->triangle;
  hit->instance = found ? (I)instance : hit->instance;
  return found;
}

// The triangles of a leaf; any = 1: rays that hit one end (t = -1).
INLINE void packet_leaf(
    const Scene *scene, const RayPacket *rays, int leaf, int any, int instance, I active, PacketHit *hit) {
  __global const float *block = scene->blocks + (size_t)(leaf >> 3) * 80;
  for (int count = (leaf & 7) + 1; count > 0; count--, block += 80) {
    __global const int *id = (__global const int *)(block + 72);
    for (int i = 0; i < BVH_WIDTH; i++) {
      if (id[i] == TRIANGLE_NONE) break;
      I found = packet_triangle(scene, rays, block, i, instance, active, hit);
      if (any) {
        hit->t = found ? (F)-1.0f : hit->t;
        active = active & ~found;
        if (!lane_bits(active)) return;
      }
    }
  }
}

// One of the packet's rays, where it is.
INLINE const RaySetup *packet_ray(const RayPacket *rays, int lane) {
  return (const RaySetup *)((const float *)rays + lane);
}

// The rays of `bits` one by one, from `current` on, through `instance` or the world; any = 1: those that hit
// something end (t = -1).
INLINE void packet_singles(
    const Scene *scene, const RayPacket *rays, int current, int any, int instance, uint bits,
    PacketHit *hit) {
  float ts[W] ALIGNED;
  int triangles[W] ALIGNED, instances[W] ALIGNED;
  *(F *)ts = hit->t;
  *(I *)triangles = hit->triangle;
  *(I *)instances = hit->instance;
  for (; bits; bits &= bits - 1) {
    int lane = lowest_bit(bits);
    Hit one = {ts[lane], triangles[lane], instances[lane]};
    int found = bvh_intersect(scene, packet_ray(rays, lane), current, any, instance, 1, &one);
    ts[lane] = any && found ? -1.0f : one.t;
    triangles[lane] = one.triangle;
    instances[lane] = one.instance;
  }
  hit->t = *(F *)ts;
  hit->triangle = *(I *)triangles;
  hit->instance = *(I *)instances;
}

// Takes the next child that some ray enters before its hit; whether there is one.
INLINE int packet_pop(PacketStack *stack, F t, int *current, F *entry) {
  do {
    if (stack->top == 0) return 0;
    stack->top--;
    *entry = stack->entry[stack->top];
  } while (!lane_bits(*entry <= t));
  *current = stack->child[stack->top];
  return 1;
}

// The packet as an instance's objects see it, as ray_enter.
INLINE void packet_enter(const RayPacket *world, __global const int *instance, RayPacket *rays) {
  __global const float *m = (__global const float *)instance + INSTANCE_OBJECT_FROM_WORLD;
  V3 o = world->origin, d = world->direction;
  F p[3], v[3];
  for (int i = 0; i < 3; i++) {
    p[i] = fma((F)m[i], o.x, fma((F)m[3 + i], o.y, fma((F)m[6 + i], o.z, (F)m[9 + i])));
    v[i] = fma((F)m[i], d.x, fma((F)m[3 + i], d.y, m[6 + i] * d.z));
  }
  rays->origin = v3(p[0], p[1], p[2]);
  rays->direction = v3(v[0], v[1], v[2]);
  packet_setup(((__global const float *)instance)[INSTANCE_PADDING], rays);
}

// Nearest hits before hit->t (any = 0), or hit->t = -1 where there is one (any = 1). As bvh_intersect, a
// BVH_EMPTY on the stack marks where the way through an instance ends.
APART void packet_intersect(const Scene *scene, const RayPacket *world, int any, PacketHit *hit) {
  if (scene->header.node_count == 0) return;
  PacketStack stack;
  RayPacket object;
  const RayPacket *rays = world;
  stack.top = 0;
  int current = 0, inside = INSTANCE_NONE;
  int few = scene->header.node_count < SMALL_TREE_NODES ? 0 : PACKET_FEW;
  F entry = (F)0.0f;
  do {
    if (current == BVH_EMPTY) {
      rays = world;
      inside = INSTANCE_NONE;
      continue;
    }
    uint bits = lane_bits(entry <= hit->t);
    while (current >= 0 && popcount(bits) > few) {
      current = packet_node(rays, scene->nodes + (size_t)current * 56, any, hit->t, &entry, &stack);
      bits = lane_bits(entry <= hit->t);
    }
    if (current == BVH_EMPTY) continue;
    if (popcount(bits) <= few) {
      packet_singles(scene, rays, current, any, inside, bits, hit);
    } else if (CAN(FLAG_INSTANCES) && inside == INSTANCE_NONE && ~current & INSTANCE_LEAF) {
      inside = ~current ^ INSTANCE_LEAF;
      __global const int *fields = scene->instances + inside * INSTANCE_WORDS;
      packet_enter(world, fields, &object);
      rays = &object;
      packet_push(&stack, BVH_EMPTY, (F)0.0f);
      packet_push(&stack, fields[INSTANCE_ROOT], entry <= hit->t ? (F)0.0f : (F)PACKET_NEVER);
    } else {
      packet_leaf(scene, rays, ~current, any, inside, entry <= hit->t, hit);
    }
  } while (packet_pop(&stack, hit->t, &current, &entry));
}

#endif
