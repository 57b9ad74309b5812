// Normalization: handlers `nyala_norm_moments`, `nyala_norm_gradient_sums` of channels over places,
// and `nyala_norm_rows`, `nyala_norm_rows_gradient` of rows, each by itself.
//
// An array of channels has them at any axis: what is before it are places. Rows are (rows, width).
// Vectors are float32 whatever the arrays are.
#include "norm.h"

#include <vector>

#include "ffi.h"
#include "parallel.h"

namespace nyala {
namespace {

// Keeps what is masked altogether from dividing by zero.
constexpr double kSmall = 1e-7;

// The shape of an array of channels, and how its places are cut into parts. The channels are at
// `axis`; a batch of examples at the first axis is kept apart if `batched`.
struct Channels {
  int64_t examples, places, channels, inner, each, parts;
  int element;
  bool batched;

  static ffi::Error make(const Buffer& x, int64_t axis, bool batched, Channels* c) {
    Element element;
    NYALA_CHECK(element_of(x, &element));
    NYALA_CHECK((batched ? 1 : 0) <= axis && axis < rank(x));
    const auto d = x.dimensions();
    *c = {batched ? d[0] : 1, 1, d[axis], 1, 0, 0, static_cast<int>(element), batched};
    for (int64_t i = batched ? 1 : 0; i < rank(x); ++i) {
      if (i != axis) (i < axis ? c->places : c->inner) *= d[i];
    }
    if (c->inner == 0) c->places = 0, c->inner = 1;
    // The sums of a part should be little beside what it sums.
    const int64_t place_cost = c->channels * c->inner * sizeof(float);
    const int64_t least = std::max<int64_t>(1 << 16, 32 * c->channels * sizeof(float));
    c->each = items_per_part(c->places, place_cost, least);
    c->parts = ceil_div(c->places, c->each);
    return ffi::Error::Success();
  }

