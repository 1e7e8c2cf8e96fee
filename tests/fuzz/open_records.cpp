#include "open_records.hpp"

#include "../record/sealed_stream.hpp"

namespace cryptopath::test {

namespace {

/// One connection: a sender that forges and a reader, with the same keys.
class Connection {
 public:
  explicit Connection(const RecordFormat& format)
      : format_(format),
        keys_(example_keys(format)),
        framing_(format, keys_.sequence),
        transform_(format, keys_),
        reader_(format, keys_) {}

  void open(std::span<std::byte> record) {
    if (!in_datagrams(format_.protocol)) {
      const auto size = reader_.next_size(record);
      ensure(!size || *size > Bytes(0), "a record has some bytes");
    }
    const Opened opened = reader_.open_in_place(record);
    ensure(!name_of(opened.rejection, format_.protocol).empty(), "what became of a record has a name");
    if (opened.plaintext.empty()) return;
    ensure(opened.plaintext.data() >= record.data() &&
               opened.plaintext.data() + opened.plaintext.size() <= record.data() + record.size(),
           "plaintext lies within its record");
  }

  void forge(std::span<const std::byte> inside) {
    const Bytes around = framing_.layout(Bytes(0)).enciphered();
    const Bytes plaintext = std::min(std::max(size_of(inside) - around, Bytes(0)), framing_.largest_plaintext());
    const Frame frame = framing_.next(plaintext);
    ByteVector record(static_cast<std::size_t>(frame.size().count));
    transform_.write_framing(frame, record);
    const auto place = std::span(record).subspan(static_cast<std::size_t>(frame.enciphered_offset().count),
                                                 static_cast<std::size_t>(frame.enciphered().count));
    std::ranges::copy(inside.first(std::min(inside.size(), place.size())), place.begin());
    transform_.seal_in_place(frame, record);
    open(record);
  }

 private:
  RecordFormat format_;
  TrafficKeys keys_;
  RecordFraming framing_;
  RecordTransform transform_;
  RecordReader reader_;
};

std::vector<RecordFormat> formats_of(Protocol protocol) {
  std::vector<RecordFormat> formats;
  for (const RecordFormat& format : all_formats()) {
    if (format.protocol == protocol) formats.push_back(format);
  }
  return formats;
}

}  // namespace

void open_records(Protocol protocol, std::span<const std::uint8_t> input) {
  if (input.empty()) return;
  const std::vector<RecordFormat> formats = formats_of(protocol);
  Connection connection(formats[input[0] % formats.size()]);
  input = input.subspan(1);
  constexpr std::size_t step_header = 3;
  constexpr int most_steps = 100;
  for (int steps = 0; steps < most_steps && input.size() >= step_header; ++steps) {
    const bool forges = input[0] % 2 == 1;
    const std::size_t length = std::min(std::size_t{256} * input[1] + input[2], input.size() - step_header);
    const auto content = std::as_bytes(input.subspan(step_header, length));
    input = input.subspan(step_header + length);
    if (forges) {
      connection.forge(content);
    } else {
      // A buffer of its own, so that AddressSanitizer sees a read past the record's end.
      ByteVector record(content.begin(), content.end());
      connection.open(record);
    }
  }
}

}  // namespace cryptopath::test
