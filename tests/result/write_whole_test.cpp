#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstddef>
#include <functional>

#include "cryptopath/result.hpp"
#include "mounted_file.hpp"
#include "result/mount_point.hpp"
#include "scratch_folder.hpp"

using namespace cryptopath;
using Catch::Matchers::Contains;
using Names = std::vector<std::string>;

namespace {

void write(const std::filesystem::path& path, const std::string& content) { write_whole({output_file(path, content)}); }

/// What `body` did in a process of its own: whether it returned, or threw InputError.
enum class End : int { returned = 0, input_error = 2 };
End in_process(const std::function<void()>& body) {
  const pid_t process = ::fork();
  if (process == 0) {
    try {
      body();
    } catch (const InputError&) {
      ::_exit(static_cast<int>(End::input_error));
    } catch (...) {
      ::_exit(1);
    }
    ::_exit(static_cast<int>(End::returned));
  }
  int status = 0;
  REQUIRE(::waitpid(process, &status, 0) == process);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) != 1);
  return static_cast<End>(WEXITSTATUS(status));
}

/// RLIMIT_FSIZE stands for a disk that fills up: writing a file fails after its first 4096 bytes.
void fill_the_disk() {
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{4096, 4096};
  if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) throw std::runtime_error("no limit of a file's size");
}

/// From here on this process's system calls pass through `rules`.
template <std::size_t count>
void filter_system_calls(std::array<sock_filter, count> rules) {
  const sock_fprog filter{static_cast<unsigned short>(rules.size()), rules.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
    throw std::runtime_error("no filter of system calls");
  }
}

/// From here on this process knows only file systems that cannot exchange names.
void refuse_exchanges() {
  filter_system_calls<4>({{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_renameat2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }});
}

/// From here on this process knows only file systems that have no files without a name.
void refuse_files_without_a_name() {
  constexpr std::uint32_t only_this_flag = O_TMPFILE & ~O_DIRECTORY;
  filter_system_calls<6>({{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_openat, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args) + 2 * sizeof(std::uint64_t)),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, only_this_flag, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EOPNOTSUPP),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }});
}

bool has_files_without_a_name(const ScratchFolder& folder) {
  const int file = ::open(folder.path().c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
  return file >= 0;
}

bool interrupts_wait() {
  sigset_t held;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &held);
  return sigismember(&held, SIGINT) == 1;
}

}  // namespace

TEST_CASE("a file is written whole and nothing else is left beside it") {
  const ScratchFolder folder;
  const std::string content(3'000'000, 'x');
  write(folder / "result.json", content);
  CHECK(read_file(folder / "result.json") == content);
  CHECK(folder.names() == Names{"result.json"});
}

TEST_CASE("a name without a folder is written in the working folder") {
  const ScratchFolder folder;
  CHECK(in_process([&] {
          std::filesystem::current_path(folder.path());
          write("new", "x");
          write("new", "again");
        }) == End::returned);
  CHECK(read_file(folder / "new") == "again");
  CHECK(folder.names() == Names{"new"});
}

