// Which elements of the input the places of a window see, in one dimension.
#pragma once

#include <cstdint>

namespace nyala {

// One element of the window, and the input row (or column) that it meets.
struct Tap {
  int64_t window;
  int64_t input;
};

// The taps of one output row: `taps[begin .. end)`.
struct TapRange {
  int64_t begin;
  int64_t end;
};

// Output columns first, first + step, ... that see the same columns of the window. From one to
// the next, what they see moves on by `input_step`; `taps` are those of the first.
struct ColumnRun {
  int64_t first;
  int64_t step;
  int64_t count;
  int64_t input_step;
  TapRange taps;
};

// The places [begin, end) of the output that one column of the window sees inside the input,
// the first of them at input column `input`.
struct ColumnReach {
  int64_t begin;
  int64_t end;
  int64_t input;
};

}  // namespace nyala
