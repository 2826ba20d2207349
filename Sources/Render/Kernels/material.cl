// What a surface is made of where a ray met it: the material's numbers times its textures.

// A place on a triangle.
typedef struct {
  I triangle, instance;
  Vertices at;
  F a, b, c;  // barycentric weights
} Place;

INLINE Place place_of(const Surface *surface) {
  Place place = {surface->triangle, surface->instance, surface->at, surface->a, surface->b, surface->c};
  return place;
}

// A number of each vertex, interpolated: field `field` of elements `at`, as field_float.
INLINE F place_number(
    __global const int *array, const Vertices *at, int words, int field, const Place *place) {
  F a = field_float(array, at->a, words, field), b = field_float(array, at->b, words, field);
  return fma(a, place->a, fma(b, place->b, field_float(array, at->c, words, field) * place->c));
}

INLINE F vertex_number(const Scene *scene, int field, const Place *place) {
  return place_number(scene->vertices, &place->at, VERTEX_WORDS, field, place);
}
INLINE F detail_number(const Scene *scene, const Vertices *details, int field, const Place *place) {
  return place_number(scene->details, details, DETAIL_WORDS, field, place);
}

// Lanes of `active` whose vertices have details, and where these are: valid in every lane.
INLINE I place_details(const Scene *scene, const Place *place, I active, Vertices *details) {
  details->a = details->b = details->c = (I)0;
  if (!SELDOM(NEEDS(scene, FLAG_DETAILED))) return active & (I)0;
  I less = field_int(scene->triangles, place->triangle, TRIANGLE_WORDS, TRIANGLE_DETAIL);
  I has = active & (less >= 0);
  details->a = has ? place->at.a - less : (I)0;
  details->b = has ? place->at.b - less : (I)0;
  details->c = has ? place->at.c - less : (I)0;
  return has;
}

// Where the place lies in the image of texture `texture`.
INLINE void place_in_image(const Scene *scene, const Place *place, I texture, F *u, F *v) {
  F s = vertex_number(scene, VERTEX_UV, place), t = vertex_number(scene, VERTEX_UV + 1, place);
  I second = field_int(scene->textures, texture, TEXTURE_WORDS, TEXTURE_UV_SET) != 0;
  if (lane_bits(second)) {
    Vertices details;
    second = place_details(scene, place, second, &details);
    s = second ? detail_number(scene, &details, DETAIL_UV, place) : s;
    t = second ? detail_number(scene, &details, DETAIL_UV + 1, place) : t;
  }
  V3 row = field_v3(scene->textures, texture, TEXTURE_WORDS, TEXTURE_PLACE);
  *u = fma(row.x, s, fma(row.y, t, row.z));
  row = field_v3(scene->textures, texture, TEXTURE_WORDS, TEXTURE_PLACE + 3);
  *v = fma(row.x, s, fma(row.y, t, row.z));
}

// What the lanes' materials have at a place, by texture (TEXTURE_...): those that were looked up and that
// some material has.
typedef struct {
  Texel at[MATERIAL_TEXTURES];  // white where the lane's has none
  I has[MATERIAL_TEXTURES];
} Texels;

// Looks up textures `slots`, a bit each, for the lanes of `active`. Apart, and one loop: the code is large,
// and many scenes have no textures.
APART void textures_look_up(
    const Scene *scene, const Place *place, I material, int slots, I active, Texels *texels) {
#pragma unroll 1
  for (; slots; slots &= slots - 1) {  // at most MATERIAL_TEXTURES times
    int slot = lowest_bit((uint)slots);
    I texture = field_int(scene->materials, material, MATERIAL_WORDS, MATERIAL_TEXTURE + slot);
    I has = active & (texture >= 0);
    texels->has[slot] = has;
    texels->at[slot] = texel_white();
    if (!lane_bits(has)) continue;
    texture = has ? texture : (I)0;
    F u, v;
    place_in_image(scene, place, texture, &u, &v);
    texels->at[slot] = texel_select(has, texture_look_up(scene, texture, u, v), texel_white());
  }
}

// The same where some material has one of them.
INLINE void material_textures(
    const Scene *scene, const Place *place, I material, int slots, I active, Texels *texels) {
  slots &= scene->header.features >> FLAG_TEXTURES_SHIFT;
  if (!CAN(FLAGS_TEXTURES(TEXTURES_ALL)) || !SELDOM(slots)) return;
  Place copy = *place;
  textures_look_up(scene, &copy, material, slots, active, texels);
}

INLINE Texel material_texel(const Scene *scene, const Texels *texels, int slot) {
  if (!SELDOM(NEEDS(scene, FLAGS_TEXTURES(1 << slot)))) return texel_white();
  return texels->at[slot];
}
INLINE I material_textured(const Scene *scene, const Texels *texels, int slot) {
  if (!SELDOM(NEEDS(scene, FLAGS_TEXTURES(1 << slot)))) return (I)0;
  return texels->has[slot];
}

