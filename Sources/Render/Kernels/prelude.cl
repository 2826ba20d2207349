// Lanes: every function below `F` is written once for W paths at a time. W = 1 on a GPU, 8 or 16 on a
// processor. The bits may depend on neither W nor the device. Hence in all kernels: + - * / sqrt and explicit
// fma only, fixed association, no built-in beyond that (their rounding is the vendor's) but bvh.cl's fmin and
// fmax, no NaN, -0 or denormal relied on, and masked lanes are selected, never multiplied by 0.
#pragma OPENCL FP_CONTRACT OFF

#ifndef W
#define W 1
#endif
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#if W == 1
#define WIDE(name) name
#else
#define WIDE(name) JOIN(name, W)
#endif
typedef WIDE(float) F;
typedef WIDE(int) I;
typedef WIDE(uint) U;
#define AS_F WIDE(as_float)
#define AS_I WIDE(as_int)
#define AS_U WIDE(as_uint)
#define TO_F WIDE(convert_float)
#define TO_I WIDE(convert_int)

// The built-in functions that kernels call, for a compiler that is told to leave its own header out
// (TileRenderer.swift).
#ifdef DECLARE_BUILTINS
#define BUILTIN __attribute__((overloadable, const))
BUILTIN size_t get_global_id(uint);
BUILTIN size_t get_local_id(uint);
__attribute__((overloadable)) uint atomic_add(volatile __global uint *, uint);
__attribute__((overloadable)) uint atomic_inc(volatile __global uint *);
__attribute__((overloadable)) uint atomic_inc(volatile __local uint *);
__attribute__((overloadable, convergent)) void barrier(cl_mem_fence_flags);
BUILTIN uint clz(uint);
BUILTIN uint popcount(uint);
BUILTIN char8 convert_char8(int8);
BUILTIN float fabs(float);
BUILTIN float fma(float, float, float);
BUILTIN float4 fma(float4, float4, float4);
BUILTIN float4 fmax(float4, float4);
BUILTIN float4 fmin(float4, float4);
BUILTIN float8 fma(float8, float8, float8);
BUILTIN F TO_F(I);
BUILTIN I TO_I(F);
BUILTIN F fabs(F);
BUILTIN F floor(F);
BUILTIN F fma(F, F, F);
BUILTIN F rint(F);
BUILTIN F sqrt(F);
BUILTIN I max(I, I);
BUILTIN I min(I, I);
#endif

// Apart, where a compiler cannot cope with one function that has everything in it.
#ifdef KEEP_FUNCTIONS
#define INLINE static
#else
#define INLINE __attribute__((always_inline)) static inline
#endif
// For what is rare and large.
#define NOINLINE __attribute__((noinline))
// For what is large and called from several places, or would keep a compiler busy for long within something
// still larger: a function of its own on a processor, where a call costs nothing beside 16 lanes' work.
#if W > 1 || defined(__x86_64__)
#define APART NOINLINE static
#else
#define APART INLINE
#endif
// For conditions that few scenes meet: compilers then keep registers for what follows if they are not met.
#if W > 1
#define SELDOM(condition) __builtin_expect((condition) != 0, 0)
#else
#define SELDOM(condition) (condition)
#endif
#define ALIGNED __attribute__((aligned(64)))

// x86 instructions where the compiler targets them: the same bits as the portable forms beside them, which
// tests ask for by PORTABLE.
#if defined(__x86_64__) && defined(__AVX2__) && !defined(PORTABLE)
#define X86_AVX2 1
#endif
#if defined(X86_AVX2) && defined(__AVX512F__) && defined(__AVX512DQ__)
#define X86_AVX512 1
#endif

// Bit i is set where lane i of a comparison's result is true.
INLINE uint mask_bits8(int8 mask) {
#ifdef X86_AVX2
  return (uint)__builtin_ia32_movmskps256(as_float8(mask));
#else
  // One bit of each byte, gathered by a multiplication.
  char8 bytes = convert_char8(mask) & (char8)(1, 2, 4, 8, 16, 32, 64, -128);
  return (uint)((as_ulong(bytes) * 0x0101010101010101ul) >> 56);
#endif
}

#if W == 1
INLINE uint lane_bits(I mask) { return mask != 0; }
#elif W == 8
INLINE uint lane_bits(I mask) { return mask_bits8(mask); }
#elif W == 16
INLINE uint lane_bits(I mask) {
#ifdef X86_AVX512
  return (ushort)__builtin_ia32_cvtd2mask512(mask);
#else
  return mask_bits8(mask.lo) | (mask_bits8(mask.hi) << 8);
#endif
}
#else
#error "W must be 1, 8 or 16"
#endif

// Position of the lowest bit of those that are set; there must be one.
#ifdef X86_AVX2
INLINE int lowest_bit(uint bits) { return __builtin_ctz(bits); }
#else
INLINE int lowest_bit(uint bits) { return 31 - (int)clz(bits & (0u - bits)); }
#endif

#if W == 1
#define LANE_NUMBERS 0
INLINE I lanes_below(int count) { return count > 0; }
#elif W == 8
#define LANE_NUMBERS ((I)(0, 1, 2, 3, 4, 5, 6, 7))
INLINE I lanes_below(int count) { return LANE_NUMBERS < (I)count; }
#else
#define LANE_NUMBERS ((I)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
INLINE I lanes_below(int count) { return LANE_NUMBERS < (I)count; }
#endif

INLINE F square_root(F x) {
#if W == 16 && defined(X86_AVX512)
  return __builtin_ia32_sqrtps512(x, 4);
#elif W == 8 && defined(X86_AVX2)
  return __builtin_ia32_sqrtps256(x);
#else
  return sqrt(x);
#endif
}

// The next whole number below, and the nearest, of two the even one: where the processor has them, one
// instruction; a compiler's library may take two dozen.
#if W == 16 && defined(X86_AVX512)
#define ROUNDED(x, library, mode) __builtin_ia32_rndscaleps_mask(x, mode, x, (ushort)-1, 4)
#elif W == 8 && defined(X86_AVX2)
#define ROUNDED(x, library, mode) __builtin_ia32_roundps256(x, mode)
#else
#define ROUNDED(x, library, mode) library(x)
#endif
INLINE F round_down(F x) { return ROUNDED(x, floor, 9); }
INLINE F round_even(F x) { return ROUNDED(x, rint, 8); }

// p[index] of every lane. All lanes must have a valid index, also the masked ones. Whole numbers never travel
// as floats: some bit patterns would be NaNs, which a device may change.
INLINE I gather_int(__global const int *p, I index) {
#if W == 1
  return p[index];
#elif W == 16 && defined(X86_AVX512)
  return __builtin_ia32_gathersiv16si((I)0, (const void *)(size_t)p, index, (ushort)-1, 4);
#else
  int i[W] ALIGNED;
  int out[W] ALIGNED;
  *(I *)i = index;
#pragma unroll
  for (int lane = 0; lane < W; lane++) out[lane] = p[i[lane]];
  return *(I *)out;
#endif
}
INLINE U gather_uint(__global const uint *p, I index) {
  return AS_U(gather_int((__global const int *)p, index));
}
INLINE F gather(__global const float *p, I index) {
  return AS_F(gather_int((__global const int *)p, index));
}
