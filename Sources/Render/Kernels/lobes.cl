// From a material's numbers and textures to its lobes (bsdf.cl).

// Metallic and roughness with their texture; alpha along tangent and bitangent, smooth ones at ALPHA_SMOOTH.
INLINE void material_facets(
    const Scene *scene, const Texels *texels, I material, F *metallic, F *alpha_x, F *alpha_y) {
  *metallic = field_float(scene->materials, material, MATERIAL_WORDS, MATERIAL_METALLIC);
  F roughness = field_float(scene->materials, material, MATERIAL_WORDS, MATERIAL_ROUGHNESS);
  Texel texel = material_texel(scene, texels, TEXTURE_METALLIC_ROUGHNESS);
  *metallic = *metallic * texel.blue;
  roughness = roughness * texel.green;
  *alpha_y = max_lane(roughness * roughness, (F)ALPHA_SMOOTH);
  *alpha_x = *alpha_y;
  if (!SELDOM(NEEDS(scene, FLAG_ANISOTROPIC))) return;
  texel = material_texel(scene, texels, TEXTURE_ANISOTROPY);
  F strength = field_float(scene->materials, material, MATERIAL_WORDS, MATERIAL_ANISOTROPY) * texel.blue;
  *alpha_x = mix_lane(*alpha_y, (F)1.0f, strength * strength);
}

// Reflectance of the dielectric at normal incidence (*f0) and at grazing incidence
// (KHR_materials_ior, KHR_materials_specular).
INLINE F material_dielectric(const Scene *scene, const Texels *texels, I material, V3 *f0) {
  F ior = field_float(scene->materials, material, MATERIAL_WORDS, MATERIAL_IOR);
  F specular = field_float(scene->materials, material, MATERIAL_WORDS, MATERIAL_SPECULAR);
  V3 color = field_v3(scene->materials, material, MATERIAL_WORDS, MATERIAL_SPECULAR_COLOR);
  specular = specular * material_texel(scene, texels, TEXTURE_SPECULAR).alpha;
  color = v3_multiply(color, texel_color(material_texel(scene, texels, TEXTURE_SPECULAR_COLOR)));
  F root = (ior - 1.0f) / (ior + 1.0f);
  color = v3_scale(color, root * root);
  F one = (F)1.0f;
  *f0 = v3_scale(v3(min_lane(color.x, one), min_lane(color.y, one), min_lane(color.z, one)), specular);
  return specular;
}

// 1 + f0 (1 - E) / E: what comes back after more than one facet.
INLINE V3 facets_gain(V3 f0, F albedo) {
  return v3_scale_add(f0, (1.0f - albedo) / albedo, v3_scalar(1.0f, 1.0f, 1.0f));
}

// Albedo of the facets in its two parts (albedo_look_up).
INLINE void facets_parts(const Scene *scene, const BSDF *bsdf, V3 out, F *first, F *second) {
  F grazing = schlick(out.z);
  albedo_look_up(
      scene, (I)ALBEDO_GGX, out.z, square_root(bsdf->alpha_x * bsdf->alpha_y), first, second);
  *first = bsdf->smooth ? 1.0f - grazing : *first;
  *second = bsdf->smooth ? grazing : *second;
  I stretched = bsdf->alpha_x > bsdf->alpha_y;
  if (!SELDOM(NEEDS(scene, FLAG_ANISOTROPIC)) || !lane_bits(stretched)) return;
  F alpha_x = bsdf->alpha_x, alpha_y = bsdf->alpha_y, a, b;
  albedo_look_up_stretched(scene, &out, &alpha_x, &alpha_y, &a, &b);
  *first = stretched ? a : *first;
  *second = stretched ? b : *second;
}

INLINE V3 facets_albedo(V3 f0, V3 f90, F first, F second) {
  return v3_scale_add(f0, first, v3_scale(f90, second));
}

