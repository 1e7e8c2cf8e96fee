// How the program ends when it is told to.
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>

#include "../result/scratch_folder.hpp"
#include "process.hpp"

namespace {

/// Hours of work, so that a signal comes in the middle of it.
std::vector<std::string> long_run(const ScratchFolder& folder) {
  return {"run",    transfer_scenario(),    "--set",     "/file/size=100 GiB",
          "--set",  "/file/cache=cold",     "--set",     "/buffer=64 KiB",
          "--json", folder / "result.json", "--picture", folder / "picture",
          "--pcap", folder / "wire.pcap",   "--jobs",    "2"};
}

/// Waits for processes that have lost their parent. Orphans come to this process, so that none escapes the count.
std::size_t wait_for_orphans() {
  std::size_t count = 0;
  while (::waitpid(-1, nullptr, 0) > 0) ++count;
  CHECK(errno == ECHILD);
  return count;
}

}  // namespace

TEST_CASE("an interrupt from the keyboard ends all processes by the signal and leaves no file") {
  const ScratchFolder folder;
  REQUIRE(::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
  const auto signal = GENERATE(SIGINT, SIGTERM, SIGHUP);
  Process process(long_run(folder));
  process.wait_for_children(2);
  ::kill(-process.id(), signal);
  const Outcome outcome = process.wait();
  REQUIRE(WIFSIGNALED(outcome.status));
  CHECK(WTERMSIG(outcome.status) == signal);
  CHECK(outcome.output.empty());
  CHECK(outcome.error.empty());
  wait_for_orphans();
  CHECK(folder.names().empty());
}

TEST_CASE("killed outright the program leaves no process and no file") {
  const ScratchFolder folder;
  REQUIRE(::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
  Process process(long_run(folder));
  process.wait_for_children(2);
  ::kill(process.id(), SIGKILL);
  process.wait();
  // Would hang for as long as a child went on.
  CHECK(wait_for_orphans() == 2);
  CHECK(folder.names().empty());
}

TEST_CASE("an interrupt that reaches a path's process alone ends all by the signal") {
  const ScratchFolder folder;
  REQUIRE(::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
  Process process(long_run(folder));
  process.wait_for_children(2);
  ::usleep(300'000);  // until SimGrid's engine has been made, which would install handlers of its own
  ::kill(process.children().at(0), SIGINT);
  const Outcome outcome = process.wait();
  REQUIRE(WIFSIGNALED(outcome.status));
  CHECK(WTERMSIG(outcome.status) == SIGINT);
  CHECK(outcome.error.empty());
  wait_for_orphans();  // hangs for as long as one goes on
  CHECK(folder.names().empty());
}

#ifndef __SANITIZE_ADDRESS__  // which reports the signal at length, by itself
TEST_CASE("a path's process that breaks off says nothing of its own") {
  const ScratchFolder folder;
  Process process(long_run(folder));
  process.wait_for_children(2);
  ::usleep(300'000);
  ::kill(process.children().at(0), SIGSEGV);
  const Outcome outcome = process.wait();
  CHECK(outcome.exit_status() == 1);
  CHECK_THAT(outcome.error, Catch::Matchers::Contains("signal 11"));
  CHECK(lines_in(outcome.error) == 1);
}
#endif

TEST_CASE("a path's process that is killed is a fault in one line and ends the others") {
  const ScratchFolder folder;
  REQUIRE(::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
  Process process(long_run(folder));
  process.wait_for_children(2);
  ::kill(process.children().at(0), SIGKILL);
  const Outcome outcome = process.wait();
  CHECK(outcome.exit_status() == 1);
  CHECK_THAT(outcome.error, Catch::Matchers::Contains("signal 9"));
  CHECK(lines_in(outcome.error) == 1);
  CHECK(wait_for_orphans() == 0);
  CHECK(folder.names().empty());
}
