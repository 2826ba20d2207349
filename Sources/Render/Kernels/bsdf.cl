// glTF metallic-roughness (glTF 2.0, appendix B), made energy conserving: one GGX lobe with Schlick's
// Fresnel, F0 between 0.04 and the base colour by `metallic`, over a Lambert lobe that gets what the
// dielectric's lobe does not reflect: base * (1 - metallic) * (1 - E(cos_o, alpha)) / pi, E the directional
// albedo of GGX with F0 = 0.04. A white dielectric in a white furnace is then 1 within the error of the fit
// of E, at every roughness. Directions are in the shading frame, +Z the normal, both cosines > 0.

#define DIELECTRIC_F0 0.04f

typedef struct {
  V3 f0;            // reflectance at normal incidence
  V3 diffuse;       // albedo of the Lambert lobe
  F alpha;          // GGX
  F specular_part;  // probability that the GGX lobe is sampled
  F cos_o, shadow_o;  // of the viewer: cosine, sqrt(alpha^2 + (1 - alpha^2) cos^2)
} BSDF;

// E: rational fit in the cosine and the roughness sqrt(alpha) to quadrature of Heitz 2018's sampling of GGX
// with height-correlated masking. Largest error 0.008 for cosines above 0.1 (0.036 below), root mean square
// 0.0024.
INLINE F dielectric_albedo(F cosine, F roughness) {
  F m = cosine, y = roughness;
  F p0 = fma(fma(fma((F)-0.17287f, y, (F)1.01518f), y, (F)-1.07547f), y, (F)0.96449f);
  F p1 = fma(fma((F)-0.68029f, y, (F)1.04441f), y, (F)-2.66631f);
  F p2 = fma((F)-0.50996f, y, (F)3.36569f);
  F p = fma(fma(fma((F)-1.22304f, m, p2), m, p1), m, p0);
  F q0 = fma(fma((F)10.95954f, y, (F)-0.62493f), y, (F)1.0f);
  F q = fma(fma((F)11.07342f, m, fma((F)-16.89355f, y, (F)0.9037f)), m, q0);
  return clamp_lane(p / q, 0.0f, 1.0f);
}

// (1 - cosine)^5 (Schlick 1994).
INLINE F schlick(F cosine) {
  F c = clamp_lane(1.0f - cosine, 0.0f, 1.0f);
  F square = c * c;
  return (square * square) * c;
}

INLINE F ggx_shadow(F cosine, F alpha) {
  F a2 = alpha * alpha;
  return square_root(fma(1.0f - a2, cosine * cosine, a2));
}

INLINE BSDF bsdf_of(V3 base, F metallic, F alpha, F cos_o) {
  BSDF bsdf;
  F dielectric = 1.0f - metallic;
  F flat = DIELECTRIC_F0 * dielectric;
  bsdf.f0 = v3(fma(base.x, metallic, flat), fma(base.y, metallic, flat), fma(base.z, metallic, flat));
  bsdf.diffuse = v3_scale(base, dielectric * (1.0f - dielectric_albedo(cos_o, square_root(alpha))));
  bsdf.alpha = alpha;
  bsdf.cos_o = cos_o;
  bsdf.shadow_o = ggx_shadow(cos_o, alpha);
  F f0 = luminance(bsdf.f0);
  F specular = fma(1.0f - f0, schlick(cos_o), f0);
  F total = specular + luminance(bsdf.diffuse);
  bsdf.specular_part = total > 1e-6f ? specular / total : (F)1.0f;
  return bsdf;
}

// BSDF times cos_i, and the density (per steradian) with which bsdf_sample gives `in`.
INLINE V3 bsdf_evaluate(const BSDF *bsdf, V3 out, V3 in, F *density) {
  V3 h = v3_normalized(v3_add(out, in), v3_scalar(0.0f, 0.0f, 1.0f));
  F a2 = bsdf->alpha * bsdf->alpha;
  // From the sine, because 1 - cos^2 would lose the digits that a small alpha needs.
  F k = fma(a2, h.z * h.z, fma(h.x, h.x, h.y * h.y));
  F d = a2 / ((PI_F * k) * k);
  F shadow_i = ggx_shadow(in.z, bsdf->alpha);
  F lobe = (0.5f * d) / fma(bsdf->cos_o, shadow_i, in.z * bsdf->shadow_o);
  F fresnel = schlick(v3_dot(out, h));
  V3 f0 = bsdf->f0;
  V3 rest = v3(1.0f - f0.x, 1.0f - f0.y, 1.0f - f0.z);
  V3 f = v3_scale_add(rest, fresnel, f0);
  F specular_density = (0.5f * d) / (bsdf->cos_o + bsdf->shadow_o);
  F diffuse_density = in.z * INV_PI_F;
  *density = fma(bsdf->specular_part, specular_density, (1.0f - bsdf->specular_part) * diffuse_density);
  V3 value = v3_scale_add(bsdf->diffuse, (F)INV_PI_F, v3_scale(f, lobe));
  return v3_scale(value, in.z);
}

// Direction of reflection about a visible normal (Dupuy & Benyoub 2023, "Sampling Visible GGX Normals with
// Spherical Caps"); may lie below the horizon.
INLINE V3 ggx_sample(V3 out, F alpha, F u, F v) {
  V3 up = v3_scalar(0.0f, 0.0f, 1.0f);
  V3 stretched = v3_normalized(v3(out.x * alpha, out.y * alpha, out.z), up);
  F sine, cosine;
  sincos_turns(u, &sine, &cosine);
  F z = fma(1.0f - v, 1.0f + stretched.z, -stretched.z);
  F radius = square_root(max_lane(fma(-z, z, (F)1.0f), (F)0.0f));
  V3 cap = v3(fma(radius, cosine, stretched.x), fma(radius, sine, stretched.y), z + stretched.z);
  V3 h = v3_normalized(v3(cap.x * alpha, cap.y * alpha, max_lane(cap.z, (F)0.0f)), up);
  return v3_subtract(v3_scale(h, 2.0f * v3_dot(out, h)), out);
}

INLINE V3 cosine_sample(F u, F v) {
  F sine, cosine;
  sincos_turns(u, &sine, &cosine);
  F radius = square_root(v);
  return v3(radius * cosine, radius * sine, square_root(1.0f - v));
}

// A direction; u, v in 0 ..< 1. Unit length, may lie below the horizon.
INLINE V3 bsdf_sample(const BSDF *bsdf, V3 out, F u, F v) {
  // The lobe by u, what is left of u within it: points that are spread well stay so.
  I specular = u < bsdf->specular_part;
  F part = specular ? bsdf->specular_part : 1.0f - bsdf->specular_part;
  u = clamp_lane((specular ? u : u - bsdf->specular_part) / part, 0.0f, ONE_MINUS_EPSILON);
  V3 diffuse_in = cosine_sample(u, v);
  if (!lane_bits(specular)) return diffuse_in;
  V3 specular_in = v3_normalized(ggx_sample(out, bsdf->alpha, u, v), v3_scalar(0.0f, 0.0f, 1.0f));
  return v3_select(specular, specular_in, diffuse_in);
}
