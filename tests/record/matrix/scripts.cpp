#include "scripts.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "../../shell.hpp"

namespace cryptopath::test {

namespace {

std::istringstream lines_of(const std::string& script) {
  const Printed printed =
      run_in_shell(quoted(CRYPTOPATH_DEBIAN_PYTHON) + ' ' + quoted(CRYPTOPATH_PEER_SCRIPTS "/" + script) + ' ' +
                   quoted(CRYPTOPATH_SEAL_RECORDS));
  INFO(printed.output);
  REQUIRE(printed.status == 0);
  return std::istringstream(printed.output);
}

/// "esp-tunnel / aes-128-gcm: 10 records opened, 268 flipped ones refused".
void add_esp(std::map<std::string, Cell>& cells) {
  auto lines = lines_of("open_esp.py");
  for (std::string line; std::getline(lines, line);) {
    if (line.find(" records opened, ") == std::string::npos) continue;
    cells[line.substr(0, line.find(": "))] = {"scapy", ""};
  }
}

/// "rc4-hmac-sha1, etm   asyncssh: 10 packets   paramiko: has no arcfour".
void add_ssh(std::map<std::string, Cell>& cells) {
  auto lines = lines_of("open_ssh.py");
  for (std::string line; std::getline(lines, line);) {
    const std::size_t asyncssh = line.find("asyncssh: ");
    const std::size_t paramiko = line.find("paramiko: ");
    if (asyncssh == std::string::npos || paramiko == std::string::npos) continue;
    const bool by_asyncssh = line.substr(asyncssh, paramiko - asyncssh).find(" packets") != std::string::npos;
    const bool by_paramiko = line.substr(paramiko).find(" packets") != std::string::npos;
    const std::string suite = line.substr(0, line.find_first_of(", "));
    const bool encrypt_then_mac = line.substr(0, asyncssh).find(", etm") != std::string::npos;
    cells["ssh-2 / " + suite + (encrypt_then_mac ? ", encrypt-then-MAC" : "")] = {by_asyncssh && by_paramiko
                                                                                      ? "asyncssh, paramiko"
                                                                                  : by_asyncssh ? "asyncssh"
                                                                                  : by_paramiko ? "paramiko"
                                                                                                : "",
                                                                                  ""};
  }
}

}  // namespace

std::map<std::string, Cell> script_cells() {
  std::map<std::string, Cell> cells;
  add_esp(cells);
  add_ssh(cells);
  return cells;
}

}  // namespace cryptopath::test
