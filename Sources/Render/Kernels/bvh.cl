// Rays against the BVH, one by one. The answer does not depend on the order of the visit: nearest, among
// equals the lowest instance, then the lowest triangle.

// Entries; the host refuses a tree that could need more.
#define BVH_STACK 128
typedef struct { int child; float t; } StackEntry;

// What a node's boxes need of a ray.
typedef struct {
  SideF inverse[3], scaled_origin[3], best_t;
  size_t near[3], far[3];  // where the rows of bounds begin that the ray meets first and last
} NodeRay;

INLINE NodeRay node_ray(const RaySetup *ray, float best_t) {
  NodeRay boxes;
#pragma unroll
  for (int axis = 0; axis < 3; axis++) {
    boxes.inverse[axis] = (SideF)(ray_at(ray, RAY_INVERSE + axis));
    boxes.scaled_origin[axis] = (SideF)(ray_at(ray, RAY_SCALED_ORIGIN + axis));
    boxes.near[axis] = (size_t)(16 * axis + 8 * ray_negative(ray, axis));
    boxes.far[axis] = boxes.near[axis] ^ 8;
  }
  boxes.best_t = (SideF)(best_t);
  return boxes;
}

// Where the ray meets the planes of a row.
INLINE SideF node_planes(const NodeRay *ray, int axis, __global const float *row) {
  return fma(*(__global const SideF *)row, ray->inverse[axis], ray->scaled_origin[axis]);
}

// Of numbers: where both are zero, which of them does not matter.
#if W > 1
#define SIDE_MAX(a, b) ((a) > (b) ? (a) : (b))
#define SIDE_MIN(a, b) ((a) < (b) ? (a) : (b))
#else
#define SIDE_MAX(a, b) fmax(a, b)
#define SIDE_MIN(a, b) fmin(a, b)
#endif

// Which of SIDE boxes the ray enters before its best hit, and where: of a node, from the box on that `node`
// has been moved to.
INLINE SideI node_intersect(const NodeRay *ray, __global const float *node, SideF *entry) {
  SideF nx = node_planes(ray, 0, node + ray->near[0]), fx = node_planes(ray, 0, node + ray->far[0]);
  SideF ny = node_planes(ray, 1, node + ray->near[1]), fy = node_planes(ray, 1, node + ray->far[1]);
  SideF nz = node_planes(ray, 2, node + ray->near[2]), fz = node_planes(ray, 2, node + ray->far[2]);
  SideF far = SIDE_MIN(SIDE_MIN(fx, fy), SIDE_MIN(fz, ray->best_t));
  *entry = SIDE_MAX(SIDE_MAX(nx, ny), SIDE_MAX(nz, (SideF)(0.0f)));
  return *entry <= far;
}

#if W > 1
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

// The child of a node that comes first, the others on the stack; BVH_EMPTY: the ray misses all boxes.
INLINE int node_child(
    const NodeRay *boxes, __global const float *node, int any, StackEntry *stack, int *top) {
  __global const int *child = (__global const int *)(node + 48);
  SideF near;
  uint hit = side_bits(node_intersect(boxes, node, &near));
  if (!hit) return BVH_EMPTY;
  int first = lowest_bit(hit);
  uint others = hit & (hit - 1);
  if (!others) return child[first];
  float entry[8] ALIGNED;
  *(SideF *)entry = near;
  if (others & (others - 1)) return push_children(child, entry, hit, any, stack, top);
  return push_farther(child, entry, first, lowest_bit(others), any, stack, top);
}
#else
// The same in registers and without a branch a child: a node's boxes by where the ray enters them.
#define KEY_NONE 0xffffffffu

// Where box `number` is entered, without the last bits, which make room for the number; KEY_NONE: not at all.
INLINE uint box_key(int hit, float entry, uint number) {
  return hit ? (as_uint(entry) & ~7u) | number : KEY_NONE;
}

INLINE void keys_order(uint *a, uint *b) {
  uint low = *a < *b ? *a : *b;
  *b = *a < *b ? *b : *a;
  *a = low;
}

