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
APART void punctual_sample(const Emitter *e, F probability, F square, LightSample *light) {
  I distant = e->kind == EMITTER_DISTANT;
  light->no_size = (e->kind & EMITTER_POINT) != 0;
  F intensity = distant ? (F)1.0f : punctual_falloff(e, light->direction, square) / square;
  light->radiance = v3_select(light->no_size, v3_scale(e->radiance, intensity), light->radiance);
  light->direction = v3_select(distant, v3_scale(e->edge_u, (F)-1.0f), light->direction);
  light->distance = distant ? (F)RAY_MISS_T : light->distance;
  light->density = light->no_size ? probability : light->density;
}

// u, v in 0 ..< 1.
INLINE LightSample emitter_sample(const Scene *scene, V3 point, I emitter, F probability, F u, F v) {
  Emitter e = emitter_load(scene, emitter);
  V3 from = v3_subtract(e.origin, point);
  CornerWeights corners = emitter_corners(&e, from);
  emitter_place(&e, &corners, &u, &v);
  V3 to_light = v3_scale_add(e.edge_u, u, v3_scale_add(e.edge_v, v, from));
  I no_size = (e.kind & EMITTER_POINT) != 0;
  if (SELDOM(NEEDS(scene, FLAG_PUNCTUAL))) {
    to_light = v3_select(no_size, from, to_light);
  }
  F square = v3_dot(to_light, to_light);
  I far_enough = square > 1e-12f;
  square = far_enough ? square : (F)1.0f;
  F distance = square_root(square);
  LightSample light;
  light.direction = v3_scale(to_light, 1.0f / distance);
  light.distance = distance * 0.9999f;
  light.radiance = emitter_radiance(scene, &e, emitter, u, v);
  light.no_size = no_size & (I)0;
  F facing = -v3_dot(light.direction, e.area);
  facing = (e.kind & EMITTER_TWO_SIDED) != 0 ? fabs(facing) : facing;
  I ok = far_enough & (facing > FACING_MIN);
  F per_area = probability * corners_density(&corners, u, v);
  light.density = ok ? (per_area * square) / (ok ? facing : (F)1.0f) : (F)0.0f;
  if (SELDOM(NEEDS(scene, FLAG_PUNCTUAL))) {
    Emitter copy = e;
    LightSample changed = light;
    punctual_sample(&copy, probability, square, &changed);
    light = changed;
  }
  return light;
}

// Density per steradian with which light_sample gives, from `origin`, the point of `emitter` that the ray
// found at distance t.
APART F emitter_density(const Scene *scene, I emitter, V3 origin, V3 direction, F t) {
  F probability = emitter_probability(scene, emitter, origin);
  Emitter e = emitter_load(scene, emitter);
  F per_area =
      probability * emitter_place_density(&e, v3_subtract(e.origin, origin), v3_scale(direction, t));
  return (per_area * (t * t)) / max_lane(fabs(v3_dot(direction, e.area)), (F)FACING_MIN);
}

// One light for next-event estimation; u, v in 0 ..< 1.
INLINE LightSample light_sample(const Scene *scene, V3 point, F u, F v) {
  F probability;
  I emitter = light_choose(scene, point, &u, &probability);
  I sky = emitter == (I)EMITTER_ENVIRONMENT;
  LightSample light = {v3_zero(), (F)0.0f, v3_zero(), (F)0.0f, (I)0};
  if (scene->header.emitter_count > 0) {
    light = emitter_sample(scene, point, sky ? (I)0 : emitter, probability, u, v);
  }
  if (!CAN(FLAG_ENVIRONMENT) || !lane_bits(sky)) return light;
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
