// Counts through the places of one kind: columns first, then rows, then images.
// For files *.simd.cc alone; see isa.h.
#pragma once

#include "conv_places.h"
#include "vector.h"

namespace nyala {
namespace NYALA_ISA {

struct ConvWalk {
  const ConvPlaces& places;
  int64_t input_image, place_image;  // numbers in an image
  int64_t image, row, column;

  ConvWalk(const ConvPlaces& places, int64_t input_image, int64_t place_image, int64_t place)
      : places(places),
        input_image(input_image),
        place_image(place_image),
        image(place / places.column_count / places.row_count),
        row(place / places.column_count % places.row_count),
        column(place % places.column_count) {}

  int64_t input() const {
    return image * input_image + places.rows[row].input + places.columns[column].input;
  }
  int64_t place() const {
    return image * place_image + places.rows[row].place + places.columns[column].place;
  }
  NYALA_INLINE void next() {
    if (++column < places.column_count) return;
    column = 0;
    if (++row < places.row_count) return;
    row = 0;
    ++image;
  }
};

}  // namespace NYALA_ISA
}  // namespace nyala
