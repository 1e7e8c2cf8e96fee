#include "tshark.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace {

std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char character : word) text += character == '\'' ? std::string("'\\''") : std::string(1, character);
  return text + "'";
}

std::string from_hexadecimal(const std::string& digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

}  // namespace

Tshark::Tshark(std::filesystem::path capture, std::filesystem::path home, std::vector<std::string> options)
    : capture_(std::move(capture)), home_(std::move(home)), options_(std::move(options)) {}

std::string Tshark::print(const std::vector<std::string>& arguments) const {
  std::string command = "HOME=" + quoted(home_) + " tshark -r " + quoted(capture_);
  for (const char* protocol : {"ip", "tcp", "udp"}) {
    command += std::string(" -o ") + protocol + ".check_checksum:TRUE";
  }
  for (const auto* words : {&options_, &arguments}) {
    for (const std::string& word : *words) command += ' ' + quoted(word);
  }
  int status = 0;
  std::string output;
  {
    const auto close = [&status](std::FILE* pipe) { status = ::pclose(pipe); };
    const std::unique_ptr<std::FILE, decltype(close)> pipe(
        ::popen((command + " 2>" + quoted(home_ / "tshark.log")).c_str(), "r"), close);
    std::array<char, 65536> piece;
    while (const std::size_t got = std::fread(piece.data(), 1, piece.size(), pipe.get())) {
      output.append(piece.data(), got);
    }
  }
  if (status != 0) throw std::runtime_error("tshark failed: " + output);
  return output;
}

std::size_t Tshark::count(const std::string& filter) const {
  const std::string lines = print({"-Y", filter, "-T", "fields", "-e", "frame.number"});
  return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n'));
}

std::string Tshark::bytes_of(const std::string& field, const std::string& filter) const {
  std::string digits = print({"-Y", filter, "-T", "fields", "-e", field});
  std::erase_if(digits, [](unsigned char character) { return std::isxdigit(character) == 0; });
  return from_hexadecimal(digits);
}

std::string Tshark::tls_plaintext(int stream) const {
  std::istringstream lines(print({"-q", "-z", "follow,tls,raw," + std::to_string(stream)}));
  std::string bytes;
  // "Node 0" is who has spoken first; what the other one says is indented.
  bool server_is_first = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("Node 0: ")) server_is_first = line.ends_with(":443");
    const bool indented = line.starts_with('\t');
    const std::string digits = indented ? line.substr(1) : line;
    const bool is_data = !digits.empty() && digits.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (is_data && indented != server_is_first) bytes += from_hexadecimal(digits);
  }
  return bytes;
}
