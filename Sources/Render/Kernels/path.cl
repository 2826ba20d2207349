// The stages of a path, for W paths at once: generate, shade; the closest-hit and shadow stages are rays
// (bvh.cl).

typedef struct {
  V3 origin, direction, throughput;
  F density;  // of `direction`, per steradian; 0 where nothing else could have found it
  U key;      // of the pixel
  U index;    // of the sample, bit-reversed
} Path;

typedef struct {
  V3 origin, direction;
  F distance;
  V3 light;  // what the path gains if nothing is in between
  I wanted;
} ShadowRay;

// First bounce that may end by chance.
#define SURVIVAL_BOUNCE 4
// Throughput below which a path ends: far below what a 65504 light could lift to the sums' resolution.
#define THROUGHPUT_MIN 1e-15f

INLINE Path path_generate(const Scene *scene, __global const DeviceLaunch *launch, U x, U y, U sample) {
  Path path;
  path.key = pixel_key(launch, x, y);
  path.index = reverse_bits(sample);
  F u, v;
  sample_square(path.key, path.index, 0u, 0u, &u, &v);
  if (launch->filter == FILTER_BLACKMAN_HARRIS) {
    u = blackman_harris_place(u);
    v = blackman_harris_place(v);
  }
  F lens_u = (F)0.0f, lens_v = (F)0.0f;
  if (scene->header.lens_radius > 0.0f) {
    sample_square(path.key, path.index, 0u, SLOT_LENS, &lens_u, &lens_v);
  }
  F place_x = TO_F(AS_I(x)) + u, place_y = TO_F(AS_I(y)) + v;
  camera_ray(
      &scene->header, launch, place_x, place_y, lens_u, lens_v, &path.origin, &path.direction);
  path.throughput = v3_scalar(1.0f, 1.0f, 1.0f);
  path.density = (F)0.0f;
  return path;
}

// The two ways to find light, each alone: tests compile with LIGHTS_BY_CHOICE (next-event estimation) or
// LIGHTS_BY_DIRECTION (scattered rays).

// Light that a path found by its own direction, of density `path->density`, where next-event estimation would
// have found it with density `other`.
INLINE V3 path_found(const Path *path, V3 radiance, F other) {
  I sampled = path->density > 0.0f;
#ifdef LIGHTS_BY_DIRECTION
  other = (F)0.0f;
#endif
#ifdef LIGHTS_BY_CHOICE
  radiance = v3_select(sampled, v3_zero(), radiance);
#endif
  F weight = power_weight(sampled ? path->density : (F)1.0f, sampled ? other : (F)0.0f);
  return v3_scale(v3_multiply(path->throughput, radiance), weight);
}

// Whether the ray hits something before hit->t (any = 1), and where first (any = 0). `cutouts`: as
// block_intersect.
INLINE int scene_intersect(const Scene *scene, const RaySetup *ray, int any, int cutouts, Hit *hit) {
  if (scene->header.node_count == 0) return 0;
  return bvh_intersect(scene, ray, 0, any, INSTANCE_NONE, cutouts, hit);
}

// What lanes of `miss` gain from the environment.
INLINE V3 path_missed(
    const Scene *scene, __global const DeviceLaunch *launch, int bounce, const Path *path, I miss) {
  int unseen = bounce == 0 && launch->transparent_background != 0;
  if (!NEEDS(scene, FLAG_ENVIRONMENT) || unseen || !lane_bits(miss)) return v3_zero();
  F other = (F)0.0f;
  V3 radiance = environment_look_up(scene, path->direction, &other);
  if (bounce > 0) other = other * environment_probability(scene, path->origin);
  return v3_select(miss, path_found(path, radiance, other), v3_zero());
}

