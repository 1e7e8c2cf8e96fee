#include "key_exchange.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <utility>

#include "cryptopath/errors.hpp"

namespace cryptopath::test {

using namespace ssh_2;

namespace {

ByteVector random_bytes(std::size_t size) {
  ByteVector bytes(size);
  ensure_openssl(RAND_bytes(octets(bytes.data()), static_cast<int>(size)) == 1, "random bytes");
  return bytes;
}

}  // namespace

Key new_key(const char* algorithm) {
  Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, algorithm));
  ensure_openssl(key != nullptr, algorithm);
  return key;
}

Digest exchange_keys(Transport& transport, const RecordFormat& format, std::span<const std::byte> host_key,
                     const std::optional<Digest>& session_id) {
  const MessageWriter proposal = kexinit(format, random_bytes(16));
  transport.send(proposal);
  const Greetings greetings{transport.client_version(), transport.server_version(), proposal.bytes(),
                            transport.expect(MessageNumber::kexinit)};
  const Key own = new_key("X25519");
  transport.send(ecdh_init(own.get()));
  const ByteVector reply = transport.expect(MessageNumber::kex_ecdh_reply);
  const KeyDerivation keys = conclude(greetings, own.get(), reply, host_key);

  const Digest session = session_id.value_or(keys.hash());
  transport.send(MessageWriter(MessageNumber::newkeys));
  TrafficKeys sending = keys.from_client(format, session);
  std::ranges::copy(random_bytes(sending.iv_seed.size()), sending.iv_seed.begin());  // for padding
  transport.protect_sending(format, std::move(sending));
  transport.expect(MessageNumber::newkeys);
  transport.protect_receiving(format, keys.from_server(format, session));
  return keys.hash();
}

}  // namespace cryptopath::test
