// Resizing an image whose rows are asked for one by one.
#pragma once

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "image.h"

namespace nyala {

class Resize {
 public:
  // `result` is (rows, taps of a row, columns, taps of a column, channels, floats from row to row).
  Resize(const int32_t* row_index, const float* row_weight, const int32_t* column_index,
         const float* column_weight, const int64_t* result, int64_t pixel_bytes, float* out)
      : rows_{row_index, row_weight, result[0], result[1]}, out_row_(result[5]) {
    row_.columns = {column_index, column_weight, result[2], result[3]};
    row_.pixel_bytes = pixel_bytes;
    row_.channels = result[4];
    row_.out = out;
  }

  // Whether all that is read and written lies inside.
  bool fits(int64_t height, int64_t width) const {
    return row_.channels >= 1 && row_.channels <= row_.pixel_bytes &&
           out_row_ >= row_.columns.count * row_.channels && inside(rows_, height) &&
           inside(row_.columns, width);
  }

  // The most rows of the source, from the first to the last, that one row of the result needs.
  int64_t span() const {
    int64_t most = 1;
    for (int64_t r = 0; r < rows_.count; ++r) {
      const auto [first, last] = extremes(rows_, r, 1);
      most = std::max<int64_t>(most, last - first + 1);
    }
    return most;
  }

  // `source(number)` returns a row of the source; it stays until `span()` others were asked for.
  template <typename Source>
  void run(int64_t width, Source source) {
    std::vector<float> line(width * row_.pixel_bytes + 4);
    std::vector<const uint8_t*> pointers(rows_.taps);
    std::tie(row_.first_column, row_.last_column) = extremes(row_.columns, 0, row_.columns.count);
    row_.line = line.data();
    row_.rows = pointers.data();
    row_.row_count = rows_.taps;
    for (int64_t r = 0; r < rows_.count; ++r, row_.out += out_row_) {
      const int32_t* index = rows_.index + r * rows_.taps;
      for (int64_t t = 0; t < rows_.taps; ++t) pointers[t] = source(index[t]);
      row_.weights = rows_.weight + r * rows_.taps;
      image().resize_row(row_);
    }
  }

 private:
  static std::pair<int64_t, int64_t> extremes(const ImageAxis& axis, int64_t first,
                                              int64_t count) {
    const int32_t* begin = axis.index + first * axis.taps;
    const auto found = std::minmax_element(begin, begin + count * axis.taps);
    return {*found.first, *found.second};
  }

  static bool inside(const ImageAxis& axis, int64_t length) {
    if (axis.count < 1 || axis.taps < 1) return false;
    const auto [first, last] = extremes(axis, 0, axis.count);
    return first >= 0 && last < length;
  }

  ImageAxis rows_;
  ImageRow row_ = {};
  int64_t out_row_;
};

}  // namespace nyala
