#include "tshark.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "../result/scratch_folder.hpp"
#include "../shell.hpp"

std::string from_hexadecimal(std::string text) {
  std::erase_if(text, [](unsigned char character) { return std::isxdigit(character) == 0; });
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

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
  const Printed printed = run_in_shell(command + " 2>" + quoted(home_ / "tshark.log"));
  if (printed.status != 0) throw std::runtime_error("tshark failed: " + read_file(home_ / "tshark.log"));
  return printed.output;
}

std::size_t Tshark::count(const std::string& filter) const {
  const std::string lines = print({"-Y", filter, "-T", "fields", "-e", "frame.number"});
  return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n'));
}

std::string Tshark::bytes_of(const std::string& field, const std::string& filter) const {
  return from_hexadecimal(print({"-Y", filter, "-T", "fields", "-e", field}));
}

std::vector<std::vector<std::string>> Tshark::rows(const std::vector<std::string>& fields,
                                                   const std::string& filter) const {
  std::vector<std::string> arguments = {"-Y", filter, "-T", "fields"};
  for (const std::string& field : fields) arguments.insert(arguments.end(), {"-e", field});
  std::istringstream lines(print(arguments));
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream values(line + '\t');
    for (rows.emplace_back(); rows.back().size() < fields.size();)
      std::getline(values, rows.back().emplace_back(), '\t');
  }
  return rows;
}

std::string Tshark::followed(const std::string& protocol, int stream, int port) const {
  std::istringstream lines(print({"-q", "-z", "follow," + protocol + ",raw," + std::to_string(stream)}));
  std::string bytes;
  // "Node 0" is who has spoken first; what the other one says is indented.
  bool server_is_first = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("Node 0: ")) server_is_first = line.ends_with(":" + std::to_string(port));
    const bool indented = line.starts_with('\t');
    const std::string digits = indented ? line.substr(1) : line;
    const bool is_data = !digits.empty() && digits.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (is_data && indented != server_is_first) bytes += from_hexadecimal(digits);
  }
  return bytes;
}

std::vector<std::string> Tshark::ssh_payloads(int stream) const {
  std::istringstream lines(print({"-x", "-Y", "tcp.srcport == 22 && tcp.stream == " + std::to_string(stream)}));
  std::vector<std::string> payloads;
  std::string packet;
  bool within = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("Decrypted Packet (")) {
      within = true;
    } else if (within && !line.empty()) {
      packet += from_hexadecimal(line.substr(6, 3 * 16));  // behind the offset, before the characters
    } else if (within) {
      const std::size_t padding = static_cast<unsigned char>(packet.at(4));
      payloads.push_back(packet.substr(5, packet.size() - 5 - padding));
      packet.clear();
      within = false;
    }
  }
  return payloads;
}
