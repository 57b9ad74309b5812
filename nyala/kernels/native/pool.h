// Pools in two dimensions: what the handlers prepare for the vector code.
#pragma once

#include <cstdint>

#include "element.h"
#include "isa.h"
#include "taps.h"

namespace nyala {

// Arrays are (images, height, width, channels). The output is a place of the window in the forward
// direction and an element of the pool's input in the gradient; the taps tell which elements of
// `input` meet there.
struct Pool {
  const void* input;
  void* output;
  int64_t input_height, input_width, output_height, output_width, channels, window_width;
  const Tap* row_taps;
  const TapRange* rows;  // one for each output row
  const Tap* column_taps;
  const ColumnRun* runs;
  int64_t run_count;
  uint8_t* winners;            // which element of each window is its maximum; may be null
  const float* row_factors;    // one for each row of `input`, in the gradient of the mean
  const float* column_factors;
};

struct PoolTable {
  // Each of one row of the output of one image.
  void (*max_row[kElements])(const Pool&, int64_t image, int64_t row);
  void (*max_gradient_row[kElements])(const Pool&, int64_t image, int64_t row);
  void (*mean_row[kElements])(const Pool&, int64_t image, int64_t row);
  void (*mean_gradient_row[kElements])(const Pool&, int64_t image, int64_t row);
};

NYALA_PER_ISA(PoolTable, pool)

}  // namespace nyala
