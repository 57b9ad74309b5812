// Vectors of floats in the compiler's own extension (GCC, Clang): `a + b * c` on kLanes floats.
// For files *.simd.cc alone; see isa.h.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "element.h"

#define NYALA_INLINE inline __attribute__((always_inline))

namespace nyala {
namespace NYALA_ISA {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif

typedef float Floats __attribute__((vector_size(kLanes * sizeof(float))));
typedef int32_t Ints32 __attribute__((vector_size(kLanes * sizeof(int32_t))));
typedef uint32_t Bits32 __attribute__((vector_size(kLanes * sizeof(uint32_t))));
typedef uint8_t Bytes __attribute__((vector_size(kLanes)));
typedef uint16_t Bits16 __attribute__((vector_size(kLanes * sizeof(uint16_t))));

NYALA_INLINE Floats broadcast(float value) { return value - Floats{}; }
NYALA_INLINE Floats zeros() { return Floats{}; }

template <typename To, typename From>
NYALA_INLINE To as(From from) {
  static_assert(sizeof(To) == sizeof(From), "a change of type keeps the bits");
  To to;
  __builtin_memcpy(&to, &from, sizeof(to));
  return to;
}

// -- float32 to and from half precision, in vectors and in single numbers ------------------------

NYALA_INLINE Bits32 widen(Bits16 bits) { return __builtin_convertvector(bits, Bits32); }

NYALA_INLINE Bits16 narrow(Bits32 bits) { return __builtin_convertvector(bits, Bits16); }

NYALA_INLINE Bits32 select(Bits32 mask, Bits32 yes, Bits32 no) {
  return (mask & yes) | (~mask & no);
}

NYALA_INLINE Floats from_bfloat16(Bits16 bits) { return as<Floats>(widen(bits) << 16); }

// Rounds to nearest, ties to even; a NaN stays one.
NYALA_INLINE Bits16 to_bfloat16(Floats value) {
  const Bits32 bits = as<Bits32>(value);
  const Bits32 rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  const Bits32 nan = as<Bits32>((bits & 0x7fffffff) > 0x7f800000);
  return narrow(select(nan, (bits >> 16) | 0x40, rounded));
}

// An exponent is moved from bias 15 to 127 by a multiplication, which also normalizes subnormals.
NYALA_INLINE Floats from_float16(Bits16 half) {
  const Bits32 bits = widen(half);
  const Bits32 sign = (bits & 0x8000) << 16;
  const Bits32 magnitude = bits & 0x7fff;
  const Floats scaled = as<Floats>(magnitude << 13) * 0x1p112f;
  const Bits32 special = as<Bits32>(magnitude >= 0x7c00);
  const Bits32 exponent = special & 0x7f800000;
  return as<Floats>(as<Bits32>(scaled) | exponent | sign);
}

// Rounds to nearest, ties to even: subnormals by adding a number whose last bit is theirs.
NYALA_INLINE Bits16 to_float16(Floats value) {
  const Bits32 all = as<Bits32>(value);
  const Bits32 sign = (all >> 16) & 0x8000;
  const Bits32 bits = all & 0x7fffffff;
  const Bits32 normal = (bits - (112u << 23) + 0xfff + ((bits >> 13) & 1)) >> 13;
  const Bits32 small = as<Bits32>(as<Floats>(bits) + 0.5f) - as<Bits32>(broadcast(0.5f));
  const Bits32 nan = as<Bits32>(bits > 0x7f800000);
  const Bits32 infinite = as<Bits32>(bits >= 0x477ff000);  // 65520 and above
  const Bits32 is_small = as<Bits32>(bits < (113u << 23));
  Bits32 half = select(is_small, small, normal);
  half = select(infinite, 0x7c00 + Bits32{}, half);
  half = select(nan, 0x7e00 + Bits32{}, half);
  return narrow(half | sign);
}

// -- loads and stores: kLanes elements, or the first `n` of them ---------------------------------

// `T` is float, BFloat16 or Float16; arithmetic is always in float32.
NYALA_INLINE Floats load(const float* from) {
  Floats value;
  __builtin_memcpy(&value, from, sizeof(value));
  return value;
}

NYALA_INLINE void store(float* to, Floats value) { __builtin_memcpy(to, &value, sizeof(value)); }

template <typename Half>
NYALA_INLINE Bits16 load_bits(const Half* from) {
  Bits16 bits;
  __builtin_memcpy(&bits, from, sizeof(bits));
  return bits;
}

NYALA_INLINE Floats load(const BFloat16* from) { return from_bfloat16(load_bits(from)); }
NYALA_INLINE Floats load(const Float16* from) { return from_float16(load_bits(from)); }

NYALA_INLINE void store(BFloat16* to, Floats value) {
  const Bits16 bits = to_bfloat16(value);
  __builtin_memcpy(to, &bits, sizeof(bits));
}

NYALA_INLINE void store(Float16* to, Floats value) {
  const Bits16 bits = to_float16(value);
  __builtin_memcpy(to, &bits, sizeof(bits));
}

NYALA_INLINE Ints32 load_bytes(const uint8_t* from) {
  Bytes bytes;
  __builtin_memcpy(&bytes, from, sizeof(bytes));
  // In two steps: GCC 12 takes a factor of four apart into single elements.
  return __builtin_convertvector(__builtin_convertvector(bytes, Bits16), Ints32);
}

NYALA_INLINE void store_bytes(uint8_t* to, Ints32 numbers) {
  const Bytes bytes = __builtin_convertvector(__builtin_convertvector(numbers, Bits16), Bytes);
  __builtin_memcpy(to, &bytes, sizeof(bytes));
}

// The rest of the lanes is zero.
template <typename T>
NYALA_INLINE Floats load_some(const T* from, int64_t n) {
  T lanes[kLanes] = {};
  for (int64_t i = 0; i < n; ++i) lanes[i] = from[i];
  return load(lanes);
}

template <typename T>
NYALA_INLINE void store_some(T* to, Floats value, int64_t n) {
  T lanes[kLanes];
  store(lanes, value);
  for (int64_t i = 0; i < n; ++i) to[i] = lanes[i];
}

// A single number.
NYALA_INLINE float number(float value) { return value; }
NYALA_INLINE float number(BFloat16 value) {
  return as<float>(static_cast<uint32_t>(value.bits) << 16);
}
NYALA_INLINE float number(Float16 value) { return load_some(&value, 1)[0]; }

// Rounds `count` floats to `T`.
template <typename T>
void round_to(const float* from, void* to, int64_t count) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) store(static_cast<T*>(to) + i, load(from + i));
  if (i < count) store_some(static_cast<T*>(to) + i, load_some(from + i, count - i), count - i);
}

