// The transform of one suite with its keys. One file a suite family implements it; RecordTransform holds one.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "cryptopath/record.hpp"

namespace cryptopath {

/// As RecordTransform, whose checks have passed when these are called: frames are the suite's, spans have their sizes.
/// `const` means that no call changes what a later one yields; a context is used inside, so one thread at a time.
class SuiteTransform {
 public:
  virtual ~SuiteTransform() = default;
  virtual void write_explicit_iv(std::uint64_t sequence, std::span<std::byte> iv) const = 0;
  virtual void seal_in_place(const Frame& frame, std::span<std::byte> record) const = 0;
  virtual std::optional<std::span<std::byte>> open_in_place(std::uint64_t sequence,
                                                            std::span<std::byte> record) const = 0;
};

std::unique_ptr<SuiteTransform> make_gcm_transform(const TrafficKeys& keys);
std::unique_ptr<SuiteTransform> make_cbc_hmac_transform(const TrafficKeys& keys);

}  // namespace cryptopath
