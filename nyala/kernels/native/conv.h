// Convolution in two dimensions: what the handlers prepare for the vector code.
#pragma once

#include <cstdint>

#include "element.h"
#include "isa.h"

namespace nyala {

struct ConvAxis {
  int64_t input, output, window, stride, low, dilation;
};

// Arrays are (images, height, width, channels); the window is (height, width, channels, filters).
struct ConvShape {
  int64_t images, channels, filters;
  ConvAxis rows, columns;

  int64_t places() const { return images * rows.output * columns.output; }

  // What a place sees is a number of segments, each of which lies in one piece in the input: a
  // row of the window, or one of its elements where they are spread out.
  bool whole_rows() const { return columns.dilation == 1; }
  int64_t segments() const { return rows.window * (whole_rows() ? 1 : columns.window); }
  int64_t segment_size() const { return (whole_rows() ? columns.window : 1) * channels; }
};

struct ConvTable {
  // Floats of scratch memory that `window_gradient` wants.
  int64_t (*window_gradient_scratch)(const ConvShape&);
  // The part of the window's gradient that the places [begin, end) give, for segments
  // [first, last); rows of `gradient` are those of the whole window.
  void (*window_gradient[kElements])(const ConvShape&, const void* x, const void* dy, int64_t begin,
                                     int64_t end, int64_t first, int64_t last, float* gradient,
                                     float* scratch);
  void (*round[kElements])(const float* from, void* to, int64_t count);
};

NYALA_PER_ISA(ConvTable, conv)

}  // namespace nyala
