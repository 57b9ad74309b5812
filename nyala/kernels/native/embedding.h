// The gradient of a lookup of rows: what the handlers prepare for the vector code.
#pragma once

#include <cstdint>

#include "element.h"
#include "isa.h"

namespace nyala {

struct EmbeddingTable {
  // sum[c] = sum over `entries` (see segments.h) of rows[place of the entry, c], in their order.
  void (*sum_rows[kElements])(const void* rows, const uint64_t* entries, int64_t count,
                              int64_t width, float* sum);
  // Rounds to the element type.
  void (*round[kElements])(const float* from, void* to, int64_t count);
};

NYALA_PER_ISA(EmbeddingTable, embedding)

}  // namespace nyala
