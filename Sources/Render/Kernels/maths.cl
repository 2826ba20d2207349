// Elementary functions from + - * / sqrt fma alone, and vectors of three lanes.

#define PI_F 3.14159265f
#define TWO_PI_F 6.28318531f
#define INV_PI_F 0.318309886f
// The largest number below 1.
#define ONE_MINUS_EPSILON 0.99999994f

typedef struct { F x, y, z; } V3;

// A NaN in `a` gives `b`.
INLINE F min_lane(F a, F b) { return a < b ? a : b; }
INLINE F max_lane(F a, F b) { return a > b ? a : b; }
// Into low ... high; NaN gives low.
INLINE F clamp_lane(F x, float low, float high) { return min_lane(max_lane(x, (F)low), (F)high); }
INLINE I clamp_index(I x, I count) {
  I above = x >= count;
  x = above ? count - 1 : x;
  return x < 0 ? (I)0 : x;
}

INLINE V3 v3(F x, F y, F z) {
  V3 v = {x, y, z};
  return v;
}
INLINE V3 v3_scalar(float x, float y, float z) { return v3((F)x, (F)y, (F)z); }
INLINE V3 v3_zero(void) { return v3((F)0.0f, (F)0.0f, (F)0.0f); }
INLINE V3 v3_add(V3 a, V3 b) { return v3(a.x + b.x, a.y + b.y, a.z + b.z); }
INLINE V3 v3_subtract(V3 a, V3 b) { return v3(a.x - b.x, a.y - b.y, a.z - b.z); }
INLINE V3 v3_multiply(V3 a, V3 b) { return v3(a.x * b.x, a.y * b.y, a.z * b.z); }
INLINE V3 v3_scale(V3 a, F s) { return v3(a.x * s, a.y * s, a.z * s); }
// a * s + b, one rounding a component.
INLINE V3 v3_scale_add(V3 a, F s, V3 b) { return v3(fma(a.x, s, b.x), fma(a.y, s, b.y), fma(a.z, s, b.z)); }
INLINE F v3_dot(V3 a, V3 b) { return fma(a.x, b.x, fma(a.y, b.y, a.z * b.z)); }
INLINE V3 v3_cross(V3 a, V3 b) {
  return v3(fma(a.y, b.z, -(a.z * b.y)), fma(a.z, b.x, -(a.x * b.z)), fma(a.x, b.y, -(a.y * b.x)));
}
INLINE V3 v3_select(I mask, V3 a, V3 b) {
  return v3(mask ? a.x : b.x, mask ? a.y : b.y, mask ? a.z : b.z);
}
INLINE F v3_largest(V3 a) { return max_lane(a.x, max_lane(a.y, a.z)); }
// Unit length; `fallback` (unit length) where `a` is too short to have a direction.
INLINE V3 v3_normalized(V3 a, V3 fallback) {
  F square = v3_dot(a, a);
  I ok = (square > 1e-36f) & (square < 1e36f);
  F scale = 1.0f / square_root(ok ? square : (F)1.0f);
  return v3_select(ok, v3_scale(a, scale), fallback);
}
// 1 / sqrt(x) within 0.2 %, for normal x > 0: where only the order of magnitude matters, and the same
// everywhere.
INLINE F inverse_root(F x) {
  F y = AS_F(0x5f3759df - (AS_I(x) >> 1));
  return y * fma((x * -0.5f) * y, y, (F)1.5f);
}
// Rec.709 luminance.
INLINE F luminance(V3 c) { return fma(c.x, (F)0.2126f, fma(c.y, (F)0.7152f, c.z * 0.0722f)); }

// x in 0 ... 1 with a density that goes evenly from a to b (>= 0); u in 0 ..< 1.
INLINE F linear_invert(F u, F a, F b) {
  F sum = a + b;
  I flat = sum <= 1e-37f;
  F start = flat ? (F)0.5f : a / (flat ? (F)1.0f : sum);
  F end = 1.0f - start;
  F square = fma(u, fma(end, end, -(start * start)), start * start);
  F root = square_root(max_lane(square, (F)0.0f));
  return clamp_lane(u / max_lane(start + root, (F)1e-20f), 0.0f, 1.0f);
}

