// Normalization: what the handlers prepare for the vector code.
#pragma once

#include <cstdint>

#include "element.h"
#include "isa.h"

namespace nyala {

// Arrays are (places, channels, inner), one example of them; what belongs together is a channel.
// Channels that come last have an `inner` of 1.
struct ChannelSums {
  int64_t channels, inner;
  const void* x;
  const void* dy;         // in the gradient
  const float* mean;      // (channels), in the gradient
  const float* weights;   // (places), or null; then `inner` is 1
};

// Rows of `width` elements, each normalized by itself.
struct RowNorm {
  int64_t width;
  float epsilon;
  bool centre;
  const void* x;
  const void* dy;
  const float* gamma;  // (width)
  const float* beta;
  void* result;    // y, or dx
  float* mean;     // (rows)
  float* inverse;  // (rows): one over the deviation
};

struct NormTable {
  // Floats of scratch memory that `moments` and `gradient_sums` need.
  int64_t (*scratch_size)(int64_t channels);
  // Two arrays of sums over places [begin, end), whose weights sum to `count`: of x, and of the
  // squares of its deviations from the mean of these places.
  void (*moments[kElements])(const ChannelSums&, int64_t begin, int64_t end, float count,
                             float* sums, float* scratch);
  // Two arrays: the sums of dy, and of dy times (x - mean).
  void (*gradient_sums[kElements])(const ChannelSums&, int64_t begin, int64_t end, float* sums,
                                   float* scratch);
  void (*row_forward[kElements])(const RowNorm&, int64_t begin, int64_t end);
  // Overwrites `dgamma` and `dbeta`, the sums over these rows.
  void (*row_backward[kElements])(const RowNorm&, int64_t begin, int64_t end, float* dgamma,
                                  float* dbeta);
};

NYALA_PER_ISA(NormTable, norm)

}  // namespace nyala
