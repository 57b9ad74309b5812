#include "recurrent.h"

#include "vector_math.h"

namespace nyala {
namespace NYALA_ISA {
namespace {

NYALA_INLINE int64_t blocks_of(int64_t units) { return (units + kLanes - 1) / kLanes; }
NYALA_INLINE int64_t padded(int64_t units) { return blocks_of(units) * kLanes; }

// -- products ------------------------------------------------------------------------------------

// sums[r][c] += a[r, :] times column block c of `packed`, which has kColumns blocks for each k.
template <int kRows, int kColumns>
NYALA_INLINE void add_products(const float* a, int64_t row_step, int64_t depth, const float* packed,
                               Floats (&sums)[kRows][kColumns]) {
  for (int64_t k = 0; k < depth; ++k, packed += kColumns * kLanes) {
    Floats weights[kColumns];
#pragma GCC unroll 2
    for (int c = 0; c < kColumns; ++c) weights[c] = load(packed + c * kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const Floats value = broadcast(a[r * row_step + k]);
#pragma GCC unroll 2
      for (int c = 0; c < kColumns; ++c) sums[r][c] += value * weights[c];
    }
  }
}

// The products of kRows rows with kGates column blocks, two at a time: as many as registers hold.
// `packed` has a panel for each two blocks (and one for the last), which is read front to back.
template <int kRows, int kGates>
NYALA_INLINE void gate_products(const float* a, int64_t row_step, int64_t depth,
                                const float* packed, Floats (&products)[kRows][kGates]) {
  constexpr int kPaired = kGates / 2 * 2;
  for (int g = 0; g < kPaired; g += 2, packed += depth * 2 * kLanes) {
    Floats sums[kRows][2] = {};
    add_products(a, row_step, depth, packed, sums);
    for (int r = 0; r < kRows; ++r) {
      products[r][g] = sums[r][0];
      products[r][g + 1] = sums[r][1];
    }
  }
  if (kPaired < kGates) {
    Floats sums[kRows][1] = {};
    add_products(a, row_step, depth, packed, sums);
    for (int r = 0; r < kRows; ++r) products[r][kGates - 1] = sums[r][0];
  }
}

// -- cells ---------------------------------------------------------------------------------------
// `kGates` blocks of pre-activations, `kSaved` blocks kept for the gradient. A step works on kLanes
// units of one row.

struct LstmStep {
  static constexpr int kGates = 4, kSaved = 4;
  static constexpr bool kHasC = true;

  // products and z: input, forget, cell, output.
  NYALA_INLINE static Floats forward(const Floats* product, const Floats* z, Floats, Floats& c,
                                     Floats* saved) {
    const Floats i = sigmoid(z[0] + product[0]), f = sigmoid(z[1] + product[1]);
    const Floats g = hyperbolic_tangent(z[2] + product[2]), o = sigmoid(z[3] + product[3]);
    c = f * c + i * g;
    saved[0] = i, saved[1] = f, saved[2] = g, saved[3] = o;
    return o * hyperbolic_tangent(c);
  }

  // Returns what of dh reaches the h before other than by the product; dproduct = dz here.
  NYALA_INLINE static Floats backward(const Floats* saved, Floats, Floats, Floats c,
                                      Floats c_before, Floats dh, Floats& dc, Floats* dz,
                                      Floats* dproduct) {
    const Floats i = saved[0], f = saved[1], g = saved[2], o = saved[3];
    const Floats t = hyperbolic_tangent(c);
    dc += dh * o * (1.0f - t * t);
    dz[0] = dc * g * i * (1.0f - i);
    dz[1] = dc * c_before * f * (1.0f - f);
    dz[2] = dc * i * (1.0f - g * g);
    dz[3] = dh * t * o * (1.0f - o);
    for (int k = 0; k < kGates; ++k) dproduct[k] = dz[k];
    dc = dc * f;
    return zeros();
  }
};

struct GruStep {
  static constexpr int kGates = 3, kSaved = 4;
  static constexpr bool kHasC = false;

  // update, reset, candidate; the reset gate is applied to the recurrent product.
  NYALA_INLINE static Floats forward(const Floats* product, const Floats* z, Floats h, Floats&,
                                     Floats* saved) {
    const Floats update = sigmoid(z[0] + product[0]), reset = sigmoid(z[1] + product[1]);
    const Floats candidate = hyperbolic_tangent(z[2] + reset * product[2]);
    saved[0] = update, saved[1] = reset, saved[2] = candidate, saved[3] = product[2];
    return update * h + (1.0f - update) * candidate;
  }

