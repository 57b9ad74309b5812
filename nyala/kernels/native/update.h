// One update of variables by the rule of an optimizer: what the handler prepares for the vector
// code.
#pragma once

#include <cstdint>

#include "element.h"
#include "isa.h"

namespace nyala {

constexpr int kMostSlots = 3;
constexpr int kMostStates = kMostSlots + 2;  // the variable, its slots, its moving average
constexpr int kMostRuleNumbers = 4;

// What is the same for all variables of one update, in the order of the handler's first operand.
struct UpdateNumbers {
  float decay;      // the share of itself by which a decayed variable shrinks first
  float clip;       // every element of a gradient stays between -clip and clip
  float kept;       // the weight of the old moving average
  float overwrite;  // other than 0: the moving average becomes the variable
  float rate;
  float rule[kMostRuleNumbers];
};

// Neighbouring elements of one variable.
struct UpdateBlock {
  const float* gradient;
  float factor;  // of the gradient
  bool decayed, averaged;
  int64_t count;
  const void* from[kMostStates];
  void* to[kMostStates];  // the same places, or others
};

struct UpdateRule {
  const char* name;
  int slots, numbers;
  bool still;  // whether nothing moves where the gradient is zero
  void (*run[kElements])(const UpdateNumbers&, const UpdateBlock&);
};

struct UpdateTable {
  const UpdateRule* rules;
  int rule_count;
  void (*widen[kElements])(const void* from, float* to, int64_t count);
  float (*sum_squares[kElements])(const void* from, int64_t count);
};

NYALA_PER_ISA(UpdateTable, update)

}  // namespace nyala
