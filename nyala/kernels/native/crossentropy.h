// Softmax and cross-entropy over the last axis: what the handlers prepare for the vector code.
#pragma once

#include <cstdint>

#include "element.h"
#include "isa.h"

namespace nyala {

// Either `labels` or `targets` is null. A label that is no class has no part in loss and gradient.
struct Crossentropy {
  int64_t classes;
  const void* logits;     // (rows, classes)
  const int32_t* labels;  // (rows)
  const float* targets;   // (rows, classes)
};

// Of each row: the maximum, 1 / the sum of exponentials below it, the sum of the targets.
constexpr int64_t kCrossentropyStats = 3;

struct CrossentropyTable {
  // Rows [begin, end).
  void (*forward[kElements])(const Crossentropy&, int64_t begin, int64_t end, float* loss,
                             float* stats);
  void (*backward[kElements])(const Crossentropy&, int64_t begin, int64_t end, const float* stats,
                              const float* dloss, void* dlogits);
};

NYALA_PER_ISA(CrossentropyTable, crossentropy)

}  // namespace nyala
