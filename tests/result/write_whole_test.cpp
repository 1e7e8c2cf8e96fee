#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>

#include "cryptopath/result.hpp"
#include "scratch_folder.hpp"

using namespace cryptopath;
using Catch::Matchers::Contains;
using Names = std::vector<std::string>;

TEST_CASE("a file is written whole and nothing else is left beside it") {
  const ScratchFolder folder;
  const std::string content(3'000'000, 'x');
  write_whole(folder / "result.json", content);
  CHECK(read_file(folder / "result.json") == content);
  CHECK(folder.names() == Names{"result.json"});
}

TEST_CASE("a new file has the permissions that the umask leaves") {
  const ScratchFolder folder;
  const mode_t before = ::umask(027);
  write_whole(folder / "new", "x");
  ::umask(before);
  struct stat status {};
  REQUIRE(::stat((folder / "new").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0640U);
}

TEST_CASE("an existing file is replaced and keeps its permissions") {
  const ScratchFolder folder;
  const auto file = write_file(folder / "old", "something longer than what replaces it");
  std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  write_whole(file, "new");
  CHECK(read_file(file) == "new");
  CHECK(std::filesystem::status(file).permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

TEST_CASE("a symbolic link stays and what it names is written") {
  const ScratchFolder folder;
  write_file(folder / "target", "old");
  std::filesystem::create_symlink("target", folder / "link");
  write_whole(folder / "link", "new");
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK(read_file(folder / "target") == "new");
}

TEST_CASE("a symbolic link to nothing is refused and stays") {
  const ScratchFolder folder;
  std::filesystem::create_symlink("nowhere", folder / "link");
  CHECK_THROWS_WITH(write_whole(folder / "link", "new"), Contains("link: No such file or directory"));
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK_FALSE(std::filesystem::exists(folder / "nowhere"));
}

TEST_CASE("what cannot be written is refused by name and leaves nothing") {
  const ScratchFolder folder;
  const auto no_folder = folder / "nowhere/file";
  CHECK_THROWS_WITH(write_whole(no_folder, "x"), Contains(no_folder.string()) && Contains("No such file or directory"));
  CHECK_THROWS_WITH(write_whole(folder.path(), "x"), Contains("Is a directory"));
  write_file(folder / "plain", "");
  CHECK_THROWS_AS(write_whole(folder / "plain/file", "x"), InputError);
  CHECK(folder.names() == Names{"plain"});
}

TEST_CASE("what is no regular file is written through and never replaced") {
  const ScratchFolder folder;
  const auto pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  write_whole(pipe, "content");
  std::array<char, 16> got{};
  CHECK(::read(reader, got.data(), got.size()) == 7);
  ::close(reader);
  CHECK(std::string(got.data()) == "content");
  // Before a real device is touched: whoever replaced the pipe would, as root, replace the device of all.
  REQUIRE(std::filesystem::is_fifo(pipe));
  CHECK_THROWS_WITH(write_whole("/dev/full", "x"), "cannot write /dev/full: No space left on device");
  CHECK(std::filesystem::is_character_file("/dev/full"));
}

TEST_CASE("a file limit in the middle of writing leaves the old content and no other file") {
  const ScratchFolder folder;
  const auto file = write_file(folder / "result.json", "old");
  const pid_t process = ::fork();
  if (process == 0) {
    // RLIMIT_FSIZE stands for a disk that fills up: writing fails after the first 4096 bytes.
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      write_whole(file, std::string(100'000, 'x'));
    } catch (const InputError&) {
      ::_exit(2);
    }
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(process, &status, 0) == process);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 2);
  CHECK(read_file(file) == "old");
  CHECK(folder.names() == Names{"result.json"});
}
