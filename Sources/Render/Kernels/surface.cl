// Where a ray met a triangle. Everything is in world space, whether the triangle is or not.

typedef struct {
  V3 point;      // on the triangle, moved off it towards the viewer's side
  V3 raw_point;  // on the triangle
  V3 normal;     // geometric, unit length, on the viewer's side
  V3 shading;    // interpolated, unit length, visible to the viewer and on the same side
  I front;       // the viewer sees the front (counter-clockwise) side
  I triangle;
  I instance;    // INSTANCE_NONE: the triangle lies in world space
  Vertices at;
  F a, b, c;     // barycentric weights, sum 1
} Surface;

// Moves `p` by a few hundred units in the last place along unit vector `n`
// (Waechter & Binder 2019, "A Fast and Robust Method for Avoiding Self-Intersection").
INLINE F offset_coordinate(F p, F n) {
  I steps = TO_I(n * 256.0f);
  F moved = AS_F(AS_I(p) + (p < 0.0f ? -steps : steps));
  return fabs(p) < 0.03125f ? fma(n, (F)1.52587890625e-5f, p) : moved;
}
INLINE V3 offset_point(V3 p, V3 n) {
  return v3(offset_coordinate(p.x, n.x), offset_coordinate(p.y, n.y), offset_coordinate(p.z, n.z));
}

// Three components of a map, by row (DeviceInstance); `instance` must be valid in every lane.
INLINE V3 instance_row(const Scene *scene, I instance, int field, int row) {
  return field_v3(scene->instances, instance, INSTANCE_WORDS, field + 3 * row);
}
// A point under one of an instance's two maps.
INLINE V3 instance_point(const Scene *scene, I instance, int field, V3 p) {
  V3 moved = instance_row(scene, instance, field, 3);
  moved = v3_scale_add(instance_row(scene, instance, field, 2), p.z, moved);
  moved = v3_scale_add(instance_row(scene, instance, field, 1), p.y, moved);
  return v3_scale_add(instance_row(scene, instance, field, 0), p.x, moved);
}
// A direction under one of an instance's two maps; not normalised.
INLINE V3 instance_direction(const Scene *scene, I instance, int field, V3 d) {
  V3 moved = v3_scale(instance_row(scene, instance, field, 2), d.z);
  moved = v3_scale_add(instance_row(scene, instance, field, 1), d.y, moved);
  return v3_scale_add(instance_row(scene, instance, field, 0), d.x, moved);
}
// A normal of the object, in world space and of unit length: by the transpose of object_from_world.
INLINE V3 instance_normal(const Scene *scene, I instance, V3 n) {
  return v3_normalized(
      v3(v3_dot(instance_row(scene, instance, INSTANCE_OBJECT_FROM_WORLD, 0), n),
         v3_dot(instance_row(scene, instance, INSTANCE_OBJECT_FROM_WORLD, 1), n),
         v3_dot(instance_row(scene, instance, INSTANCE_OBJECT_FROM_WORLD, 2), n)),
      v3_scalar(0.0f, 1.0f, 0.0f));
}

// Of a triangle: its vertices a, b, c, or their normals.
typedef struct { V3 at[3]; } Corners;

// Takes the lanes of `placed` to where their instances show them; returns which of them are mirrored.
APART I corners_place(const Scene *scene, I placed, I instance, Corners *corners) {
  int map = INSTANCE_WORLD_FROM_OBJECT;
  instance = placed ? instance : (I)0;
#pragma unroll 1
  for (int k = 0; k < 3; k++) {
    corners->at[k] = v3_select(placed, instance_point(scene, instance, map, corners->at[k]), corners->at[k]);
  }
  return placed & (field_int(scene->instances, instance, INSTANCE_WORDS, INSTANCE_MIRRORED) != 0);
}

// Takes the normals of the lanes of `placed` to world space.
APART void normals_place(const Scene *scene, I placed, I instance, Corners *normals) {
  instance = placed ? instance : (I)0;
#pragma unroll 1
  for (int k = 0; k < 3; k++) {
    normals->at[k] = v3_select(placed, instance_normal(scene, instance, normals->at[k]), normals->at[k]);
  }
}

