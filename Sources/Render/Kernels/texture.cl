// Textures from buffers, filtered by hand: image samplers differ between devices.

#define WRAP_REPEAT 0
#define WRAP_CLAMP 1

// Texture coordinate to texel units, inside one period; `wrap`: as DeviceTexture.
INLINE F texture_place(F coordinate, I wrap, F size) {
  F repeated = coordinate - floor(coordinate);
  F folded = fma(floor(coordinate * 0.5f), (F)-2.0f, coordinate);
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

INLINE V3 texel_color(const Scene *scene, I index) {
  U texel = gather_uint(scene->texels, index);
  return v3(
      gather(scene->srgb_to_linear, AS_I(texel & 255u)),
      gather(scene->srgb_to_linear, AS_I((texel >> 8) & 255u)),
      gather(scene->srgb_to_linear, AS_I((texel >> 16) & 255u)));
}

INLINE V3 v3_mix(V3 a, V3 b, F t) { return v3_scale_add(v3_subtract(b, a), t, a); }

// Linear colour at (u, v), v downwards from the top left (glTF 2.0, section 3.8.3). `texture` must be valid.
INLINE V3 texture_color(const Scene *scene, I texture, F u, F v) {
  I first = field_int(scene->textures, texture, TEXTURE_WORDS, 0);
  I width = field_int(scene->textures, texture, TEXTURE_WORDS, 1);
  I height = field_int(scene->textures, texture, TEXTURE_WORDS, 2);
  I wrap_s = field_int(scene->textures, texture, TEXTURE_WORDS, 3);
  I wrap_t = field_int(scene->textures, texture, TEXTURE_WORDS, 4);
  I nearest = field_int(scene->textures, texture, TEXTURE_WORDS, 5) != 0;
  F shift = nearest ? (F)0.0f : (F)0.5f;
  F s = texture_place(u, wrap_s, TO_F(width)) - shift, t = texture_place(v, wrap_t, TO_F(height)) - shift;
  F floor_s = floor(s), floor_t = floor(t);
  F part_s = nearest ? (F)0.0f : s - floor_s, part_t = nearest ? (F)0.0f : t - floor_t;
  I is = TO_I(floor_s), it = TO_I(floor_t);
  I x0 = texture_wrap(is, wrap_s, width), x1 = texture_wrap(is + 1, wrap_s, width);
  I y0 = first + texture_wrap(it, wrap_t, height) * width;
  I y1 = first + texture_wrap(it + 1, wrap_t, height) * width;
  V3 top = v3_mix(texel_color(scene, y0 + x0), texel_color(scene, y0 + x1), part_s);
  V3 bottom = v3_mix(texel_color(scene, y1 + x0), texel_color(scene, y1 + x1), part_s);
  return v3_mix(top, bottom, part_t);
}
