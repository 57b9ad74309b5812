// Convolution, and its gradient for the input: each place of the result is a sum over what it sees,
// times the window. What the handlers prepare for the vector code.
#pragma once

#include "conv_places.h"
#include "isa.h"

namespace nyala {

struct ConvSum {
  const float* input;
  const float* window;
  float* output;
  int64_t input_image, output_image;  // numbers in an image
  int64_t images;
  const ConvPlaces* places;
  int64_t kinds;

  // Number k of what a place sees at element t of the window meets, for filter f of a group,
  // window[tap_order[t] * tap_step + k * depth_step + f * filter_step].
  const int64_t* tap_order;
  int64_t taps, tap_step, depth, depth_step, filters, filter_step;

  // Distances from one group of channels to the next.
  int64_t input_group, window_group, output_group;
};

struct ConvSumTable {
  int64_t places_per_block;
  int64_t filters_per_panel;
  // Blocks of places [begin, end), for panels [first, last) of the filters of one group. The packed
  // window takes as many rows of a panel as it has, for each panel.
  void (*run)(const ConvSum&, int64_t group, int64_t first, int64_t last, int64_t begin,
              int64_t end, float* packed);
};

NYALA_PER_ISA(ConvSumTable, conv_sum)

}  // namespace nyala