// Sine and cosine of `turns` full turns; |turns| <= 1e4. Absolute error below 2e-7 (Cephes sinf, cosf
// kernels).
INLINE void sincos_turns(F turns, F *sine, F *cosine) {
  F quarter = round_even(turns * 4.0f);
  F r = fma(quarter, (F)-0.25f, turns) * TWO_PI_F;
  I q = TO_I(quarter);
  F z = r * r;
  F ps = fma(fma((F)-1.9515295891e-4f, z, (F)8.3321608736e-3f), z, (F)-1.6666654611e-1f);
  F pc = fma(fma((F)2.443315711809948e-5f, z, (F)-1.388731625493765e-3f), z, (F)4.166664568298827e-2f);
  F s = fma(ps * z, r, r);
  F c = fma(pc, z * z, fma((F)-0.5f, z, (F)1.0f));
  I odd = (q & 1) != 0;
  F a = odd ? c : s;
  F b = odd ? s : c;
  *sine = (q & 2) != 0 ? -a : a;
  *cosine = ((q + 1) & 2) != 0 ? -b : b;
}

// e to the power x <= 0; 0 below -86. Relative error below 2e-7 (Cephes expf kernel).
INLINE F exp_negative(F x) {
  F clamped = clamp_lane(x, -86.0f, 0.0f);
  F n = round_even(clamped * 1.44269504f);
  F r = fma(n, (F)2.12194440e-4f, fma(n, (F)-0.693359375f, clamped));
  F p = fma(fma((F)1.9875691500e-4f, r, (F)1.3981999507e-3f), r, (F)8.3334519073e-3f);
  p = fma(fma(fma(p, r, (F)4.1665795894e-2f), r, (F)1.6666665459e-1f), r, (F)5.0000001201e-1f);
  p = fma(p, r * r, r) + 1.0f;
  F power = AS_F((TO_I(n) + 127) << 23);
  return x < -86.0f ? (F)0.0f : p * power;
}

// Angle of (x, y) in turns, -0.5 ... 0.5; 0 for the origin. Error below 1e-7 turns (Cephes atanf kernel).
INLINE F atan2_turns(F y, F x) {
  F ax = fabs(x), ay = fabs(y);
  F high = max_lane(ax, ay), low = min_lane(ax, ay);
  I ok = high > 0.0f;
  F t = low / (ok ? high : (F)1.0f);
  I upper = t > 0.41421356f;
  t = upper ? (t - 1.0f) / (t + 1.0f) : t;
  F z = t * t;
  F p = fma(fma((F)8.05374449538e-2f, z, (F)-1.38776856032e-1f), z, (F)1.99777106478e-1f);
  p = fma(p, z, (F)-3.33329491539e-1f);
  F angle = fma(p * z, t, t) * (1.0f / TWO_PI_F);
  angle = upper ? angle + 0.125f : angle;
  angle = ay > ax ? 0.25f - angle : angle;
  angle = x < 0.0f ? 0.5f - angle : angle;
  angle = y < 0.0f ? -angle : angle;
  return ok ? angle : (F)0.0f;
}

// Two unit vectors that make `n` a right-handed frame (Duff et al. 2017, "Building an Orthonormal Basis,
// Revisited").
INLINE void v3_frame(V3 n, V3 *tangent, V3 *bitangent) {
  F sign = n.z < 0.0f ? (F)-1.0f : (F)1.0f;
  F a = -1.0f / (sign + n.z);
  F b = (n.x * n.y) * a;
  *tangent = v3(fma((sign * n.x) * n.x, a, (F)1.0f), sign * b, -(sign * n.x));
  *bitangent = v3(b, fma(n.y * n.y, a, sign), -n.y);
}
INLINE V3 v3_to_local(V3 v, V3 tangent, V3 bitangent, V3 n) {
  return v3(v3_dot(v, tangent), v3_dot(v, bitangent), v3_dot(v, n));
}
INLINE V3 v3_from_local(V3 v, V3 tangent, V3 bitangent, V3 n) {
  return v3_scale_add(tangent, v.x, v3_scale_add(bitangent, v.y, v3_scale(n, v.z)));
}
