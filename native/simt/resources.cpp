// Reads the compiler's reports and PTX.
#include "simt/resources.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <regex>
#include <stdexcept>

namespace report {
namespace {

void remove_all(std::string& from, const std::string& part) {
  for (size_t at; (at = from.find(part)) != std::string::npos;) from.erase(at, part.size());
}

// Reports of an older build may lie beside the new ones, so the largest figures count.
void read_resources(std::istream& in, Kernels& kernels) {
  const std::regex entry("Compiling entry function '(.*)' for '(.*)'"), spills("([0-9]+) bytes spill stores, ([0-9]+) bytes spill loads"),
      registers("Used ([0-9]+) registers"), shared("([0-9]+) bytes smem");
  Resources unused, *current = &unused;
  std::smatch found;
  for (std::string line; std::getline(in, line);) {
    if (std::regex_search(line, found, entry)) current = &kernels[kernel_name(found[1])].on[found[2]];
    if (std::regex_search(line, found, spills)) current->spilled_bytes += std::stoi(found[1]) + std::stoi(found[2]);
    if (std::regex_search(line, found, registers)) current->registers = std::max(current->registers, std::stoi(found[1]));
    if (std::regex_search(line, found, shared)) current->shared_bytes = std::max(current->shared_bytes, std::stoi(found[1]));
  }
}

void read_instructions(std::istream& in, Kernels& kernels) {
  const std::string entry = ".entry ";
  Kernel unused, *current = &unused;
  for (std::string line; std::getline(in, line);) {
    if (size_t at = line.find(entry); at != std::string::npos) {
      at += entry.size();
      current = &kernels[kernel_name(line.substr(at, line.find('(', at) - at))];
    }
    for (const Instruction& i : INSTRUCTIONS)
      if (size_t at = line.find(i.start); at != std::string::npos && line.find(i.end, at) != std::string::npos)
        current->instructions.insert(i.word);
  }
}

}  // namespace

std::string kernel_name(const std::string& mangled) {
  std::unique_ptr<char, void (*)(void*)> demangled(abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, nullptr), std::free);
  std::string name = demangled ? demangled.get() : mangled;
  if (name.starts_with("void ")) name.erase(0, 5);
  for (const char* part : {"(anonymous namespace)::", "fizzy::", "cuda::"}) remove_all(name, part);
  int depth = 0;
  auto arguments = std::find_if(name.begin(), name.end(), [&](char c) {
    depth += (c == '<') - (c == '>');
    return c == '(' && depth == 0;
  });
  name.erase(arguments, name.end());
  return name;
}

Kernels read_kernels(const std::filesystem::path& units) {
  Kernels kernels;
  if (std::filesystem::is_directory(units))
    for (const auto& file : std::filesystem::recursive_directory_iterator(units)) {
      std::ifstream in(file.path());
      if (file.path().filename() == "resources.txt") read_resources(in, kernels);
      if (file.path().extension() == ".ptx") read_instructions(in, kernels);
    }
  std::erase_if(kernels, [](const auto& kernel) { return kernel.second.on.empty(); });
  if (kernels.empty()) throw std::runtime_error("no kernel compiled by nvcc in " + units.string() + "; build fizzy_cuda first");
  for (const auto& [name, kernel] : kernels)
    for (const auto& [architecture, r] : kernel.on)
      if (r.registers == 0)
        throw std::runtime_error("the report in " + units.string() + " has no number of registers for " + name + " on " + architecture);
  return kernels;
}

}  // namespace report
