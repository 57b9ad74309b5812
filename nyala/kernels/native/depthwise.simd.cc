#include "depthwise.h"

#include "vector.h"

namespace nyala {
namespace NYALA_ISA {
namespace {

constexpr int kPlaces = 8;  // sums kept in registers at a time

// The sums of `kCount` places of a run, from place `place` on, for the lanes at channel `c`.
template <int kCount, typename T, typename Lanes>
NYALA_INLINE void sum_places(const DepthwiseSum& s, const T* image, T* row, const TapRange& rows,
                             const ColumnRun& run, int64_t place, int64_t c, Lanes lanes) {
  const T* window = static_cast<const T*>(s.window) + c;
  const int64_t step = run.input_step * s.channels;
  Floats sums[kCount] = {};
  for (int64_t i = rows.begin; i < rows.end; ++i) {
    const Tap vertical = s.row_taps[i];
    const T* input = image + vertical.input * s.input_width * s.channels + place * step + c;
    const T* weights = window + vertical.window * s.window_width * s.channels;
    for (int64_t j = run.taps.begin; j < run.taps.end; ++j) {
      const Tap horizontal = s.column_taps[j];
      const Floats weight = lanes.load(weights + horizontal.window * s.channels);
      const T* seen = input + horizontal.input * s.channels;
#pragma GCC unroll 8
      for (int k = 0; k < kCount; ++k) sums[k] += weight * lanes.load(seen + k * step);
    }
  }
  T* to = row + (run.first + place * run.step) * s.channels + c;
#pragma GCC unroll 8
  for (int k = 0; k < kCount; ++k) lanes.store(to + k * run.step * s.channels, sums[k]);
}

template <int kCount, typename T>
NYALA_INLINE void sum_channels(const DepthwiseSum& s, const T* image, T* row, const TapRange& rows,
                               const ColumnRun& run, int64_t place) {
  int64_t c = 0;
  for (; c + kLanes <= s.channels; c += kLanes) {
    sum_places<kCount>(s, image, row, rows, run, place, c, Whole{});
  }
  if (c < s.channels) {
    sum_places<kCount>(s, image, row, rows, run, place, c, Some{s.channels - c});
  }
}

template <typename T>
void sum_row(const DepthwiseSum& s, int64_t image_number, int64_t row_number) {
  const T* image = static_cast<const T*>(s.input) +
                   image_number * s.input_height * s.input_width * s.channels;
  T* row = static_cast<T*>(s.output) +
           (image_number * s.output_height + row_number) * s.output_width * s.channels;
  for (int64_t r = 0; r < s.run_count; ++r) {
    const ColumnRun& run = s.runs[r];
    int64_t place = 0;
    for (; place + kPlaces <= run.count; place += kPlaces) {
      sum_channels<kPlaces>(s, image, row, s.rows[row_number], run, place);
    }
    for (; place + 2 <= run.count; place += 2) {
      sum_channels<2>(s, image, row, s.rows[row_number], run, place);
    }
    if (place < run.count) sum_channels<1>(s, image, row, s.rows[row_number], run, place);
  }
}

// -- the gradient for the window -----------------------------------------------------------------

// Adds to `sums` what `kRows` rows of the input, `row_step` elements apart, have in common with
// one row of dy, for columns [j, j + kColumns) of the window.
template <int kRows, int kColumns, typename T, typename Lanes>
NYALA_INLINE void add_products(const DepthwiseWindowGradient& g, const T* input, int64_t row_step,
                               const T* dy, int64_t j, Floats* sums, Lanes lanes) {
  const ColumnReach* reach = g.reaches + j;
  int64_t begin = 0, end = g.output_width;
  for (int k = 0; k < kColumns; ++k) {
    begin = reach[k].begin > begin ? reach[k].begin : begin;
    end = reach[k].end < end ? reach[k].end : end;
  }
  const int64_t step = g.stride * g.channels;
  const T* first[kColumns];
  for (int k = 0; k < kColumns; ++k) {
    first[k] = input + (reach[k].input - reach[k].begin * g.stride) * g.channels;
  }
  for (int64_t q = begin; q < end; ++q) {
    const Floats d = lanes.load(dy + q * g.channels);
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) {
#pragma GCC unroll 8
      for (int k = 0; k < kColumns; ++k) {
        sums[i * kColumns + k] += d * lanes.load(first[k] + i * row_step + q * step);
      }
    }
  }
  // At the sides some columns of the window lie outside the input.
  for (int k = 0; k < kColumns; ++k) {
    for (int64_t q = reach[k].begin; q < reach[k].end; ++q) {
      if (q == begin && begin < end) q = end;
      if (q >= reach[k].end) break;
      const Floats d = lanes.load(dy + q * g.channels);
      for (int i = 0; i < kRows; ++i) {
        sums[i * kColumns + k] += d * lanes.load(first[k] + i * row_step + q * step);
      }
    }
  }
}

// Rows [begin, end) for one row `i` of the window, or for all three where `kRows` is 3 and all
// of them lie inside the input.
template <int kRows, int kColumns, typename T, typename Lanes>
NYALA_INLINE void gradient_block(const DepthwiseWindowGradient& g, int64_t begin, int64_t end,
                                 int64_t i, int64_t j, int64_t c, float* gradient, Lanes lanes) {
  Floats sums[kRows * kColumns] = {};
  const int64_t row_size = g.input_width * g.channels;
  for (int64_t n = begin; n < end; ++n) {
    const TapRange& rows = g.rows[n % g.output_height];
    const T* image = static_cast<const T*>(g.input) +
                     n / g.output_height * g.input_height * row_size + c;
    const T* dy = static_cast<const T*>(g.dy) + n * g.output_width * g.channels + c;
    const Tap* taps = g.row_taps + rows.begin;
    const int64_t count = rows.end - rows.begin;
    if (kRows > 1 && count == kRows) {
      const int64_t apart = (taps[1].input - taps[0].input) * row_size;
      add_products<kRows, kColumns>(g, image + taps[0].input * row_size, apart, dy, j, sums, lanes);
      continue;
    }
    for (int64_t t = 0; t < count; ++t) {
      if (kRows == 1 && taps[t].window != i) continue;
      const int64_t into = kRows == 1 ? 0 : taps[t].window * kColumns;
      add_products<1, kColumns>(g, image + taps[t].input * row_size, 0, dy, j, sums + into, lanes);
    }
  }
  for (int k = 0; k < kRows * kColumns; ++k) {
    const int64_t row = kRows == 1 ? i : k / kColumns;
    const int64_t column = j + k % kColumns;
    lanes.store(gradient + (row * g.window_width + column) * g.channels + c, sums[k]);
  }
}

template <typename T, typename Lanes>
NYALA_INLINE void gradient_lanes(const DepthwiseWindowGradient& g, int64_t begin, int64_t end,
                                 int64_t c, float* gradient, Lanes lanes) {
  if (g.window_height == 3 && g.window_width == 3) {
    gradient_block<3, 3, T>(g, begin, end, 0, 0, c, gradient, lanes);
    return;
  }
  for (int64_t i = 0; i < g.window_height; ++i) {
    int64_t j = 0;
    for (; j + 4 <= g.window_width; j += 4) {
      gradient_block<1, 4, T>(g, begin, end, i, j, c, gradient, lanes);
    }
    for (; j < g.window_width; ++j) {
      gradient_block<1, 1, T>(g, begin, end, i, j, c, gradient, lanes);
    }
  }
}

template <typename T>
void window_gradient(const DepthwiseWindowGradient& g, int64_t begin, int64_t end,
                     float* gradient) {
  int64_t c = 0;
  for (; c + kLanes <= g.channels; c += kLanes) {
    gradient_lanes<T>(g, begin, end, c, gradient, Whole{});
  }
  if (c < g.channels) gradient_lanes<T>(g, begin, end, c, gradient, Some{g.channels - c});
}

}  // namespace

extern const DepthwiseTable table_depthwise = {
    {sum_row<float>, sum_row<BFloat16>, sum_row<Float16>},
    {window_gradient<float>, window_gradient<BFloat16>, window_gradient<Float16>},
    {round_to<float>, round_to<BFloat16>, round_to<Float16>},
};

}  // namespace NYALA_ISA
}  // namespace nyala
