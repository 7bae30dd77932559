// What the compiler says about each CUDA kernel.
#pragma once
#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace report {

struct Resources {
  int registers = 0, spilled_bytes = 0, shared_bytes = 0;  // of a thread, of a thread, static ones of a block
};

struct Kernel {
  std::map<std::string, Resources> on;  // by architecture: sm_80
  std::set<std::string> instructions;   // words of INSTRUCTIONS that its PTX contains
};
using Kernels = std::map<std::string, Kernel>;  // by name

struct Instruction {
  const char *word, *start, *end;  // its word in resources.txt; the instruction's start in PTX, and what follows in it
  bool of_vectors;                 // kernels for odd shapes, with vectors of one, do without
  const char* missing;             // the sentence about a kernel without it
};
constexpr Instruction INSTRUCTIONS[] = {{"mma", "mma.sync", "", false, "has no mma.sync"},
                                        {"ldmatrix", "ldmatrix", "", false, "has no ldmatrix"},
                                        {"copy", "cp.async.cg", "", false, "has no cp.async"},
                                        {"read16", "ld.global", ".v4", true, "reads no 16-byte words"},
                                        {"write16", "st.global", ".v4", true, "writes no 16-byte words"}};

// norm_apply_kernel<bf16, 8>: the demangled name without its arguments and our namespaces.
std::string kernel_name(const std::string& mangled);

// Reads units/*/resources.txt (the output of nvcc -Xptxas -v) and units/*/*.ptx. Throws if there is no such report.
Kernels read_kernels(const std::filesystem::path& units);

}  // namespace report
