// What to tell about a command line that cannot be understood.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace cryptopath {

/// One line: what is wrong, the nearest option or command where one was mistyped, and where help is.
std::string explain_error(const CLI::App& app, const CLI::ParseError& error);

}  // namespace cryptopath
