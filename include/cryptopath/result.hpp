// What a run found, and how it is shown.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cryptopath/ledger.hpp"
#include "cryptopath/scenario.hpp"

namespace cryptopath {

/// What arrived at the receiver. Hashes are of real bytes; empty with a modelled payload.
struct Wire {
  Bytes bytes;  // TCP payload; in datagrams, the records
  std::string sha256;
  std::string plaintext_sha256;  // as the peer read it
  std::string verified_by;       // "GnuTLS 3.7.9"; empty when nothing was verified
};

struct Latency {  // of a buffer: from the start of its reading until the socket has accepted it
  Nanoseconds p50;
  Nanoseconds p99;
};

struct Result {
  std::string path;
  Nanoseconds elapsed;  // from the program's first step until its socket is closed and all its bytes are acknowledged,
                        // or, in datagrams, have arrived
  Bytes payload;        // plaintext of the file that reached the peer
  std::optional<std::int64_t> operations;  // of public keys that were completed, where the load is of those
  Counts counts;
  std::map<std::string, double> utilization;  // busy share of `elapsed`, by resource: "cpu0", "pci1", "vpn1201"
  std::string bottleneck;                     // the resource with the highest utilization
  Latency latency;
  Wire wire;
  /// Of a workload's cell: how many of its threads completed something in `elapsed`.
  std::int64_t threads_served = 0;
  /// Of a workload's cell: the errno that ended it ("EINVAL") and what the kernel refused; empty when all was served.
  std::string errno_name;
  std::string refusal;
  /// Of a workload's cell: what it asked for and had no effect.
  std::vector<std::string> remarks = {};
  /// What was checked and held when the run had ended: "station vpn1201", "bus pci1", "bytes received" and the like.
  std::vector<std::string> checked;

  /// Plaintext over elapsed time; 0 for an empty file.
  double throughput_mbit_s() const;
  /// Of public keys; 0 without any.
  double operations_per_second() const;
};

/// How much faster `run` is than `reference`, in percent of the reference's throughput; 0 where that has none.
double gain_percent(const Result& run, const Result& reference);

inline constexpr const char* result_format = "cryptopath-result-1";
const char* version();

nlohmann::json to_json(const Result& result);
Result result_from_json(const nlohmann::json& json);
/// The whole result document, as the design gives it.
nlohmann::json to_json(const Scenario& scenario, const std::vector<Result>& results);

/// The table that a person reads, paths side by side, in 100 columns; colour only if `colour`.
std::string to_table(const Scenario& scenario, const std::vector<Result>& results, bool colour);

/// One file that a command leaves.
struct OutputFile {
  std::filesystem::path path;
  using Write = std::function<void(std::string_view)>;
  std::function<void(const Write&)> produce;  // hands over the content piece by piece; what it throws ends the writing
  bool secret = false;                        // mode 0600, also where the file was there
};
OutputFile output_file(std::filesystem::path path, std::string content, bool secret = false);

/// Writes all of the files or none: all are written and flushed without a name, or under another one beside their
/// place, before the first is renamed to its own. Where a renaming fails, former files come back if the file system can
/// exchange names. Devices and pipes take their content when all files are written and before any has its name. Throws
/// InputError naming the path and the reason (an unwritable folder, a full disk, a mount point).
void write_whole(const std::vector<OutputFile>& files);

}  // namespace cryptopath
