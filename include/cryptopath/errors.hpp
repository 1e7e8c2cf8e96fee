// What can go wrong, and what the command line makes of it.
#pragma once

#include <cstddef>
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cryptopath {

/// Something that the user gave is wrong: a scenario, a model, a file. Exit status 2.
/// The message is one line that says where, what was found and what would do. Input is never repaired.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A system call that the simulated kernel refuses.
class SystemCallError : public InputError {
 public:
  /// `error` is an errno.
  SystemCallError(int error, const std::string& what) : InputError(what), error_(error) {}
  int error() const { return error_; }

 private:
  int error_;
};

/// The program itself is wrong: an invariant does not hold, a run ends with work outstanding. Exit status 1.
class Fault : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Text that came from outside, as a message shows it: control characters escaped and the middle of a long text left
/// out, so that the message stays one line. `in_quotes` adds quotation marks.
std::string printable(std::string_view text, std::size_t longest = 200);
std::string in_quotes(std::string_view text, std::size_t longest = 60);

/// An assertion that stays on in every build. Throws Fault with `what` and the place that asked.
inline void ensure(bool holds, std::string_view what, std::source_location place = std::source_location::current()) {
  if (holds) return;
  throw Fault(std::string(what) + " (" + place.file_name() + ":" + std::to_string(place.line()) + ")");
}

}  // namespace cryptopath