// What lanes of `hit` gain from the emission of the surface.
INLINE V3 path_emitted(
    const Scene *scene, const Texels *texels, int bounce, const Path *path, const Surface *surface, F t,
    I material, I flags, I hit) {
  if (!NEEDS(scene, FLAG_EMISSIVE)) return v3_zero();
  F cosine = -v3_dot(path->direction, surface->normal);
  I lit = surface->front | ((flags & FLAG_DOUBLE_SIDED) != 0);
  I emits = hit & ((flags & FLAG_EMISSIVE) != 0) & lit & (cosine > 0.0f);
  if (!lane_bits(emits)) return v3_zero();
  V3 radiance = material_emission(scene, texels, material);
  I emitter = field_int(scene->triangles, surface->triangle, TRIANGLE_WORDS, TRIANGLE_EMITTER);
  I listed = emits & (emitter >= 0);
  F other = (F)0.0f;
  if (bounce > 0 && lane_bits(listed)) {
    other = emitter_density(scene, listed ? emitter : (I)0, path->origin, path->direction, t);
    other = listed ? other : (F)0.0f;
  }
  return v3_select(emits, path_found(path, radiance, other), v3_zero());
}

// What lanes of `unlit` gain from surfaces that show their colour as it is.
INLINE V3 path_unlit(const Path *path, V3 color, I unlit) {
  return v3_select(unlit, v3_multiply(path->throughput, color), v3_zero());
}

// Light lost in the body whose skin the ray meets from inside (Beer & Lambert).
INLINE void path_absorb(
    const Scene *scene, const Surface *surface, I material, I flags, F t, I hit, Path *path) {
  I inside = hit & ((flags & FLAG_SOLID) != 0) & ~surface->front;
  if (!lane_bits(inside)) return;
  V3 sigma = field_v3(scene->materials, material, MATERIAL_WORDS, MATERIAL_ATTENUATION);
  V3 passed = v3(
      exp_negative(-(sigma.x * t)), exp_negative(-(sigma.y * t)), exp_negative(-(sigma.z * t)));
  path->throughput = v3_select(inside, v3_multiply(path->throughput, passed), path->throughput);
}

// What shading needs to know of a surface: its lobes in their frame.
typedef struct {
  BSDF bsdf;
  V3 tangent, bitangent;
  V3 out;     // towards the viewer, in the frame
  V3 beyond;  // the surface's point, moved off to the other side
  I passes;   // lanes whose lobes are on both sides
} Shading;

// Lanes whose direction `in` of the frame, `direction` of the world, is on one side of both the shading and
// the true surface, and in *beyond those for which it is the other side.
INLINE I shading_sides(const Shading *shading, const Surface *surface, V3 in, V3 direction, I *beyond) {
  F facing = v3_dot(direction, surface->normal);
  I above = (in.z > 1e-6f) & (facing > 1e-6f);
  *beyond = shading->passes & (in.z < -1e-6f) & (facing < -1e-6f);
  return above | *beyond;
}

// Next-event estimation: the shadow ray to one light.
INLINE ShadowRay path_light(
    const Scene *scene, int bounce, const Path *path, const Surface *surface, const Shading *shading,
    I active) {
  F u, v, density;
  sample_square(path->key, path->index, (uint)bounce, SLOT_LIGHT, &u, &v);
  LightSample light = light_sample(scene, surface->point, u, v);
  V3 in = v3_to_local(light.direction, shading->tangent, shading->bitangent, surface->shading);
  I beyond;
  I ok = shading_sides(shading, surface, in, light.direction, &beyond);
  ok = active & (light.density > 0.0f) & ok;
  in.z = ok ? in.z : (F)1.0f;
  V3 value = bsdf_evaluate(&shading->bsdf, shading->out, in, &density);
  F safe = ok ? light.density : (F)1.0f;
#ifdef LIGHTS_BY_CHOICE
  density = (F)0.0f;
#endif
#ifdef LIGHTS_BY_DIRECTION
  ok = ok & light.no_size;
#endif
  F weight = power_weight(safe, light.no_size ? (F)0.0f : density) / safe;
  ShadowRay ray;
  ray.origin = v3_select(beyond, shading->beyond, surface->point);
  ray.direction = light.direction;
  ray.distance = light.distance;
  ray.light = v3_scale(v3_multiply(v3_multiply(path->throughput, value), light.radiance), weight);
  F largest = v3_largest(ray.light);
  ray.wanted = ok & (largest > 0.0f) & (largest < 1e30f);
  return ray;
}

