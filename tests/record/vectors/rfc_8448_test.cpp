// The application data of RFC 8448, section 3 (a simple 1-RTT handshake), through the codec of TLS 1.3.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string_view>

#include "../sealed_stream.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

constexpr RecordFormat format{Protocol::tls_1_3, Suite::aes_128_gcm};

ByteVector bytes(std::string_view digits) {
  ByteVector result;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    result.push_back(static_cast<std::byte>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16)));
  }
  return result;
}

TrafficKeys keys(std::string_view key, std::string_view iv, std::uint64_t sequence) {
  TrafficKeys keys;
  keys.cipher_key = bytes(key);
  keys.implicit_iv = bytes(iv);
  keys.sequence = sequence;
  return keys;
}

TrafficKeys client_keys(std::uint64_t sequence) {
  return keys("17422dda596ed5d9acd890e3c63f5051", "5b78923dee08579033e523d9", sequence);
}
TrafficKeys server_keys(std::uint64_t sequence) {
  return keys("9f02283b6c9c07efc26bb9f2ac92e356", "cf782b88dd83549aadf1e984", sequence);
}

void check_record(const TrafficKeys& sender, ContentType content, const ByteVector& plaintext,
                  std::string_view record) {
  RecordTransform transform(format, sender);
  RecordFraming framing(format, sender.sequence);
  CHECK(sealed(transform, framing.next(size_of(plaintext), content), plaintext) == bytes(record));
  ByteVector received = bytes(record);
  const Opened opened = opened_record(format, sender, received);
  REQUIRE(opened);
  CHECK(opened.content == content);
  CHECK(ByteVector(opened.plaintext.begin(), opened.plaintext.end()) == plaintext);
}

}  // namespace

TEST_CASE("TLS 1.3 records are those of the trace in RFC 8448") {
  ByteVector payload(50);
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::byte>(i);
  const ByteVector close_notify = {std::byte{1}, std::byte{0}};
  check_record(
      client_keys(0), ContentType::application_data, payload,
      "1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20441e2b62974e1f5a"
      "6292a2977014bd1e3deae63aeebb21694915e4");
  check_record(
      server_keys(1), ContentType::application_data, payload,
      "17030300432e937e11ef4ac740e538ad36005fc4a46932fc3225d05f82aa1b36e30efaf97d90e6dffc602dcb501a59a8fcc49c4bf2"
      "e5f0a21c0047c2abf332540dd032e167c2955d");
  check_record(client_keys(1), ContentType::alert, close_notify, "1703030013c9872760655666b74d7ff1153efd6db6d0b0e3");
  check_record(server_keys(2), ContentType::alert, close_notify, "1703030013b58fd67166ebf599d24720cfbe7efa7a8864a9");
  fmt::print("RFC 8448: 4 records sealed and opened\n");
}
