// Shared by all implementations of Backend: the declarations of its methods, and the checks of a call.
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

// Inside a class: declares every operation's method of Backend.
#define FIZZY_OVERRIDES                       \
  FIZZY_OPERATIONS(FIZZY_OVERRIDE_OPERATION)  \
  FIZZY_SCRATCH(FIZZY_OVERRIDE_SCRATCH_BYTES) \
  FIZZY_CHOICES(FIZZY_OVERRIDE_IMPLEMENTATION)
#define FIZZY_OVERRIDE_OPERATION(name, Call) void name(const Call& call) override;
#define FIZZY_OVERRIDE_SCRATCH_BYTES(Call) int64_t scratch_bytes(const Call& call) const override;
#define FIZZY_OVERRIDE_IMPLEMENTATION(Call) std::string implementation(const Call& call) const override;

namespace fizzy {

// validate(call), in kernels/<name>/<name>.h, checks the values in the struct; validate_data(call), where it exists, checks data in memory
// that only the CPU can read.
template <typename Call>
void validate_data(const Call&) {}

template <typename Call>
void check_types(const char* name, const Call& call) {
  if constexpr (requires { call.type; }) check_type(name, call.type);
}

}  // namespace fizzy
