// Workloads on the crypto framework alone: processes that ask /dev/crypto for one operation after the other, as
// `openssl speed` does (Keromytis et al. 2006, 5.2 to 5.4), and the table of rates that comes of it; or the same with
// the work done in each process, and a process beside them that only computes. An operation is a CIOCCRYPT, or one of
// public keys.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cryptopath/public_key.hpp"
#include "cryptopath/result.hpp"
#include "cryptopath/scenario.hpp"

namespace cryptopath {

/// An operation of public keys. By /dev/crypto it is what OpenSSL's cryptodev engine makes of it: modular
/// exponentiations by CIOCKEY, with what else it takes left out (sim/user/public_key.hpp has their sizes).
struct PublicKeyLoad {
  PublicKeyOperation operation{};
  std::int64_t modulus_bits = 0;
  bool crt = false;    // rsa_sign by CRK_MOD_EXP_CRT, which the engine of the article does not use
  Cycles in_software;  // that it takes where the process does it itself
  bool operator==(const PublicKeyLoad&) const = default;
};

/// Who does a process's operations: the kernel, asked by ioctl, or the process itself with a library in user mode.
enum class Provider : std::uint8_t { dev_crypto, user };

/// One cell of a workload's table.
struct WorkloadSpec : HostSpec {
  std::string algorithm;  // "3des-ede-cbc", one of all_algorithms()
  std::string mac;        // of the same bytes, by a request of its own before the algorithm's; empty: none
  std::optional<Bytes> key_length = {};     // that each process gives for the algorithm's first key; absent: its own
  Bytes request;                            // of each operation; for CIOCCRYPT a multiple of the algorithm's block
  std::optional<PublicKeyLoad> public_key;  // in the place of algorithm and request
  std::int64_t threads = 1;                 // processes, each with a session of its own
  std::int64_t batch = 1;                   // requests in one call, CIOCCRYPT or of the library
  std::int64_t pending = 1;                 // calls of a process in work at a time; more than one: CIOCNCRYPTM
  Provider provider = Provider::dev_crypto;
  bool allow_software = true;  // for a session, where no card has it (OpenBSD's sysctl kern.cryptodevallowsoft)
  std::map<VertexIndex, Nanoseconds> ejections;  // of cards: their drivers leave the framework at this instant
  /// Algorithms that a card's driver takes back, one of algorithm.hpp or of key_algorithm_names, and when.
  std::map<VertexIndex, std::map<std::string, Nanoseconds>> deregistrations;
  Nanoseconds warm_up;   // simulated and cut
  Nanoseconds duration;  // what the result is of
  bool hog = false;      // beside them a process that computes for `duration` in user mode: the result is of its life
};

/// What a cell asks for, "3des-ede-cbc", and how much at a time: "8 KiB" or "1024 bit".
std::string subject_of(const WorkloadSpec& cell);
std::string size_of(const WorkloadSpec& cell);
/// What the cell has otherwise than the kernel of its time: "8 requests in a call, pages mapped from 4 KiB on"; or "".
std::string switches_of(const WorkloadSpec& cell);
/// "32 threads, 8 KiB".
std::string name_of(const WorkloadSpec& cell);

/// A number of a published table or figure: a line of plots/published/*.csv.
struct PublishedValue {
  std::string series;  // "32 threads"
  std::string x;       // "1024"
  double y = 0;
  std::string unit;  // "Mbit/s"
  std::string source;
  std::string x_name = {};  // "request_bytes"
  std::string place = {};   // file and line, as messages name them
};

/// A workload file: cells for each number of threads and, within, each size of request or modulus.
struct Workload {
  std::string title;
  std::vector<std::string> settings;  // as in Scenario
  std::vector<WorkloadSpec> cells;
  std::vector<PublishedValue> published;           // of the table that the file names; empty if it names none
  std::vector<SourcedNumber> numbers;              // of every model that the workload uses
  std::vector<std::filesystem::path> files;        // its own and those of all models that it names
  std::shared_ptr<const nlohmann::json> resolved;  // with defaults filled in and overrides applied
};

namespace limits {
inline constexpr std::int64_t threads = 100'000;
inline constexpr std::int64_t workload_cells = 4096;
}  // namespace limits

/// Whether the file says that it is a workload ("format": "cryptopath-workload-1") and not a scenario of data paths.
bool is_workload(const std::filesystem::path& file);
/// Reads and checks a workload file and all that it names. Throws InputError, one line, as load_scenario() does.
Workload load_workload(const std::filesystem::path& file, const Overrides& overrides = {});

/// What `published` has for this cell: series "N threads", x the request's size in bytes.
std::optional<double> published_rate(const Workload& workload, const WorkloadSpec& cell);

/// Simulates one cell, once a process, as simulate(RunSpec). Of the Result, `path` is "N threads, SIZE", `payload` or
/// `operations` what was completed in the measured time, `counts` the acts in it; there is no wire.
/// When the kernel refuses a session or a request, the Result has `errno_name` and `refusal` and nothing else.
Result simulate(const WorkloadSpec& cell);

/// The whole result document of a workload: "runs" as of a scenario, and in each "threads", "provider" and
/// "request_bytes", or of public keys "operation", "modulus_bits" and "crt"; "published_mbit_s" and "error" (relative)
/// where a value is given, and "hog_elapsed_ns" where a hog runs; "not_compared" and why, where a table is named and
/// more was set than it was published for.
nlohmann::json to_json(const Workload& workload, const std::vector<Result>& results);
/// Rates by threads and size; where values are given, they and the errors below, and the median and largest error.
std::string to_table(const Workload& workload, const std::vector<Result>& results, bool colour);

}  // namespace cryptopath
