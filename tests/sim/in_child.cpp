#include "in_child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <sstream>

#include "cryptopath/errors.hpp"
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

namespace cryptopath::test {

namespace {

// The first character of what comes through the pipe.
enum Outcome : char { returned = 'r', input_error = 'i', fault = 'f', other_exception = 'o' };

std::string outcome_of(const std::function<std::string()>& body) {
  try {
    return char{returned} + body();
  } catch (const InputError& error) {
    return char{input_error} + std::string(error.what());
  } catch (const Fault& error) {
    return char{fault} + std::string(error.what());
  } catch (const std::exception& error) {
    return char{other_exception} + std::string(error.what());
  }
}

[[noreturn]] void be_the_child(int pipe_end, const std::function<std::string()>& body) {
  // Catch's handlers would report the parent's test case from here.
  for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGILL, SIGBUS, SIGTERM}) ::signal(signal, SIG_DFL);
  const std::string outcome = outcome_of(body);
  for (std::size_t done = 0; done < outcome.size();) {
    const ssize_t count = ::write(pipe_end, outcome.data() + done, outcome.size() - done);
    if (count < 0) ::_exit(1);
    done += static_cast<std::size_t>(count);
  }
#ifdef __SANITIZE_ADDRESS__
  __lsan_do_leak_check();  // _exit() would skip it; it ends the process if it finds any
#endif
  ::_exit(0);
}

std::string read_all(int pipe_end, pid_t child) {
  std::string text;
  std::array<char, 4096> piece;
  for (;;) {
    pollfd waiting{pipe_end, POLLIN, 0};
    constexpr int milliseconds = 600'000;  // the whole test has a limit of its own, from ctest
    if (::poll(&waiting, 1, milliseconds) == 0) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
      ::close(pipe_end);
      throw std::runtime_error("the child did not end within ten minutes");
    }
    const ssize_t count = ::read(pipe_end, piece.data(), piece.size());
    if (count <= 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

std::string text_from_child(const std::function<std::string()>& body) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe could be made");
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("no child could be made");
  if (child == 0) {
    ::close(ends[0]);
    be_the_child(ends[1], body);
  }
  ::close(ends[1]);
  const std::string outcome = read_all(ends[0], child);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) throw std::runtime_error("the child died of signal " + std::to_string(WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0 || outcome.empty()) {
    throw std::runtime_error("the child ended with status " + std::to_string(WEXITSTATUS(status)));
  }
  const std::string text = outcome.substr(1);
  switch (outcome.front()) {
    case returned:
      return text;
    case input_error:
      throw InputError(text);
    case fault:
      throw Fault(text);
    default:
      throw std::runtime_error(text);
  }
}

std::string to_text(const Numbers& numbers) {
  std::string text;
  for (const std::int64_t number : numbers) text += std::to_string(number) + ' ';
  return text;
}

Numbers to_numbers(const std::string& text) {
  std::istringstream stream(text);
  Numbers numbers;
  for (std::int64_t number = 0; stream >> number;) numbers.push_back(number);
  return numbers;
}

}  // namespace cryptopath::test
