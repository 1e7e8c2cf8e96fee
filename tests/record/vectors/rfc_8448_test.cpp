// Every protected record of RFC 8448, sections 3 to 7 (a simple handshake, a resumed one with early data, one with a
// HelloRetryRequest, one in which the client authenticates itself, and compatibility mode), through the codec of
// TLS 1.3.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "../sealed_stream.hpp"
#include "vector_file.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

TEST_CASE("TLS 1.3 records are those of the traces in RFC 8448") {
  constexpr RecordFormat format{Protocol::tls_1_3, Suite::aes_128_gcm};
  std::size_t records = 0;
  for (const VectorCase& one : read_vectors(CRYPTOPATH_RFC_8448)) {
    TrafficKeys keys;
    keys.cipher_key = one.bytes("key");
    keys.implicit_iv = one.bytes("iv");
    keys.sequence = one.number("sequence");
    const auto content = static_cast<ContentType>(one.number("content"));
    const ByteVector plaintext = one.bytes("plaintext");
    ByteVector record = one.bytes("record");
    INFO("record " << records);

    RecordTransform transform(format, keys);
    RecordFraming framing(format, keys.sequence);
    CHECK(sealed(transform, framing.next(size_of(plaintext), content), plaintext) == record);
    const Opened opened = opened_record(format, keys, record);
    REQUIRE(opened);
    CHECK(opened.content == content);
    CHECK(ByteVector(opened.plaintext.begin(), opened.plaintext.end()) == plaintext);
    ++records;
  }
  fmt::print("RFC 8448, sections 3 to 7: {} records sealed and opened\n", records);
  CHECK(records == 27);
}