// Goes on in a new direction; returns the lanes that do.
INLINE I path_continue(int bounce, Path *path, const Surface *surface, const Shading *shading, I active) {
  F u, v, density, chance = (F)0.0f, choice = (F)0.0f;
  sample_square(path->key, path->index, (uint)bounce, SLOT_DIRECTION, &u, &v);
  if (bounce >= SURVIVAL_BOUNCE || HAS_LOBE(&shading->bsdf, LOBE_GLASS)) {
    sample_square(path->key, path->index, (uint)bounce, SLOT_CHANCE, &chance, &choice);
  }
  BSDFSample sample = bsdf_sample(&shading->bsdf, shading->out, u, v, choice);
  V3 in = sample.in;
  V3 direction = v3_from_local(in, shading->tangent, shading->bitangent, surface->shading);
  I beyond;
  I alive = active & shading_sides(shading, surface, in, direction, &beyond);
  in.z = alive ? in.z : (F)1.0f;
  V3 value = bsdf_evaluate(&shading->bsdf, shading->out, in, &density);
  I possible = density > 0.0f;
  V3 weight = v3_scale(value, 1.0f / (possible ? density : (F)1.0f));
  weight = v3_select(sample.smooth, sample.weight, weight);
  V3 throughput = v3_multiply(path->throughput, weight);
  F largest = v3_largest(throughput);
  alive = alive & (possible | sample.smooth) & (largest > THROUGHPUT_MIN) & (largest < 1e15f);
  if (bounce >= SURVIVAL_BOUNCE && lane_bits(alive)) {
    F survival = min_lane(largest, (F)0.95f);
    throughput = v3_scale(throughput, 1.0f / (alive ? survival : (F)1.0f));
    alive = alive & (chance < survival);
  }
  path->origin = v3_select(beyond, shading->beyond, surface->point);
  path->direction = v3_normalized(direction, surface->normal);
  path->throughput = throughput;
  path->density = sample.smooth ? (F)0.0f : density;
  return alive;
}

// Turns surface->shading to the normal that counts, and makes the frame and the lobes.
INLINE Shading path_shading(
    const Scene *scene, const Texels *texels, const Layers *layers, Surface *surface, const Place *place,
    I material, I flags, V3 base, V3 to_viewer, I hit) {
  Shading shading;
  V3 normal = surface_smooth_normal(scene, surface);
  normal = material_normal(scene, texels, surface, material, normal);
  normal = surface_visible_normal(surface, normal, to_viewer);
  if (SELDOM(layers->sums != 0)) layers_add(scene, layers, base, normal, surface->raw_point, hit);
  I mirrors = hit & ((flags & (FLAG_SPECULAR | FLAG_CLEARCOAT)) != 0);
  if (CAN(FLAG_SPECULAR | FLAG_CLEARCOAT) && lane_bits(mirrors)) {
    normal = v3_select(mirrors, surface_reflecting_normal(surface, normal, to_viewer), normal);
  }
  surface->shading = normal;
  material_frame(
      scene, texels, surface, place, material, flags, hit, &shading.tangent, &shading.bitangent);
  V3 out = v3_to_local(to_viewer, shading.tangent, shading.bitangent, normal);
  out.z = max_lane(out.z, (F)1e-4f);
  shading.out = out;
  shading.bsdf = material_bsdf(scene, texels, material, flags, surface->front, base, out, hit);
  shading.beyond = surface->point;
  shading.passes = hit & (I)0;
  if (SELDOM(NEEDS(scene, FLAG_TRANSMISSION))) {
    shading.beyond = surface_offset(scene, surface, v3_scale(surface->normal, (F)-1.0f));
    shading.passes = hit & ((shading.bsdf.sheet_chance > 0.0f) | (shading.bsdf.glass_chance > 0.0f));
  }
  return shading;
}