// Part of the light that passes, and what becomes of it; `left`: of what the dielectric does not reflect.
// Returns the parts that the diffuse lobe loses and that the facets lose to the glass.
INLINE void material_transmission(
    const Scene *scene, const Texels *texels, I material, I flags, I front, V3 base, F dielectric, F left,
    F albedo, F cosine, I active, BSDF *bsdf, F *passing, F *glassy) {
  F part = field_float(scene->materials, material, MATERIAL_WORDS, MATERIAL_TRANSMISSION);
  part = part * material_texel(scene, texels, TEXTURE_TRANSMISSION).red;
  I solid = (flags & FLAG_SOLID) != 0;
  *passing = part;
  *glassy = solid ? part : (F)0.0f;
  bsdf->sheet = v3_select(solid, v3_zero(), v3_scale(base, ((part * dielectric) * left) / albedo));
  bsdf->sheet_chance = luminance(bsdf->sheet) * albedo;
  I bodies = active & solid & (part * dielectric > 0.0f);
  if (!CAN(FLAG_SOLID) || !lane_bits(bodies)) return;
  I table = field_int(scene->materials, material, MATERIAL_WORDS, MATERIAL_ALBEDO_TABLE);
  F ior = field_float(scene->materials, material, MATERIAL_WORDS, MATERIAL_IOR);
  F entering, leaving;
  albedo_look_up(
      scene, bodies ? table : (I)ALBEDO_GGX, cosine, square_root(bsdf->alpha_x * bsdf->alpha_y), &entering,
      &leaving);
  F whole = front ? entering : leaving;
  whole = bsdf->smooth ? (F)1.0f : max_lane(whole, (F)0.05f);
  bsdf->glass.eta = front ? ior : 1.0f / ior;
  bsdf->glass.tint = base;
  bsdf->glass.alpha_x = bsdf->alpha_x;
  bsdf->glass.alpha_y = bsdf->alpha_y;
  bsdf->glass_chance = bodies ? part * dielectric : (F)0.0f;
  bsdf->glass.part = bsdf->glass_chance / whole;
}

// Puts the coat on top: all below loses what the coat reflects.
INLINE void material_coat(
    const Scene *scene, const Texels *texels, I material, F cosine, I active, BSDF *bsdf) {
  F cover = field_float(scene->materials, material, MATERIAL_WORDS, MATERIAL_CLEARCOAT);
  cover = cover * material_texel(scene, texels, TEXTURE_CLEARCOAT).red;
  F roughness = field_float(scene->materials, material, MATERIAL_WORDS, MATERIAL_CLEARCOAT_ROUGHNESS);
  roughness = roughness * material_texel(scene, texels, TEXTURE_CLEARCOAT_ROUGHNESS).green;
  bsdf->coat_alpha = max_lane(roughness * roughness, (F)ALPHA_SMOOTH);
  bsdf->coat_smooth = active & (bsdf->coat_alpha <= ALPHA_SMOOTH);
  F first, second;
  albedo_look_up(scene, (I)ALBEDO_GGX, cosine, bsdf->coat_alpha, &first, &second);
  F grazing = schlick(cosine);
  first = bsdf->coat_smooth ? 1.0f - grazing : first;
  second = bsdf->coat_smooth ? grazing : second;
  F whole = first + second;
  bsdf->coat = cover * fma((F)COAT_F0, (1.0f - whole) / whole, (F)1.0f);
  bsdf->coat_chance = bsdf->coat * fma((F)COAT_F0, first, second);
  F rest = max_lane(1.0f - bsdf->coat_chance, (F)0.0f);
  bsdf->diffuse = v3_scale(bsdf->diffuse, rest);
  bsdf->f0 = v3_scale(bsdf->f0, rest);
  bsdf->f90 = v3_scale(bsdf->f90, rest);
  bsdf->sheet = v3_scale(bsdf->sheet, rest);
  bsdf->glass.part = bsdf->glass.part * rest;
  bsdf->facets_chance = bsdf->facets_chance * rest;
  bsdf->sheet_chance = bsdf->sheet_chance * rest;
  bsdf->glass_chance = bsdf->glass_chance * rest;
}

// Lobes are sampled by their albedos, which the chances hold so far.
INLINE void bsdf_choose(I layered, BSDF *bsdf) {
  F sum = (bsdf->coat_chance + bsdf->facets_chance) + (bsdf->sheet_chance + bsdf->glass_chance);
  sum = sum + luminance(bsdf->diffuse);
  I lit = layered & (sum > 1e-6f);
  F scale = lit ? 1.0f / (lit ? sum : (F)1.0f) : (F)0.0f;
  bsdf->coat_chance = lit ? bsdf->coat_chance * scale : (F)0.0f;
  bsdf->facets_chance = lit ? bsdf->facets_chance * scale : (F)0.0f;
  bsdf->sheet_chance = lit ? bsdf->sheet_chance * scale : (F)0.0f;
  bsdf->glass_chance = lit ? bsdf->glass_chance * scale : (F)0.0f;
  bsdf->lobes = lane_bits((bsdf->facets_chance > 0.0f) | (bsdf->sheet_chance > 0.0f)) ? LOBE_FACETS : 0;
  if (lane_bits(bsdf->glass_chance > 0.0f)) bsdf->lobes |= LOBE_GLASS;
  if (lane_bits(bsdf->coat_chance > 0.0f)) bsdf->lobes |= LOBE_COAT;
}

