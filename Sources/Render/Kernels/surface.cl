// Where a ray met a triangle.

typedef struct {
  V3 point;      // on the triangle, moved off it towards the viewer's side
  V3 raw_point;  // on the triangle
  V3 normal;     // geometric, unit length, on the viewer's side
  V3 shading;    // interpolated, unit length, visible to the viewer and on the same side
  I front;       // the viewer sees the front (counter-clockwise) side
  I triangle;
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

// (y, z, x) where `x_last`, else (z, x, y) where `y_last`, else (x, y, z). By masks, not by numbers of axes:
// Oclgrind makes 255 of a lane's `true ? 1 : 0`.
INLINE V3 v3_rotated(V3 v, I x_last, I y_last) {
  return v3_select(x_last, v3(v.y, v.z, v.x), v3_select(y_last, v3(v.z, v.x, v.y), v));
}

// Barycentric weights of the hit, by the edge functions that found it (bvh.cl).
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
  V3 na = field_v3(scene->triangles, surface->triangle, TRIANGLE_WORDS, TRIANGLE_NORMAL);
  V3 nb = field_v3(scene->triangles, surface->triangle, TRIANGLE_WORDS, TRIANGLE_NORMAL + 3);
  V3 nc = field_v3(scene->triangles, surface->triangle, TRIANGLE_WORDS, TRIANGLE_NORMAL + 6);
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

// `triangle` must be valid in every lane.
INLINE Surface surface_of(const Scene *scene, V3 origin, V3 direction, I triangle) {
  V3 a = field_v3(scene->triangles, triangle, TRIANGLE_WORDS, TRIANGLE_POSITION);
  V3 b = field_v3(scene->triangles, triangle, TRIANGLE_WORDS, TRIANGLE_POSITION + 3);
  V3 c = field_v3(scene->triangles, triangle, TRIANGLE_WORDS, TRIANGLE_POSITION + 6);
  Surface surface;
  surface.triangle = triangle;
  surface_weights(origin, direction, a, b, c, &surface);
  V3 to_viewer = v3_scale(direction, (F)-1.0f);
  V3 normal = v3_normalized(v3_cross(v3_subtract(b, a), v3_subtract(c, a)), to_viewer);
  surface.front = v3_dot(normal, to_viewer) > 0.0f;
  surface.normal = v3_select(surface.front, normal, v3_scale(normal, (F)-1.0f));
  surface.raw_point = v3_scale_add(a, surface.a, v3_scale_add(b, surface.b, v3_scale(c, surface.c)));
  surface.point = offset_point(surface.raw_point, surface.normal);
  surface.shading = surface.normal;
  return surface;
}
