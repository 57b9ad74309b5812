// What a handler needs of XLA's foreign-function interface: checks that return errors, and the
// macro that gives a handler its exported name.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "element.h"
#include "xla/ffi/api/ffi.h"

namespace nyala {

namespace ffi = xla::ffi;

using Buffer = ffi::AnyBuffer;
using Output = ffi::Result<ffi::AnyBuffer>;
using Ints = ffi::Span<const int64_t>;

// Leaves the handler with XLA's INVALID_ARGUMENT, which reaches Python as an exception, unless
// `condition` holds. Every size a kernel relies on is checked so before a pointer is touched.
#define NYALA_CHECK(condition)                                                          \
  do {                                                                                  \
    if (!(condition)) {                                                                 \
      return ::nyala::ffi::Error::InvalidArgument("nyala kernel: expected " #condition); \
    }                                                                                   \
  } while (false)

// Exports `nyala_<name>`: `implementation` takes what `binding` lists, in that order, and returns
// an ffi::Error.
#define NYALA_KERNEL(name, implementation, binding)                               \
  extern "C" __attribute__((visibility("default"))) XLA_FFI_Error* nyala_##name( \
      XLA_FFI_CallFrame*);                                                        \
  XLA_FFI_DEFINE_HANDLER_SYMBOL(nyala_##name, implementation, binding)

inline int64_t rank(const Buffer& buffer) { return buffer.dimensions().size(); }

inline bool has_shape(const Buffer& buffer, std::initializer_list<int64_t> shape) {
  auto found = buffer.dimensions();
  if (found.size() != shape.size()) return false;
  auto expected = shape.begin();
  for (size_t i = 0; i < found.size(); ++i) {
    if (found[i] != expected[i]) return false;
  }
  return true;
}

inline bool same_shape(const Buffer& a, const Buffer& b) {
  auto x = a.dimensions(), y = b.dimensions();
  if (x.size() != y.size()) return false;
  for (size_t i = 0; i < x.size(); ++i) {
    if (x[i] != y[i]) return false;
  }
  return true;
}

inline bool same_type(const Buffer& a, const Buffer& b) {
  return a.element_type() == b.element_type();
}

// Whether the buffer holds one of the element types that kernels take, and which.
inline bool element_of(const Buffer& buffer, Element* element) {
  switch (buffer.element_type()) {
    case ffi::F32: *element = Element::kFloat32; return true;
    case ffi::BF16: *element = Element::kBFloat16; return true;
    case ffi::F16: *element = Element::kFloat16; return true;
    default: return false;
  }
}

}  // namespace nyala
