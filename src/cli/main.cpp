#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <sstream>

#include "cli/command_line_error.hpp"
#include "cli/commands.hpp"
#include "cli/terminal.hpp"
#include "cryptopath/result.hpp"

namespace cryptopath {

namespace {

enum ExitStatus : int { done = 0, fault = 1, bad_input = 2 };

void parse_and_run(CLI::App& app, int argument_count, const char* const* arguments) {
  try {
    app.parse(argument_count, arguments);
  } catch (const CLI::Success& asked) {  // --help, --version
    std::ostringstream text;
    app.exit(asked, text, text);
    write_to(STDOUT_FILENO, text.str());
  } catch (const CLI::ParseError& error) {
    throw InputError(explain_error(app, error));
  }
}

int report(std::string_view kind, const std::exception& error, ExitStatus status) {
  const std::string line = fmt::format("cryptopath: {}{}\n", kind, error.what());
  // Nothing is left to tell it to when standard error is gone.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
  return status;
}

}  // namespace

int run_command_line(int argument_count, const char* const* arguments) {
  // A file that may not grow any further is then an error of write(), which names it.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    CLI::App app("Simulates the path that data takes from a file to the wire through a cipher.", "cryptopath");
    app.set_version_flag("--version", fmt::format("cryptopath {}", version()), "show the version");
    app.set_help_flag("--help", "show this help");
    app.require_subcommand(1);
    add_run(app);
    add_list(app);
    add_explain(app);
    add_validate(app);
    add_fit(app);
    add_figure(app);
    parse_and_run(app, argument_count, arguments);
    return done;
  } catch (const InputError& error) {
    return report("", error, bad_input);
  } catch (const PartlyFailed& error) {
    return report("", error, fault);
  } catch (const Fault& error) {
    return report("fault: ", error, fault);
  } catch (const std::exception& error) {
    return report("unexpected: ", error, fault);
  }
}

}  // namespace cryptopath

int main(int argument_count, char** arguments) { return cryptopath::run_command_line(argument_count, arguments); }
