// Recurrent layers over whole sequences: what the handlers prepare for the vector code.
//
// Arrays are (batch, time, width) in the order of time, whichever way the layer runs. A part of the
// work is some rows of the batch: it goes through all steps by itself, with the state in scratch
// memory, where the `units` are padded to whole vectors.
#pragma once

#include <cstdint>

#include "isa.h"

namespace nyala {

enum class Cell : int { kLstm = 0, kGru = 1, kSimple = 2 };
constexpr int kCells = 3;

constexpr int64_t kRecurrentRows = 8;       // rows that meet the weights at a time
constexpr int64_t kMostRecurrentRows = 32;  // rows of the batch in a part

struct RecurrentSizes {
  int64_t batch, time, units;
  bool backwards;

  // The time of the step that comes `step`-th.
  int64_t at(int64_t step) const { return backwards ? time - 1 - step : step; }
};

struct RecurrentForward {
  RecurrentSizes sizes;
  const float* z;       // (batch, time, gates * units): the inputs times their weights, and the bias
  const float* bias;    // (gates * units): added to the recurrent product, or null
  const float* h0;      // (batch, units)
  const float* c0;      // LSTM
  const bool* keep;     // (batch, time), or null: whether the step counts
  const float* packed;  // recurrent weights, as `pack_forward` leaves them
  float* h;             // (batch, time, units)
  float* saved;         // (batch, time, saved * units) for the gradient, or null
  float* c;             // LSTM: (batch, time, units), or null without a gradient
  float* last_c;        // LSTM: (batch, units), or null
};

struct RecurrentBackward {
  RecurrentSizes sizes;
  const float* dh;  // (batch, time, units): gradient of every output
  const float* h;       // (batch, time, units)
  const float* saved;
  const float* c;
  const float* h0;
  const float* c0;
  const bool* keep;
  const float* dlast_c;  // (batch, units)
  const float* packed;  // recurrent weights, as `pack_backward` leaves them
  float* dz;            // (batch, time, gates * units)
  float* dh0;           // (batch, units)
  float* dc0;
};

struct RecurrentTable {
  int64_t lanes;
  // Floats that each needs, for `units` units.
  int64_t (*packed_size[kCells])(int64_t units);
  int64_t (*scratch_size[kCells])(int64_t units);
  // Recurrent weights (units, gates * units) in the order in which the steps read them.
  void (*pack_forward[kCells])(const float* weights, int64_t units, float* packed);
  void (*pack_backward[kCells])(const float* weights, int64_t units, float* packed);
  // Rows [begin, end) of the batch through all steps.
  void (*forward[kCells])(const RecurrentForward&, int64_t begin, int64_t end, float* scratch);
  void (*backward[kCells])(const RecurrentBackward&, int64_t begin, int64_t end, float* scratch);
};

NYALA_PER_ISA(RecurrentTable, recurrent_kernels)

}  // namespace nyala
