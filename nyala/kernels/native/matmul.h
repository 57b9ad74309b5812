// The inner loop of matrix products: a block of kRows by up to kVectors * kLanes sums in registers.
// For files *.simd.cc alone; see isa.h.
#pragma once

#include "vector.h"

namespace nyala {
namespace NYALA_ISA {

// As many sums as the registers hold, beside a row of the right side and one number of the left.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kRows = 8;
constexpr int kVectors = 3;
#else
constexpr int kRows = 6;
constexpr int kVectors = 2;
#endif

// How the columns of a matrix are cut into panels, all about equally wide.
struct Panels {
  int64_t columns;
  int64_t vectors;  // in all

  static Panels of(int64_t columns) { return {columns, (columns + kLanes - 1) / kLanes}; }
  int64_t count() const { return (vectors + kVectors - 1) / kVectors; }
  int64_t first(int64_t panel) const { return panel * vectors / count(); }
  int64_t width(int64_t panel) const { return first(panel + 1) - first(panel); }
};

// Copies columns [column, column + width * kLanes) of one row, with zeros past the last one.
template <typename T>
NYALA_INLINE void pack_row(const T* row, int64_t column, int64_t columns, int64_t width,
                           float* to) {
  for (int64_t v = 0; v < width; ++v, column += kLanes, to += kLanes) {
    if (column + kLanes <= columns) {
      store(to, load(row + column));
    } else {
      store(to, load_some(row + column, columns - column));
    }
  }
}

// sums[i][v] += left[k * kRows + i] * right[k][v] over `depth` values of k, both sides packed;
// then to `to`, rows `row_step` apart, of which the first `rows` and `columns` exist.
template <int kWidth>
NYALA_INLINE void product_block(const float* left, const float* right, int64_t depth, float* to,
                                int64_t row_step, int64_t rows, int64_t columns, bool add) {
  Floats sums[kRows][kWidth] = {};
  for (int64_t k = 0; k < depth; ++k) {
    Floats row[kWidth];
#pragma GCC unroll 4
    for (int v = 0; v < kWidth; ++v) row[v] = load(right + (k * kWidth + v) * kLanes);
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) {
      const Floats number = broadcast(left[k * kRows + i]);
#pragma GCC unroll 4
      for (int v = 0; v < kWidth; ++v) sums[i][v] += number * row[v];
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < kRows; ++i) {
    if (i >= rows) break;
#pragma GCC unroll 4
    for (int v = 0; v < kWidth; ++v) {
      float* at = to + i * row_step + v * kLanes;
      const int64_t n = columns - v * kLanes;
      if (n >= kLanes) {
        store(at, add ? load(at) + sums[i][v] : sums[i][v]);
      } else if (n > 0) {
        store_some(at, add ? load_some(at, n) + sums[i][v] : sums[i][v], n);
      }
    }
  }
}

NYALA_INLINE void product(const float* left, const float* right, int64_t width, int64_t depth,
                          float* to, int64_t row_step, int64_t rows, int64_t columns, bool add) {
  switch (width) {
    case 1: return product_block<1>(left, right, depth, to, row_step, rows, columns, add);
    case 2: return product_block<2>(left, right, depth, to, row_step, rows, columns, add);
    default: return product_block<kVectors>(left, right, depth, to, row_step, rows, columns, add);
  }
}

}  // namespace NYALA_ISA
}  // namespace nyala
