// Depthwise convolution in two dimensions: what the handlers prepare for the vector code.
#pragma once

#include <cstdint>

#include "element.h"
#include "isa.h"
#include "taps.h"

namespace nyala {

// output[n, r, q, c] = sum over taps of input[n, row, column, c] * window[i, j, c]:
// the convolution, and with other taps the gradient for its input.
struct DepthwiseSum {
  const void* input;
  const void* window;
  void* output;
  int64_t input_height, input_width, output_height, output_width, channels, window_width;
  const Tap* row_taps;
  const TapRange* rows;  // one for each output row
  const Tap* column_taps;
  const ColumnRun* runs;
  int64_t run_count;
};

// gradient[i, j, c] = sum over n, r, q of input[n, row, column, c] * dy[n, r, q, c].
struct DepthwiseWindowGradient {
  const void* input;
  const void* dy;
  int64_t input_height, input_width, output_height, output_width, channels;
  int64_t window_height, window_width, stride;
  const Tap* row_taps;
  const TapRange* rows;
  const ColumnReach* reaches;  // one for each column of the window
};

struct DepthwiseTable {
  // One row of the output of one image.
  void (*sum_row[kElements])(const DepthwiseSum&, int64_t image, int64_t row);
  // Adds up rows [begin, end), counted over all images, into `gradient`, which it overwrites.
  void (*window_gradient[kElements])(const DepthwiseWindowGradient&, int64_t begin, int64_t end,
                                     float* gradient);
  // Rounds to the element type.
  void (*round[kElements])(const float* from, void* to, int64_t count);
};

NYALA_PER_ISA(DepthwiseTable, depthwise)

}  // namespace nyala
