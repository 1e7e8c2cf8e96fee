#include "cli/child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <system_error>

namespace cryptopath {

namespace {

enum class Kind : std::uint64_t { progress, result, input_error, fault };

struct Header {
  Kind kind{};
  std::uint64_t number = 0;  // bytes done, or the length of the text that follows
};

/// Both ends are this program, so that a header travels as it stands in memory.
void send(int pipe, Kind kind, std::uint64_t number, std::string_view text = {}) {
  std::string message(sizeof(Header), '\0');
  const Header header{kind, number};
  std::memcpy(message.data(), &header, sizeof header);
  message += text;
  for (std::string_view rest = message; !rest.empty();) {
    const ssize_t written = ::write(pipe, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      ::_exit(1);  // nobody listens
    }
  }
}

void send(int pipe, Kind kind, std::string_view text) { send(pipe, kind, text.size(), text); }

/// A few hundred reports a run are enough for any bar.
Progress reporter(int pipe, Bytes size) {
  return [pipe, step = size.count / 256, next = std::int64_t{0}](Bytes done) mutable {
    if (done.count < next) return;
    next = done.count + step + 1;
    send(pipe, Kind::progress, static_cast<std::uint64_t>(done.count));
  };
}

[[noreturn]] void simulate_and_exit(const Simulation& simulation, int pipe) {
  try {
    send(pipe, Kind::result, to_json(simulation.run(reporter(pipe, simulation.size))).dump());
  } catch (const InputError& error) {
    send(pipe, Kind::input_error, error.what());
  } catch (const std::exception& error) {
    send(pipe, Kind::fault, error.what());
  }
  // Without the parent's destructors: they are the parent's to run.
  ::_exit(0);
}

}  // namespace

Child::Child(const Simulation& simulation) : name_(fmt::format("{} {}", simulation.kind, simulation.name)) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw InputError(fmt::format("no pipe for {}: {}", name_, std::generic_category().message(errno)));
  }
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);  // the parent died before prctl()
    ::close(ends[0]);
    simulate_and_exit(simulation, ends[1]);
  }
  ::close(ends[1]);
  pipe_ = ends[0];
  if (process_ < 0) {
    const int error = errno;
    ::close(pipe_);
    throw InputError(fmt::format("no process for {}: {}", name_, std::generic_category().message(error)));
  }
}

Child::~Child() {
  ::close(pipe_);
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  wait();
}

int Child::wait() {
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  return status;
}

bool Child::receive() {
  std::array<char, 65536> piece;
  ssize_t got = 0;
  do {
    got = ::read(pipe_, piece.data(), piece.size());
  } while (got < 0 && errno == EINTR);
  ensure(got >= 0, "the pipe from a run's process can be read");
  received_.append(piece.data(), static_cast<std::size_t>(got));
  take_messages();
  if (got > 0) return false;
  const int status = wait();
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    // A Ctrl-C goes to the whole group and may have reached the child first: then this process ends by it too.
    if (signal == SIGINT || signal == SIGTERM || signal == SIGHUP) ::raise(signal);
    throw Fault(fmt::format("{}: its process was ended by signal {} ({})", name_, signal, ::strsignal(signal)));
  }
  if (!result_) throw Fault(fmt::format("{}: its process ended without a result", name_));
  return true;
}

void Child::take_messages() {
  Header header;
  while (received_.size() >= sizeof header) {
    std::memcpy(&header, received_.data(), sizeof header);
    if (header.kind == Kind::progress) {
      done_ = Bytes(static_cast<std::int64_t>(header.number));
      received_.erase(0, sizeof header);
      continue;
    }
    if (received_.size() - sizeof header < header.number) return;
    const std::string text = received_.substr(sizeof header, header.number);
    received_.erase(0, sizeof header + header.number);
    if (header.kind == Kind::input_error) throw InputError(fmt::format("{}: {}", name_, text));
    if (header.kind == Kind::fault) throw Fault(fmt::format("{}: {}", name_, text));
    result_ = result_from_json(nlohmann::json::parse(text));
  }
}

}  // namespace cryptopath
