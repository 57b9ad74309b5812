// Which places of a list of row numbers name each row of a table: the transpose of a lookup.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace nyala {

// A place in the list and the row that it names, the row in the higher half: ordered by row, and
// within a row by place.
using Entry = uint64_t;

inline int64_t row_of(Entry entry) { return static_cast<int64_t>(entry >> 32); }

// The entries of `ids`, sorted. A negative id counts from the end; one that names no row is left
// out. `count` and `rows` are below 2^31.
inline std::vector<Entry> sorted_entries(const int32_t* ids, int64_t count, int64_t rows) {
  std::vector<Entry> entries;
  entries.reserve(count);
  for (int64_t place = 0; place < count; ++place) {
    const int64_t row = ids[place] < 0 ? ids[place] + rows : ids[place];
    if (row >= 0 && row < rows) {
      entries.push_back(static_cast<Entry>(row) << 32 | static_cast<Entry>(place));
    }
  }
  // By one digit of the row after the other, from the lowest; each pass keeps equal digits in order.
  constexpr int kBits = 11;
  std::vector<Entry> sorted(entries.size());
  for (int shift = 0; (rows - 1) >> shift > 0; shift += kBits) {
    int64_t begin[(1 << kBits) + 1] = {};
    const auto digit = [shift](Entry e) { return (e >> (32 + shift)) & ((1 << kBits) - 1); };
    for (Entry entry : entries) ++begin[digit(entry) + 1];
    for (int i = 0; i < 1 << kBits; ++i) begin[i + 1] += begin[i];
    for (Entry entry : entries) sorted[begin[digit(entry)]++] = entry;
    std::swap(entries, sorted);
  }
  return entries;
}

}  // namespace nyala
