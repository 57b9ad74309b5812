// Softmax and cross-entropy: handlers `nyala_crossentropy_forward` and `_backward`.
//
// Logits are (rows, classes). Labels are int32 (rows), targets float32 (rows, classes); one of both
// has no elements.
#include "crossentropy.h"

#include "ffi.h"
#include "parallel.h"

namespace nyala {
namespace {

struct Problem {
  Crossentropy work;
  Element element;
  int64_t rows;

  static ffi::Error make(const Buffer& logits, const Buffer& labels, const Buffer& targets,
                         Problem* p) {
    NYALA_CHECK(rank(logits) == 2 && element_of(logits, &p->element));
    p->rows = logits.dimensions()[0];
    const int64_t classes = logits.dimensions()[1];
    NYALA_CHECK(classes >= 1);
    NYALA_CHECK(labels.element_type() == ffi::S32 && targets.element_type() == ffi::F32);
    const bool sparse = rank(targets) == 1;
    NYALA_CHECK(sparse ? has_shape(targets, {0}) && has_shape(labels, {p->rows})
                       : same_shape(targets, logits) && has_shape(labels, {0}));
    p->work = {classes, logits.untyped_data(),
               sparse ? static_cast<const int32_t*>(labels.untyped_data()) : nullptr,
               sparse ? nullptr : static_cast<const float*>(targets.untyped_data())};
    return ffi::Error::Success();
  }

  // Runs `part(begin, end)` for some rows each.
  template <typename Part>
  void run(ffi::ThreadPool& pool, const Part& part) const {
    const int64_t each = items_per_part(rows, work.classes * 4);
    parallel_for(pool, ceil_div(rows, each), [&](int64_t number) {
      part(number * each, std::min(rows, (number + 1) * each));
    });
  }
};

bool is_floats(const Buffer& buffer, std::initializer_list<int64_t> shape) {
  return buffer.element_type() == ffi::F32 && has_shape(buffer, shape);
}

float* floats(const Buffer& buffer) { return static_cast<float*>(buffer.untyped_data()); }

ffi::Error forward(ffi::ThreadPool pool, Buffer logits, Buffer labels, Buffer targets, Output loss,
                   Output stats) {
  Problem p;
  if (ffi::Error error = Problem::make(logits, labels, targets, &p); error.failure()) return error;
  NYALA_CHECK(is_floats(*loss, {p.rows}) && is_floats(*stats, {p.rows, kCrossentropyStats}));
  const auto run = crossentropy().forward[static_cast<int>(p.element)];
  p.run(pool, [&](int64_t begin, int64_t end) {
    run(p.work, begin, end, floats(*loss), floats(*stats));
  });
  return ffi::Error::Success();
}

ffi::Error backward(ffi::ThreadPool pool, Buffer logits, Buffer labels, Buffer targets,
                    Buffer stats, Buffer dloss, Output dlogits) {
  Problem p;
  if (ffi::Error error = Problem::make(logits, labels, targets, &p); error.failure()) return error;
  NYALA_CHECK(is_floats(stats, {p.rows, kCrossentropyStats}) && is_floats(dloss, {p.rows}));
  NYALA_CHECK(same_shape(*dlogits, logits) && same_type(*dlogits, logits));
  const auto run = crossentropy().backward[static_cast<int>(p.element)];
  p.run(pool, [&](int64_t begin, int64_t end) {
    run(p.work, begin, end, floats(stats), floats(dloss), dlogits->untyped_data());
  });
  return ffi::Error::Success();
}

auto inputs() {
  return ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>();
}

}  // namespace

NYALA_KERNEL(crossentropy_forward, forward,
             inputs().Ret<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>());
NYALA_KERNEL(crossentropy_backward, backward,
             inputs().Arg<Buffer>().Arg<Buffer>().Ret<ffi::AnyBuffer>());

}  // namespace nyala
