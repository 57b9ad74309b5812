// Functions of vectors of floats, to about two units in the last place.
#pragma once

#include "vector.h"

namespace nyala {
namespace NYALA_ISA {

NYALA_INLINE Floats choose(Bits32 mask, Floats yes, Floats no) {
  return as<Floats>(select(mask, as<Bits32>(yes), as<Bits32>(no)));
}

// e^x = 2^n e^r with |r| <= ln(2) / 2; the polynomial is the best of its degree for (e^r - 1 - r) / r^2.
// For x from -87.33 to 88.37, where e^x is a normal number; a NaN stays one.
NYALA_INLINE Floats normal_exponential(Floats x) {
  // Adding this number rounds to a whole one, which then stands in the lowest bits.
  const Floats rounder = broadcast(12582912.0f);
  const Floats shifted = x * 1.44269504f + rounder;
  const Floats n = shifted - rounder;
  const Floats r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  Floats p = broadcast(0.001395052415318787f);
  p = p * r + 0.008368908427655697f;
  p = p * r + 0.04166620597243309f;
  p = p * r + 0.166665181517601f;
  p = p * r + 0.5f;
  p = p * (r * r) + r + 1.0f;
  return as<Floats>(as<Bits32>(p) + (as<Bits32>(shifted) << 23));
}

// Beyond the range of normal numbers the result stays at its ends.
NYALA_INLINE Floats exponential(Floats x) {
  x = choose(as<Bits32>(x > broadcast(88.37f)), broadcast(88.37f), x);
  x = choose(as<Bits32>(x < broadcast(-87.33f)), broadcast(-87.33f), x);
  return normal_exponential(x);
}

// e^x for x <= 0: 0 where that is not a normal number.
NYALA_INLINE Floats decay(Floats x) {
  return x < broadcast(-87.33f) ? zeros() : normal_exponential(x);
}

NYALA_INLINE Floats sigmoid(Floats x) { return 1.0f / (1.0f + exponential(-x)); }

// Near zero an odd polynomial, the best of its degree for (tanh(x) / x - 1) / x^2; elsewhere from
// e^2x.
NYALA_INLINE Floats hyperbolic_tangent(Floats x) {
  const Bits32 sign = as<Bits32>(x) & 0x80000000u;
  const Floats size = as<Floats>(as<Bits32>(x) & 0x7fffffffu);
  const Floats far = 1.0f - 2.0f / (exponential(size + size) + 1.0f);
  const Floats square = x * x;
  Floats p = broadcast(-0.005717045161873102f);
  p = p * square + 0.02065058797597885f;
  p = p * square - 0.05374349653720856f;
  p = p * square + 0.13331490755081177f;
  p = p * square - 0.3333328366279602f;
  const Floats near = size + size * square * p;
  const Floats result = choose(as<Bits32>(size < broadcast(0.625f)), near, far);
  return as<Floats>(as<Bits32>(result) | sign);
}

}  // namespace NYALA_ISA
}  // namespace nyala
