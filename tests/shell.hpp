// Other programs, started by a shell.
#pragma once

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>

/// A word that the shell takes as it is.
inline std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char character : word) text += character == '\'' ? std::string("'\\''") : std::string(1, character);
  return text + "'";
}

struct Printed {
  int status = 0;      // as waitpid() gives it
  std::string output;  // standard output
};

inline Printed run_in_shell(const std::string& command) {
  Printed printed;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("no shell for " + command);
  std::array<char, 65536> piece;
  while (const std::size_t got = std::fread(piece.data(), 1, piece.size(), pipe)) {
    printed.output.append(piece.data(), got);
  }
  printed.status = ::pclose(pipe);
  return printed;
}
