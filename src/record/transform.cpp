#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>

#include "bytes.hpp"
#include "formats.hpp"
#include "suite_transform.hpp"
#include "tls_1_2.hpp"

namespace cryptopath {

namespace {

/// Protocol::none: the record is the plaintext.
class NullTransform final : public SuiteTransform {
 public:
  void write_explicit_iv(std::uint64_t, std::span<std::byte>) const override {}
  void seal_in_place(const Frame&, std::span<std::byte>) const override {}
  std::optional<std::span<std::byte>> open_in_place(std::uint64_t, std::span<std::byte> record) const override {
    return record;
  }
};

std::unique_ptr<SuiteTransform> make_transform(Suite suite, const TrafficKeys& keys) {
  const SuiteFormat& format = format_of(suite);
  ensure(size_of(keys.cipher_key) == format.cipher_key && size_of(keys.mac_key) == format.mac_key &&
             size_of(keys.implicit_iv) == format.implicit_iv,
         "the keys have the suite's sizes");
  switch (suite) {
    case Suite::null:
      return std::make_unique<NullTransform>();
    case Suite::aes_128_gcm:
      return make_gcm_transform(keys);
    case Suite::triple_des_cbc_hmac_sha1:
      return make_cbc_hmac_transform(keys);
  }
  throw Fault("every suite has a transform");
}

}  // namespace

TrafficKeys::~TrafficKeys() {
  OPENSSL_cleanse(cipher_key.data(), cipher_key.size());
  OPENSSL_cleanse(mac_key.data(), mac_key.size());
  OPENSSL_cleanse(implicit_iv.data(), implicit_iv.size());
  OPENSSL_cleanse(iv_seed.data(), iv_seed.size());
}

struct RecordTransform::State {
  RecordFraming framing;
  std::unique_ptr<SuiteTransform> transform;

  void ensure_fits(const Frame& frame, std::span<const std::byte> record) const {
    Frame expected = framing.layout(frame.plaintext);
    expected.sequence = frame.sequence;
    ensure(frame == expected, "the frame is of this protocol and suite");
    ensure(size_of(record) == frame.size(), "the record has its frame's size");
  }
};

RecordTransform::RecordTransform(Protocol protocol, Suite suite, const TrafficKeys& keys)
    : state_(new State{RecordFraming(protocol, suite, keys.sequence), make_transform(suite, keys)}) {}
RecordTransform::~RecordTransform() = default;
RecordTransform::RecordTransform(RecordTransform&&) noexcept = default;
RecordTransform& RecordTransform::operator=(RecordTransform&&) noexcept = default;

void RecordTransform::write_framing(const Frame& frame, std::span<std::byte> record) const {
  state_->ensure_fits(frame, record);
  if (state_->framing.protocol() == Protocol::tls_1_2) {
    tls_1_2::write_header(frame.size() - frame.header, record.first<tls_1_2::header_size>());
  }
  state_->transform->write_explicit_iv(frame.sequence, part(record, frame.header, frame.iv));
  // Each byte of padding is the number of those before the last.
  const Bytes padding = frame.plaintext_offset() + frame.plaintext + frame.mac;
  if (frame.padding > Bytes(0)) {
    std::ranges::fill(part(record, padding, frame.padding), static_cast<std::byte>(frame.padding.count - 1));
  }
}

void RecordTransform::seal_in_place(const Frame& frame, std::span<std::byte> record) const {
  state_->ensure_fits(frame, record);
  state_->transform->seal_in_place(frame, record);
}

void RecordTransform::seal(const Frame& frame, std::span<const std::byte> plaintext,
                           std::span<std::byte> record) const {
  ensure(size_of(plaintext) == frame.plaintext, "the plaintext has its frame's size");
  write_framing(frame, record);
  // The two may be the same bytes: the plaintext may already stand at its place.
  const auto place = part(record, frame.plaintext_offset(), frame.plaintext);
  if (!plaintext.empty()) std::memmove(place.data(), plaintext.data(), plaintext.size());
  seal_in_place(frame, record);
}

std::optional<std::span<std::byte>> RecordTransform::open_in_place(std::uint64_t sequence,
                                                                   std::span<std::byte> record) const {
  const RecordFraming& framing = state_->framing;
  if (framing.protocol() == Protocol::tls_1_2) {
    const Bytes smallest = framing.layout(Bytes(0)).size();
    if (size_of(record) < smallest || !tls_1_2::has_fitting_header(record)) return std::nullopt;
  }
  const auto plaintext = state_->transform->open_in_place(sequence, record);
  if (plaintext && size_of(*plaintext) > framing.largest_plaintext()) return std::nullopt;
  return plaintext;
}

}  // namespace cryptopath
