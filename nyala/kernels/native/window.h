// The taps of convolutions and pools, found once a call: what `taps.h` describes.
#pragma once

#include <algorithm>
#include <vector>

#include "parallel.h"
#include "taps.h"

namespace nyala {

// One spatial dimension of a convolution or a pool: place p sees input p * stride - low + i * dilation.
struct Axis {
  int64_t input, output, window, stride, low, dilation;

  // The taps of an output place.
  void taps_of_place(int64_t place, std::vector<Tap>& taps) const {
    for (int64_t i = 0; i < window; ++i) {
      const int64_t at = place * stride - low + i * dilation;
      if (at >= 0 && at < input) taps.push_back({i, at});
    }
  }

  // The places that see an element of the input, as taps "window element, place".
  void taps_of_input(int64_t at, std::vector<Tap>& taps) const {
    for (int64_t i = 0; i < window; ++i) {
      const int64_t scaled = at + low - i * dilation;
      if (scaled >= 0 && scaled % stride == 0 && scaled / stride < output) {
        taps.push_back({i, scaled / stride});
      }
    }
  }

  // The places that tap `i` sees inside the input.
  ColumnReach reach(int64_t i) const {
    const int64_t offset = i * dilation - low;
    const int64_t begin = offset >= 0 ? 0 : ceil_div(-offset, stride);
    const int64_t end = offset >= input ? 0 : std::min(output, ceil_div(input - offset, stride));
    return {begin, std::max(begin, end), begin * stride + offset};
  }
};

struct Rows {
  std::vector<Tap> taps;
  std::vector<TapRange> ranges;
};

template <typename TapsOf>
Rows tap_rows(int64_t count, const TapsOf& taps_of) {
  Rows rows;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t begin = rows.taps.size();
    taps_of(i, rows.taps);
    rows.ranges.push_back({begin, static_cast<int64_t>(rows.taps.size())});
  }
  return rows;
}

inline bool same_taps(const std::vector<Tap>& taps, TapRange a, TapRange b, int64_t moved) {
  if (a.end - a.begin != b.end - b.begin) return false;
  for (int64_t k = 0; k < a.end - a.begin; ++k) {
    const Tap &x = taps[a.begin + k], &y = taps[b.begin + k];
    if (x.window != y.window || x.input + moved != y.input) return false;
  }
  return true;
}

// Groups columns, `step` apart, that see the same columns of the window.
inline std::vector<ColumnRun> column_runs(const Rows& columns, int64_t step, int64_t input_step) {
  std::vector<ColumnRun> runs;
  const int64_t count = columns.ranges.size();
  for (int64_t residue = 0; residue < std::min(step, count); ++residue) {
    for (int64_t q = residue; q < count; q += step) {
      const TapRange range = columns.ranges[q];
      if (q != residue) {
        ColumnRun& last = runs.back();
        if (same_taps(columns.taps, last.taps, range, last.count * input_step)) {
          ++last.count;
          continue;
        }
      }
      runs.push_back({q, step, 1, input_step, range});
    }
  }
  return runs;
}

// The taps of every output place, and of every input element.
inline Rows taps_of_places(const Axis& axis) {
  return tap_rows(axis.output, [&](int64_t p, auto& taps) { axis.taps_of_place(p, taps); });
}
inline Rows taps_of_inputs(const Axis& axis) {
  return tap_rows(axis.input, [&](int64_t p, auto& taps) { axis.taps_of_input(p, taps); });
}

}  // namespace nyala