// How many lanes a step of a loop covers: `Whole` is known to the compiler, `Some` is the rest.
struct Whole {
  template <typename T>
  NYALA_INLINE Floats load(const T* from) const { return NYALA_ISA::load(from); }
  template <typename T>
  NYALA_INLINE void store(T* to, Floats value) const { NYALA_ISA::store(to, value); }
  NYALA_INLINE Ints32 load_bytes(const uint8_t* from) const { return NYALA_ISA::load_bytes(from); }
  NYALA_INLINE void store_bytes(uint8_t* to, Ints32 numbers) const {
    NYALA_ISA::store_bytes(to, numbers);
  }
};

struct Some {
  int64_t n;
  template <typename T>
  NYALA_INLINE Floats load(const T* from) const { return load_some(from, n); }
  template <typename T>
  NYALA_INLINE void store(T* to, Floats value) const { store_some(to, value, n); }
  NYALA_INLINE Ints32 load_bytes(const uint8_t* from) const {
    uint8_t lanes[kLanes] = {};
    for (int64_t i = 0; i < n; ++i) lanes[i] = from[i];
    return NYALA_ISA::load_bytes(lanes);
  }
  NYALA_INLINE void store_bytes(uint8_t* to, Ints32 numbers) const {
    uint8_t lanes[kLanes];
    NYALA_ISA::store_bytes(lanes, numbers);
    for (int64_t i = 0; i < n; ++i) to[i] = lanes[i];
  }
};

}  // namespace NYALA_ISA
}  // namespace nyala