  NYALA_INLINE static Floats backward(const Floats* saved, Floats, Floats h_before, Floats, Floats,
                                      Floats dh, Floats&, Floats* dz, Floats* dproduct) {
    const Floats update = saved[0], reset = saved[1], candidate = saved[2];
    dz[0] = dh * (h_before - candidate) * update * (1.0f - update);
    dz[2] = dh * (1.0f - update) * (1.0f - candidate * candidate);
    dz[1] = dz[2] * saved[3] * reset * (1.0f - reset);
    dproduct[0] = dz[0], dproduct[1] = dz[1], dproduct[2] = dz[2] * reset;
    return dh * update;
  }
};

struct SimpleStep {
  static constexpr int kGates = 1, kSaved = 0;
  static constexpr bool kHasC = false;

  NYALA_INLINE static Floats forward(const Floats* product, const Floats* z, Floats, Floats&,
                                     Floats*) {
    return hyperbolic_tangent(z[0] + product[0]);
  }

  NYALA_INLINE static Floats backward(const Floats*, Floats h, Floats, Floats, Floats, Floats dh,
                                      Floats&, Floats* dz, Floats* dproduct) {
    dproduct[0] = dz[0] = dh * (1.0f - h * h);
    return zeros();
  }
};

// -- one step of some rows -----------------------------------------------------------------------

// State of the rows of a part, (rows, padded units) each.
struct ForwardState {
  float* h;
  float* new_h;
  float* c;
};

template <typename Step, int kRows, typename Lanes>
NYALA_INLINE void forward_block(const RecurrentForward& f, const ForwardState& state, int64_t begin,
                                int64_t row, int64_t time, int64_t block, Lanes lanes) {
  constexpr int kGates = Step::kGates;
  const int64_t units = f.sizes.units, width = padded(units), u = block * kLanes;
  Floats products[kRows][kGates];
  gate_products(state.h + row * width, width, units, f.packed + block * units * kGates * kLanes,
                products);
  for (int r = 0; r < kRows; ++r) {
    const int64_t local = (row + r) * width + u;
    const int64_t place = (begin + row + r) * f.sizes.time + time;
    const Floats before = load(state.h + local);
    Floats z[kGates], saved[Step::kSaved + 1], c = zeros(), h = before;
    if (Step::kHasC) c = load(state.c + local);
    if (f.keep == nullptr || f.keep[place]) {
      for (int g = 0; g < kGates; ++g) {
        z[g] = lanes.load(f.z + place * kGates * units + g * units + u);
        if (f.bias != nullptr) products[r][g] += lanes.load(f.bias + g * units + u);
      }
      h = Step::forward(products[r], z, before, c, saved);
      if (f.saved != nullptr) {
        for (int s = 0; s < Step::kSaved; ++s) {
          lanes.store(f.saved + (place * Step::kSaved + s) * units + u, saved[s]);
        }
      }
    } else if (f.saved != nullptr) {
      for (int s = 0; s < Step::kSaved; ++s) {
        lanes.store(f.saved + (place * Step::kSaved + s) * units + u, zeros());
      }
    }
    store(state.new_h + local, h);
    lanes.store(f.h + place * units + u, h);
    if (Step::kHasC) {
      store(state.c + local, c);
      if (f.c != nullptr) lanes.store(f.c + place * units + u, c);
    }
  }
}

// Calls `run<n>(row)` for n rows at a time.
template <typename Run>
NYALA_INLINE void by_rows(int64_t rows, const Run& run) {
  int64_t row = 0;
  for (; row + 8 <= rows; row += 8) run.template operator()<8>(row);
  for (; row + 4 <= rows; row += 4) run.template operator()<4>(row);
  for (; row + 2 <= rows; row += 2) run.template operator()<2>(row);
  for (; row < rows; ++row) run.template operator()<1>(row);
}

template <typename Step, typename Lanes>
struct ForwardBlock {
  const RecurrentForward& f;
  const ForwardState& state;
  int64_t begin, time, block;
  Lanes lanes;

