// Sorts the places of a convolution by what they see of the window.
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

#include "conv_places.h"
#include "ffi.h"
#include "parallel.h"
#include "window.h"

namespace nyala {

// The shapes of a convolution, checked: `x` is (images, height, width, channels), the window
// (height, width, channels of a group, filters), `y` (images, rows, columns, filters).
struct ConvGeometry {
  int64_t images, groups, channels, filters;
  Axis rows, columns;

  static ffi::Error make(const Buffer& x, const Buffer& window, const Buffer& y, Ints strides,
                         Ints low, Ints dilation, int64_t groups, ConvGeometry* geometry) {
    NYALA_CHECK(rank(x) == 4 && rank(window) == 4 && rank(y) == 4);
    NYALA_CHECK(strides.size() == 2 && low.size() == 2 && dilation.size() == 2);
    NYALA_CHECK(x.element_type() == ffi::F32 && same_type(x, window) && same_type(x, y));
    const auto in = x.dimensions(), taps = window.dimensions(), out = y.dimensions();
    NYALA_CHECK(groups >= 1 && in[3] % groups == 0 && out[3] % groups == 0);
    NYALA_CHECK(in[0] == out[0] && taps[2] == in[3] / groups && taps[3] == out[3]);
    for (int i = 0; i < 2; ++i) NYALA_CHECK(strides[i] >= 1 && dilation[i] >= 1);
    *geometry = {in[0], groups, in[3], out[3],
                 {in[1], out[1], taps[0], strides[0], low[0], dilation[0]},
                 {in[2], out[2], taps[1], strides[1], low[1], dilation[1]}};
    return ffi::Error::Success();
  }

  int64_t taps() const { return rows.window * columns.window; }
};

// Rows (or columns) of places that see the same elements of the window.
struct ConvKind {
  std::vector<Tap> taps;  // of the first position, in the order of the input
  std::vector<ConvPosition> positions;

  bool sees(const std::vector<Tap>& others) const {
    if (others.size() != taps.size()) return false;
    for (size_t i = 0; i < taps.size(); ++i) {
      if (taps[i].window != others[i].window) return false;
      if (taps[i].input - taps[0].input != others[i].input - others[0].input) return false;
    }
    return true;
  }
};

// The places of one call, and their segments. The "places" of a gradient for the input are the
// elements of that input, and what they see lies in `y`.
class ConvPlan {
 public:
  ConvPlan(const ConvGeometry& g, bool gradient) {
    const int64_t in = gradient ? g.filters : g.channels, out = gradient ? g.channels : g.filters;
    const int64_t width = gradient ? g.columns.output : g.columns.input;
    const int64_t places_width = gradient ? g.columns.input : g.columns.output;
    depth_ = in / g.groups;
    input_column_ = in;
    input_row_ = width * in;
    rows_ = kinds_of(g.rows, gradient, places_width * out, input_row_);
    columns_ = kinds_of(g.columns, gradient, out, input_column_);
    order_taps(packed_order(g.rows, gradient), packed_order(g.columns, gradient));
    for (const ConvKind& row : rows_) {
      for (const ConvKind& column : columns_) add_places(row, column);
    }
    for (size_t i = 0; i < places_.size(); ++i) {
      places_[i].segments = segments_.data() + first_segment_[i];
    }
  }

  // Numbers the blocks of places, over all kinds, and returns how many they are.
  int64_t count_blocks(int64_t images, int64_t places_per_block) {
    int64_t blocks = 0;
    for (ConvPlaces& places : places_) {
      places.first_block = blocks;
      blocks += ceil_div(places.count(images), places_per_block);
    }
    return blocks;
  }

  const std::vector<ConvPlaces>& places() const { return places_; }
  // The order of the window's elements in which segments count rows: for a gradient not their own.
  const std::vector<int64_t>& tap_order() const { return tap_order_; }
  int64_t depth() const { return depth_; }

 private:
  static std::vector<ConvKind> kinds_of(const Axis& axis, bool gradient, int64_t place_step,
                                        int64_t input_step) {
    std::vector<ConvKind> kinds;
    std::vector<Tap> taps;
    for (int64_t position = 0; position < (gradient ? axis.input : axis.output); ++position) {
      taps.clear();
      gradient ? axis.taps_of_input(position, taps) : axis.taps_of_place(position, taps);
      std::sort(taps.begin(), taps.end(),
                [](const Tap& a, const Tap& b) { return a.input < b.input; });
      auto kind = std::find_if(kinds.begin(), kinds.end(),
                               [&](const ConvKind& known) { return known.sees(taps); });
      if (kind == kinds.end()) kind = kinds.insert(kind, ConvKind{taps, {}});
      const int64_t input = taps.empty() ? 0 : taps[0].input;
      kind->positions.push_back({position * place_step, input * input_step});
    }
    return kinds;
  }

  // Elements of the window that one position sees together follow each other as they do in the
  // input, so that they make one segment.
  static std::vector<int64_t> packed_order(const Axis& axis, bool gradient) {
    std::vector<int64_t> order(axis.window);
    std::iota(order.begin(), order.end(), 0);
    if (gradient) {
      std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
        const int64_t x = a * axis.dilation % axis.stride, y = b * axis.dilation % axis.stride;
        return x != y ? x < y : a > b;
      });
    }
    return order;
  }

  void order_taps(const std::vector<int64_t>& rows, const std::vector<int64_t>& columns) {
    window_width_ = columns.size();
    packed_.resize(rows.size() * columns.size());
    for (int64_t i : rows) {
      for (int64_t j : columns) {
        packed_[i * window_width_ + j] = tap_order_.size();
        tap_order_.push_back(i * window_width_ + j);
      }
    }
  }

  void add_places(const ConvKind& row, const ConvKind& column) {
    const size_t first = segments_.size();
    for (const Tap& r : row.taps) {
      for (const Tap& q : column.taps) {
        const int64_t input = (r.input - row.taps[0].input) * input_row_ +
                              (q.input - column.taps[0].input) * input_column_;
        add_tap(first, input, packed_[r.window * window_width_ + q.window] * depth_);
      }
    }
    first_segment_.push_back(first);
    places_.push_back({row.positions.data(), column.positions.data(),
                       static_cast<int64_t>(row.positions.size()),
                       static_cast<int64_t>(column.positions.size()), nullptr,
                       static_cast<int64_t>(segments_.size() - first), 0});
  }

  // Joins a tap to the segment before it where both go on without a gap.
  void add_tap(size_t first, int64_t input, int64_t window) {
    if (segments_.size() > first) {
      ConvSegment& last = segments_.back();
      if (last.input + last.length == input && last.window + last.length == window) {
        last.length += depth_;
        return;
      }
    }
    segments_.push_back({input, window, depth_});
  }

  std::vector<ConvKind> rows_, columns_;
  std::vector<int64_t> tap_order_, packed_;
  std::vector<ConvSegment> segments_;
  std::vector<int64_t> first_segment_;
  std::vector<ConvPlaces> places_;
  int64_t depth_ = 0, input_column_ = 0, input_row_ = 0, window_width_ = 0;
};

}  // namespace nyala
