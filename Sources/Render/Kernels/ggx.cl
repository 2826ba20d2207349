// Microfacets: Trowbridge & Reitz's distribution of normals, anisotropic, with height-correlated Smith
// masking (Heitz 2014, "Understanding the Masking-Shadowing Function"). Directions are in the shading frame,
// +Z the normal; alpha_x along the tangent, alpha_y along the bitangent.

// Below it a facet cannot be told from a plane: such a lobe is one direction (a delta).
#define ALPHA_SMOOTH 1e-3f

// (1 - cosine)^5 (Schlick 1994).
INLINE F schlick(F cosine) {
  F c = clamp_lane(1.0f - cosine, 0.0f, 1.0f);
  F square = c * c;
  return (square * square) * c;
}

// Of unpolarised light at the plane between two dielectrics; `eta`: index of the far side over that of the
// near one, the cosine (>= 0) on the near one. 1 where nothing passes.
INLINE F fresnel_dielectric(F cosine, F eta) {
  F square = fma(eta, eta, fma(cosine, cosine, (F)-1.0f));
  I passes = square > 0.0f;
  F g = square_root(passes ? square : (F)1.0f);
  F minus = g - cosine, plus = g + cosine;
  F a = minus / plus;
  F b = fma(cosine, plus, (F)-1.0f) / fma(cosine, minus, (F)1.0f);
  return passes ? (0.5f * (a * a)) * fma(b, b, (F)1.0f) : (F)1.0f;
}

// sqrt(alpha^2 sin^2 + cos^2): Smith's masking is 2 cos / (cos + this).
INLINE F ggx_shadow(V3 d, F alpha_x, F alpha_y) {
  F x = d.x * alpha_x, y = d.y * alpha_y;
  return square_root(fma(x, x, fma(y, y, d.z * d.z)));
}

// Density of normals, per steradian and cosine. `h.z` > 0.
INLINE F ggx_normals(V3 h, F alpha_x, F alpha_y) {
  F x = h.x / alpha_x, y = h.y / alpha_y;
  // Sums of squares: 1 - cos^2 would lose the digits that a small alpha needs.
  F k = fma(x, x, fma(y, y, h.z * h.z));
  return 1.0f / ((((PI_F * alpha_x) * alpha_y) * k) * k);
}

// A normal that the viewer sees (Dupuy & Benyoub 2023, "Sampling Visible GGX Normals with Spherical Caps").
INLINE V3 ggx_sample_normal(V3 out, F alpha_x, F alpha_y, F u, F v) {
  V3 up = v3_scalar(0.0f, 0.0f, 1.0f);
  V3 stretched = v3_normalized(v3(out.x * alpha_x, out.y * alpha_y, out.z), up);
  F sine, cosine;
  sincos_turns(u, &sine, &cosine);
  F z = fma(1.0f - v, 1.0f + stretched.z, -stretched.z);
  F radius = square_root(max_lane(fma(-z, z, (F)1.0f), (F)0.0f));
  V3 cap = v3(fma(radius, cosine, stretched.x), fma(radius, sine, stretched.y), z + stretched.z);
  return v3_normalized(v3(cap.x * alpha_x, cap.y * alpha_y, max_lane(cap.z, (F)0.0f)), up);
}

// A mirror of facets without Fresnel, towards `in` (in.z > 0): D G2 / (4 cos_o), and in *density what
// reflection about ggx_sample_normal gives, per steradian.
INLINE F ggx_reflect(V3 out, V3 in, V3 h, F alpha_x, F alpha_y, F *density) {
  F d = ggx_normals(h, alpha_x, alpha_y);
  F shadow_o = ggx_shadow(out, alpha_x, alpha_y), shadow_i = ggx_shadow(in, alpha_x, alpha_y);
  *density = (0.5f * d) / (out.z + shadow_o);
  return ((0.5f * d) * in.z) / fma(out.z, shadow_i, in.z * shadow_o);
}