  template <int kRows>
  NYALA_INLINE void operator()(int64_t row) const {
    forward_block<Step, kRows>(f, state, begin, row, time, block, lanes);
  }
};

// One step. The weights of a block of units stay in cache while all rows meet them.
template <typename Step>
void forward_step(const RecurrentForward& f, const ForwardState& state, int64_t begin, int64_t rows,
                  int64_t time) {
  const int64_t whole = f.sizes.units / kLanes, rest = f.sizes.units % kLanes;
  for (int64_t block = 0; block < whole; ++block) {
    by_rows(rows, ForwardBlock<Step, Whole>{f, state, begin, time, block, Whole{}});
  }
  if (rest != 0) {
    by_rows(rows, ForwardBlock<Step, Some>{f, state, begin, time, whole, Some{rest}});
  }
}

void copy_in(const float* from, int64_t rows, int64_t units, float* to) {
  const int64_t width = padded(units);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t u = 0; u < width; ++u) to[r * width + u] = u < units ? from[r * units + u] : 0.0f;
  }
}

void copy_out(const float* from, int64_t rows, int64_t units, float* to) {
  const int64_t width = padded(units);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t u = 0; u < units; ++u) to[r * units + u] = from[r * width + u];
  }
}

template <typename Step>
void forward(const RecurrentForward& f, int64_t begin, int64_t end, float* scratch) {
  const int64_t units = f.sizes.units, rows = end - begin, size = rows * padded(units);
  ForwardState state = {scratch, scratch + size, scratch + 2 * size};
  copy_in(f.h0 + begin * units, rows, units, state.h);
  if (Step::kHasC) copy_in(f.c0 + begin * units, rows, units, state.c);
  for (int64_t step = 0; step < f.sizes.time; ++step) {
    forward_step<Step>(f, state, begin, rows, f.sizes.at(step));
    float* const old = state.h;
    state.h = state.new_h;
    state.new_h = old;
  }
  if (Step::kHasC) copy_out(state.c, rows, units, f.last_c + begin * units);
}

// -- the gradient --------------------------------------------------------------------------------

struct BackwardState {
  float* dh;        // (rows, padded units)
  float* dc;
  float* direct;    // what reaches the h before other than by the product
  float* dproduct;  // (rows, gates * padded units)
};

// Gradients of the pre-activations of one row at one step.
template <typename Step, typename Lanes>
NYALA_INLINE void backward_block(const RecurrentBackward& b, const BackwardState& state,
                                 int64_t begin, int64_t row, int64_t step, int64_t u, Lanes lanes) {
  constexpr int kGates = Step::kGates;
  const int64_t units = b.sizes.units, width = padded(units);
  const int64_t first = (begin + row) * b.sizes.time, place = first + b.sizes.at(step);
  const int64_t local = row * width + u;
  const Floats dh = load(state.dh + local) + lanes.load(b.dh + place * units + u);
  float* const dproduct = state.dproduct + row * kGates * width + u;
  float* const dz_to = b.dz + place * kGates * units + u;
  if (b.keep != nullptr && !b.keep[place]) {
    for (int g = 0; g < kGates; ++g) {
      store(dproduct + g * width, zeros());
      lanes.store(dz_to + g * units, zeros());
    }
    store(state.direct + local, dh);
    return;
  }
  const float* const h0 = b.h0 + (begin + row) * units + u;
  const int64_t before = first + b.sizes.at(step - 1);
  const Floats h_before = lanes.load(step == 0 ? h0 : b.h + before * units + u);
  Floats saved[Step::kSaved + 1], dz[kGates], dp[kGates];
  Floats c = zeros(), c_before = zeros(), dc = zeros();
  for (int s = 0; s < Step::kSaved; ++s) {
    saved[s] = lanes.load(b.saved + (place * Step::kSaved + s) * units + u);
  }
  if (Step::kHasC) {
    c = lanes.load(b.c + place * units + u);
    const float* const c0 = b.c0 + (begin + row) * units + u;
    c_before = lanes.load(step == 0 ? c0 : b.c + before * units + u);
    dc = load(state.dc + local);
  }
  const Floats h = lanes.load(b.h + place * units + u);
  store(state.direct + local,
        Step::backward(saved, h, h_before, c, c_before, dh, dc, dz, dp));
  if (Step::kHasC) store(state.dc + local, dc);
  for (int g = 0; g < kGates; ++g) {
    store(dproduct + g * width, dp[g]);
    lanes.store(dz_to + g * units, dz[g]);
  }
}

// dh = direct + dproduct times the transposed recurrent weights, for kColumns blocks of units.
template <typename Step, int kColumns>
struct ProductBack {
  const RecurrentBackward& b;
  const BackwardState& state;
  int64_t block;