  bool matches(const Buffer& vector) const {
    const bool fits = batched ? has_shape(vector, {examples, channels})
                              : has_shape(vector, {channels});
    return fits && vector.element_type() == ffi::F32;
  }
  int64_t begin(int64_t part) const { return part * each; }
  int64_t end(int64_t part) const { return std::min(places, begin(part) + each); }
  int64_t example_size() const { return places * channels * inner; }
};

const char* at_example(const Buffer& buffer, const Channels& c, int64_t example) {
  const int64_t bytes = c.element == 0 ? 4 : 2;
  return static_cast<const char*>(buffer.untyped_data()) + example * c.example_size() * bytes;
}

// Calls `sum(example, part, sums, scratch)` for all parts of all examples; `sums` are two arrays of
// channels for each of them, in that order.
template <typename Sum>
std::vector<float> sums_of_parts(ffi::ThreadPool& pool, const Channels& c, const Sum& sum) {
  std::vector<float> sums(c.examples * c.parts * 2 * c.channels);
  const int64_t scratch_size = norm().scratch_size(c.channels);
  parallel_for(pool, c.examples * c.parts, [&](int64_t i) {
    sum(i / c.parts, i % c.parts, sums.data() + i * 2 * c.channels, scratch(scratch_size));
  });
  return sums;
}

// How many elements of a channel each part holds, or the sum of their weights.
std::vector<double> counts_of_parts(const Channels& c, const float* weights) {
  std::vector<double> counts(c.parts);
  for (int64_t part = 0; part < c.parts; ++part) {
    if (weights == nullptr) {
      counts[part] = (c.end(part) - c.begin(part)) * c.inner;
    } else {
      for (int64_t i = c.begin(part); i < c.end(part); ++i) counts[part] += weights[i];
    }
  }
  return counts;
}

// The deviations from the mean of all places, from those within the parts and those between them.
void combine(const Channels& c, const std::vector<double>& counts, double count, const float* sums,
             float* mean, float* variance) {
  std::vector<double> means(c.channels), squares(c.channels);
  for (int64_t part = 0; part < c.parts; ++part) {
    const float* of_part = sums + part * 2 * c.channels;
    for (int64_t i = 0; i < c.channels; ++i) means[i] += of_part[i];
  }
  for (double& each : means) each /= count;
  for (int64_t part = 0; part < c.parts; ++part) {
    if (counts[part] == 0) continue;
    const float* of_part = sums + part * 2 * c.channels;
    for (int64_t i = 0; i < c.channels; ++i) {
      const double apart = of_part[i] / counts[part] - means[i];
      squares[i] += of_part[c.channels + i] + counts[part] * apart * apart;
    }
  }
  for (int64_t i = 0; i < c.channels; ++i) {
    mean[i] = static_cast<float>(means[i]);
    variance[i] = static_cast<float>(squares[i] / count);
  }
}

// The sum of `parts` arrays of `size`, in their order.
std::vector<double> sum_arrays(const float* arrays, int64_t parts, int64_t size) {
  std::vector<double> sums(size);
  for (int64_t part = 0; part < parts; ++part) {
    for (int64_t i = 0; i < size; ++i) sums[i] += arrays[part * size + i];
  }
  return sums;
}

void round_to(const double* from, const Buffer& to, int64_t first, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    to.typed_data<float>()[first + i] = static_cast<float>(from[i]);
  }
}

ffi::Error run_moments(ffi::ThreadPool& pool, const Channels& c, const Buffer& x,
                       const float* weights, const Buffer& mean, const Buffer& variance) {
  NYALA_CHECK(c.matches(mean) && c.matches(variance));
  const std::vector<double> counts = counts_of_parts(c, weights);
  double count = weights == nullptr ? 0 : kSmall;
  for (double of_part : counts) count += of_part;
  const auto sum = [&](int64_t example, int64_t part, float* to, float* scratch) {
    const ChannelSums s = {c.channels, c.inner, at_example(x, c, example), nullptr, nullptr,
                           weights};
    norm().moments[c.element](s, c.begin(part), c.end(part), counts[part], to, scratch);
  };
  const std::vector<float> sums = sums_of_parts(pool, c, sum);
  for (int64_t example = 0; example < c.examples; ++example) {
    combine(c, counts, count, sums.data() + example * c.parts * 2 * c.channels,
            mean.typed_data<float>() + example * c.channels,
            variance.typed_data<float>() + example * c.channels);
  }
  return ffi::Error::Success();
}

ffi::Error moments(ffi::ThreadPool pool, Buffer x, Output mean, Output variance, int64_t axis,
                   bool batched) {
  Channels c;
  if (ffi::Error error = Channels::make(x, axis, batched, &c); error.failure()) return error;
  return run_moments(pool, c, x, nullptr, *mean, *variance);
}

// Weights are those of the places: x without its last axis, that of the channels.
ffi::Error weighted_moments(ffi::ThreadPool pool, Buffer x, Buffer weights, Output mean,
                            Output variance, int64_t axis) {
  Channels c;
  if (ffi::Error error = Channels::make(x, axis, false, &c); error.failure()) return error;
  NYALA_CHECK(axis == rank(x) - 1 && rank(weights) == rank(x));
  NYALA_CHECK(weights.dimensions()[axis] == 1 && weights.element_type() == ffi::F32);
  for (int64_t i = 0; i < axis; ++i) NYALA_CHECK(weights.dimensions()[i] == x.dimensions()[i]);
  return run_moments(pool, c, x, weights.typed_data<float>(), *mean, *variance);
}

ffi::Error gradient_sums(ffi::ThreadPool pool, Buffer dy, Buffer x, Buffer mean, Output sum,
                         Output product, int64_t axis, bool batched) {
  Channels c;
  if (ffi::Error error = Channels::make(x, axis, batched, &c); error.failure()) return error;
  NYALA_CHECK(same_shape(dy, x) && same_type(dy, x));
  NYALA_CHECK(c.matches(mean) && c.matches(*sum) && c.matches(*product));
  const float* means = mean.typed_data<float>();
  const auto add = [&](int64_t example, int64_t part, float* to, float* scratch) {
    const ChannelSums s = {c.channels, c.inner, at_example(x, c, example),
                           at_example(dy, c, example), means + example * c.channels, nullptr};
    norm().gradient_sums[c.element](s, c.begin(part), c.end(part), to, scratch);
  };
  const std::vector<float> sums = sums_of_parts(pool, c, add);
  for (int64_t example = 0; example < c.examples; ++example) {
    const int64_t first = example * c.channels;
    const auto both = sum_arrays(sums.data() + first * c.parts * 2, c.parts, 2 * c.channels);
    round_to(both.data(), *sum, first, c.channels);
    round_to(both.data() + c.channels, *product, first, c.channels);
  }
  return ffi::Error::Success();
}

// -- rows ----------------------------------------------------------------------------------------

bool is_vector(const Buffer& buffer, int64_t size) {
  return has_shape(buffer, {size}) && buffer.element_type() == ffi::F32;
}

ffi::Error rows(ffi::ThreadPool pool, Buffer x, Buffer gamma, Buffer beta, Output y, Output mean,
                Output inverse, float epsilon, bool centre) {
  Element element;
  NYALA_CHECK(rank(x) == 2 && element_of(x, &element) && same_shape(x, *y) && same_type(x, *y));
  const int64_t count = x.dimensions()[0], width = x.dimensions()[1];
  NYALA_CHECK(is_vector(gamma, width) && is_vector(beta, width));
  NYALA_CHECK(is_vector(*mean, count) && is_vector(*inverse, count));
  const RowNorm n = {width, epsilon, centre, x.untyped_data(), nullptr, gamma.typed_data<float>(),
                     beta.typed_data<float>(), y->untyped_data(), mean->typed_data<float>(),
                     inverse->typed_data<float>()};
  const int64_t each = items_per_part(count, width * 2 * sizeof(float));
  parallel_for(pool, ceil_div(count, each), [&](int64_t part) {
    norm().row_forward[static_cast<int>(element)](n, part * each,
                                                  std::min(count, (part + 1) * each));
  });
  return ffi::Error::Success();
}

ffi::Error rows_gradient(ffi::ThreadPool pool, Buffer dy, Buffer x, Buffer gamma, Buffer mean,
                         Buffer inverse, Output dx, Output dgamma, Output dbeta, bool centre) {
  Element element;
  NYALA_CHECK(rank(x) == 2 && element_of(x, &element));
  NYALA_CHECK(same_shape(x, dy) && same_type(x, dy) && same_shape(x, *dx) && same_type(x, *dx));
  const int64_t count = x.dimensions()[0], width = x.dimensions()[1];
  NYALA_CHECK(is_vector(gamma, width) && is_vector(*dgamma, width) && is_vector(*dbeta, width));
  NYALA_CHECK(is_vector(mean, count) && is_vector(inverse, count));
  const RowNorm n = {width, 0.0f, centre, x.untyped_data(), dy.untyped_data(),
                     gamma.typed_data<float>(), nullptr, dx->untyped_data(),
                     mean.typed_data<float>(), inverse.typed_data<float>()};
  // Each part sums dgamma and dbeta into arrays of its own; they are added in their order.
  const int64_t each = items_per_part(count, width * 3 * sizeof(float), 1 << 18);
  const int64_t parts = ceil_div(count, each);
  std::vector<float> sums(parts * 2 * width);
  parallel_for(pool, parts, [&](int64_t part) {
    float* of_part = sums.data() + part * 2 * width;
    norm().row_backward[static_cast<int>(element)](
        n, part * each, std::min(count, (part + 1) * each), of_part, of_part + width);
  });
  const auto both = sum_arrays(sums.data(), parts, 2 * width);
  round_to(both.data(), *dgamma, 0, width);
  round_to(both.data() + width, *dbeta, 0, width);
  return ffi::Error::Success();
}

auto on_threads() { return ffi::Ffi::Bind().Ctx<ffi::ThreadPool>(); }

}  // namespace

