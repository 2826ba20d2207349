// Stateless random numbers: a function of (pixel key, sample, bounce, slot) and nothing else, so that order,
// tile and lane cannot matter. Owen-scrambled Sobol points, padded in pairs of dimensions, hash-based (Burley
// 2020, "Practical Hash-based Owen Scrambling"; Laine & Karras 2011).

// Slots of a bounce. Slot 0 of the whole path is the place inside the pixel; its last is that on the lens.
#define SLOT_LENS 0xffffffffu
#define SLOT_LIGHT 1u      // which light, and where on it
#define SLOT_DIRECTION 2u  // which lobe, and where in it
#define SLOT_CHANCE 3u     // whether the path goes on
#define SLOTS_PER_BOUNCE 3u

// PCG-RXS-M-XS as a hash (Jarzynski & Olano 2020, "Hash Functions for GPU Rendering").
INLINE U hash_lanes(U v) {
  U state = v * 747796405u + 2891336453u;
  U word = ((state >> ((state >> 28) + 4u)) ^ state) * 277803737u;
  return (word >> 22) ^ word;
}

INLINE U pixel_key(__global const DeviceLaunch *launch, U x, U y) {
  U h = hash_lanes(x + launch->seed[0]);
  h = hash_lanes(h ^ (y + launch->seed[1]));
  h = hash_lanes(h + launch->seed[2]);
  return hash_lanes(h ^ launch->seed[3]);
}

// Apart, where an interpreter does not have the instruction that a compiler would make of the whole.
#ifdef NO_BIT_REVERSAL
__attribute__((noinline, optnone)) static U swap_halves(U x) { return (x << 16) | (x >> 16); }
#else
INLINE U swap_halves(U x) { return (x << 16) | (x >> 16); }
#endif

INLINE U reverse_bits(U x) {
  x = swap_halves(x);
  x = ((x & 0x00ff00ffu) << 8) | ((x >> 8) & 0x00ff00ffu);
  x = ((x & 0x0f0f0f0fu) << 4) | ((x >> 4) & 0x0f0f0f0fu);
  x = ((x & 0x33333333u) << 2) | ((x >> 2) & 0x33333333u);
  return ((x & 0x55555555u) << 1) | ((x >> 1) & 0x55555555u);
}

// Owen scrambling of a bit-reversed number.
INLINE U scramble_reversed(U x, U seed) {
  x ^= x * 0x3d20adeau;
  x += seed;
  x *= (seed >> 16) | 1u;
  x ^= x * 0x05526c56u;
  return x ^ (x * 0x53a22864u);
}

// Second Sobol dimension of a bit-reversed index (Pascal's triangle modulo 2), bit-reversed.
INLINE U sobol_second_reversed(U v) {
  v ^= v >> 16;
  v ^= (v & 0xff00ff00u) >> 8;
  v ^= (v & 0xf0f0f0f0u) >> 4;
  v ^= (v & 0xccccccccu) >> 2;
  return v ^ ((v & 0xaaaaaaaau) >> 1);
}

// 24 bits, 0 <= result < 1.
INLINE F unit_float(U x) { return TO_F(AS_I(x >> 8)) * 5.9604644775390625e-8f; }

// Two dimensions as 32-bit fractions. `index`: the sample's number, bit-reversed.
INLINE void sample_bits(U key, U index, uint bounce, uint slot, U *u, U *v) {
  U h = hash_lanes(key + (bounce * SLOTS_PER_BOUNCE + slot) * 0x9e3779b9u);
  U i = reverse_bits(scramble_reversed(index, h));
  *u = reverse_bits(scramble_reversed(i, h * 0x2c1b3c6du + 0x297a2d39u));
  *v = reverse_bits(scramble_reversed(sobol_second_reversed(i), h * 0x85ebca6bu + 0x1b56c4e9u));
}

APART void sample_square(U key, U index, uint bounce, uint slot, F *u, F *v) {
  U a, b;
  sample_bits(key, index, bounce, slot, &a, &b);
  *u = unit_float(a);
  *v = unit_float(b);
}
