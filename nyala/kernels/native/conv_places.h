// What the places of a convolution see: the same for all images, found once a call (conv_plan.h).
#pragma once

#include <cstdint>

namespace nyala {

// Numbers that lie in one piece in the input and in the window, relative to where a place begins.
struct ConvSegment {
  int64_t input;
  int64_t window;  // row of the window, as a matrix of (elements * channels, filters)
  int64_t length;
};

// Where a row (or column) of places lies, and where what it sees begins in the input.
struct ConvPosition {
  int64_t place;
  int64_t input;
};

// Places that see the same elements of the window: all pairs of a row and a column, in every image.
// At the sides of an image they see fewer than inside; with strides, gradients have several kinds.
struct ConvPlaces {
  const ConvPosition* rows;
  const ConvPosition* columns;
  int64_t row_count, column_count;
  const ConvSegment* segments;
  int64_t segment_count;
  int64_t first_block;  // blocks of places are counted over all kinds

  int64_t count(int64_t images) const { return images * row_count * column_count; }
};

}  // namespace nyala