TEST_CASE("a new file has the permissions that the umask leaves") {
  const ScratchFolder folder;
  const mode_t before = ::umask(027);
  write(folder / "new", "x");
  ::umask(before);
  struct stat status {};
  REQUIRE(::stat((folder / "new").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0640U);
}

TEST_CASE("an existing file is replaced and keeps its permissions") {
  const ScratchFolder folder;
  const auto file = write_file(folder / "old", "something longer than what replaces it");
  std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  write(file, "new");
  CHECK(read_file(file) == "new");
  CHECK(std::filesystem::status(file).permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

TEST_CASE("a symbolic link stays and what it names is written") {
  const ScratchFolder folder;
  write_file(folder / "target", "old");
  std::filesystem::create_symlink("target", folder / "link");
  write(folder / "link", "new");
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK(read_file(folder / "target") == "new");
}

TEST_CASE("a symbolic link to nothing is refused and stays") {
  const ScratchFolder folder;
  std::filesystem::create_symlink("nowhere", folder / "link");
  CHECK_THROWS_WITH(write(folder / "link", "new"), Contains("link: No such file or directory"));
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK_FALSE(std::filesystem::exists(folder / "nowhere"));
}

TEST_CASE("what cannot be written is refused by name and leaves nothing") {
  const ScratchFolder folder;
  const auto no_folder = folder / "nowhere/file";
  CHECK_THROWS_WITH(write(no_folder, "x"), Contains(no_folder.string()) && Contains("No such file or directory"));
  CHECK_THROWS_WITH(write(folder.path(), "x"), Contains("Is a directory"));
  write_file(folder / "plain", "");
  CHECK_THROWS_AS(write(folder / "plain/file", "x"), InputError);
  CHECK(folder.names() == Names{"plain"});
}

TEST_CASE("a name that would break the line of its error is shown escaped") {
  const ScratchFolder folder;
  CHECK_THROWS_WITH(write(folder / "nowhere/a\nb\x1b[31mz", "x"),
                    Contains(R"(nowhere/a\nb\x1b[31mz: No such file)") && !Contains("\n") && !Contains("\x1b"));
}

TEST_CASE("what is no regular file is written through and never replaced") {
  const ScratchFolder folder;
  const auto pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  write(pipe, "content");
  std::array<char, 16> got{};
  CHECK(::read(reader, got.data(), got.size()) == 7);
  ::close(reader);
  CHECK(std::string(got.data()) == "content");
  // Before a real device is touched: whoever replaced the pipe would, as root, replace the device of all.
  REQUIRE(std::filesystem::is_fifo(pipe));
  CHECK_THROWS_WITH(write("/dev/full", "x"), "cannot write /dev/full: No space left on device");
  CHECK(std::filesystem::is_character_file("/dev/full"));
}

TEST_CASE("a file limit in the middle of writing leaves the old content and no other file") {
  const ScratchFolder folder;
  const auto file = write_file(folder / "result.json", "old");
  CHECK(in_process([&] {
          fill_the_disk();
          write(file, std::string(100'000, 'x'));
        }) == End::input_error);
  CHECK(read_file(file) == "old");
  CHECK(folder.names() == Names{"result.json"});
}

TEST_CASE("several files are written or none of them") {
  const ScratchFolder folder;
  const auto old = write_file(folder / "old", "old");
  const bool large_first = GENERATE(true, false);
  const auto write_all = [&] {
    std::vector<OutputFile> files = {output_file(folder / "new", "x"), output_file(old, "x")};
    files.insert(large_first ? files.begin() : files.end(), output_file(folder / "large", std::string(5000, 'x')));
    write_whole(files);
  };
  CHECK(in_process([&] {
          fill_the_disk();
          write_all();
        }) == End::input_error);
  CHECK(read_file(old) == "old");
  CHECK(folder.names() == Names{"old"});
  CHECK_THROWS_AS(write_whole({output_file(folder / "new", "x"), output_file(folder / "nowhere/file", "x")}),
                  InputError);
  CHECK(folder.names() == Names{"old"});
  write_all();
  CHECK(folder.names() == Names{"large", "new", "old"});
  CHECK(read_file(old) == "x");
}

TEST_CASE("a mount point is known from a file and a folder that are none") {
  const ScratchFolder folder;
  CHECK(is_mount_point("/proc"));
  CHECK_FALSE(is_mount_point(folder.path()));
  CHECK_FALSE(is_mount_point(write_file(folder / "file", "")));
  CHECK_FALSE(is_mount_point(folder / "nothing"));
}

TEST_CASE("a mount point is refused before any file has its name") {
  const ScratchFolder folder;
  const auto old = write_file(folder / "old", "old");
  const auto mounted = write_file(folder / "mounted", "old");
  const auto refusal = refusal_where_mounted(mounted, [&] {
    write_whole({output_file(old, "x"), output_file(folder / "new", "x"), output_file(mounted, "x")});
  });
  if (!refusal) {
    WARN("nothing can be mounted here: what becomes of a mount point was not seen");
    return;
  }
  CHECK_THAT(*refusal, Contains("mounted: Device or resource busy"));
  CHECK(folder.names() == Names{"mounted", "old"});
  CHECK(read_file(old) + read_file(mounted) == "oldold");
}

TEST_CASE("where a renaming fails the files renamed before are as they were") {
  const ScratchFolder folder;
  const auto old = write_file(folder / "old", "old");
  const auto in_the_way = [&](const OutputFile::Write&) { std::filesystem::create_directory(folder / "third"); };
  CHECK_THROWS_WITH(
      write_whole({output_file(old, "x"), output_file(folder / "new", "x"), {folder / "third", in_the_way}}),
      Contains("third: Is a directory"));
  CHECK(folder.names() == Names{"old", "third"});
  CHECK(read_file(old) == "old");
}

TEST_CASE("where names cannot be exchanged files are replaced all the same") {
  const ScratchFolder folder;
  const auto old = write_file(folder / "old", "old");
  CHECK(in_process([&] {
          refuse_exchanges();
          write_whole({output_file(old, "x"), output_file(folder / "new", "y")});
        }) == End::returned);
  CHECK(read_file(old) + read_file(folder / "new") == "xy");
  CHECK(folder.names() == Names{"new", "old"});
}

TEST_CASE("devices come after the writing of files and before their names") {
  const ScratchFolder folder;
  CHECK_THROWS_AS(write_whole({output_file("/dev/full", "x"), output_file(folder / "file", "x")}), InputError);
  CHECK_THROWS_AS(write_whole({output_file(folder / "file", "x"), output_file("/dev/full", "x")}), InputError);
  CHECK(folder.names().empty());
  const auto pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  CHECK_THROWS_AS(write_whole({output_file(pipe, "x"), output_file(folder / "nowhere/file", "x")}), InputError);
  std::array<char, 16> got{};
  CHECK(::read(reader, got.data(), got.size()) == 0);
  ::close(reader);
}

TEST_CASE("a file that is being written has no name and signals need not wait") {
  const ScratchFolder folder;
  const bool named = !has_files_without_a_name(folder);
  bool seen = false;
  write_whole({{folder / "file", [&](const OutputFile::Write&) {
                  seen = true;
                  CHECK(folder.names().empty() == !named);
                  CHECK(interrupts_wait() == named);
                }}});
  CHECK(seen);
  CHECK(folder.names() == Names{"file"});
  CHECK_FALSE(interrupts_wait());
}

TEST_CASE("what a killed process has left is not in the way") {
  const ScratchFolder folder;
  const auto left = write_file(folder / (".cryptopath-" + std::to_string(::getpid()) + "-0"), "left");
  write_whole({output_file(folder / "file", "x"), output_file(folder / "other", "y")});
  CHECK(read_file(left) == "left");
  CHECK(read_file(folder / "file") + read_file(folder / "other") == "xy");
  CHECK(folder.names().size() == 3);
}

TEST_CASE("where every file has a name it is removed when anything fails and signals wait") {
  const ScratchFolder folder;
  const auto write_to = [&](const std::string& last) {
    return in_process([&] {
      refuse_files_without_a_name();
      const auto look = [&](const OutputFile::Write& write) {
        if (folder.names().size() != 2 || !interrupts_wait()) throw std::runtime_error("no name, or no signals held");
        write("x");
      };
      write_whole({output_file(folder / "first", "x"), {folder / "second", look}, output_file(folder / last, "x")});
    });
  };
  CHECK(write_to("nowhere/file") == End::input_error);
  CHECK(folder.names().empty());
  CHECK(write_to("third") == End::returned);
  CHECK(folder.names() == Names{"first", "second", "third"});
  CHECK(read_file(folder / "second") == "x");
}

TEST_CASE("a secret is its owner's alone also where others could read the file before") {
  const ScratchFolder folder;
  const auto old = write_file(folder / "old", "x");
  std::filesystem::permissions(old, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  write_whole({output_file(old, "secret", true), output_file(folder / "new", "secret", true)});
  for (const auto& file : {old, folder / "new"}) {
    CHECK(std::filesystem::status(file).permissions() ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  }
}
