// Surfaces with holes: whether a ray that crosses a triangle hits it depends on the material's alpha there.

// Of a ray, as it is given to the traversal: the same in every order of visiting triangles.
INLINE uint cutout_seed(float ox, float oy, float oz, float dx, float dy, float dz) {
  // + 0 makes one of both zeros.
  uint seed = as_uint(ox + 0.0f) * 0x9e3779b9u + as_uint(oy + 0.0f) * 0x85ebca6bu;
  seed = (seed ^ (seed >> 15)) + as_uint(oz + 0.0f) * 0xc2b2ae35u + as_uint(dx + 0.0f) * 0x27d4eb2fu;
  return (seed ^ (seed >> 13)) + as_uint(dy + 0.0f) * 0x165667b1u + as_uint(dz + 0.0f) * 0x2c1b3c6du;
}

// Whether the triangle is there at the place with barycentric weights a, b, c: where alpha is at least the
// material's cutoff (MASK), or with probability alpha (BLEND). The wide code on one ray.
NOINLINE static int cutout_accepts(
    const Scene *scene, int triangle, int instance, float a, float b, float c, uint seed) {
  Place place = {
      (I)triangle, (I)instance, triangle_vertices(scene, (I)triangle), (F)a, (F)b, (F)c};
  I material = field_int(scene->triangles, place.triangle, TRIANGLE_WORDS, TRIANGLE_MATERIAL);
  I all = place.triangle >= 0;
  Texels texels;
  material_textures(scene, &place, material, 1 << TEXTURE_BASE_COLOR, all, &texels);
  F alpha = material_base(scene, &texels, &place, material, all).alpha;
  F cutoff = field_float(scene->materials, material, MATERIAL_WORDS, MATERIAL_ALPHA_CUTOFF);
  uint place_key = (uint)triangle * 0x9e3779b9u + (uint)instance * 0x85ebca6bu;
  F chance = unit_float(hash_lanes((U)(seed ^ place_key)));
  I blended = cutoff < 0.0f;
  return lane_bits((blended & (chance < alpha)) | (~blended & (alpha >= cutoff))) & 1u;
}