NYALA_KERNEL(norm_moments, moments,
             on_threads()
                 .Arg<Buffer>()
                 .Ret<ffi::AnyBuffer>()
                 .Ret<ffi::AnyBuffer>()
                 .Attr<int64_t>("axis")
                 .Attr<bool>("batched"));
NYALA_KERNEL(norm_weighted_moments, weighted_moments,
             on_threads()
                 .Arg<Buffer>()
                 .Arg<Buffer>()
                 .Ret<ffi::AnyBuffer>()
                 .Ret<ffi::AnyBuffer>()
                 .Attr<int64_t>("axis"));
NYALA_KERNEL(norm_gradient_sums, gradient_sums,
             on_threads()
                 .Arg<Buffer>()
                 .Arg<Buffer>()
                 .Arg<Buffer>()
                 .Ret<ffi::AnyBuffer>()
                 .Ret<ffi::AnyBuffer>()
                 .Attr<int64_t>("axis")
                 .Attr<bool>("batched"));
NYALA_KERNEL(norm_rows, rows,
             on_threads()
                 .Arg<Buffer>()
                 .Arg<Buffer>()
                 .Arg<Buffer>()
                 .Ret<ffi::AnyBuffer>()
                 .Ret<ffi::AnyBuffer>()
                 .Ret<ffi::AnyBuffer>()
                 .Attr<float>("epsilon")
                 .Attr<bool>("centre"));
NYALA_KERNEL(norm_rows_gradient, rows_gradient,
             on_threads()
                 .Arg<Buffer>()
                 .Arg<Buffer>()
                 .Arg<Buffer>()
                 .Arg<Buffer>()
                 .Arg<Buffer>()
                 .Ret<ffi::AnyBuffer>()
                 .Ret<ffi::AnyBuffer>()
                 .Ret<ffi::AnyBuffer>()
                 .Attr<bool>("centre"));

}  // namespace nyala
