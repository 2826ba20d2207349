// Where a ray met a triangle.

typedef struct {
  V3 point;      // on the triangle, moved off it towards the viewer's side
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

INLINE F v3_axis(V3 v, I axis) { return axis == (I)0 ? v.x : (axis == (I)1 ? v.y : v.z); }

// Barycentric weights of the hit, by the edge functions that found it (bvh.cl).
INLINE void surface_weights(V3 origin, V3 direction, V3 a, V3 b, V3 c, Surface *surface) {
  F dx = fabs(direction.x), dy = fabs(direction.y), dz = fabs(direction.z);
  I kz = dx > dy ? (dx > dz ? (I)0 : (I)2) : (dy > dz ? (I)1 : (I)2);
  I kx = kz == (I)2 ? (I)0 : kz + 1;
  I ky = kx == (I)2 ? (I)0 : kx + 1;
  F scale = -1.0f / v3_axis(direction, kz);
  F sx = v3_axis(direction, kx) * scale, sy = v3_axis(direction, ky) * scale;
  a = v3_subtract(a, origin);
  b = v3_subtract(b, origin);
  c = v3_subtract(c, origin);
  F az = v3_axis(a, kz), bz = v3_axis(b, kz), cz = v3_axis(c, kz);
  F ax = fma(sx, az, v3_axis(a, kx)), ay = fma(sy, az, v3_axis(a, ky));
  F bx = fma(sx, bz, v3_axis(b, kx)), by = fma(sy, bz, v3_axis(b, ky));
  F cx = fma(sx, cz, v3_axis(c, kx)), cy = fma(sy, cz, v3_axis(c, ky));
  F u = cx * by - cy * bx, v = ax * cy - ay * cx, w = bx * ay - by * ax;
  F sum = (u + v) + w;
  F inverse = 1.0f / (sum != 0.0f ? sum : (F)1.0f);
  surface->a = clamp_lane(u * inverse, 0.0f, 1.0f);
  surface->b = clamp_lane(v * inverse, 0.0f, 1.0f);
  surface->c = clamp_lane(w * inverse, 0.0f, 1.0f);
}

// The interpolated normal on the side of the geometric one, bent so that the viewer sees it.
INLINE V3 surface_shading_normal(const Scene *scene, const Surface *surface, V3 to_viewer) {
  V3 na = field_v3(scene->triangles, surface->triangle, TRIANGLE_WORDS, TRIANGLE_NORMAL);
  V3 nb = field_v3(scene->triangles, surface->triangle, TRIANGLE_WORDS, TRIANGLE_NORMAL + 3);
  V3 nc = field_v3(scene->triangles, surface->triangle, TRIANGLE_WORDS, TRIANGLE_NORMAL + 6);
  V3 n = v3_scale_add(na, surface->a, v3_scale_add(nb, surface->b, v3_scale(nc, surface->c)));
  n = v3_normalized(n, surface->normal);
  n = v3_select(v3_dot(n, surface->normal) < 0.0f, v3_scale(n, (F)-1.0f), n);
  F cosine = v3_dot(n, to_viewer);
  V3 bent = v3_normalized(v3_scale_add(to_viewer, 0.01f - cosine, n), surface->normal);
  return v3_select(cosine < 0.01f, bent, n);
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
  V3 point = v3_scale_add(a, surface.a, v3_scale_add(b, surface.b, v3_scale(c, surface.c)));
  surface.point = offset_point(point, surface.normal);
  surface.shading = surface.normal;
  return surface;
}

// Base colour: the factor times the texture.
INLINE V3 surface_base_color(const Scene *scene, const Surface *surface, I material, I active) {
  V3 base = field_v3(scene->materials, material, MATERIAL_WORDS, MATERIAL_BASE_COLOR);
  I texture = field_int(scene->materials, material, MATERIAL_WORDS, MATERIAL_TEXTURE);
  I textured = active & (texture >= 0);
  if (!lane_bits(textured)) return base;
  __global const float *triangles = (__global const float *)scene->triangles;
  I uv = surface->triangle * TRIANGLE_WORDS + TRIANGLE_UV;
  F u = fma(gather(triangles, uv), surface->a,
            fma(gather(triangles, uv + 2), surface->b, gather(triangles, uv + 4) * surface->c));
  F v = fma(gather(triangles, uv + 1), surface->a,
            fma(gather(triangles, uv + 3), surface->b, gather(triangles, uv + 5) * surface->c));
  V3 color = texture_color(scene, textured ? texture : (I)0, u, v);
  return v3_select(textured, v3_multiply(base, color), base);
}