  template <int kRows>
  NYALA_INLINE void operator()(int64_t row) const {
    const int64_t width = padded(b.sizes.units), depth = Step::kGates * width;
    const int64_t place = row * width + block * kLanes;
    Floats sums[kRows][kColumns] = {};
    add_products(state.dproduct + row * depth, depth, depth, b.packed + block * depth * kLanes,
                 sums);
    for (int r = 0; r < kRows; ++r) {
      for (int c = 0; c < kColumns; ++c) {
        const int64_t at = place + r * width + c * kLanes;
        store(state.dh + at, sums[r][c] + load(state.direct + at));
      }
    }
  }
};

template <typename Step>
void backward(const RecurrentBackward& b, int64_t begin, int64_t end, float* scratch) {
  const int64_t units = b.sizes.units, rows = end - begin, size = rows * padded(units);
  const BackwardState state = {scratch, scratch + size, scratch + 2 * size, scratch + 3 * size};
  const int64_t whole = units - units % kLanes, rest = units % kLanes, blocks = blocks_of(units);
  for (int64_t i = 0; i < size; ++i) state.dh[i] = 0.0f;
  if (Step::kHasC) copy_in(b.dlast_c + begin * units, rows, units, state.dc);
  for (int64_t step = b.sizes.time - 1; step >= 0; --step) {
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t u = 0; u < whole; u += kLanes) {
        backward_block<Step>(b, state, begin, row, step, u, Whole{});
      }
      if (rest != 0) backward_block<Step>(b, state, begin, row, step, whole, Some{rest});
    }
    int64_t block = 0;
    for (; block + 2 <= blocks; block += 2) by_rows(rows, ProductBack<Step, 2>{b, state, block});
    if (block < blocks) by_rows(rows, ProductBack<Step, 1>{b, state, block});
  }
  copy_out(state.dh, rows, units, b.dh0 + begin * units);
  if (Step::kHasC) copy_out(state.dc, rows, units, b.dc0 + begin * units);
}

// -- weights in the order of reading -------------------------------------------------------------

template <typename Step>
int64_t packed_size(int64_t units) {
  return padded(units) * Step::kGates * padded(units);
}

template <typename Step>
int64_t scratch_size(int64_t units) {
  return kMostRecurrentRows * (3 + Step::kGates) * padded(units);
}

// For each block of units and each two gates: a row of the block's columns for every unit.
template <typename Step>
void pack_forward(const float* weights, int64_t units, float* packed) {
  constexpr int kGates = Step::kGates;
  for (int64_t block = 0; block < blocks_of(units); ++block) {
    const int64_t u = block * kLanes, n = units - u < kLanes ? units - u : kLanes;
    for (int first = 0; first < kGates; first += 2) {
      const int last = first + 2 < kGates ? first + 2 : kGates;
      for (int64_t k = 0; k < units; ++k) {
        for (int g = first; g < last; ++g, packed += kLanes) {
          store(packed, load_some(weights + (k * kGates + g) * units + u, n));
        }
      }
    }
  }
}

// For each two blocks of units, each row of dproduct (padded as it is): the blocks' columns of the
// transposed weights.
template <typename Step>
void pack_backward(const float* weights, int64_t units, float* packed) {
  constexpr int kGates = Step::kGates;
  const int64_t width = padded(units), blocks = blocks_of(units);
  for (int64_t block = 0; block < blocks; block += 2) {
    const int64_t pair = block + 2 <= blocks ? 2 : 1;
    for (int64_t k = 0; k < kGates * width; ++k) {
      const int64_t gate = k / width, from = k % width;
      for (int64_t lane = 0; lane < pair * kLanes; ++lane) {
        const int64_t to = block * kLanes + lane;
        const bool inside = from < units && to < units;
        *packed++ = inside ? weights[(to * kGates + gate) * units + from] : 0.0f;
      }
    }
  }
}

}  // namespace

extern const RecurrentTable table_recurrent_kernels = {
    kLanes,
    {packed_size<LstmStep>, packed_size<GruStep>, packed_size<SimpleStep>},
    {scratch_size<LstmStep>, scratch_size<GruStep>, scratch_size<SimpleStep>},
    {pack_forward<LstmStep>, pack_forward<GruStep>, pack_forward<SimpleStep>},
    {pack_backward<LstmStep>, pack_backward<GruStep>, pack_backward<SimpleStep>},
    {forward<LstmStep>, forward<GruStep>, forward<SimpleStep>},
    {backward<LstmStep>, backward<GruStep>, backward<SimpleStep>},
};

}  // namespace NYALA_ISA
}  // namespace nyala
