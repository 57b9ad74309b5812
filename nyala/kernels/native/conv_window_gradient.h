// The gradient of a convolution for its window. What the handler prepares for the vector code.
#pragma once

#include "conv_places.h"
#include "isa.h"

namespace nyala {

// gradient[row, f] = sum over places of what they see at that row, times dy[place, f].
struct ConvWindowGradient {
  const float* input;
  const float* dy;
  int64_t input_image, dy_image;  // numbers in an image
  int64_t images;
  const ConvPlaces* places;
  int64_t kinds;
  int64_t filters;                 // of a group
  int64_t input_group, dy_group;   // distances from one group of channels to the next
  int64_t row_step;                // numbers in a row of the gradient: filters of all groups
};

// What one part computes: places as blocks, rows of the window, panels of the filters of a group.
struct ConvGradientPart {
  int64_t group;
  int64_t begin, end;
  int64_t first_row, last_row;
  int64_t first_panel, last_panel;
};

struct ConvWindowGradientTable {
  int64_t places_per_block;
  int64_t filters_per_panel;
  int64_t scratch;  // floats of scratch memory that `run` wants
  // Overwrites the part's rows and columns of `gradient`.
  void (*run)(const ConvWindowGradient&, const ConvGradientPart&, float* gradient, float* scratch);
  // to[i] = the sum of `count` arrays, `step` apart, in their order, for i in [begin, end).
  void (*add)(const float* arrays, int64_t count, int64_t step, int64_t begin, int64_t end,
              float* to);
};

NYALA_PER_ISA(ConvWindowGradientTable, conv_window_gradient)

}  // namespace nyala
