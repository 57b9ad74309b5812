#include "isa.h"

#include <cstdlib>
#include <cstring>

#include "xla/ffi/api/c_api.h"

namespace nyala {
namespace {

Isa widest() {
#if NYALA_INSTRUCTION_SETS == 3
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") ||
      !__builtin_cpu_supports("bmi2")) {
    return Isa::kBaseline;
  }
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl");
  return avx512 ? Isa::kAvx512 : Isa::kAvx2;
#else
  return Isa::kBaseline;
#endif
}

Isa chosen() {
  const Isa found = widest();
  const char* wanted = std::getenv("NYALA_NATIVE_ISA");
  if (wanted == nullptr) return found;
  if (std::strcmp(wanted, "baseline") == 0) return Isa::kBaseline;
  if (std::strcmp(wanted, "avx2") == 0 && found >= Isa::kAvx2) return Isa::kAvx2;
  return found;
}

}  // namespace

Isa processor_isa() {
  static const Isa isa = chosen();
  return isa;
}

}  // namespace nyala

// What the loader asks before it registers anything.
#define NYALA_EXPORT extern "C" __attribute__((visibility("default")))

NYALA_EXPORT int nyala_ffi_major() { return XLA_FFI_API_MAJOR; }
NYALA_EXPORT int nyala_ffi_minor() { return XLA_FFI_API_MINOR; }
NYALA_EXPORT const char* nyala_source_hash() { return NYALA_SOURCE_HASH; }
NYALA_EXPORT const char* nyala_isa() {
  static const char* const names[] = {"baseline", "avx2", "avx512"};
  return names[static_cast<int>(nyala::processor_isa())];
}
