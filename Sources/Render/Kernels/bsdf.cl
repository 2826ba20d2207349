// What a surface does to light: one model for all materials, of glTF 2.0 (appendix B) and its extensions,
// made energy conserving. From the viewer's side down:
//   coat      GGX with Schlick's Fresnel, F0 = 0.04 (KHR_materials_clearcoat)
//   facets    GGX with Schlick's Fresnel, F0 ... F90: metal and the dielectric's reflection in one lobe
//   sheet     the facets' lobe mirrored to the other side: what passes a thin sheet
//   glass     the rough skin of a body (glass.cl)
//   diffuse   Lambert
// What a layer reflects is missing below it, by its directional albedo (tables, ggx.cl). What single
// scattering loses between the facets comes back as a factor on the lobe (Turquin 2019, "Practical
// multiple scattering compensation for microfacet models"). White therefore stays white in a white furnace,
// at every roughness. Directions are in the shading frame, +Z the normal; out.z > 0.

// Lobes that some lane has: what none has is skipped. Skipping changes no bit.
#define LOBE_FACETS 1
#define LOBE_GLASS 2
#define LOBE_COAT 4
// Materials that have a lobe, and whether some lane does.
#define FLAGS_LOBE_FACETS (FLAG_SPECULAR | FLAG_TRANSMISSION)
#define FLAGS_LOBE_GLASS FLAG_SOLID
#define FLAGS_LOBE_COAT FLAG_CLEARCOAT
#define HAS_LOBE(bsdf, lobe) (CAN(FLAGS_##lobe) && ((bsdf)->lobes & (lobe)))

typedef struct {
  int lobes;
  V3 diffuse;         // albedo of the Lambert lobe
  V3 f0, f90;         // of the facets, times the factor for multiple scattering
  V3 sheet;           // colour of the sheet's lobe, over the albedo of the facets
  F alpha_x, alpha_y;
  I smooth;           // facets, sheet and glass are one direction each
  Glass glass;
  F coat, coat_alpha; // cover times factor
  I coat_smooth;
  // Probabilities that a lobe is sampled; the rest is for the diffuse one.
  F coat_chance, facets_chance, sheet_chance, glass_chance;
} BSDF;

#define COAT_F0 0.04f

INLINE BSDF bsdf_diffuse(V3 albedo) {
  BSDF bsdf;
  bsdf.lobes = 0;
  bsdf.diffuse = albedo;
  bsdf.f0 = bsdf.f90 = bsdf.sheet = bsdf.glass.tint = v3_zero();
  bsdf.alpha_x = bsdf.alpha_y = bsdf.coat_alpha = bsdf.glass.alpha_x = bsdf.glass.alpha_y = (F)1.0f;
  bsdf.glass.eta = (F)1.5f;
  bsdf.glass.part = bsdf.coat = (F)0.0f;
  bsdf.smooth = bsdf.coat_smooth = (I)0;
  bsdf.coat_chance = bsdf.facets_chance = bsdf.sheet_chance = bsdf.glass_chance = (F)0.0f;
  return bsdf;
}

INLINE V3 schlick_between(V3 f0, V3 f90, F cosine) {
  F s = schlick(cosine);
  return v3_mix(f0, f90, s);
}

// Adds the lanes' lobe `chance` where `mask`, and to *density what it gives there.
INLINE V3 lobe_add(V3 sum, I mask, V3 value, F chance, F lobe_density, F *density) {
  *density = mask ? fma(chance, lobe_density, *density) : *density;
  return v3_select(mask, v3_add(sum, value), sum);
}

INLINE V3 bsdf_add_facets(const BSDF *bsdf, V3 out, V3 in, V3 sum, F *density) {
  V3 mirrored = v3(in.x, in.y, fabs(in.z));
  V3 h = v3_normalized(v3_add(out, mirrored), v3_scalar(0.0f, 0.0f, 1.0f));
  F given;
  F lobe = ggx_reflect(out, mirrored, h, bsdf->alpha_x, bsdf->alpha_y, &given);
  I above = in.z > 0.0f;
  V3 color = v3_select(above, schlick_between(bsdf->f0, bsdf->f90, v3_dot(out, h)), bsdf->sheet);
  F chance = above ? bsdf->facets_chance : bsdf->sheet_chance;
  return lobe_add(sum, ~bsdf->smooth & (chance > 0.0f), v3_scale(color, lobe), chance, given, density);
}

INLINE V3 bsdf_add_glass(const BSDF *bsdf, V3 out, V3 in, V3 sum, F *density) {
  Glass glass = bsdf->glass;
  V3 value;
  F given;
  glass_evaluate(&glass, &out, &in, &value, &given);
  I mask = ~bsdf->smooth & (bsdf->glass_chance > 0.0f);
  return lobe_add(sum, mask, value, bsdf->glass_chance, given, density);
}

// The coat's part of `in`, and its density.
APART F coat_evaluate(F alpha, V3 out, V3 in, F *density) {
  V3 mirrored = v3(in.x, in.y, fabs(in.z));
  V3 h = v3_normalized(v3_add(out, mirrored), v3_scalar(0.0f, 0.0f, 1.0f));
  F lobe = ggx_reflect(out, mirrored, h, alpha, alpha, density);
  return mix_lane((F)COAT_F0, (F)1.0f, schlick(v3_dot(out, h))) * lobe;
}

