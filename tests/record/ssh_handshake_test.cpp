// What both ends of SSH say in a session's handshake, what they conclude from it, and the line of the key log.
#include <catch2/catch.hpp>

#include "record/handshakes/handshake.hpp"
#include "record/handshakes/ssh_algorithm_names.hpp"
#include "record/handshakes/ssh_key_exchange.hpp"
#include "record/seeded_bytes.hpp"
#include "ssh_packets.hpp"

using namespace cryptopath;
using namespace cryptopath::test;
using namespace cryptopath::ssh_2;
using Catch::Matchers::Contains;

namespace {

constexpr RecordFormat gcm{Protocol::ssh_2, Suite::aes_128_gcm};

/// What one end has said behind its version.
std::vector<ByteVector> messages_of(const Session& session, bool sender) {
  std::vector<ByteVector> messages;
  for (const Flight& flight : session.handshake) {
    if (flight.from_sender != sender || as_string(flight.bytes).starts_with("SSH-")) continue;
    REQUIRE(flight.bytes.size() % 8 == 0);
    ByteVector packet = flight.bytes;
    const auto payload = payload_in_clear(packet);
    REQUIRE(4 + MessageReader(packet).uint32() == packet.size());
    messages.emplace_back(payload.begin(), payload.end());
  }
  return messages;
}

/// One exchange between two ends, whose messages can be changed on the way.
struct Exchange {
  Key client_key = key_pair(EVP_PKEY_X25519, pattern(32, 1));
  Key server_key = key_pair(EVP_PKEY_X25519, pattern(32, 2));
  Key host_key = key_pair(EVP_PKEY_ED25519, pattern(32, 3));
  Greetings greetings{"SSH-2.0-a", "SSH-2.0-b", kexinit(gcm, pattern(16, 4)).bytes(),
                      kexinit(gcm, pattern(16, 5)).bytes()};
  Answer answered = answer(greetings, ecdh_init(client_key.get()).bytes(), server_key.get(), host_key.get());
  ByteVector reply = answered.reply.bytes();
  ByteVector known_host = public_key_blob(host_key.get());

  KeyDerivation concluded() const { return conclude(greetings, client_key.get(), reply, known_host); }
};

bool same_keys(const TrafficKeys& a, const TrafficKeys& b) {
  return a.cipher_key == b.cipher_key && a.mac_key == b.mac_key && a.implicit_iv == b.implicit_iv;
}

ByteVector x25519(const Key& own, const Key& other) {
  const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new(own.get(), nullptr));
  ByteVector secret(32);
  std::size_t size = secret.size();
  REQUIRE(EVP_PKEY_derive_init(context.get()) == 1);
  REQUIRE(EVP_PKEY_derive_set_peer(context.get(), other.get()) == 1);
  REQUIRE(EVP_PKEY_derive(context.get(), octets(secret.data()), &size) == 1);
  return secret;
}

