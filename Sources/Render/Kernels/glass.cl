// The rough skin of a transparent body (Walter et al. 2007, "Microfacet Models for Refraction through Rough
// Surfaces"), exact Fresnel. Radiance here is divided by the square of the medium's index: refraction then
// leaves it unchanged, and so does a body in a white furnace. Its two parts share an albedo, by which the
// result is divided: light that single scattering loses between facets goes where the rest goes.

typedef struct {
  F part;            // of the light, over the albedo; 0 where there is no body
  V3 tint;           // of what passes
  F eta;             // index of the far side over that of the viewer's side
  F alpha_x, alpha_y;
} Glass;

// Times the cosine of `in`, which may be on either side; *density as glass_sample gives it.
NOINLINE static void glass_evaluate(
    const Glass *glass, const V3 *out_p, const V3 *in_p, V3 *value, F *density) {
  V3 out = *out_p, in = *in_p;
  I reflects = in.z > 0.0f;
  F eta = glass->eta, scale = reflects ? (F)1.0f : eta;
  V3 h = v3_normalized(v3_scale_add(in, scale, out), v3_scalar(0.0f, 0.0f, 1.0f));
  h = v3_select(h.z < 0.0f, v3_scale(h, (F)-1.0f), h);
  F c_o = v3_dot(out, h), c_i = v3_dot(in, h);
  I possible = (c_o > 0.0f) & (h.z > 0.0f) & (reflects | (c_i < 0.0f));
  F d = ggx_normals(h, glass->alpha_x, glass->alpha_y);
  F shadow_o = ggx_shadow(out, glass->alpha_x, glass->alpha_y);
  F shadow_i = ggx_shadow(in, glass->alpha_x, glass->alpha_y);
  F cos_i = fabs(in.z);
  F fresnel = fresnel_dielectric(max_lane(c_o, (F)0.0f), eta);
  F sum = fma(eta, c_i, c_o);
  F jacobian = ((eta * eta) * fabs(c_i)) / max_lane(sum * sum, (F)1e-12f);
  // Visible normals per steradian of `in`, without the viewer's masking.
  F spread = reflects ? (F)0.5f * d : ((2.0f * c_o) * d) * jacobian;
  F chance = reflects ? fresnel : 1.0f - fresnel;
  F visible = spread / (out.z + shadow_o);
  F lit = (spread * cos_i) / fma(out.z, shadow_i, cos_i * shadow_o);
  *density = possible ? chance * visible : (F)0.0f;
  F power = possible ? (glass->part * chance) * lit : (F)0.0f;
  V3 white = v3_scalar(1.0f, 1.0f, 1.0f);
  *value = v3_scale(v3_select(reflects, white, glass->tint), power);
}

// Which way `out` goes on at a facet with normal h: reflected where `choice` (0 ..< 1) is below Fresnel's
// reflectance, else refracted. z = 0 where that leads to the wrong side of the surface.
NOINLINE static void glass_sample(const Glass *glass, const V3 *out, const V3 *h, const F *choice, V3 *in) {
  F c = max_lane(v3_dot(*out, *h), (F)0.0f);
  I reflects = *choice < fresnel_dielectric(c, glass->eta);
  F inverse = 1.0f / glass->eta;
  F square = fma(-(inverse * inverse), fma(-c, c, (F)1.0f), (F)1.0f);
  F cosine = square_root(max_lane(square, (F)0.0f));
  V3 reflected = v3_subtract(v3_scale(*h, 2.0f * c), *out);
  V3 refracted = v3_subtract(v3_scale(*h, fma(c, inverse, -cosine)), v3_scale(*out, inverse));
  *in = v3_normalized(v3_select(reflects, reflected, refracted), *h);
  in->z = reflects ? max_lane(in->z, (F)0.0f) : min_lane(in->z, (F)0.0f);
}
