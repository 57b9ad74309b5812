// Transposing blocks of kLanes by kLanes floats in registers. For files *.simd.cc alone; see isa.h.
#pragma once

#include "vector.h"

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define NYALA_SHUFFLES 1
#endif
#endif

namespace nyala {
namespace NYALA_ISA {

#if defined(NYALA_SHUFFLES)

template <int... kLane>
struct LaneNumbers {};

template <int kCount, int... kLane>
struct MakeLaneNumbers : MakeLaneNumbers<kCount - 1, kCount - 1, kLane...> {};

template <int... kLane>
struct MakeLaneNumbers<0, kLane...> {
  typedef LaneNumbers<kLane...> type;
};

// Swaps the second half of each 2 * kStep lanes of `a` with the first half of those of `b`.
template <int kStep, int... kLane>
NYALA_INLINE void swap_halves(Floats& a, Floats& b, LaneNumbers<kLane...>) {
  const Floats low =
      __builtin_shufflevector(a, b, ((kLane & kStep) ? kLanes + kLane - kStep : kLane)...);
  b = __builtin_shufflevector(a, b, ((kLane & kStep) ? kLanes + kLane : kLane + kStep)...);
  a = low;
}

template <int kStep>
NYALA_INLINE void transpose_by(Floats (&rows)[kLanes]) {
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; ++i) {
    if (!(i & kStep)) {
      swap_halves<kStep>(rows[i], rows[i + kStep], typename MakeLaneNumbers<kLanes>::type());
    }
  }
}

NYALA_INLINE void transpose(Floats (&rows)[kLanes]) {
#if defined(__AVX512F__)
  transpose_by<8>(rows);
#endif
#if defined(__AVX__)
  transpose_by<4>(rows);
#endif
  transpose_by<2>(rows);
  transpose_by<1>(rows);
}

#else

NYALA_INLINE void transpose(Floats (&rows)[kLanes]) {
  float from[kLanes][kLanes], to[kLanes][kLanes];
  for (int i = 0; i < kLanes; ++i) store(from[i], rows[i]);
  for (int i = 0; i < kLanes; ++i) {
    for (int j = 0; j < kLanes; ++j) to[i][j] = from[j][i];
  }
  for (int i = 0; i < kLanes; ++i) rows[i] = load(to[i]);
}

#endif

// to[c][r] = from[r][c] for whole blocks: `rows` and `columns` are multiples of kLanes.
inline void transpose(const float* from, int64_t from_step, int64_t rows, int64_t columns,
                      float* to, int64_t to_step) {
  for (int64_t r = 0; r < rows; r += kLanes) {
    for (int64_t c = 0; c < columns; c += kLanes) {
      Floats block[kLanes];
      for (int i = 0; i < kLanes; ++i) block[i] = load(from + (r + i) * from_step + c);
      transpose(block);
      for (int i = 0; i < kLanes; ++i) store(to + (c + i) * to_step + r, block[i]);
    }
  }
}

}  // namespace NYALA_ISA
}  // namespace nyala
