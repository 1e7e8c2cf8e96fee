// Test vectors as NIST's CAVP and the packages after it write them: "name = value" lines, a blank line ends a case.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace cryptopath::test {

class VectorCase {
 public:
  explicit VectorCase(std::map<std::string, std::string> fields) : fields_(std::move(fields)) {}

  bool has(const std::string& name) const { return fields_.contains(name); }
  const std::string& text(const std::string& name) const;
  std::size_t number(const std::string& name) const;
  /// The value of a field: hexadecimal, or text in quotation marks. Throws std::runtime_error for a missing or odd one.
  std::vector<std::byte> bytes(const std::string& name) const;

 private:
  std::map<std::string, std::string> fields_;
};

/// All cases of a file. What stands in brackets or outside a case holds for all that follow; "[ENCRYPT]" becomes the
/// field "section". Names are in lower case. Throws std::runtime_error for a file that cannot be read.
std::vector<VectorCase> read_vectors(const std::filesystem::path& file);

}  // namespace cryptopath::test
