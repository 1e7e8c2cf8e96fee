#include "plain.hpp"

#include "record/codec.hpp"

namespace cryptopath::plain {

namespace {

class PlainCodec final : public RecordCodec {
 public:
  void write_framing(const Frame&, std::span<std::byte>) override {}
  void seal_in_place(const Frame&, std::span<std::byte>) override {}
  Opened open_in_place(std::uint64_t, std::span<std::byte> record) override {
    return accepted(ContentType::application_data, record);
  }
};

}  // namespace

void lay_out(const RecordFormat&, const SuiteFormat&, Frame&) {}
KeySizes key_sizes(const RecordFormat&, const SuiteFormat&) { return {}; }
std::unique_ptr<RecordCodec> make_codec(const RecordFormat&, const SuiteFormat&, const TrafficKeys&) {
  return std::make_unique<PlainCodec>();
}

}  // namespace cryptopath::plain
