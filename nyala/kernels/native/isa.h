// One library for every processor: files *.simd.cc are compiled once for each instruction set, and
// the widest that the processor has is chosen when the program runs.
//
// Such a file sees NYALA_ISA, the name of its instruction set, and puts everything it defines into
// namespace nyala::NYALA_ISA. It must not use the standard library: an inline function of it would
// exist under one name for all instruction sets, and the linker would keep any one of them.
#pragma once

#if defined(__x86_64__)
#define NYALA_INSTRUCTION_SETS 3
#else
#define NYALA_INSTRUCTION_SETS 1  // NEON and the like are part of the baseline
#endif

namespace nyala {

enum class Isa { kBaseline = 0, kAvx2 = 1, kAvx512 = 2 };

// The widest of this processor, or the narrower one that NYALA_NATIVE_ISA names (`baseline`,
// `avx2`, `avx512`), which tests use.
Isa processor_isa();

}  // namespace nyala

// Declares `const Table& name()`: the table that `name.simd.cc` defines as `NYALA_ISA::table_name`.
#if NYALA_INSTRUCTION_SETS == 3
#define NYALA_PER_ISA(Table, name)                          \
  namespace avx512 { extern const Table table_##name; }     \
  namespace avx2 { extern const Table table_##name; }       \
  namespace baseline { extern const Table table_##name; }   \
  inline const Table& name() {                              \
    static const Table* const tables[] = {                  \
        &baseline::table_##name, &avx2::table_##name, &avx512::table_##name}; \
    return *tables[static_cast<int>(processor_isa())];      \
  }
#else
#define NYALA_PER_ISA(Table, name)                        \
  namespace baseline { extern const Table table_##name; } \
  inline const Table& name() { return baseline::table_##name; }
#endif
