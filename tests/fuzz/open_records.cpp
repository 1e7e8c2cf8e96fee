#include "open_records.hpp"

#include <functional>
#include <set>
#include <string_view>

namespace cryptopath::test {

namespace {

/// What records are known by. Were their bytes compared, libFuzzer would learn from memcmp() what good ones look like,
/// and bring those of one run into the next, where they are as authentic and nobody has sealed them.
std::size_t fingerprint(std::span<const std::byte> record) {
  return std::hash<std::string_view>()({reinterpret_cast<const char*>(record.data()), record.size()});
}

/// One connection: a sender that also forges, and a reader with the same keys.
class Connection {
 public:
  explicit Connection(const RecordFormat& format)
      : format_(format),
        keys_(example_keys(format)),
        framing_(format, keys_.sequence),
        transform_(format, keys_),
        reader_(format, keys_) {
    for (const ByteVector& record : good_records(format)) sealed_.insert(fingerprint(record));
  }

  /// A record off the wire. Whoever has no keys can have it accepted only where it is one that has been sealed.
  /// Whether it was accepted.
  bool open(std::span<std::byte> record) {
    const bool stream = !in_datagrams(format_.protocol);
    constexpr Bytes unknown{-1};
    const Bytes claimed = stream && !closed_ ? reader_.next_size(record).value_or(unknown) : unknown;
    ensure(claimed == unknown || claimed > Bytes(0), "a record has some bytes");
    const std::size_t received = fingerprint(record);
    const Opened opened = reader_.open_in_place(record);
    ensure(!name_of(opened.rejection, format_.protocol).empty(), "what became of a record has a name");
    ensure(!closed_ || opened.rejection == Rejection::closed, "a stream ends with its first bad record");
    closed_ = stream && !opened;
    if (opened) {
      ensure(sealed_.contains(received), "a forged record is rejected");
      ensure(accepted_.insert(received).second, "a record is accepted once");
      ensure(!stream || claimed == size_of(record), "a record is as long as it claims");
      ensure(!stream || opened.sequence == next_++, "a stream's records come in their order");
    }
    // A receiver of SSH takes more payload than a sender may rely on, in a packet of 35000 bytes (RFC 4253, 6.1).
    const Bytes most = format_.protocol == Protocol::ssh_2 ? Bytes(35000) : framing_.largest_plaintext();
    ensure(size_of(opened.plaintext) <= most, "a record holds no more than the protocol allows");
    if (opened.plaintext.empty()) return static_cast<bool>(opened);
    ensure(opened.plaintext.data() >= record.data() &&
               opened.plaintext.data() + opened.plaintext.size() <= record.data() + record.size(),
           "plaintext lies within its record");
    return static_cast<bool>(opened);
  }

  /// Seals `inside`, whatever it is, with the right keys: all that is enciphered, or the plaintext alone.
  void forge(std::span<const std::byte> inside, bool only_plaintext) {
    const Bytes around = only_plaintext ? Bytes(0) : framing_.layout(Bytes(0)).enciphered();
    const Bytes plaintext = std::max(size_of(inside) - around, Bytes(0));
    const Bytes allowed = std::min(plaintext, framing_.largest_plaintext());
    Frame frame = framing_.next(allowed);
    // More than the protocol allows, in sixteens, which leave every suite's padding as it is. An IP packet, which is
    // ESP's limit, has no room for more.
    const bool esp = in_datagrams(format_.protocol) && format_.protocol != Protocol::dtls_1_2;
    if (!esp) frame.plaintext += Bytes((plaintext - allowed).count / 16 * 16);
    ByteVector record(static_cast<std::size_t>(frame.size().count));
    transform_.write_framing(frame, record);
    const Bytes offset = only_plaintext ? frame.plaintext_offset() : frame.enciphered_offset();
    const Bytes size = only_plaintext ? frame.plaintext : frame.enciphered();
    const auto place =
        std::span(record).subspan(static_cast<std::size_t>(offset.count), static_cast<std::size_t>(size.count));
    std::ranges::copy(inside.first(std::min(inside.size(), place.size())), place.begin());
    transform_.seal_in_place(frame, record);
    sealed_.insert(fingerprint(record));
    open(record);
  }

 private:
  RecordFormat format_;
  TrafficKeys keys_;
  RecordFraming framing_;
  RecordTransform transform_;
  RecordReader reader_;
  std::set<std::size_t> sealed_;
  std::set<std::size_t> accepted_;
  std::uint64_t next_ = keys_.sequence;  // of a stream
  bool closed_ = false;
};

std::vector<RecordFormat> formats_of(Protocol protocol) {
  std::vector<RecordFormat> formats;
  for (const RecordFormat& format : all_formats()) {
    if (format.protocol == protocol) formats.push_back(format);
  }
  return formats;
}

}  // namespace

std::vector<ByteVector> good_records(const RecordFormat& format) {
  return sealed_records(format, example_keys(format), pattern(40), {0, 7, 33});
}

RecordFormat format_of_input(Protocol protocol, std::span<const std::uint8_t> input) {
  ensure(!input.empty(), "an input has a byte that chooses its format");
  const std::vector<RecordFormat> formats = formats_of(protocol);
  return formats[input[0] % formats.size()];
}

std::size_t open_records(Protocol protocol, std::span<const std::uint8_t> input) {
  if (input.empty()) return 0;
  Connection connection(format_of_input(protocol, input));
  input = input.subspan(1);
  const auto take = [&input](std::size_t size) {
    const auto taken = input.first(std::min(size, input.size()));
    input = input.subspan(taken.size());
    return taken;
  };
  const auto number = [](std::span<const std::uint8_t> bytes) { return std::size_t{256} * bytes[0] + bytes[1]; };
  constexpr std::size_t step_header = 3;
  constexpr int most_steps = 100;
  constexpr std::size_t most_bytes = 256 * 1024;
  std::size_t bytes = 0;
  std::size_t accepted = 0;
  for (int steps = 0; steps < most_steps && bytes < most_bytes && input.size() >= step_header; ++steps) {
    const auto header = take(step_header);
    const bool forges = header[0] % 2 == 1;
    const bool stretches = header[0] >= stretched && input.size() >= 2;
    const std::size_t size = stretches ? number(take(2)) : 0;
    const auto content = std::as_bytes(take(number(header.subspan(1))));
    // A buffer of its own, so that AddressSanitizer sees a read past the record's end.
    ByteVector record(content.begin(), content.end());
    while (stretches && !content.empty() && record.size() < size) {
      record.insert(record.end(), content.begin(),
                    content.begin() + static_cast<std::ptrdiff_t>(std::min(content.size(), size - record.size())));
    }
    record.shrink_to_fit();
    bytes += record.size();
    if (forges) {
      connection.forge(record, (header[0] & only_plaintext) != 0);
    } else if (connection.open(record)) {
      ++accepted;
    }
  }
  return accepted;
}

}  // namespace cryptopath::test
