#include "pool.h"

#include "vector.h"

namespace nyala {
namespace NYALA_ISA {
namespace {

constexpr int kPlaces = 8;  // computed at a time

// What a row of the output is made of.
struct Row {
  const Pool& pool;
  int64_t image, row;

  TapRange taps() const { return pool.rows[row]; }

  // The first element of an input row, counted in elements.
  int64_t input(int64_t input_row) const {
    return (image * pool.input_height + input_row) * pool.input_width * pool.channels;
  }
  int64_t output() const {
    return (image * pool.output_height + row) * pool.output_width * pool.channels;
  }
};

// Calls `block(run, place, c, lanes, count)` for all places and channels of a row, where `count`
// is a type that holds the number of places.
template <int kCount>
struct Places {
  static constexpr int count = kCount;
};

template <typename Block>
NYALA_INLINE void for_blocks(const Pool& pool, const Block& block) {
  for (int64_t r = 0; r < pool.run_count; ++r) {
    const ColumnRun& run = pool.runs[r];
    int64_t place = 0;
    for (; place + kPlaces <= run.count; place += kPlaces) {
      int64_t c = 0;
      for (; c + kLanes <= pool.channels; c += kLanes) {
        block(run, place, c, Whole{}, Places<kPlaces>{});
      }
      if (c < pool.channels) block(run, place, c, Some{pool.channels - c}, Places<kPlaces>{});
    }
    for (; place < run.count; ++place) {
      int64_t c = 0;
      for (; c + kLanes <= pool.channels; c += kLanes) block(run, place, c, Whole{}, Places<1>{});
      if (c < pool.channels) block(run, place, c, Some{pool.channels - c}, Places<1>{});
    }
  }
}

// A NaN is larger than every number, so that it passes; the first of equal elements wins.
template <typename T, bool kWinners>
void max_row_of(const Row& row) {
  const Pool& pool = row.pool;
  const T* input = static_cast<const T*>(pool.input);
  T* output = static_cast<T*>(pool.output) + row.output();
  uint8_t* winners = kWinners ? pool.winners + row.output() : nullptr;
  const Floats lowest = broadcast(-__builtin_inff());
  for_blocks(pool, [&](const ColumnRun& run, int64_t place, int64_t c, auto lanes, auto places) {
    constexpr int kCount = decltype(places)::count;
    const int64_t step = run.input_step * pool.channels;
    Floats best[kCount];
    Ints32 winner[kCount] = {};
    bool any = false;
    for (int64_t i = row.taps().begin; i < row.taps().end; ++i) {
      const Tap vertical = pool.row_taps[i];
      const T* seen = input + row.input(vertical.input) + place * step + c;
      for (int64_t j = run.taps.begin; j < run.taps.end; ++j) {
        const Tap horizontal = pool.column_taps[j];
        const T* at = seen + horizontal.input * pool.channels;
        const int32_t number = vertical.window * pool.window_width + horizontal.window;
#pragma GCC unroll 8
        for (int k = 0; k < kCount; ++k) {
          const Floats value = lanes.load(at + k * step);
          if (any) {
            const Ints32 larger = (value > best[k]) | ((value != value) & (best[k] == best[k]));
            best[k] = larger ? value : best[k];
            if (kWinners) winner[k] = larger ? number + Ints32{} : winner[k];
          } else {
            best[k] = value;
            if (kWinners) winner[k] = number + Ints32{};
          }
        }
        any = true;
      }
    }
#pragma GCC unroll 8
    for (int k = 0; k < kCount; ++k) {
      const int64_t at = (run.first + (place + k) * run.step) * pool.channels + c;
      lanes.store(output + at, any ? best[k] : lowest);
      if (kWinners) lanes.store_bytes(winners + at, any ? winner[k] : 255 + Ints32{});
    }
  });
}

template <typename T>
void max_row(const Pool& pool, int64_t image, int64_t row) {
  if (pool.winners == nullptr) {
    max_row_of<T, false>({pool, image, row});
  } else {
    max_row_of<T, true>({pool, image, row});
  }
}

// An element takes the gradient of every window that it won.
template <typename T>
void max_gradient_row(const Pool& pool, int64_t image, int64_t row_number) {
  const Row row = {pool, image, row_number};
  const T* input = static_cast<const T*>(pool.input);
  T* output = static_cast<T*>(pool.output) + row.output();
  for_blocks(pool, [&](const ColumnRun& run, int64_t place, int64_t c, auto lanes, auto places) {
    constexpr int kCount = decltype(places)::count;
    const int64_t step = run.input_step * pool.channels;
    Floats sums[kCount] = {};
    for (int64_t i = row.taps().begin; i < row.taps().end; ++i) {
      const Tap vertical = pool.row_taps[i];
      const int64_t seen = row.input(vertical.input) + place * step + c;
      for (int64_t j = run.taps.begin; j < run.taps.end; ++j) {
        const Tap horizontal = pool.column_taps[j];
        const int64_t at = seen + horizontal.input * pool.channels;
        const int32_t number = vertical.window * pool.window_width + horizontal.window;
#pragma GCC unroll 8
        for (int k = 0; k < kCount; ++k) {
          const Ints32 won = lanes.load_bytes(pool.winners + at + k * step) == number;
          sums[k] += won ? lanes.load(input + at + k * step) : zeros();
        }
      }
    }
#pragma GCC unroll 8
    for (int k = 0; k < kCount; ++k) {
      lanes.store(output + (run.first + (place + k) * run.step) * pool.channels + c, sums[k]);
    }
  });
}

// The mean of the elements that exist: 0 / 0 where there are none.
template <typename T>
void mean_row(const Pool& pool, int64_t image, int64_t row_number) {
  const Row row = {pool, image, row_number};
  const T* input = static_cast<const T*>(pool.input);
  T* output = static_cast<T*>(pool.output) + row.output();
  for_blocks(pool, [&](const ColumnRun& run, int64_t place, int64_t c, auto lanes, auto places) {
    constexpr int kCount = decltype(places)::count;
    const int64_t step = run.input_step * pool.channels;
    Floats sums[kCount] = {};
    for (int64_t i = row.taps().begin; i < row.taps().end; ++i) {
      const T* seen = input + row.input(pool.row_taps[i].input) + place * step + c;
      for (int64_t j = run.taps.begin; j < run.taps.end; ++j) {
        const T* at = seen + pool.column_taps[j].input * pool.channels;
#pragma GCC unroll 8
        for (int k = 0; k < kCount; ++k) sums[k] += lanes.load(at + k * step);
      }
    }
    const int64_t rows = row.taps().end - row.taps().begin;
    const Floats count = broadcast(static_cast<float>(rows * (run.taps.end - run.taps.begin)));
#pragma GCC unroll 8
    for (int k = 0; k < kCount; ++k) {
      const int64_t at = (run.first + (place + k) * run.step) * pool.channels + c;
      lanes.store(output + at, sums[k] / count);
    }
  });
}

template <typename T>
void mean_gradient_row(const Pool& pool, int64_t image, int64_t row_number) {
  const Row row = {pool, image, row_number};
  const T* input = static_cast<const T*>(pool.input);
  T* output = static_cast<T*>(pool.output) + row.output();
  for_blocks(pool, [&](const ColumnRun& run, int64_t place, int64_t c, auto lanes, auto places) {
    constexpr int kCount = decltype(places)::count;
    const int64_t step = run.input_step * pool.channels;
    Floats sums[kCount] = {};
    for (int64_t i = row.taps().begin; i < row.taps().end; ++i) {
      const int64_t above = pool.row_taps[i].input;
      const T* seen = input + row.input(above) + place * step + c;
      for (int64_t j = run.taps.begin; j < run.taps.end; ++j) {
        const int64_t column = pool.column_taps[j].input;
        const T* at = seen + column * pool.channels;
#pragma GCC unroll 8
        for (int k = 0; k < kCount; ++k) {
          const float factor = pool.row_factors[above] *
                               pool.column_factors[column + (place + k) * run.input_step];
          sums[k] += factor * lanes.load(at + k * step);
        }
      }
    }
#pragma GCC unroll 8
    for (int k = 0; k < kCount; ++k) {
      lanes.store(output + (run.first + (place + k) * run.step) * pool.channels + c, sums[k]);
    }
  });
}

}  // namespace

#define NYALA_ALL(function) {function<float>, function<BFloat16>, function<Float16>}

extern const PoolTable table_pool = {
    NYALA_ALL(max_row),
    NYALA_ALL(max_gradient_row),
    NYALA_ALL(mean_row),
    NYALA_ALL(mean_gradient_row),
};

}  // namespace NYALA_ISA
}  // namespace nyala