ByteVector bytes_of_hexadecimal(const std::string& digits) {
  ByteVector bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    bytes.push_back(std::byte(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

}  // namespace

TEST_CASE("an SSH session begins with versions, proposals of the format alone, curve25519-sha256 and NEWKEYS") {
  for (const RecordFormat& format : ssh_formats()) {
    INFO(name_of(format));
    const Session session = handshake(format, 1);
    const AlgorithmNames names = algorithm_names(format);
    CHECK_THAT(as_string(session.handshake.at(0).bytes), Catch::Matches("SSH-2\\.0-[!-,.-~]+\r\n"));
    CHECK_THAT(as_string(session.handshake.at(1).bytes), Catch::Matches("SSH-2\\.0-[!-,.-~]+\r\n"));
    CHECK_FALSE(session.handshake[0].from_sender);
    CHECK(session.handshake[1].from_sender);
    const std::vector<ByteVector> client = messages_of(session, false);
    const std::vector<ByteVector> server = messages_of(session, true);
    REQUIRE(client.size() == 3);
    REQUIRE(server.size() == 3);
    CHECK(session.sender.sequence == server.size());  // from the first packet on, 0

    for (const ByteVector& proposal : {client[0], server[0]}) {
      MessageReader fields(proposal);
      CHECK(fields.byte() == 20);
      fields.raw(16);
      for (const std::string& expected :
           {std::string("curve25519-sha256"), std::string("ssh-ed25519"), names.cipher, names.cipher, names.mac,
            names.mac, std::string("none"), std::string("none"), std::string(), std::string()}) {
        CHECK(fields.text() == expected);
      }
      CHECK(fields.byte() == 0);
      CHECK(fields.uint32() == 0);
      CHECK_THROWS_AS(fields.byte(), Fault);
    }
    CHECK(client[0] != server[0]);  // by their cookies
    CHECK(number_of(client[1]) == MessageNumber::kex_ecdh_init);
    CHECK(number_of(server[1]) == MessageNumber::kex_ecdh_reply);
    CHECK(client[2] == ByteVector{std::byte{21}});
    CHECK(server[2] == ByteVector{std::byte{21}});
  }
}

TEST_CASE("both ends of SSH's key exchange conclude the same keys, another pair for each direction") {
  const Exchange exchange;
  const KeyDerivation client = exchange.concluded();
  const KeyDerivation& server = exchange.answered.keys;
  CHECK(client.hash() == server.hash());
  for (const RecordFormat& format : ssh_formats()) {
    INFO(name_of(format));
    CHECK(same_keys(client.from_server(format, client.hash()), server.from_server(format, server.hash())));
    CHECK(same_keys(client.from_client(format, client.hash()), server.from_client(format, server.hash())));
    CHECK_FALSE(same_keys(client.from_client(format, client.hash()), client.from_server(format, client.hash())));
    CHECK_FALSE(same_keys(client.from_server(format, client.hash()), client.from_server(format, Digest())));
  }
}

TEST_CASE("SSH's client refuses a server that is not the one it knows or has not seen the same exchange") {
  CHECK_NOTHROW(Exchange().concluded());
  Exchange other_host;
  other_host.known_host = public_key_blob(key_pair(EVP_PKEY_ED25519, pattern(32, 6)).get());
  CHECK_THROWS_WITH(other_host.concluded(), Contains("host key that the client knows"));
  Exchange other_proposal;
  other_proposal.greetings.server_kexinit.back() ^= std::byte{1};
  CHECK_THROWS_WITH(other_proposal.concluded(), Contains("signature of the exchange"));
  Exchange other_version;
  other_version.greetings.client_version += 'x';
  CHECK_THROWS_WITH(other_version.concluded(), Contains("signature of the exchange"));
  Exchange other_signature;
  other_signature.reply.back() ^= std::byte{1};
  CHECK_THROWS_WITH(other_signature.concluded(), Contains("signature of the exchange"));
  Exchange other_message;
  other_message.reply.front() = std::byte{30};
  CHECK_THROWS_WITH(other_message.concluded(), Contains("the message that is due"));
  Exchange shorter;
  shorter.reply.pop_back();
  CHECK_THROWS_WITH(shorter.concluded(), Contains("all its fields"));
  // A public key of small order: the secret would be zeros.
  const ByteVector zeros = MessageWriter(MessageNumber::kex_ecdh_init).string(ByteVector(32)).bytes();
  CHECK_THROWS_WITH(answer(shorter.greetings, zeros, shorter.server_key.get(), shorter.host_key.get()),
                    Contains("X25519"));
}

TEST_CASE("what is no packet in clear or has bytes behind its last field is refused") {
  const ByteVector packet = packet_in_clear(pattern(20));
  const auto refused = [&packet](std::size_t place, int value) {
    ByteVector changed = packet;
    changed.at(place) = std::byte(value);
    CHECK_THROWS_AS(payload_in_clear(changed), Fault);
  };
  ByteVector unchanged = packet;
  CHECK(payload_in_clear(unchanged).size() == 20);
  refused(3, static_cast<int>(packet.size()) - 12);  // packet_length
  refused(4, 3);                                     // padding_length
  refused(4, static_cast<int>(packet.size()) - 5);
  for (const std::size_t size : {std::size_t{8}, packet.size() - 1}) {
    ByteVector cut(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size));
    cut[3] = std::byte(size - 4);
    cut[4] = std::byte{4};
    CHECK_THROWS_WITH(payload_in_clear(cut), Contains("16 bytes or more, a multiple of 8"));
  }

  Exchange longer;
  longer.reply.push_back(std::byte{0});
  CHECK_THROWS_WITH(longer.concluded(), Contains("ends with its last field"));
  ByteVector init = ecdh_init(longer.client_key.get()).bytes();
  init.push_back(std::byte{0});
  CHECK_THROWS_WITH(client_public_key(init), Contains("ends with its last field"));
}

TEST_CASE("a secret that both share is an mpint: no zeros in front but one before a highest bit") {
  int shortened = 0;
  int lengthened = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const Key own = key_pair(EVP_PKEY_X25519, pattern(32, 2 * seed));
    const Key other = key_pair(EVP_PKEY_X25519, pattern(32, 2 * seed + 1));
    ByteVector number = x25519(own, other);
    number.erase(number.begin(), std::ranges::find_if(number, [](std::byte byte) { return byte != std::byte{0}; }));
    if ((number[0] & std::byte{0x80}) != std::byte{0}) number.insert(number.begin(), std::byte{0});
    const SharedSecret secret(own.get(), raw_public_key(other.get()));
    CHECK(ByteVector(secret.mpint().begin(), secret.mpint().end()) == MessageWriter().string(number).bytes());
    CHECK(secret.is_shortened() == (number.size() < 32));
    if (number.size() < 32) ++shortened;
    if (number.size() > 32) ++lengthened;
  }
  CHECK(shortened > 0);
  CHECK(lengthened > 0);
}

