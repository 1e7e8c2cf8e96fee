#include "cli/command_line_error.hpp"

#include <fmt/format.h>

#include "cryptopath/scenario.hpp"

namespace cryptopath {

namespace {

std::vector<std::string> known_words(const CLI::App& command) {
  std::vector<std::string> words;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  }
  for (const CLI::App* below : command.get_subcommands([](const CLI::App*) { return true; })) {
    words.push_back(below->get_name());
  }
  return words;
}

}  // namespace

std::string explain_error(const CLI::App& app, const CLI::ParseError& error) {
  const auto chosen = app.get_subcommands();
  const CLI::App& command = chosen.empty() ? app : *chosen.front();
  const std::string name = chosen.empty() ? "cryptopath" : "cryptopath " + command.get_name();
  // What CLI11 could not place is what was mistyped.
  const std::vector<std::string> extras = app.remaining(true);
  if (extras.empty()) return fmt::format("{}; see {} --help", printable(error.what()), name);
  const auto meant = nearest(extras.front(), known_words(command));
  return fmt::format("found {} on the command line{}; see {} --help", in_quotes(extras.front()),
                     meant ? fmt::format(", did you mean {}?", *meant) : ", which nothing here takes", name);
}

}  // namespace cryptopath
