#include "programs.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "../../shell.hpp"

namespace cryptopath::test {

namespace {

std::istringstream lines_of(const std::string& command) {
  const Printed printed = run_in_shell(command);
  INFO(printed.output);
  REQUIRE(printed.status == 0);
  return std::istringstream(printed.output);
}

std::istringstream lines_of_script(const std::string& script) {
  return lines_of(quoted(CRYPTOPATH_DEBIAN_PYTHON) + ' ' + quoted(CRYPTOPATH_PEER_SCRIPTS "/" + script) + ' ' +
                  quoted(CRYPTOPATH_SEAL_RECORDS));
}

/// "esp-tunnel / aes-128-gcm: 10 records opened, 268 flipped ones refused".
void add_esp(std::map<std::string, Cell>& cells) {
  auto lines = lines_of_script("open_esp.py");
  for (std::string line; std::getline(lines, line);) {
    if (line.find(" records opened, ") == std::string::npos) continue;
    cells[line.substr(0, line.find(": "))] = {"scapy", ""};
  }
}

void add_peer(Cell& cell, const char* name) { cell.text += (cell.text.empty() ? "" : ", ") + std::string(name); }

/// "rc4-hmac-sha1, etm   asyncssh: 10 packets   paramiko: has no arcfour".
void add_ssh(std::map<std::string, Cell>& cells) {
  auto lines = lines_of_script("open_ssh.py");
  for (std::string line; std::getline(lines, line);) {
    const std::size_t asyncssh = line.find("asyncssh: ");
    const std::size_t paramiko = line.find("paramiko: ");
    if (asyncssh == std::string::npos || paramiko == std::string::npos) continue;
    const std::string suite = line.substr(0, line.find_first_of(", "));
    const bool encrypt_then_mac = line.substr(0, asyncssh).find(", etm") != std::string::npos;
    Cell& cell = cells["ssh-2 / " + suite + (encrypt_then_mac ? ", encrypt-then-MAC" : "")];
    const auto opened = [](const std::string& words) { return words.find(" packets") != std::string::npos; };
    if (opened(line.substr(asyncssh, paramiko - asyncssh))) add_peer(cell, "asyncssh");
    if (opened(line.substr(paramiko))) add_peer(cell, "paramiko");
  }
}

/// "ssh-2 / aes-128-gcm (aes128-gcm@openssh.com): 300000 bytes to SSH-2.0-OpenSSH_9.2p1 and back, ..." of sshd, and
/// "... 300000 bytes from sftp and back, ..." of the client.
void add_openssh(std::map<std::string, Cell>& cells, const char* peer, const std::string& tests,
                 const std::string& words) {
  auto lines = lines_of(quoted(CRYPTOPATH_OPENSSH_TEST) + ' ' + quoted(tests));
  for (std::string line; std::getline(lines, line);) {
    if (line.find(words) == std::string::npos) continue;
    add_peer(cells[line.substr(0, line.find(" ("))], peer);
  }
}

}  // namespace

std::map<std::string, Cell> program_cells() {
  std::map<std::string, Cell> cells;
  add_esp(cells);
  add_ssh(cells);
  add_openssh(cells, "sshd", "OpenSSH stores*", " bytes to SSH-2.0-OpenSSH_");
  add_openssh(cells, "sftp", "OpenSSH's sftp stores*", " bytes from sftp and back");
  return cells;
}

}  // namespace cryptopath::test
