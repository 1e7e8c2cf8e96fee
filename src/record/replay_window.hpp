// The receiver's window of sequence numbers (RFC 4303, 3.4.3; RFC 6347, 4.1.2.6): which of the last 64 have been seen.
#pragma once

#include <cstdint>

namespace cryptopath {

class ReplayWindow {
 public:
  static constexpr std::uint64_t size = 64;

  /// `first` is the first number that these keys may yet bring: earlier ones were seen before they were taken over.
  explicit ReplayWindow(std::uint64_t first = 0) : first_(first) {}

  /// Whether the number is neither seen already nor too old to know.
  bool may_accept(std::uint64_t number) const {
    if (number < first_) return false;
    if (none_yet_ || number > highest_) return true;
    const std::uint64_t age = highest_ - number;
    return age < size && (seen_ >> age & 1) == 0;
  }

  /// To be called once a record with that number, for which may_accept() holds, has been authenticated.
  void accept(std::uint64_t number) {
    if (none_yet_ || number > highest_) {
      const std::uint64_t ahead = none_yet_ ? size : number - highest_;
      seen_ = ahead < size ? seen_ << ahead | 1 : 1;
      highest_ = number;
      none_yet_ = false;
    } else {
      seen_ |= std::uint64_t{1} << (highest_ - number);
    }
  }

 private:
  std::uint64_t first_;
  std::uint64_t highest_ = 0;
  std::uint64_t seen_ = 0;  // bit i: highest_ - i
  bool none_yet_ = true;
};

}  // namespace cryptopath