// Takes rays of the lanes of `placed` into the space of their instances' objects.
APART void rays_enter(const Scene *scene, I placed, I instance, V3 *origin, V3 *direction) {
  int map = INSTANCE_OBJECT_FROM_WORLD;
  instance = placed ? instance : (I)0;
  *origin = v3_select(placed, instance_point(scene, instance, map, *origin), *origin);
  *direction = v3_select(placed, instance_direction(scene, instance, map, *direction), *direction);
}

// (y, z, x) where `x_last`, else (z, x, y) where `y_last`, else (x, y, z). By masks, not by numbers of axes:
// Oclgrind makes 255 of a lane's `true ? 1 : 0`.
INLINE V3 v3_rotated(V3 v, I x_last, I y_last) {
  return v3_select(x_last, v3(v.y, v.z, v.x), v3_select(y_last, v3(v.z, v.x, v.y), v));
}

// Barycentric weights of the hit, by the edge functions that found it (triangle.cl).
INLINE void surface_weights(V3 origin, V3 direction, V3 a, V3 b, V3 c, Surface *surface) {
  // The axis along which the ray goes furthest becomes the last.
  F dx = fabs(direction.x), dy = fabs(direction.y), dz = fabs(direction.z);
  I x_last = (dx > dy) & (dx > dz), y_last = dy > dz;
  V3 d = v3_rotated(direction, x_last, y_last);
  a = v3_rotated(v3_subtract(a, origin), x_last, y_last);
  b = v3_rotated(v3_subtract(b, origin), x_last, y_last);
  c = v3_rotated(v3_subtract(c, origin), x_last, y_last);
  F scale = -1.0f / d.z;
  F sx = d.x * scale, sy = d.y * scale;
  F ax = fma(sx, a.z, a.x), ay = fma(sy, a.z, a.y);
  F bx = fma(sx, b.z, b.x), by = fma(sy, b.z, b.y);
  F cx = fma(sx, c.z, c.x), cy = fma(sy, c.z, c.y);
  F u = cx * by - cy * bx, v = ax * cy - ay * cx, w = bx * ay - by * ax;
  F sum = (u + v) + w;
  F inverse = 1.0f / (sum != 0.0f ? sum : (F)1.0f);
  surface->a = clamp_lane(u * inverse, 0.0f, 1.0f);
  surface->b = clamp_lane(v * inverse, 0.0f, 1.0f);
  surface->c = clamp_lane(w * inverse, 0.0f, 1.0f);
}

// The interpolated normal on the side of the geometric one.
INLINE V3 surface_smooth_normal(const Scene *scene, const Surface *surface) {
  V3 na = vertex_v3(scene, surface->at.a, VERTEX_NORMAL);
  V3 nb = vertex_v3(scene, surface->at.b, VERTEX_NORMAL);
  V3 nc = vertex_v3(scene, surface->at.c, VERTEX_NORMAL);
  I placed = surface->instance >= 0;
  if (SELDOM(CAN(FLAG_INSTANCES) && lane_bits(placed))) {
    Corners normals = {{na, nb, nc}};
    normals_place(scene, placed, surface->instance, &normals);
    na = normals.at[0];
    nb = normals.at[1];
    nc = normals.at[2];
  }
  V3 n = v3_scale_add(na, surface->a, v3_scale_add(nb, surface->b, v3_scale(nc, surface->c)));
  n = v3_normalized(n, surface->normal);
  return v3_select(v3_dot(n, surface->normal) < 0.0f, v3_scale(n, (F)-1.0f), n);
}

// `n` bent so that the viewer sees its side.
INLINE V3 surface_visible_normal(const Surface *surface, V3 n, V3 to_viewer) {
  F cosine = v3_dot(n, to_viewer);
  I hidden = cosine < 0.01f;
  if (!lane_bits(hidden)) return n;
  V3 bent = v3_normalized(v3_scale_add(to_viewer, 0.01f - cosine, n), surface->normal);
  return v3_select(hidden, bent, n);
}