INLINE V3 bsdf_add_coat(const BSDF *bsdf, V3 out, V3 in, V3 sum, F *density) {
  F given;
  F value = bsdf->coat * coat_evaluate(bsdf->coat_alpha, out, in, &given);
  I mask = ~bsdf->coat_smooth & (in.z > 0.0f) & (bsdf->coat_chance > 0.0f);
  return lobe_add(sum, mask, v3(value, value, value), bsdf->coat_chance, given, density);
}

// BSDF times the cosine of `in` (in.z not 0), and the density (per steradian) with which bsdf_sample gives
// it, both without the smooth lobes, which only bsdf_sample can find.
INLINE V3 bsdf_evaluate(const BSDF *bsdf, V3 out, V3 in, F *density) {
  F cos_i = max_lane(in.z, (F)0.0f);
  V3 value = v3_scale(bsdf->diffuse, (F)INV_PI_F * cos_i);
  F sum = cos_i * INV_PI_F;
  if (bsdf->lobes) {
    sum = sum *
        (((1.0f - bsdf->coat_chance) - bsdf->facets_chance) - (bsdf->sheet_chance + bsdf->glass_chance));
  }
  if (HAS_LOBE(bsdf, LOBE_FACETS)) value = bsdf_add_facets(bsdf, out, in, value, &sum);
  if (HAS_LOBE(bsdf, LOBE_GLASS)) value = bsdf_add_glass(bsdf, out, in, value, &sum);
  if (HAS_LOBE(bsdf, LOBE_COAT)) value = bsdf_add_coat(bsdf, out, in, value, &sum);
  *density = sum;
  return value;
}

INLINE V3 cosine_sample(F u, F v) {
  F sine, cosine;
  sincos_turns(u, &sine, &cosine);
  F radius = square_root(v);
  return v3(radius * cosine, radius * sine, square_root(1.0f - v));
}

typedef struct {
  V3 in;      // unit length; z = 0 where the lobe leads to the wrong side of the surface
  I smooth;   // found by a smooth lobe: `weight` is its value over its probability
  V3 weight;
} BSDFSample;

// u, v in 0 ..< 1; the glass takes `choice`, likewise, to reflect or to refract.
INLINE BSDFSample bsdf_sample(const BSDF *bsdf, V3 out, F u, F v, F choice) {
  BSDFSample sample;
  sample.smooth = u < 0.0f;
  sample.weight = v3_zero();
  I coat = (I)0, facets = (I)0, sheet = (I)0, glass = (I)0, sampled = (I)0;
  F chance = (F)1.0f;
  if (bsdf->lobes) {
    // The lobe by u, what is left of u within it: points that are spread well stay so.
    F facets_low = bsdf->coat_chance;
    F sheet_low = facets_low + bsdf->facets_chance;
    F glass_low = sheet_low + bsdf->sheet_chance;
    F diffuse_low = glass_low + bsdf->glass_chance;
    coat = u < facets_low;
    facets = ~coat & (u < sheet_low);
    sheet = ~(coat | facets) & (u < glass_low);
    glass = ~(coat | facets | sheet) & (u < diffuse_low);
    sampled = coat | facets | sheet | glass;
    F low = coat ? (F)0.0f : (facets ? facets_low : (sheet ? sheet_low : (glass ? glass_low : diffuse_low)));
    chance = coat ? bsdf->coat_chance : (facets ? bsdf->facets_chance : bsdf->sheet_chance);
    chance = glass ? bsdf->glass_chance : chance;
    u = clamp_lane((u - low) / (sampled ? chance : 1.0f - diffuse_low), 0.0f, ONE_MINUS_EPSILON);
  }
  sample.in = cosine_sample(u, v);
  if (!CAN(FLAGS_LAYERED) || !lane_bits(sampled)) return sample;

  V3 up = v3_scalar(0.0f, 0.0f, 1.0f);
  F alpha_x = coat ? bsdf->coat_alpha : bsdf->alpha_x, alpha_y = coat ? bsdf->coat_alpha : bsdf->alpha_y;
  I smooth = sampled & ((coat & bsdf->coat_smooth) | (~coat & bsdf->smooth));
  V3 h = v3_select(smooth, up, ggx_sample_normal(out, alpha_x, alpha_y, u, v));
  F cosine = v3_dot(out, h);
  V3 in = v3_normalized(v3_subtract(v3_scale(h, 2.0f * cosine), out), up);
  in.z = max_lane(in.z, (F)0.0f);
  in.z = sheet ? -in.z : in.z;
  V3 weight = v3_select(facets, schlick_between(bsdf->f0, bsdf->f90, cosine), bsdf->sheet);
  F coated = bsdf->coat * mix_lane((F)COAT_F0, (F)1.0f, schlick(cosine));
  weight = v3_select(coat, v3(coated, coated, coated), weight);
  if (HAS_LOBE(bsdf, LOBE_GLASS)) {
    Glass skin = bsdf->glass;
    V3 passed;
    glass_sample(&skin, &out, &h, &choice, &passed);
    in = v3_select(glass, passed, in);
    V3 white = v3_scalar(1.0f, 1.0f, 1.0f);
    V3 color = v3_scale(v3_select(passed.z > 0.0f, white, skin.tint), skin.part);
    weight = v3_select(glass, color, weight);
  }
  sample.in = v3_select(sampled, in, sample.in);
  sample.smooth = smooth;
  sample.weight = v3_scale(weight, 1.0f / (smooth ? chance : (F)1.0f));
  return sample;
}
