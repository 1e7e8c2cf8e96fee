// OpenSSH's programs as children of the test.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace cryptopath::test {

/// Starts a program with `end` as standard input and output, or without any, and its errors in `log`. Throws Fault.
pid_t start(std::vector<std::string> words, int end, const std::filesystem::path& log);

/// Waits for a program to end. Whether it did so with status 0.
bool succeeded(pid_t process);

/// Calls on the socket give up after 20 seconds.
void limit_patience(int socket);

}  // namespace cryptopath::test
