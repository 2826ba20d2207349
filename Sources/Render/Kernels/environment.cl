// The light around the scene: lat-long, image centre -Z, +X to its right, top row +Y. Radiance is bilinear
// between the centres of texels; a cell is the square between four of them, or half of one at a pole.
// Sampling takes a cell by its share of the light, and the place in it by the luminance there, so that a hard
// sun is drawn as evenly as a flat sky.

// A place in the image.
typedef struct {
  I row, column;      // of the cell
  I first, second;    // texel rows above and below, as offsets
  I left, right;      // texel columns
  F across, down;     // 0 ... 1 from the left and upper texels
} EnvironmentPlace;

INLINE V3 environment_texel(const Scene *scene, I row, I column) {
  I first = (row + column) * 3;
  return v3(
      gather(scene->environment, first), gather(scene->environment + 1, first),
      gather(scene->environment + 2, first));
}

// Of cell (row, column): u wraps, v stops at the poles.
INLINE EnvironmentPlace environment_cell(const Scene *scene, I row, I column) {
  int width = scene->header.environment_width, height = scene->header.environment_height;
  EnvironmentPlace place;
  place.row = row;
  place.column = column;
  place.first = max(row - 1, (I)0) * width;
  place.second = min(row, (I)(height - 1)) * width;
  place.left = column;
  place.right = column + 1 >= (I)width ? (I)0 : column + 1;
  return place;
}

// Radiance at a place of a cell, and how it compares with the cell's mean by luminance.
INLINE V3 environment_radiance(const Scene *scene, const EnvironmentPlace *place, F *relative) {
  V3 a = environment_texel(scene, place->first, place->left);
  V3 b = environment_texel(scene, place->first, place->right);
  V3 c = environment_texel(scene, place->second, place->left);
  V3 d = environment_texel(scene, place->second, place->right);
  V3 radiance = v3_mix(v3_mix(a, b, place->across), v3_mix(c, d, place->across), place->down);
  F mean = 0.25f * luminance(v3_add(v3_add(a, b), v3_add(c, d)));
  *relative = mean > 0.0f ? luminance(radiance) / mean : (F)1.0f;
  return radiance;
}

// Offset of a row's conditional CDF.
INLINE I environment_row(const Scene *scene, I row) {
  return (scene->header.environment_height + 2) + row * (scene->header.environment_width + 1);
}

// Per steradian, of a place in the image where the polar angle has that sine.
INLINE F environment_density(const Scene *scene, const EnvironmentPlace *place, F relative, F sine) {
  int height = scene->header.environment_height;
  I row = environment_row(scene, place->row) + place->column;
  __global const float *cdf = scene->environment_cdf;
  F along = gather(cdf + 1, row) - gather(cdf, row);
  F down = gather(cdf + 1, place->row) - gather(cdf, place->row);
  float cells = (float)scene->header.environment_width * (float)height;
  I pole = (place->row == 0) | (place->row == (I)height);
  F density = ((along * down) * (pole ? (F)(2.0f * cells) : (F)cells)) * relative;
  return density / ((2.0f * PI_F * PI_F) * max_lane(sine, (F)1e-6f));
}

// Radiance from direction `d`, and the density with which environment_sample gives it.
APART V3 environment_look_up(const Scene *scene, V3 d, F *density) {
  int width = scene->header.environment_width, height = scene->header.environment_height;
  float c = scene->header.environment_cos, s = scene->header.environment_sin;
  F x = fma(d.x, (F)c, -(d.z * s)), z = fma(d.x, (F)s, d.z * c);
  F sine = square_root(fma(x, x, z * z));
  F u = fma(clamp_lane(atan2_turns(x, -z) + 0.5f, 0.0f, 1.0f), (F)(float)width, (F)-0.5f);
  F v = fma(clamp_lane(atan2_turns(sine, d.y) * 2.0f, 0.0f, 1.0f), (F)(float)height, (F)-0.5f);
  F left = round_down(u), above = round_down(v);
  I column = TO_I(left), row = TO_I(above) + 1;
  column = column < 0 ? (I)(width - 1) : clamp_index(column, (I)width);
  EnvironmentPlace place = environment_cell(scene, clamp_index(row, (I)(height + 1)), column);
  place.across = u - left;
  place.down = v - above;
  F relative;
  V3 radiance = environment_radiance(scene, &place, &relative);
  *density = environment_density(scene, &place, relative, sine);
  return radiance;
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
  F a = gather(cdf, first + low), b = gather(cdf + 1, first + low);
  F width = b - a;
  *place = width > 0.0f ? clamp_lane((x - a) / width, 0.0f, 1.0f) : (F)0.5f;
  return low;
}

// A direction of density *density per steradian, and its radiance; a, b in 0 ..< 1.
APART V3 environment_sample(const Scene *scene, F a, F b, V3 *direction, F *density) {
  int width = scene->header.environment_width, height = scene->header.environment_height;
  F rest_x, rest_y;
  I row = cdf_invert(scene->environment_cdf, (I)0, height + 1, b, &rest_y);
  I column = cdf_invert(scene->environment_cdf, environment_row(scene, row), width, a, &rest_x);
  EnvironmentPlace place = environment_cell(scene, row, column);
  F aa = luminance(environment_texel(scene, place.first, place.left));
  F ab = luminance(environment_texel(scene, place.first, place.right));
  F ba = luminance(environment_texel(scene, place.second, place.left));
  F bb = luminance(environment_texel(scene, place.second, place.right));
  F down = linear_invert(rest_y, aa + ab, ba + bb);
  down = row == 0 ? fma(down, (F)0.5f, (F)0.5f) : down;
  place.down = row == (I)height ? down * 0.5f : down;
  F left = fma(place.down, ba - aa, aa), right = fma(place.down, bb - ab, ab);
  place.across = linear_invert(rest_x, left, right);
  F relative;
  V3 radiance = environment_radiance(scene, &place, &relative);
  F u = (TO_F(column) + (place.across + 0.5f)) / (float)width;
  F v = (TO_F(row) + (place.down - 0.5f)) / (float)height;
  F sine, cosine, sine_u, cosine_u;
  sincos_turns(v * 0.5f, &sine, &cosine);
  sincos_turns(u - 0.5f, &sine_u, &cosine_u);
  F ex = sine * sine_u, ez = -(sine * cosine_u);
  float c = scene->header.environment_cos, s = scene->header.environment_sin;
  *direction = v3(fma(ex, (F)c, ez * s), cosine, fma(ez, (F)c, -(ex * s)));
  *density = sine > 1e-6f ? environment_density(scene, &place, relative, sine) : (F)0.0f;
  return radiance;
}
