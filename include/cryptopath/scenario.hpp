// What to run: a scenario names a machine, its cards, a kernel, a file, a record format and the data paths to compare.
// A data path is a program: the list of system calls that a process makes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cryptopath/machine.hpp"
#include "cryptopath/record.hpp"

namespace cryptopath {

/// One step of a program. Which fields a step uses follows from its kind.
struct Step {
  enum class Kind : std::uint8_t {
    open_file,         // open(2) of the file to send
    open_crypto,       // open("/dev/crypto")
    create_session,    // ioctl(CIOCGSESSION) on /dev/crypto
    free_session,      // ioctl(CIOCFSESSION)
    set_so_crypt,      // setsockopt(SO_CRYPT): from here on the socket protects what is written to it
    set_so_crypt_nic,  // setsockopt(SO_CRYPT_NIC): the same, with the NIC running the transform
    set_send_buffer,   // setsockopt(SO_SNDBUF, size)
    read,              // read(2) from the file into the buffer, as much as it holds
    frame,             // user library: header, IV and padding around what was read
    seal,              // user library: frame, and cipher and MAC in user mode
    crypt,             // ioctl(CIOCCRYPT) over the framed buffer
    write,             // write(2) of the buffer to the socket
    sendfile,          // sendfile(2) of the whole file to the socket, a buffer at a time
    close_file,
    close_crypto,
    close_socket,
    repeat_until_end_of_file,  // `steps` again while bytes of the file are left (its size is known from open)
  };
  Kind kind{};
  Bytes size;                            // set_send_buffer
  std::vector<Step> steps;               // repeat_until_end_of_file
  std::optional<Bytes> key_length = {};  // create_session, set_so_crypt: of the first key; absent: the suite's own
};

struct Program {
  std::string name;         // "traditional"
  std::string description;  // one line
  bool protects = true;     // whether the wire carries records; a plain http program sends the file as it is
  std::vector<Step> steps;
};

enum class Payload : std::uint8_t { real, modelled };

/// What tells a file from another one, or from what it was before.
struct FileVersion {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  Bytes size;
  std::int64_t modified_ns = 0;  // since the epoch, as the next
  std::int64_t changed_ns = 0;   // which nobody can set back
  bool operator==(const FileVersion&) const = default;
};

struct FileToSend {
  std::optional<std::filesystem::path> path;  // absent: `size` bytes made from the seed
  std::optional<FileVersion> version;         // of the file at `path` when the scenario was loaded
  Bytes size;
  bool in_page_cache = true;  // hot
};

/// The machine and kernel that a world is made of. Nothing is looked up later.
struct HostSpec {
  std::shared_ptr<const Machine> machine;
  std::string kernel_name;
  KernelModel kernel;
  bool crypto_processor = false;  // a second processor, like the first, is a producer of the crypto framework
  std::map<std::string, SoftwareCipherModel> software_ciphers;  // by algorithm, as AcceleratorModel::engines
  Payload payload = Payload::real;
  std::uint64_t seed = 1;
  Nanoseconds time_limit;  // of simulated time
};

/// Everything that one run of a data path needs.
struct RunSpec : HostSpec {
  Program program;
  RecordFormat format;
  FileToSend file;
  Bytes buffer;
  bool no_delay = false;  // TCP_NODELAY
};

/// A number of a model file, for `explain` and for the test that every number has an origin.
struct SourcedNumber {
  std::string file;     // "models/accelerators/vpn1201.json"
  std::string pointer;  // "/setup"
  std::string value;    // "2 us"
  std::string kind;     // "cited", "measured", "fitted" or "estimated"
  std::string origin;   // the source, the command, or what the estimate rests on
};

struct Scenario {
  std::string title;
  std::vector<std::string> settings;               // what --set has changed in the file: "/buffer=4 KiB"
  std::vector<RunSpec> runs;                       // one a path, in the scenario's order
  std::vector<SourcedNumber> numbers;              // of every model that the scenario uses
  std::vector<std::filesystem::path> files;        // its own and those of all models and programs that it names
  std::shared_ptr<const nlohmann::json> resolved;  // the scenario with defaults filled in and overrides applied
};

/// Texts by the canonical path of the file in whose place they stand.
using FileTexts = std::map<std::filesystem::path, std::string>;

/// What may be changed of a scenario file, by the command line, and of files that it names.
struct Overrides {
  std::optional<std::filesystem::path> file;             // --file
  std::vector<std::pair<std::string, std::string>> set;  // --set /pointer=value; a value that is no JSON is a string
  FileTexts texts;                                       // what a fit reads in the place of model files
};

/// Where models/, scenarios/ and schemas/ are: $CRYPTOPATH_DATA, the installed share/cryptopath, or the source tree
/// that the program was built in. Throws InputError where there is none.
std::filesystem::path data_directory();

/// Reads and checks a scenario and all that it names. Throws InputError, one line: file, line, JSON pointer, what was
/// found, what would do.
Scenario load_scenario(const std::filesystem::path& file, const Overrides& overrides = {});

/// Nothing where there is no such file.
std::optional<FileVersion> version_of(const std::filesystem::path& file);
/// Throws InputError when the file whose bytes the run sends is no longer what it was when the scenario was loaded.
void check_unchanged(const RunSpec& run);

/// The name in `known` nearest to `name` by edit distance, if near enough to be meant.
std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& known);

/// No limit is silent: each is named in the message that enforces it.
namespace limits {
inline constexpr Bytes file_size{std::int64_t{1} << 40};  // 1 TiB
inline constexpr Bytes smallest_buffer{16};
inline constexpr Bytes largest_buffer{std::int64_t{1} << 20};  // 1 MiB
inline constexpr std::int64_t buffers_per_run = 20'000'000;    // file size over buffer size
inline constexpr std::int64_t read_ahead_chunks = 20'000'000;  // file size over what a cold file's disk reads ahead
inline constexpr Bytes send_buffer{std::int64_t{64} << 20};    // 64 MiB
inline constexpr Bytes page{std::int64_t{64} << 10};           // of the page cache, and a cluster of mbufs
/// What the send buffer takes when it is full of the scenario's buffers, each in pages or clusters of its own.
inline constexpr Bytes send_buffer_memory{std::int64_t{1} << 30};
inline constexpr std::int64_t paths = 32;
inline constexpr std::int64_t steps_per_program = 256;
inline constexpr std::int64_t vertices = 1024;
inline constexpr Bytes json_file_size{std::int64_t{4} << 20};
inline constexpr Nanoseconds simulated_time{86'400'000'000'000};  // a day
}  // namespace limits

}  // namespace cryptopath