TEST_CASE("SSH's key log has the server's cookie and its private key, whose secret Wireshark 4.0 writes as SSH does") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {  // the first draw of 159 gives a shortened secret
    const Session session = handshake(gcm, seed);
    REQUIRE_THAT(session.key_log, Catch::Matches("[0-9a-f]{32} [0-9a-f]{64}\n"));
    const std::vector<ByteVector> client = messages_of(session, false);
    const std::vector<ByteVector> server = messages_of(session, true);
    CHECK(bytes_of_hexadecimal(session.key_log.substr(0, 32)) == ByteVector(&server[0][1], &server[0][17]));
    const Key key = key_pair(EVP_PKEY_X25519, bytes_of_hexadecimal(session.key_log.substr(33, 64)));
    MessageReader reply(server[1]);
    reply.byte();
    reply.string();
    CHECK(std::ranges::equal(reply.string(), raw_public_key(key.get())));
    CHECK_FALSE(SharedSecret(key.get(), client_public_key(client[1])).is_shortened());
  }
  const Key client = key_pair(EVP_PKEY_X25519, seeded_bytes("cryptopath SSH client key", 159, 32));
  const Key first_draw = key_pair(EVP_PKEY_X25519, seeded_bytes("cryptopath SSH server key", 159, 32));
  CHECK(SharedSecret(first_draw.get(), raw_public_key(client.get())).is_shortened());
}

TEST_CASE("SSH has a key log for AES in CBC mode with its MAC over the plaintext, and for AEADs") {
  for (const RecordFormat& format : ssh_formats()) {
    const std::string_view suite = name_of(format.suite);
    INFO(name_of(format));
    const bool cbc = suite.starts_with("aes") && suite.find("cbc") != std::string_view::npos;
    const bool aead = suite.find("hmac") == std::string_view::npos;
    CHECK(handshake(format, 1).key_log.empty() == !(aead || (cbc && !format.encrypt_then_mac)));
  }
}
