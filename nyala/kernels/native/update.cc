// One update of all variables of a model: handlers `nyala_optimizer_update`, `_squared_norms`.
//
// Operands: the numbers of the update (update.h), a factor for each gradient; for each variable its
// gradient, or where `sparse` says so, the ids of rows of the variable and what is added there; then
// for each variable itself, its slots, and its moving average if they are kept. Results: the last of
// these anew, `results` in number; with `in_place` their memory may be the operands' own.
#include "update.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>
#include <vector>

#include "embedding.h"
#include "ffi.h"
#include "parallel.h"
#include "segments.h"

namespace nyala {
namespace {

constexpr int64_t kPart = 1 << 15;   // elements: what a thread takes at a time
constexpr int64_t kBlock = 1 << 11;  // elements of a gradient that is prepared in scratch memory

// One variable: its arrays, checked.
struct Variable {
  Element element, gradient_element;
  int64_t size, width;   // width: elements that belong together, 1 or those of a row
  const void* gradient;  // or the rows that are added
  bool is_sparse, is_still;
  std::vector<Entry> entries;
  UpdateBlock block = {};  // begins at element 0
};

int64_t bytes_of(Element element) { return element == Element::kFloat32 ? 4 : 2; }

// Elements [begin, end) with their gradient, which is that of element `begin` on.
UpdateBlock cut(const Variable& v, const float* gradient, int64_t begin, int64_t end) {
  UpdateBlock block = v.block;
  block.gradient = gradient;
  block.count = end - begin;
  for (int k = 0; k < kMostStates; ++k) {
    if (block.from[k] == nullptr) break;
    block.from[k] = static_cast<const char*>(block.from[k]) + begin * bytes_of(v.element);
    block.to[k] = static_cast<char*>(block.to[k]) + begin * bytes_of(v.element);
  }
  return block;
}

using Run = void (*)(const UpdateNumbers&, const UpdateBlock&);

void run_dense(const Variable& v, const UpdateNumbers& numbers, Run run, int64_t begin,
               int64_t end) {
  if (v.gradient_element == Element::kFloat32) {
    run(numbers, cut(v, static_cast<const float*>(v.gradient) + begin, begin, end));
    return;
  }
  const auto widen = update().widen[static_cast<int>(v.gradient_element)];
  float* gradient = scratch(kBlock);
  for (; begin < end; begin += kBlock) {
    const int64_t stop = std::min(end, begin + kBlock);
    widen(static_cast<const char*>(v.gradient) + begin * 2, gradient, stop - begin);
    run(numbers, cut(v, gradient, begin, stop));
  }
}

// Rows [begin, end) of the variable, a few at a time; only those with a gradient if the others do
// not move.
void run_sparse(const Variable& v, const UpdateNumbers& numbers, Run run, int64_t begin,
                int64_t end) {
  const auto sum_rows = embedding().sum_rows[static_cast<int>(v.gradient_element)];
  const int64_t at_once = v.is_still ? 1 : std::max<int64_t>(1, kBlock / v.width);
  float* gradient = scratch(at_once * v.width);
  if (v.is_still) {
    const UpdateBlock all = cut(v, nullptr, begin * v.width, end * v.width);
    for (int k = 0; k < kMostStates && all.from[k] != nullptr; ++k) {
      if (all.from[k] == all.to[k]) continue;
      std::memcpy(all.to[k], all.from[k], all.count * bytes_of(v.element));
    }
  }
  auto entry =
      std::lower_bound(v.entries.begin(), v.entries.end(), static_cast<Entry>(begin) << 32);
  for (int64_t row = begin; row < end;) {
    if (v.is_still) {
      if (entry == v.entries.end() || row_of(*entry) >= end) return;
      row = row_of(*entry);
    }
    const int64_t stop = std::min(end, row + at_once);
    std::memset(gradient, 0, (stop - row) * v.width * sizeof(float));
    while (entry != v.entries.end() && row_of(*entry) < stop) {
      const auto first = entry;
      while (entry != v.entries.end() && row_of(*entry) == row_of(*first)) ++entry;
      sum_rows(v.gradient, &*first, entry - first, v.width,
               gradient + (row_of(*first) - row) * v.width);
    }
    run(numbers, cut(v, gradient, row * v.width, stop * v.width));
    row = stop;
  }
}

// Items [begin, end), elements or rows, of one variable; a part is a run of pieces.
struct Piece {
  int64_t variable, begin, end;
};

struct Plan {
  std::vector<Piece> pieces;
  std::vector<int64_t> parts = {0};  // where each begins, and the end