// Base colour and alpha: the factor times the texture times the vertices' colour.
INLINE Texel material_base(
    const Scene *scene, const Texels *texels, const Place *place, I material, I active) {
  Texel base = material_texel(scene, texels, TEXTURE_BASE_COLOR);
  V3 factor = field_v3(scene->materials, material, MATERIAL_WORDS, MATERIAL_BASE_COLOR);
  F opacity = field_float(scene->materials, material, MATERIAL_WORDS, MATERIAL_OPACITY);
  Texel color = {base.red * factor.x, base.green * factor.y, base.blue * factor.z, base.alpha * opacity};
  Vertices details;
  I has = place_details(scene, place, active, &details);
  if (!CAN(FLAG_DETAILED) || !SELDOM(lane_bits(has))) return color;
  Texel painted = {
      color.red * detail_number(scene, &details, DETAIL_COLOR, place),
      color.green * detail_number(scene, &details, DETAIL_COLOR + 1, place),
      color.blue * detail_number(scene, &details, DETAIL_COLOR + 2, place),
      color.alpha * detail_number(scene, &details, DETAIL_COLOR + 3, place)};
  return texel_select(has, painted, color);
}

// Radiance that the lit side emits.
INLINE V3 material_emission(const Scene *scene, const Texels *texels, I material) {
  Texel texel = material_texel(scene, texels, TEXTURE_EMISSION);
  V3 factor = field_v3(scene->materials, material, MATERIAL_WORDS, MATERIAL_EMISSION);
  return v3_multiply(factor, texel_color(texel));
}

// The direction in which texture coordinates grow, at a right angle to `n`; on the front side
// cross(n, tangent) * *sign is its bitangent. Arbitrary where the triangle has no tangents.
APART V3 place_tangent(const Scene *scene, const Place *place, V3 n, I active, F *sign) {
  V3 any, unused;
  v3_frame(n, &any, &unused);
  *sign = (F)1.0f;
  Vertices details;
  I has = place_details(scene, place, active, &details);
  if (!lane_bits(has)) return any;
  V3 t = v3(
      detail_number(scene, &details, DETAIL_TANGENT, place),
      detail_number(scene, &details, DETAIL_TANGENT + 1, place),
      detail_number(scene, &details, DETAIL_TANGENT + 2, place));
  *sign = has ? field_float(scene->details, details.a, DETAIL_WORDS, DETAIL_TANGENT + 3) : *sign;
  I placed = has & (place->instance >= 0);
  if (CAN(FLAG_INSTANCES) && lane_bits(placed)) {
    I instance = placed ? place->instance : (I)0;
    t = v3_select(placed, instance_direction(scene, instance, INSTANCE_WORLD_FROM_OBJECT, t), t);
    // Normals keep their side in a mirror, so the bitangent must change its own.
    I mirrored = field_int(scene->instances, instance, INSTANCE_WORDS, INSTANCE_MIRRORED) != 0;
    *sign = placed & mirrored ? -*sign : *sign;
  }
  t = v3_scale_add(n, -v3_dot(n, t), t);
  return v3_select(has, v3_normalized(t, any), any);
}

// `n` bent by the normal texture's `texel`, for the lanes of `bumped`.
APART V3 normal_bent(
    const Scene *scene, const Place *place, I material, I front_seen, const Texel *texel, V3 n, I bumped) {
  V3 front = v3_select(front_seen, n, v3_scale(n, (F)-1.0f));
  F sign;
  V3 tangent = place_tangent(scene, place, front, bumped, &sign);
  V3 bitangent = v3_scale(v3_cross(front, tangent), sign);
  F scale = field_float(scene->materials, material, MATERIAL_WORDS, MATERIAL_NORMAL_SCALE);
  V3 mapped = v3(
      fma(texel->red, (F)2.0f, (F)-1.0f) * scale, fma(texel->green, (F)2.0f, (F)-1.0f) * scale,
      fma(texel->blue, (F)2.0f, (F)-1.0f));
  V3 bent = v3_normalized(v3_from_local(mapped, tangent, bitangent, front), front);
  bent = v3_select(front_seen, bent, v3_scale(bent, (F)-1.0f));
  return v3_select(bumped, bent, n);
}

// The normal texture's normal instead of `n`, which is on the viewer's side, as the result.
INLINE V3 material_normal(
    const Scene *scene, const Texels *texels, const Surface *surface, I material, V3 n) {
  I bumped = material_textured(scene, texels, TEXTURE_NORMAL);
  if (!CAN(FLAGS_TEXTURES(1 << TEXTURE_NORMAL)) || !SELDOM(lane_bits(bumped))) return n;
  Place place = place_of(surface);
  return normal_bent(scene, &place, material, surface->front, &texels->at[TEXTURE_NORMAL], n, bumped);
}
