// What emits, seen from a surface: the environment, emissive triangles and parallelograms, and lights without
// size. Sampling and looking up agree on every density, so that the two ways to find light can be weighted
// (Veach 1997, section 9.2).

// Power heuristic, exponent 2, of a technique with density a (> 0) against one with density b.
INLINE F power_weight(F a, F b) {
  F ratio = b / a;
  return 1.0f / fma(ratio, ratio, (F)1.0f);
}

// Light towards a surface point, before visibility.
typedef struct {
  V3 direction;  // unit length
  F distance;    // RAY_MISS_T for what is infinitely far
  V3 radiance;   // of a light without size: irradiance of a surface that faces it
  F density;     // per steradian; of a light without size: its probability; 0 where there is nothing to gain
  I no_size;     // scattered rays cannot find it
} LightSample;

// Smallest projected area that lights something, square metres: far from what a device flushes to zero.
#define FACING_MIN 1e-36f

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

// A point of a triangle or parallelogram, evenly by area: vector from `point`. Unit square to triangle: Heitz
// 2019, "A Low-Distortion Map Between Triangle and Square".
INLINE V3 emitter_point(const Emitter *e, V3 point, F u, F v) {
  I whole = (e->kind & EMITTER_PARALLELOGRAM) != 0;
  I low = u < v;
  F folded = 0.5f * (low ? u : v);
  F s = low ? folded : u - folded, t = low ? v - folded : folded;
  s = whole ? u : s;
  t = whole ? v : t;
  return v3_scale_add(e->edge_u, s, v3_scale_add(e->edge_v, t, v3_subtract(e->origin, point)));
}

// KHR_lights_punctual: a spot's falloff by angle, the fading at the end of the range.
INLINE F punctual_falloff(const Emitter *e, V3 direction, F square) {
  I spot = e->kind == EMITTER_SPOT;
  F cosine = -v3_dot(direction, e->edge_u);
  F angular = clamp_lane(fma(cosine, e->edge_v.x, e->edge_v.y), 0.0f, 1.0f);
  F reach = square * e->edge_v.z;
  F window = clamp_lane(fma(-reach, reach, (F)1.0f), 0.0f, 1.0f);
  return (spot ? angular * angular : (F)1.0f) * window;
}

// `light` (of `e` taken as if it had size) for lanes of lights without.
INLINE void punctual_sample(const Emitter *e, F probability, F square, LightSample *light) {
  I distant = e->kind == EMITTER_DISTANT;
  light->no_size = e->kind >= EMITTER_POINT;
  F intensity = distant ? (F)1.0f : punctual_falloff(e, light->direction, square) / square;
  light->radiance = v3_select(light->no_size, v3_scale(e->radiance, intensity), light->radiance);
  light->direction = v3_select(distant, v3_scale(e->edge_u, (F)-1.0f), light->direction);
  light->distance = distant ? (F)RAY_MISS_T : light->distance;
  light->density = light->no_size ? probability : light->density;
}

// u, v in 0 ..< 1.
INLINE LightSample emitter_sample(const Scene *scene, V3 point, I emitter, F probability, F u, F v) {
  Emitter e = emitter_load(scene, emitter);
  V3 to_light = emitter_point(&e, point, u, v);
  I no_size = e.kind >= EMITTER_POINT;
  if (scene->header.punctual_count > 0) {
    to_light = v3_select(no_size, v3_subtract(e.origin, point), to_light);
  }
  F square = v3_dot(to_light, to_light);
  I far_enough = square > 1e-12f;
  square = far_enough ? square : (F)1.0f;
  F distance = square_root(square);
  LightSample light;
  light.direction = v3_scale(to_light, 1.0f / distance);
  light.distance = distance * 0.9999f;
  light.radiance = e.radiance;
  light.no_size = no_size & (I)0;
  F facing = -v3_dot(light.direction, e.area);
  facing = (e.kind & EMITTER_TWO_SIDED) != 0 ? fabs(facing) : facing;
  I ok = far_enough & (facing > FACING_MIN);
  light.density = ok ? (probability * square) / (ok ? facing : (F)1.0f) : (F)0.0f;
  if (scene->header.punctual_count > 0) punctual_sample(&e, probability, square, &light);
  return light;
}

// Density per steradian with which light_sample gives, from `origin`, the point of `emitter` that the ray
// found at distance t.
INLINE F emitter_density(const Scene *scene, I emitter, V3 origin, V3 direction, F t) {
  F probability = emitter_probability(scene, emitter, origin);
  V3 area = field_v3(scene->emitters, emitter, EMITTER_WORDS, EMITTER_AREA);
  return (probability * (t * t)) / max_lane(fabs(v3_dot(direction, area)), (F)FACING_MIN);
}

// One light for next-event estimation; u, v in 0 ..< 1.
INLINE LightSample light_sample(const Scene *scene, V3 point, F u, F v) {
  F probability;
  I emitter = light_choose(scene, point, &u, &probability);
  I sky = emitter == (I)EMITTER_ENVIRONMENT;
  LightSample light = {v3_zero(), (F)0.0f, v3_zero(), (F)0.0f, (I)0};
  if (scene->header.emitter_count > 0) {
    light = emitter_sample(scene, point, sky ? (I)0 : emitter, probability, u, v);
    if (!lane_bits(sky)) return light;
  }
  V3 direction;
  F density;
  V3 radiance = environment_sample(scene, u, v, &direction, &density);
  light.direction = v3_select(sky, direction, light.direction);
  light.distance = sky ? (F)RAY_MISS_T : light.distance;
  light.radiance = v3_select(sky, radiance, light.radiance);
  light.density = sky ? density * probability : light.density;
  light.no_size = sky ? (I)0 : light.no_size;
  return light;
}
