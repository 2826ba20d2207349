// Exact sums: each sample becomes a whole number of 2^-30, so that neither order nor split can matter.

#define SAMPLE_MAX 65504.0f
#define FIXED_ONE 1073741824.0f

// NaN and negative give 0. Multiplying by 2^30 is exact; the conversion drops what is below the resolution.
INLINE long fixed_point(float x) {
  x = x > 0.0f ? x : 0.0f;
  x = x < SAMPLE_MAX ? x : SAMPLE_MAX;
  return (long)(x * FIXED_ONE);
}

// The same of either sign; NaN gives 0.
INLINE long signed_fixed_point(float x) {
  long magnitude = fixed_point(fabs(x));
  return x < 0.0f ? -magnitude : magnitude;
}