// Directional albedo of the facets without Fresnel, in two parts: what Schlick's Fresnel multiplies by its
// value at normal incidence, and at grazing incidence; or another pair of the tables (AlbedoTable.swift).
// `table`: first number of it.
#define ALBEDO_SIDE 32
#define ALBEDO_GGX 512
INLINE void albedo_look_up(const Scene *scene, I table, F cosine, F alpha, F *first, F *second) {
  F x = square_root(clamp_lane(cosine, 0.0f, 1.0f)) * (float)(ALBEDO_SIDE - 1);
  F y = square_root(clamp_lane(alpha, 0.0f, 1.0f)) * (float)(ALBEDO_SIDE - 1);
  I ix = clamp_index(TO_I(x), (I)(ALBEDO_SIDE - 1)), iy = clamp_index(TO_I(y), (I)(ALBEDO_SIDE - 1));
  F part_x = x - TO_F(ix), part_y = y - TO_F(iy);
  I at = table + (iy * ALBEDO_SIDE + ix) * 2;
  __global const float *t = scene->tables, *below = t + 2 * ALBEDO_SIDE;
  F top = mix_lane(gather(t, at), gather(t + 2, at), part_x);
  F bottom = mix_lane(gather(below, at), gather(below + 2, at), part_x);
  *first = mix_lane(top, bottom, part_y);
  top = mix_lane(gather(t + 1, at), gather(t + 3, at), part_x);
  bottom = mix_lane(gather(below + 1, at), gather(below + 3, at), part_x);
  *second = mix_lane(top, bottom, part_y);
}

// Of stretched facets: a cube, 16 numbers a side, by the alphas along and across the viewer's azimuth. Exact
// where he looks along or across them; in between it may be too small by the margin.
#define STRETCHED_SIDE 16
#define ALBEDO_STRETCHED (ALBEDO_GGX + 2 * ALBEDO_SIDE * ALBEDO_SIDE)
#define STRETCHED_MARGIN 1.03f
NOINLINE static void albedo_look_up_stretched(
    const Scene *scene, const V3 *out, const F *alpha_x, const F *alpha_y, F *first, F *second) {
  F xx = out->x * out->x, yy = out->y * out->y, ax = *alpha_x * *alpha_x, ay = *alpha_y * *alpha_y;
  F sum = xx + yy;
  F inverse = 1.0f / max_lane(sum, (F)1e-12f);
  F along = sum > 1e-12f ? fma(xx, ax, yy * ay) * inverse : ax;
  F across = sum > 1e-12f ? fma(yy, ax, xx * ay) * inverse : ay;
  float scale = (float)(STRETCHED_SIDE - 1);
  F x = square_root(clamp_lane(out->z, 0.0f, 1.0f)) * scale;
  F y = square_root(square_root(clamp_lane(along, 0.0f, 1.0f))) * scale;
  F z = square_root(square_root(clamp_lane(across, 0.0f, 1.0f))) * scale;
  I last = (I)(STRETCHED_SIDE - 1);
  I ix = clamp_index(TO_I(x), last), iy = clamp_index(TO_I(y), last), iz = clamp_index(TO_I(z), last);
  x = x - TO_F(ix);
  y = y - TO_F(iy);
  z = z - TO_F(iz);
  I at = (I)ALBEDO_STRETCHED + ((iz * STRETCHED_SIDE + iy) * STRETCHED_SIDE + ix) * 2;
  __global const float *t = scene->tables;
  F found[2];
  for (int k = 0; k < 2; k++) {
    F lines[4];
    for (int line = 0; line < 4; line++) {
      int y_step = (line & 1) * 2 * STRETCHED_SIDE;
      int z_step = (line >> 1) * 2 * STRETCHED_SIDE * STRETCHED_SIDE;
      __global const float *from = t + (y_step + z_step + k);
      lines[line] = mix_lane(gather(from, at), gather(from + 2, at), x);
    }
    found[k] = mix_lane(mix_lane(lines[0], lines[1], y), mix_lane(lines[2], lines[3], y), z);
  }
  F margin = min_lane((F)STRETCHED_MARGIN, 1.0f / (found[0] + found[1]));
  *first = found[0] * margin;
  *second = found[1] * margin;
}
