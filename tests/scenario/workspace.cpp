#include "workspace.hpp"

#include <unistd.h>

#include <atomic>
#include <fstream>
#include <stdexcept>

using namespace cryptopath;

const std::string valid_scenario = R"({
  "format": "cryptopath-scenario-1",
  "title": "A test",
  "machine": "poweredge-2650",
  "cards": {"slot1": "vpn1201"},
  "kernel": "openbsd-3.3",
  "file": {"size": "10 MB", "cache": "hot"},
  "buffer": "8 KiB",
  "record": {"protocol": "tls-1.2", "suite": "3des-ede-cbc-hmac-sha1"},
  "payload": "modelled",
  "paths": ["traditional", "shortcut"],
  "socket": {"no_delay": true},
  "seed": 7,
  "time_limit": "10 min"
}
)";

const std::string valid_program = R"({
  "format": "cryptopath-program-1",
  "description": "a test",
  "protects": true,
  "steps": [
    {"call": "open", "path": "file"},
    {"call": "open", "path": "/dev/crypto"},
    {"call": "ioctl", "request": "CIOCGSESSION"},
    {"repeat": "until end of file", "steps": [
      {"call": "read"},
      {"library": "frame"},
      {"call": "ioctl", "request": "CIOCCRYPT"},
      {"call": "write"}
    ]},
    {"call": "ioctl", "request": "CIOCFSESSION"},
    {"call": "close", "path": "/dev/crypto"},
    {"call": "close", "path": "file"},
    {"call": "close", "path": "socket"}
  ]
}
)";

const std::string valid_workload = R"({
  "format": "cryptopath-workload-1",
  "title": "A test",
  "machine": "poweredge-2650",
  "cards": {"slot1": "vpn1201"},
  "kernel": "openbsd-3.3",
  "algorithm": "3des-ede-cbc",
  "threads": [1, 32],
  "requests": ["16 B", "1 KiB", "16 KiB"],
  "warm_up": "5 ms",
  "duration": "50 ms",
  "published": "tocs-table-1"
}
)";

std::string with(std::string text, std::string_view before, std::string_view after) {
  const auto at = text.find(before);
  if (at == std::string::npos) throw std::logic_error("the test's text has no " + std::string(before));
  return text.replace(at, before.size(), after);
}

nlohmann::json data_file(const std::string& name) {
  std::ifstream stream(data_directory() / name);
  return nlohmann::json::parse(stream);
}

Workspace::Workspace() {
  static std::atomic<int> number = 0;
  folder_ = std::filesystem::temp_directory_path() /
            ("cryptopath-test-" + std::to_string(getpid()) + "-" + std::to_string(number++));
  std::filesystem::create_directories(folder_);
}

Workspace::~Workspace() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::filesystem::path Workspace::write(const std::string& name, std::string_view text) const {
  std::ofstream stream(folder_ / name, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) throw std::runtime_error("cannot write " + (folder_ / name).string());
  return folder_ / name;
}

Scenario Workspace::load(std::string_view text, const Overrides& overrides) const {
  return load_scenario(write("scenario.json", text), overrides);
}

template <class Load>
std::string Workspace::message_of(Load load) const {
  try {
    load();
  } catch (const InputError& error) {
    std::string message = error.what();
    const std::string prefix = folder_.string() + "/";
    for (auto at = message.find(prefix); at != std::string::npos; at = message.find(prefix)) {
      message.erase(at, prefix.size());
    }
    return message;
  }
  return "no error";
}

std::string Workspace::error_of(std::string_view text, const Overrides& overrides) const {
  return message_of([&] { load(text, overrides); });
}

Workload Workspace::load_workload(std::string_view text, const Overrides& overrides) const {
  return cryptopath::load_workload(write("workload.json", text), overrides);
}

std::string Workspace::error_of_workload(std::string_view text, const Overrides& overrides) const {
  return message_of([&] { load_workload(text, overrides); });
}

std::string Workspace::error_of_program(std::string_view program) const {
  write("program.json", program);
  return error_of(with(valid_scenario, R"(["traditional", "shortcut"])", R"(["program.json"])"));
}

std::string Workspace::error_of_machine(const nlohmann::json& machine) const {
  write("machine.json", machine.dump(2));
  return error_of(with(valid_scenario, "\"poweredge-2650\"", "\"machine.json\""));
}