// Bounce `bounce` of the lanes of `active`, whose rays ended at `t` on `triangle` (or TRIANGLE_NONE) of
// `instance`: what they gain is `light`; `ray` may bring more. Returns the lanes that go on, their next rays
// in `path`. `layers`: for camera rays alone.
INLINE I path_shade(
    const Scene *scene, __global const DeviceLaunch *launch, int bounce, I active, F t, I triangle,
    I instance, const Layers *layers, Path *path, ShadowRay *ray, V3 *light) {
  I hit = active & (triangle != (I)TRIANGLE_NONE);
  *light = path_missed(scene, launch, bounce, path, active & (triangle == (I)TRIANGLE_NONE));
  ray->wanted = active & (I)0;
  if (!lane_bits(hit)) return hit;
  Surface surface = surface_of(
      scene, path->origin, path->direction, hit ? triangle : (I)0, hit ? instance : (I)INSTANCE_NONE);
  I material = field_int(scene->triangles, surface.triangle, TRIANGLE_WORDS, TRIANGLE_MATERIAL);
  I flags = field_int(scene->materials, material, MATERIAL_WORDS, MATERIAL_FLAGS);
  if (SELDOM(NEEDS(scene, FLAG_SOLID))) {
    path_absorb(scene, &surface, material, flags, t, hit, path);
  }
  Place place = place_of(&surface);
  Texels texels;
  int slots = bounce < launch->max_depth ? TEXTURES_ALL : (1 << TEXTURE_BASE_COLOR) | (1 << TEXTURE_EMISSION);
  material_textures(scene, &place, material, slots, hit, &texels);
  *light = v3_add(*light, path_emitted(scene, &texels, bounce, path, &surface, t, material, flags, hit));
  Texel base = material_base(scene, &texels, &place, material, hit);
  I unlit = (I)0;
  if (SELDOM(NEEDS(scene, FLAG_UNLIT))) {
    unlit = hit & ((flags & FLAG_UNLIT) != 0);
    *light = v3_add(*light, path_unlit(path, texel_color(base), unlit));
  }
  if (bounce >= launch->max_depth) return active & (I)0;

  V3 to_viewer = v3_scale(path->direction, (F)-1.0f);
  Shading shading =
      path_shading(
          scene, &texels, layers, &surface, &place, material, flags, texel_color(base), to_viewer, hit);
  hit = hit & ~unlit;
  if (scene->header.emitter_count > 0 || NEEDS(scene, FLAG_ENVIRONMENT)) {
    *ray = path_light(scene, bounce, path, &surface, &shading, hit);
  }
  return path_continue(bounce, path, &surface, &shading, hit);
}

// Moves the origins of camera rays on, to behind what they met, where that is the back of a single-sided
// surface, which it does not show (glTF 2.0, section 3.9.6). Returns these lanes of `hit`.
INLINE I path_passes(const Scene *scene, V3 *origin, V3 direction, I triangle, I instance, I hit) {
  I index = hit ? triangle : (I)0;
  I material = field_int(scene->triangles, index, TRIANGLE_WORDS, TRIANGLE_MATERIAL);
  I flags = field_int(scene->materials, material, MATERIAL_WORDS, MATERIAL_FLAGS);
  hit = hit & ((flags & FLAG_SINGLE_SIDED) != 0);
  if (!lane_bits(hit)) return hit;
  Surface surface = surface_seldom(scene, *origin, direction, index, hit ? instance : (I)INSTANCE_NONE);
  hit = hit & ~surface.front;
  V3 beyond = surface_offset(scene, &surface, v3_scale(surface.normal, (F)-1.0f));
  *origin = v3_select(hit, beyond, *origin);
  return hit;
}
