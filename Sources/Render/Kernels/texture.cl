// Textures from buffers, filtered by hand: image samplers differ between devices.

#define WRAP_REPEAT 0
#define WRAP_CLAMP 1

// Texture coordinate to texel units, inside one period; `wrap`: as DeviceTexture.
INLINE F texture_place(F coordinate, I wrap, F size) {
  F repeated = coordinate - round_down(coordinate);
  F folded = fma(round_down(coordinate * 0.5f), (F)-2.0f, coordinate);
  folded = folded > 1.0f ? 2.0f - folded : folded;
  F place = wrap == (I)WRAP_REPEAT ? repeated : (wrap == (I)WRAP_CLAMP ? coordinate : folded);
  return clamp_lane(place, 0.0f, 1.0f) * size;
}

// Neighbours outside the image: the other side where it repeats, else the border.
INLINE I texture_wrap(I i, I wrap, I size) {
  I repeat = wrap == (I)WRAP_REPEAT;
  I below = repeat & (i < 0), above = repeat & (i >= size);
  i = below ? i + size : i;
  i = above ? i - size : i;
  return clamp_index(i, size);
}

typedef struct { F red, green, blue, alpha; } Texel;

INLINE Texel texel_white(void) {
  Texel texel = {(F)1.0f, (F)1.0f, (F)1.0f, (F)1.0f};
  return texel;
}
INLINE Texel texel_select(I mask, Texel a, Texel b) {
  Texel texel = {
      mask ? a.red : b.red, mask ? a.green : b.green, mask ? a.blue : b.blue, mask ? a.alpha : b.alpha};
  return texel;
}
INLINE V3 texel_color(Texel texel) { return v3(texel.red, texel.green, texel.blue); }

// `decoding`: as DeviceTexture.
INLINE Texel texel_decoded(const Scene *scene, I index, I decoding) {
  U bits = gather_uint(scene->texels, index);
  Texel texel = {
      gather(scene->tables, decoding + AS_I(bits & 255u)),
      gather(scene->tables, decoding + AS_I((bits >> 8) & 255u)),
      gather(scene->tables, decoding + AS_I((bits >> 16) & 255u)), TO_F(AS_I(bits >> 24)) / 255.0f};
  return texel;
}

INLINE F mix_lane(F a, F b, F t) { return fma(b - a, t, a); }
INLINE V3 v3_mix(V3 a, V3 b, F t) { return v3_scale_add(v3_subtract(b, a), t, a); }
INLINE Texel texel_mix(Texel a, Texel b, F t) {
  Texel texel = {
      mix_lane(a.red, b.red, t), mix_lane(a.green, b.green, t), mix_lane(a.blue, b.blue, t),
      mix_lane(a.alpha, b.alpha, t)};
  return texel;
}

// At (u, v) of the image, v downwards from the top left (glTF 2.0, section 3.8.3). `texture` must be valid.
INLINE Texel texture_look_up(const Scene *scene, I texture, F u, F v) {
  I first = field_int(scene->textures, texture, TEXTURE_WORDS, 0);
  I width = field_int(scene->textures, texture, TEXTURE_WORDS, 1);
  I height = field_int(scene->textures, texture, TEXTURE_WORDS, 2);
  I wrap_s = field_int(scene->textures, texture, TEXTURE_WORDS, 3);
  I wrap_t = field_int(scene->textures, texture, TEXTURE_WORDS, 4);
  I nearest = field_int(scene->textures, texture, TEXTURE_WORDS, 5) != 0;
  I decoding = field_int(scene->textures, texture, TEXTURE_WORDS, 6);
  F shift = nearest ? (F)0.0f : (F)0.5f;
  F s = texture_place(u, wrap_s, TO_F(width)) - shift, t = texture_place(v, wrap_t, TO_F(height)) - shift;
  F floor_s = round_down(s), floor_t = round_down(t);
  F part_s = nearest ? (F)0.0f : s - floor_s, part_t = nearest ? (F)0.0f : t - floor_t;
  I is = TO_I(floor_s), it = TO_I(floor_t);
  I x0 = texture_wrap(is, wrap_s, width), x1 = texture_wrap(is + 1, wrap_s, width);
  I y0 = first + texture_wrap(it, wrap_t, height) * width;
  I y1 = first + texture_wrap(it + 1, wrap_t, height) * width;
  Texel top = texel_mix(
      texel_decoded(scene, y0 + x0, decoding), texel_decoded(scene, y0 + x1, decoding), part_s);
  Texel bottom = texel_mix(
      texel_decoded(scene, y1 + x0, decoding), texel_decoded(scene, y1 + x1, decoding), part_s);
  return texel_mix(top, bottom, part_t);
}
