// The element types that kernels take, named alike on both sides of the dispatch.
#pragma once

#include <cstdint>

namespace nyala {

// Bits of a half-precision number: a type of their own, so that overloads tell them apart.
struct BFloat16 {
  uint16_t bits;
};
struct Float16 {
  uint16_t bits;
};

enum class Element : int { kFloat32 = 0, kBFloat16 = 1, kFloat16 = 2 };
constexpr int kElements = 3;

}  // namespace nyala