// `base`: base colour; `out`: towards the viewer, in the frame, z > 0; `front`: he sees the front.
INLINE BSDF material_bsdf(
    const Scene *scene, const Texels *texels, I material, I flags, I front, V3 base, V3 out, I active) {
  BSDF bsdf = bsdf_diffuse(base);
  I layered = active & ((flags & FLAGS_LAYERED) != 0);
  if (!CAN(FLAGS_LAYERED) || !lane_bits(layered)) return bsdf;
  F metallic;
  material_facets(scene, texels, material, &metallic, &bsdf.alpha_x, &bsdf.alpha_y);
  bsdf.smooth = layered & (bsdf.alpha_x <= ALPHA_SMOOTH);
  F first, second;
  facets_parts(scene, &bsdf, out, &first, &second);
  F albedo = first + second;

  V3 f0;
  F edge = material_dielectric(scene, texels, material, &f0);
  V3 f90 = v3(edge, edge, edge);
  V3 gain = facets_gain(f0, albedo);
  V3 reflected = v3_multiply(gain, facets_albedo(f0, f90, first, second));
  F left = max_lane(1.0f - v3_largest(reflected), (F)0.0f);
  F dielectric = 1.0f - metallic, passing = (F)0.0f, glassy = (F)0.0f;
  if (SELDOM(NEEDS(scene, FLAG_TRANSMISSION))) {
    material_transmission(
        scene, texels, material, flags, front, base, dielectric, left, albedo, out.z, layered, &bsdf,
        &passing, &glassy);
  }
  // Metal and dielectric lose differently between facets: each has its own gain.
  V3 metal = v3_scale(facets_gain(base, albedo), metallic);
  V3 plastic = v3_scale(gain, dielectric * (1.0f - glassy));
  bsdf.f0 = v3_add(v3_multiply(base, metal), v3_multiply(f0, plastic));
  bsdf.f90 = v3_scale_add(plastic, edge, metal);
  bsdf.facets_chance = luminance(facets_albedo(bsdf.f0, bsdf.f90, first, second));
  bsdf.diffuse = v3_scale(base, (dielectric * (1.0f - passing)) * left);
  if (SELDOM(NEEDS(scene, FLAG_CLEARCOAT))) {
    material_coat(scene, texels, material, out.z, layered, &bsdf);
  }
  bsdf.diffuse = v3_select(layered, bsdf.diffuse, base);
  bsdf_choose(layered, &bsdf);
  return bsdf;
}

// The frame of the facets: along the material's direction where it has one, else any.
INLINE void material_frame(
    const Scene *scene, const Texels *texels, const Surface *surface, const Place *place, I material, I flags,
    I active, V3 *tangent, V3 *bitangent) {
  V3 n = surface->shading;
  v3_frame(n, tangent, bitangent);
  if (!SELDOM(NEEDS(scene, FLAG_ANISOTROPIC))) return;
  I stretched = active & ((flags & FLAG_ANISOTROPIC) != 0);
  if (!lane_bits(stretched)) return;
  V3 front = v3_select(surface->front, n, v3_scale(n, (F)-1.0f));
  F sign;
  V3 along = place_tangent(scene, place, front, stretched, &sign);
  V3 across = v3_scale(v3_cross(front, along), sign);
  F c = field_float(scene->materials, material, MATERIAL_WORDS, MATERIAL_ANISOTROPY_AXIS);
  F s = field_float(scene->materials, material, MATERIAL_WORDS, MATERIAL_ANISOTROPY_AXIS + 1);
  Texel texel = material_texel(scene, texels, TEXTURE_ANISOTROPY);
  I turned = material_textured(scene, texels, TEXTURE_ANISOTROPY);
  F x = turned ? fma(texel.red, (F)2.0f, (F)-1.0f) : (F)1.0f;
  F y = turned ? fma(texel.green, (F)2.0f, (F)-1.0f) : (F)0.0f;
  V3 direction = v3_scale_add(along, fma(x, c, -(y * s)), v3_scale(across, fma(x, s, y * c)));
  direction = v3_normalized(direction, along);
  *tangent = v3_select(stretched, direction, *tangent);
  *bitangent = v3_select(stretched, v3_cross(n, direction), *bitangent);
}