// `n`, which the viewer sees, bent so that its mirror image of him lies above the triangle too: else a bump's
// reflection would end in the surface and be black.
INLINE V3 surface_reflecting_normal(const Surface *surface, V3 n, V3 to_viewer) {
  V3 mirrored = v3_subtract(v3_scale(n, 2.0f * v3_dot(n, to_viewer)), to_viewer);
  F height = v3_dot(mirrored, surface->normal);
  F least = min_lane(0.9f * v3_dot(to_viewer, surface->normal), (F)0.01f);
  V3 lifted = v3_normalized(v3_scale_add(surface->normal, least - height, mirrored), surface->normal);
  V3 bent = v3_normalized(v3_add(lifted, to_viewer), surface->normal);
  return v3_select(height < least, bent, n);
}

// Off an instance's surface. The map's rounding grows with the largest coordinates on the way, whatever the
// size of the one at hand; so does this.
APART V3 instance_offset(const Scene *scene, I instance, V3 p, V3 n) {
  V3 o = instance_row(scene, instance, INSTANCE_WORLD_FROM_OBJECT, 3);
  F largest = max_lane(max_lane(fabs(p.x), fabs(p.y)), max_lane(fabs(p.z), (F)0.5f));
  largest = max_lane(max_lane(fabs(o.x), fabs(o.y)), max_lane(fabs(o.z), largest));
  return v3_scale_add(n, largest * 3.0517578125e-5f, p);
}

// The point moved off the surface along unit vector `n`.
INLINE V3 surface_offset(const Scene *scene, const Surface *surface, V3 n) {
  V3 moved = offset_point(surface->raw_point, n);
  I placed = surface->instance >= 0;
  if (!SELDOM(CAN(FLAG_INSTANCES) && lane_bits(placed))) return moved;
  I instance = placed ? surface->instance : (I)0;
  return v3_select(placed, instance_offset(scene, instance, surface->raw_point, n), moved);
}

// `triangle` must be valid in every lane, `instance` too or INSTANCE_NONE.
INLINE Surface surface_of(const Scene *scene, V3 origin, V3 direction, I triangle, I instance) {
  Surface surface;
  surface.triangle = triangle;
  surface.instance = instance;
  surface.at = triangle_vertices(scene, triangle);
  V3 a = vertex_v3(scene, surface.at.a, VERTEX_POSITION);
  V3 b = vertex_v3(scene, surface.at.b, VERTEX_POSITION);
  V3 c = vertex_v3(scene, surface.at.c, VERTEX_POSITION);
  V3 to_viewer = v3_scale(direction, (F)-1.0f);
  I placed = instance >= 0, mirrored = placed;
  int any_placed = CAN(FLAG_INSTANCES) && lane_bits(placed);
  if (SELDOM(any_placed)) {  // weights by the ray that found the hit: the instance's
    V3 object_origin = origin, object_direction = direction;
    rays_enter(scene, placed, instance, &object_origin, &object_direction);
    origin = object_origin;
    direction = object_direction;
  }
  surface_weights(origin, direction, a, b, c, &surface);
  if (SELDOM(any_placed)) {
    Corners corners = {{a, b, c}};
    mirrored = corners_place(scene, placed, instance, &corners);
    a = corners.at[0];
    b = corners.at[1];
    c = corners.at[2];
  }
  V3 normal = v3_normalized(v3_cross(v3_subtract(b, a), v3_subtract(c, a)), to_viewer);
  if (SELDOM(any_placed)) normal = v3_select(mirrored, v3_scale(normal, (F)-1.0f), normal);
  surface.front = v3_dot(normal, to_viewer) > 0.0f;
  surface.normal = v3_select(surface.front, normal, v3_scale(normal, (F)-1.0f));
  surface.raw_point = v3_scale_add(a, surface.a, v3_scale_add(b, surface.b, v3_scale(c, surface.c)));
  surface.point = surface_offset(scene, &surface, surface.normal);
  surface.shading = surface.normal;
  return surface;
}

// surface_of where it is asked seldom.
APART Surface surface_seldom(const Scene *scene, V3 origin, V3 direction, I triangle, I instance) {
  return surface_of(scene, origin, direction, triangle, instance);
}