  // Cuts by sizes alone.
  explicit Plan(const std::vector<Variable>& variables) {
    int64_t filled = 0;
    for (size_t i = 0; i < variables.size(); ++i) {
      const int64_t width = variables[i].width, items = variables[i].size / width;
      const int64_t each = items_per_part(items, width, kPart);
      for (int64_t begin = 0; begin < items; begin += each) {
        const int64_t end = std::min(items, begin + each);
        pieces.push_back({static_cast<int64_t>(i), begin, end});
        if ((filled += (end - begin) * width) < kPart) continue;
        parts.push_back(static_cast<int64_t>(pieces.size()));
        filled = 0;
      }
    }
    if (filled > 0) parts.push_back(static_cast<int64_t>(pieces.size()));
  }
};

const UpdateRule* find_rule(std::string_view name) {
  const UpdateTable& table = update();
  for (int i = 0; i < table.rule_count; ++i) {
    if (name == table.rules[i].name) return &table.rules[i];
  }
  return nullptr;
}

// The arrays of one call.
struct Arrays {
  std::vector<Buffer> operands;  // after the first two
  std::vector<Buffer> results;

  static ffi::Error make(const ffi::RemainingArgs& args, const ffi::RemainingRets& rets,
                         Arrays* arrays) {
    for (size_t i = 0; i < args.size(); ++i) {
      auto operand = args.get<ffi::AnyBuffer>(i);
      NYALA_CHECK(operand.has_value());
      arrays->operands.push_back(*operand);
    }
    for (size_t i = 0; i < rets.size(); ++i) {
      auto result = rets.get<ffi::AnyBuffer>(i);
      NYALA_CHECK(result.has_value());
      arrays->results.push_back(**result);
    }
    return ffi::Error::Success();
  }
};

// Fills in the states of `v`: `from` are its operands, `to` its results.
ffi::Error take_states(const Buffer* from, const Buffer* to, int states, Variable* v) {
  NYALA_CHECK(element_of(from[0], &v->element));
  v->size = from[0].element_count();
  v->width = 1;
  for (int k = 0; k < states; ++k) {
    NYALA_CHECK(same_shape(from[k], from[0]) && same_type(from[k], from[0]));
    NYALA_CHECK(same_shape(to[k], from[0]) && same_type(to[k], from[0]));
    v->block.from[k] = from[k].untyped_data();
    v->block.to[k] = to[k].untyped_data();
  }
  return ffi::Error::Success();
}

ffi::Error take_dense(const Buffer& gradient, const Buffer& value, Variable* v) {
  NYALA_CHECK(element_of(gradient, &v->gradient_element) && same_shape(gradient, value));
  v->gradient = gradient.untyped_data();
  return ffi::Error::Success();
}

ffi::Error take_rows(const Buffer& ids, const Buffer& added, const Buffer& value, Variable* v) {
  NYALA_CHECK(element_of(added, &v->gradient_element) && ids.element_type() == ffi::S32);
  NYALA_CHECK(rank(value) >= 1 && v->size > 0);
  const int64_t rows = value.dimensions()[0], count = ids.element_count();
  NYALA_CHECK(rows < INT32_MAX && count < INT32_MAX);
  v->width = v->size / rows;
  NYALA_CHECK(static_cast<int64_t>(added.element_count()) == count * v->width);
  v->gradient = added.untyped_data();
  v->entries = sorted_entries(ids.typed_data<int32_t>(), count, rows);
  return ffi::Error::Success();
}

ffi::Error optimizer_update(ffi::ThreadPool pool, ffi::Buffer<ffi::F32> given_numbers,
                            ffi::Buffer<ffi::F32> factors, ffi::RemainingArgs args,
                            ffi::RemainingRets rets, int64_t results, bool, std::string_view name,
                            Ints sparse, Ints decayed, bool averaged) {
  const UpdateRule* rule = find_rule(name);
  NYALA_CHECK(rule != nullptr);
  constexpr int64_t kCommon = sizeof(UpdateNumbers) / sizeof(float) - kMostRuleNumbers;
  NYALA_CHECK(static_cast<int64_t>(given_numbers.element_count()) == kCommon + rule->numbers);
  UpdateNumbers numbers = {};
  std::memcpy(&numbers, given_numbers.typed_data(), given_numbers.element_count() * sizeof(float));

  Arrays arrays;
  if (ffi::Error error = Arrays::make(args, rets, &arrays); error.failure()) return error;
  const int64_t count = sparse.size(), states = 1 + rule->slots + averaged;
  const int64_t gradients = count + std::count(sparse.begin(), sparse.end(), 1);
  NYALA_CHECK(static_cast<int64_t>(decayed.size()) == count && results == count * states);
  NYALA_CHECK(static_cast<int64_t>(factors.element_count()) == count);
  NYALA_CHECK(static_cast<int64_t>(arrays.results.size()) == results);
  NYALA_CHECK(static_cast<int64_t>(arrays.operands.size()) == gradients + results);

  // Where a zero gradient moves nothing, but for numbers that make a NaN of it.
  const bool is_still = rule->still && !averaged && std::isfinite(numbers.rate) &&
                        (rule->numbers == 0 || numbers.rule[0] > 0);
  std::vector<Variable> variables(count);
  const Buffer* gradient = arrays.operands.data();
  for (int64_t i = 0; i < count; ++i) {
    Variable& v = variables[i];
    const Buffer* from = arrays.operands.data() + gradients + i * states;
    v.block.factor = factors.typed_data()[i];
    v.block.decayed = decayed[i] != 0;
    v.block.averaged = averaged;
    v.is_sparse = sparse[i] != 0;
    v.is_still = is_still && !v.block.decayed && std::isfinite(v.block.factor);
    ffi::Error error = take_states(from, arrays.results.data() + i * states, states, &v);
    if (error.failure()) return error;
    error = v.is_sparse ? take_rows(gradient[0], gradient[1], from[0], &v)
                        : take_dense(gradient[0], from[0], &v);
    if (error.failure()) return error;
    gradient += v.is_sparse ? 2 : 1;
  }

  const Plan plan(variables);
  parallel_for(pool, static_cast<int64_t>(plan.parts.size()) - 1, [&](int64_t part) {
    for (int64_t i = plan.parts[part]; i < plan.parts[part + 1]; ++i) {
      const Piece& piece = plan.pieces[i];
      const Variable& v = variables[piece.variable];
      const Run run = rule->run[static_cast<int>(v.element)];
      (v.is_sparse ? run_sparse : run_dense)(v, numbers, run, piece.begin, piece.end);
    }
  });
  return ffi::Error::Success();
}

// norms[i] = the sum of the squares of operand i.
ffi::Error squared_norms(ffi::ThreadPool pool, ffi::RemainingArgs args,
                         ffi::ResultBuffer<ffi::F32> norms) {
  NYALA_CHECK(norms->element_count() == args.size());
  std::vector<Variable> variables(args.size());
  for (size_t i = 0; i < args.size(); ++i) {
    auto operand = args.get<ffi::AnyBuffer>(i);
    NYALA_CHECK(operand.has_value() && element_of(*operand, &variables[i].element));
    variables[i].gradient = operand->untyped_data();
    variables[i].size = operand->element_count();
    variables[i].width = 1;
  }
  const Plan plan(variables);
  std::vector<float> sums(plan.pieces.size());
  parallel_for(pool, static_cast<int64_t>(plan.parts.size()) - 1, [&](int64_t part) {
    for (int64_t i = plan.parts[part]; i < plan.parts[part + 1]; ++i) {
      const Piece& piece = plan.pieces[i];
      const Variable& v = variables[piece.variable];
      const char* from = static_cast<const char*>(v.gradient) + piece.begin * bytes_of(v.element);
      sums[i] = update().sum_squares[static_cast<int>(v.element)](from, piece.end - piece.begin);
    }
  });
  std::vector<double> totals(args.size());
  for (size_t i = 0; i < sums.size(); ++i) totals[plan.pieces[i].variable] += sums[i];
  for (size_t i = 0; i < totals.size(); ++i) {
    norms->typed_data()[i] = static_cast<float>(totals[i]);
  }
  return ffi::Error::Success();
}

}  // namespace

NYALA_KERNEL(optimizer_update, optimizer_update,
             ffi::Ffi::Bind()
                 .Ctx<ffi::ThreadPool>()
                 .Arg<ffi::Buffer<ffi::F32>>()
                 .Arg<ffi::Buffer<ffi::F32>>()
                 .RemainingArgs()
                 .RemainingRets()
                 .Attr<int64_t>("results")
                 .Attr<bool>("in_place")
                 .Attr<std::string_view>("rule")
                 .Attr<Ints>("sparse")
                 .Attr<Ints>("decayed")
                 .Attr<bool>("averaged"));
NYALA_KERNEL(squared_norms, squared_norms,
             ffi::Ffi::Bind()
                 .Ctx<ffi::ThreadPool>()
                 .RemainingArgs()
                 .Ret<ffi::Buffer<ffi::F32>>());

}  // namespace nyala
