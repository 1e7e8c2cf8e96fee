// What runs leave beside their results: their packets (--pcap), and the keys (--keylog).
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "capture/connection.hpp"
#include "cryptopath/result.hpp"
#include "cryptopath/scenario.hpp"
#include "cryptopath/session.hpp"

namespace cryptopath {

/// Where one path's process writes its packets.
struct CapturePart {
  int file = -1;
  std::uint16_t number = 0;  // of the path

  /// Writes all, or throws InputError.
  void write(std::span<const std::byte> bytes) const;
};

/// How the run's connection looks to a capture.
CapturedConnection captured_connection(const RunSpec& run, const CapturePart& part);

/// Keeps the packets of each path until all have ended, in files without a name, so that nothing is left when the
/// program ends before.
class Recording {
 public:
  /// Records `paths` runs for the capture `file`. Throws InputError where there is no room for files beside it, or in
  /// the folder for temporary files where it is no regular file.
  Recording(const std::filesystem::path& file, std::size_t paths);
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  CapturePart part(std::size_t path) const;
  /// The capture, the paths one after the other, to write while this lives.
  OutputFile capture() const;

 private:
  std::filesystem::path file_;
  std::vector<int> parts_;
};

/// The session's key log, to write while that lives: no copy is made.
OutputFile key_log_file(std::filesystem::path file, const Session& session);

}  // namespace cryptopath
