// The light around the scene: lat-long, image centre -Z, +X to its right, top row +Y.

INLINE V3 environment_texel(const Scene *scene, I x, I y) {
  I first = (y * scene->header.environment_width + x) * 3;
  return v3(
      gather(scene->environment, first), gather(scene->environment, first + 1),
      gather(scene->environment, first + 2));
}

// Bilinear, u wraps and v stops at the poles.
INLINE V3 environment_radiance(const Scene *scene, F u, F v) {
  int width = scene->header.environment_width, height = scene->header.environment_height;
  F s = fma(u, (F)(float)width, (F)-0.5f), t = fma(v, (F)(float)height, (F)-0.5f);
  F floor_s = floor(s), floor_t = floor(t);
  I x0 = TO_I(floor_s), y0 = TO_I(floor_t);
  I x1 = x0 + 1;
  x0 = x0 < 0 ? x0 + width : x0;
  x1 = x1 >= (I)width ? x1 - width : x1;
  x0 = clamp_index(x0, (I)width);
  x1 = clamp_index(x1, (I)width);
  I y1 = clamp_index(y0 + 1, (I)height);
  y0 = clamp_index(y0, (I)height);
  F part_s = s - floor_s, part_t = t - floor_t;
  V3 top = v3_mix(environment_texel(scene, x0, y0), environment_texel(scene, x1, y0), part_s);
  V3 bottom = v3_mix(environment_texel(scene, x0, y1), environment_texel(scene, x1, y1), part_s);
  return v3_mix(top, bottom, part_t);
}

// Offset of a row's conditional CDF.
INLINE I environment_row(const Scene *scene, I y) {
  return (scene->header.environment_height + 1) + y * (scene->header.environment_width + 1);
}

// Per steradian, of a direction in texel (x, y) with that sine of the polar angle: the share of the texel
// that the tables give it, spread over its part of the unit square.
INLINE F environment_density(const Scene *scene, I x, I y, F sine) {
  I row = environment_row(scene, y) + x;
  F along = gather(scene->environment_cdf, row + 1) - gather(scene->environment_cdf, row);
  F down = gather(scene->environment_cdf, y + 1) - gather(scene->environment_cdf, y);
  float texels = (float)scene->header.environment_width * (float)scene->header.environment_height;
  return ((along * down) * texels) / ((2.0f * PI_F * PI_F) * max_lane(sine, (F)1e-6f));
}

// Radiance from direction `d`, and the density with which environment_sample gives it.
INLINE V3 environment_look_up(const Scene *scene, V3 d, F *density) {
  int width = scene->header.environment_width, height = scene->header.environment_height;
  float c = scene->header.environment_cos, s = scene->header.environment_sin;
  F x = fma(d.x, (F)c, -(d.z * s)), z = fma(d.x, (F)s, d.z * c);
  F sine = square_root(fma(x, x, z * z));
  F u = clamp_lane(atan2_turns(x, -z) + 0.5f, 0.0f, 1.0f);
  F v = clamp_lane(atan2_turns(sine, d.y) * 2.0f, 0.0f, 1.0f);
  I ix = clamp_index(TO_I(u * (float)width), (I)width), iy = clamp_index(TO_I(v * (float)height), (I)height);
  *density = environment_density(scene, ix, iy, sine);
  return environment_radiance(scene, u, v);
}

// Largest i < count with cdf[first + i] <= x; *place gets how far x lies into that step, 0 ... 1.
INLINE I cdf_invert(__global const float *cdf, I first, int count, F x, F *place) {
  I low = (I)0, high = (I)count;
  for (int range = count; range > 1; range = (range + 1) >> 1) {
    I middle = (low + high) >> 1;
    I right = (gather(cdf, first + middle) <= x) & (middle > low);
    low = right ? middle : low;
    high = right ? high : middle;
    high = max(high, low + 1);
  }
  F a = gather(cdf, first + low), b = gather(cdf, first + low + 1);
  F width = b - a;
  *place = width > 0.0f ? clamp_lane((x - a) / width, 0.0f, 1.0f) : (F)0.5f;
  return low;
}

// A direction of density *density per steradian, and its radiance; a, b in 0 ..< 1.
INLINE V3 environment_sample(const Scene *scene, F a, F b, V3 *direction, F *density) {
  int width = scene->header.environment_width, height = scene->header.environment_height;
  F place_x, place_y;
  I y = cdf_invert(scene->environment_cdf, (I)0, height, b, &place_y);
  I x = cdf_invert(scene->environment_cdf, environment_row(scene, y), width, a, &place_x);
  F u = (TO_F(x) + place_x) / (float)width, v = (TO_F(y) + place_y) / (float)height;
  F sine, cosine, sine_u, cosine_u;
  sincos_turns(v * 0.5f, &sine, &cosine);
  sincos_turns(u - 0.5f, &sine_u, &cosine_u);
  F ex = sine * sine_u, ez = -(sine * cosine_u);
  float c = scene->header.environment_cos, s = scene->header.environment_sin;
  *direction = v3(fma(ex, (F)c, ez * s), cosine, fma(ez, (F)c, -(ex * s)));
  *density = sine > 1e-6f ? environment_density(scene, x, y, sine) : (F)0.0f;
  return environment_radiance(scene, u, v);
}
