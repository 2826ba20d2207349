// Triangles and parallelograms that emit: their record, and a place on them.

typedef struct {
  V3 origin, edge_u, edge_v, area, radiance;
  I kind;
} Emitter;

INLINE Emitter emitter_load(const Scene *scene, I emitter) {
  Emitter e;
#define EMITTER_LOAD(v3_field, int_field)                                                                    \
  e.origin = v3_field(EMITTER_ORIGIN);                                                                       \
  e.edge_u = v3_field(EMITTER_EDGE_U);                                                                       \
  e.edge_v = v3_field(EMITTER_EDGE_V);                                                                       \
  e.area = v3_field(EMITTER_AREA);                                                                           \
  e.radiance = v3_field(EMITTER_RADIANCE);                                                                   \
  e.kind = int_field(EMITTER_KIND)
  if (scene->header.emitter_count == 1) {
    __global const float *p = (__global const float *)scene->emitters;
#define UNIFORM_V3(field) v3_scalar(p[field], p[(field) + 1], p[(field) + 2])
#define UNIFORM_INT(field) ((I)(scene->emitters[field]))
    EMITTER_LOAD(UNIFORM_V3, UNIFORM_INT);
  } else {
#define LANE_V3(field) field_v3(scene->emitters, emitter, EMITTER_WORDS, field)
#define LANE_INT(field) field_int(scene->emitters, emitter, EMITTER_WORDS, field)
    EMITTER_LOAD(LANE_V3, LANE_INT);
  }
  return e;
#undef EMITTER_LOAD
#undef UNIFORM_V3
#undef UNIFORM_INT
#undef LANE_V3
#undef LANE_INT
}

// How a parallelogram that is near is drawn from: by 1 / distance^3 at its corners, which its solid angle
// follows, and evenly from one to the next.
typedef struct {
  F a, b, c, d;  // at the origin, along u, along v, opposite; all 1 where it is not near
} CornerWeights;

INLINE F corner_weight(V3 to_corner, F least) {
  F y = inverse_root(v3_dot(to_corner, to_corner) + least);
  return (y * y) * y;
}

// `from`: from the point that is lit to the emitter's origin. Below four times its extent it is near.
INLINE CornerWeights emitter_corners(const Emitter *e, V3 from) {
  CornerWeights k = {(F)1.0f, (F)1.0f, (F)1.0f, (F)1.0f};
  F extent = v3_dot(e->edge_u, e->edge_u) + v3_dot(e->edge_v, e->edge_v);
  V3 diagonal = v3_add(e->edge_u, e->edge_v);
  V3 middle = v3_scale_add(diagonal, (F)0.5f, from);
  // Where the square of the area would be lost, the place on it could not be found again.
  I near = ((e->kind & EMITTER_PARALLELOGRAM) != 0) & ((e->kind & EMITTER_POINT) == 0) &
      (v3_dot(middle, middle) < 16.0f * extent) & (v3_dot(e->area, e->area) > 1e-30f);
  if (!lane_bits(near)) return k;
  F least = 0.01f * extent;
  k.a = near ? corner_weight(from, least) : k.a;
  k.b = near ? corner_weight(v3_add(from, e->edge_u), least) : k.b;
  k.c = near ? corner_weight(v3_add(from, e->edge_v), least) : k.c;
  k.d = near ? corner_weight(v3_add(from, diagonal), least) : k.d;
  return k;
}

// Density of a place against that of even drawing.
INLINE F corners_density(const CornerWeights *k, F u, F v) {
  F low = fma(u, k->b - k->a, k->a), high = fma(u, k->d - k->c, k->c);
  return (4.0f * fma(v, high - low, low)) / ((k->a + k->b) + (k->c + k->d));
}

// Makes *u, *v (0 ..< 1) shares of the edges of a place on a triangle or parallelogram. Unit square to
// triangle: Heitz 2019, "A Low-Distortion Map Between Triangle and Square".
INLINE void emitter_place(const Emitter *e, const CornerWeights *k, F *u_share, F *v_share) {
  F u = *u_share, v = *v_share;
  I whole = (e->kind & EMITTER_PARALLELOGRAM) != 0;
  I low = u < v;
  F folded = 0.5f * (low ? u : v);
  F s = low ? folded : u - folded, t = low ? v - folded : folded;
  v = linear_invert(v, k->a + k->b, k->c + k->d);
  u = linear_invert(u, fma(v, k->c - k->a, k->a), fma(v, k->d - k->b, k->b));
  *u_share = whole ? u : s;
  *v_share = whole ? v : t;
}

// Density, against even drawing, of the place on `e` at vector `to_place` from the point that is lit.
INLINE F emitter_place_density(const Emitter *e, V3 from, V3 to_place) {
  CornerWeights k = emitter_corners(e, from);
  V3 q = v3_subtract(to_place, from);
  F square = v3_dot(e->area, e->area);
  F inverse = 1.0f / (square > 1e-30f ? square : (F)1.0f);
  F u = clamp_lane(v3_dot(v3_cross(q, e->edge_v), e->area) * inverse, 0.0f, 1.0f);
  F v = clamp_lane(v3_dot(v3_cross(e->edge_u, q), e->area) * inverse, 0.0f, 1.0f);
  return corners_density(&k, u, v);
}

// Radiance of lanes of `e` that a texture makes, at those shares of the edges.
INLINE V3 emitter_radiance(const Scene *scene, const Emitter *e, I emitter, F u, F v) {
  I textured = (e->kind & EMITTER_TEXTURED) != 0;
  if (!CAN(FLAGS_TEXTURES(1 << TEXTURE_EMISSION)) || !SELDOM(lane_bits(textured))) return e->radiance;
  I triangle = field_int(scene->emitters, textured ? emitter : (I)0, EMITTER_WORDS, EMITTER_TRIANGLE_INDEX);
  triangle = textured ? triangle : (I)0;
  Place place = {
      triangle, (I)INSTANCE_NONE, triangle_vertices(scene, triangle), (1.0f - u) - v, u, v};
  I material = field_int(scene->triangles, place.triangle, TRIANGLE_WORDS, TRIANGLE_MATERIAL);
  Texels texels;
  material_textures(scene, &place, material, 1 << TEXTURE_EMISSION, textured, &texels);
  return v3_select(textured, material_emission(scene, &texels, material), e->radiance);
}
