#include "key_exchange.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <utility>

#include "cryptopath/errors.hpp"
#include "curve25519_exchange.hpp"
#include "record/bytes.hpp"

namespace cryptopath::test {

namespace {

ByteVector random_bytes(std::size_t size) {
  ByteVector bytes(size);
  ensure_openssl(RAND_bytes(octets(bytes.data()), static_cast<int>(size)) == 1, "random bytes");
  return bytes;
}

}  // namespace

ByteVector exchange_keys(Transport& transport, const RecordFormat& format, std::span<const std::byte> host_key,
                         std::span<const std::byte> session_id) {
  const MessageWriter client_kexinit = kexinit(format, random_bytes(16));
  transport.send(client_kexinit);
  const ByteVector server_kexinit = transport.expect(MessageNumber::kexinit);

  const Key own = new_key("X25519");
  const ByteVector own_public = raw_public_key(own.get());
  transport.send(MessageWriter(MessageNumber::kex_ecdh_init).string(own_public));
  const ByteVector reply = transport.expect(MessageNumber::kex_ecdh_reply);
  MessageReader fields(reply);
  fields.byte();
  const auto shown_host_key = fields.string();
  const auto server_public = fields.string();
  const auto signature = fields.string();
  ensure(std::ranges::equal(shown_host_key, host_key), "the server has the host key that was made for it");
  const ByteVector secret = shared_secret(own.get(), server_public);

  const Exchange exchange{transport.client_version(),
                          transport.server_version(),
                          client_kexinit.bytes(),
                          server_kexinit,
                          host_key,
                          own_public,
                          server_public,
                          secret};
  const ByteVector hash = exchange.hash();
  ensure(verifies(host_key, signature, hash), "the host key's signature of the exchange verifies");

  const std::span<const std::byte> session = session_id.empty() ? std::span<const std::byte>(hash) : session_id;
  const KeyDerivation derivation(secret, hash, session);
  transport.send(MessageWriter(MessageNumber::newkeys));
  TrafficKeys sending = derivation.from_client(format);
  std::ranges::copy(random_bytes(sending.iv_seed.size()), sending.iv_seed.begin());  // for padding
  transport.protect_sending(format, std::move(sending));
  transport.expect(MessageNumber::newkeys);
  transport.protect_receiving(format, derivation.from_server(format));
  return hash;
}

}  // namespace cryptopath::test
