#include "vector_file.hpp"

#include <cctype>
#include <fstream>
#include <stdexcept>

namespace cryptopath::test {

namespace {

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string lower(std::string text) {
  for (char& letter : text) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return text;
}

class Reader {
 public:
  void take(const std::string& line) {
    if (line.empty()) {
      end_case();
    } else if (line.front() == '[') {
      end_case();
      const std::string inside = line.substr(1, line.find(']') - 1);
      if (inside.find('=') == std::string::npos) {
        common_["section"] = lower(inside);
      } else {
        set(common_, inside);
      }
    } else if (line.front() != '#') {
      const std::string name = lower(trimmed(line.substr(0, line.find('='))));
      if (name == "count" || (name == "len" && !in_case_)) in_case_ = true;
      set(in_case_ ? fields_ : common_, line);
    }
  }

  void end_case() {
    if (in_case_) {
      auto fields = common_;
      for (const auto& [name, value] : fields_) fields[name] = value;
      cases.emplace_back(std::move(fields));
    }
    fields_.clear();
    in_case_ = false;
  }

  std::vector<VectorCase> cases;

 private:
  static void set(std::map<std::string, std::string>& fields, const std::string& line) {
    const auto equals = line.find('=');
    const std::string name = lower(trimmed(line.substr(0, equals)));
    fields[name] = equals == std::string::npos ? "" : trimmed(line.substr(equals + 1));
  }

  std::map<std::string, std::string> common_;
  std::map<std::string, std::string> fields_;
  bool in_case_ = false;
};

}  // namespace

const std::string& VectorCase::text(const std::string& name) const {
  const auto found = fields_.find(name);
  if (found == fields_.end()) throw std::runtime_error("a test vector lacks " + name);
  return found->second;
}

std::size_t VectorCase::number(const std::string& name) const { return std::stoul(text(name)); }

std::vector<std::byte> VectorCase::bytes(const std::string& name) const {
  const std::string& digits = text(name);
  if (digits.size() % 2 != 0 && digits.front() != '"')
    throw std::runtime_error("a test vector has half a byte: " + digits);
  std::vector<std::byte> bytes;
  if (digits.size() >= 2 && digits.front() == '"') {
    for (const char letter : digits.substr(1, digits.size() - 2)) bytes.push_back(static_cast<std::byte>(letter));
    return bytes;
  }
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::vector<VectorCase> read_vectors(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  Reader reader;
  for (std::string line; std::getline(stream, line);) reader.take(trimmed(line));
  reader.end_case();
  return std::move(reader.cases);
}

}  // namespace cryptopath::test
