#include "own_reader.hpp"

#include <fmt/format.h>

#include "cryptopath/errors.hpp"
#include "record/bytes.hpp"

namespace cryptopath {

void OwnReader::receive(std::span<const std::byte> wire, std::vector<std::byte>& plaintext) {
  ensure(!closed_, "nothing is received after close_notify");
  if (rejected_) reject(Rejection::closed);
  waiting_.insert(waiting_.end(), wire.begin(), wire.end());
  auto rest = std::span(waiting_);
  if (in_datagrams()) {
    open(rest, plaintext);
    rest = {};
  }
  while (!closed_ && !rest.empty()) {
    const auto size = reader_.next_size(rest);
    if (!size || *size > size_of(rest)) break;
    open(rest.first(to_size(*size)), plaintext);
    rest = rest.subspan(to_size(*size));
  }
  waiting_.erase(waiting_.begin(), waiting_.end() - static_cast<std::ptrdiff_t>(rest.size()));
}

void OwnReader::open(std::span<std::byte> record, std::vector<std::byte>& plaintext) {
  const Opened opened = reader_.open_in_place(record);
  if (!opened) {
    if (in_datagrams()) return;  // discarded in silence
    reject(opened.rejection);
  }
  if (opened.content == ContentType::application_data) {
    plaintext.insert(plaintext.end(), opened.plaintext.begin(), opened.plaintext.end());
  } else if (opened.content == ContentType::alert) {
    take_alert(opened.plaintext);
  }
}

void OwnReader::reject(Rejection why) {
  rejected_ = true;
  throw Fault(fmt::format("{} rejects the record: {}", name(), name_of(why, format_.protocol)));
}

/// RFC 5246, 7.2: a level and a description.
void OwnReader::take_alert(std::span<const std::byte> alert) {
  constexpr std::byte fatal{2};
  constexpr std::byte close_notify{0};
  if (alert.size() != 2) reject(Rejection::malformed);
  if (alert[0] == fatal) {
    throw Fault(fmt::format("{} got a fatal alert: {}", name(), std::to_integer<unsigned>(alert[1])));
  }
  closed_ = alert[1] == close_notify;
}

}  // namespace cryptopath
