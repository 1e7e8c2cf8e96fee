// What a run found, and how it is shown.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
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
  Counts counts;
  std::map<std::string, double> utilization;  // busy share of `elapsed`, by resource: "cpu0", "pci1", "vpn1201"
  std::string bottleneck;                     // the resource with the highest utilization
  Latency latency;
  Wire wire;

  /// Plaintext over elapsed time; 0 for an empty file.
  double throughput_mbit_s() const;
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

/// Writes all of `content` or nothing: a temporary file beside `path`, flushed, then renamed. Throws InputError naming
/// the path and the reason (an unwritable folder, a full disk).
void write_whole(const std::filesystem::path& path, std::string_view content);
/// The same, of content that only its owner may read: mode 0600, also where the file was there.
void write_whole_secret(const std::filesystem::path& path, std::string_view content);
/// The same as write_whole(), of content that `produce` hands over piece by piece. What it throws ends the writing.
using WritePiece = std::function<void(std::string_view)>;
void write_whole(const std::filesystem::path& path, const std::function<void(const WritePiece&)>& produce);

}  // namespace cryptopath