// Ascending, by a sorting network: 19 comparisons in six rounds (Knuth, The Art of Computer Programming 3,
// section 5.3.4).
INLINE void keys_sort(uint *key) {
#define ORDER(i, j) keys_order(&key[i], &key[j])
  ORDER(0, 2), ORDER(1, 3), ORDER(4, 6), ORDER(5, 7);
  ORDER(0, 4), ORDER(1, 5), ORDER(2, 6), ORDER(3, 7);
  ORDER(0, 1), ORDER(2, 3), ORDER(4, 5), ORDER(6, 7);
  ORDER(2, 4), ORDER(3, 5);
  ORDER(1, 4), ORDER(3, 6);
  ORDER(1, 2), ORDER(3, 4), ORDER(5, 6);
#undef ORDER
}

INLINE int node_child(
    const NodeRay *boxes, __global const float *node, int any, StackEntry *stack, int *top) {
  __global const int *child = (__global const int *)(node + 48);
  uint key[BVH_WIDTH];
#pragma unroll
  for (int i = 0; i < BVH_WIDTH; i += SIDE) {
    SideF entry;
    SideI hit = node_intersect(boxes, node + i, &entry);
    key[i] = box_key(hit.x, entry.x, i);
    key[i + 1] = box_key(hit.y, entry.y, i + 1);
    key[i + 2] = box_key(hit.z, entry.z, i + 2);
    key[i + 3] = box_key(hit.w, entry.w, i + 3);
  }
  keys_sort(key);
  if (key[0] == KEY_NONE) return BVH_EMPTY;
#pragma unroll
  for (int i = BVH_WIDTH - 1; i > 0; i--) {
    if (key[i] == KEY_NONE) continue;
    stack[*top].child = child[key[i] & 7u];
    stack[*top].t = as_float(key[i] & ~7u);
    *top += 1;
  }
  return child[key[0] & 7u];
}
#endif

// From a node down to the nearest child that is no node: a leaf, or BVH_EMPTY where the ray misses all boxes.
INLINE int bvh_descend(
    const Scene *scene, const RaySetup *ray, int current, int any, float best_t, StackEntry *stack,
    int *top) {
  NodeRay boxes = node_ray(ray, best_t);
  while (current >= 0) {
    current = node_child(&boxes, scene->nodes + (size_t)current * 56, any, stack, top);
  }
  return current;
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

// A lane has the ray in registers of its own; a processor leaves it where it is.
INLINE const RaySetup *ray_use(const RaySetup *given, RaySetup *own) {
#if W > 1
  return given;
#else
  *own = *given;
  return own;
#endif
}

// Nearest hit before hit->t from child value `start` on (any = 0), or whether there is one at all (any = 1).
// `given` goes through the world where `instance` is INSTANCE_NONE, else through that instance's objects. On
// the way through the world, a BVH_EMPTY on the stack marks where the way through an instance ends. Every
// node is visited at most once for the world, and once for every instance of it.
APART int bvh_intersect(
    const Scene *scene, const RaySetup *given, int start, int any, int instance, int cutouts, Hit *hit) {
  StackEntry stack[BVH_STACK];
  RaySetup own;
  const RaySetup *ray = ray_use(given, &own);
  int top = 0, found = 0, current = start, inside = instance;
  do {
    if (current == BVH_EMPTY) {
      ray = ray_use(given, &own);
      inside = INSTANCE_NONE;
      continue;
    }
    current = bvh_descend(scene, ray, current, any, hit->t, stack, &top);
    if (current == BVH_EMPTY) continue;
    if (CAN(FLAG_INSTANCES) && inside == INSTANCE_NONE && ~current & INSTANCE_LEAF) {
      inside = ~current ^ INSTANCE_LEAF;
      __global const int *fields = scene->instances + inside * INSTANCE_WORDS;
      ray_enter(given, fields, &own);
      ray = &own;
      StackEntry leave = {BVH_EMPTY, 0.0f}, root = {fields[INSTANCE_ROOT], 0.0f};
      stack[top++] = leave;
      stack[top++] = root;
      continue;
    }
    found |= leaf_intersect(scene, ray, current, any, inside, cutouts, hit);
  } while (!(found && any) && stack_pop(stack, &top, any, hit->t, &current));
  return found;
}
