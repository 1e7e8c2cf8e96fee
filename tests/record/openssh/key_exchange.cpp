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

void take_keys_into_use(Transport& transport, const RecordFormat& format, TrafficKeys sending, TrafficKeys receiving) {
  std::ranges::copy(random_bytes(sending.iv_seed.size()), sending.iv_seed.begin());  // for padding
  transport.send(MessageWriter(MessageNumber::newkeys));
  transport.protect_sending(format, std::move(sending));
  transport.expect(MessageNumber::newkeys);
  transport.protect_receiving(format, std::move(receiving));
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
  take_keys_into_use(transport, format, keys.from_client(format, session), keys.from_server(format, session));
  return keys.hash();
}

Digest serve_keys(Transport& transport, const RecordFormat& format, EVP_PKEY* host_key,
                  const std::optional<Digest>& session_id, const std::optional<ByteVector>& proposal) {
  const MessageWriter own_proposal = kexinit(format, random_bytes(16));
  transport.send(own_proposal);
  const Greetings greetings{transport.client_version(), transport.server_version(),
                            proposal ? *proposal : transport.expect(MessageNumber::kexinit), own_proposal.bytes()};
  const ByteVector init = transport.expect(MessageNumber::kex_ecdh_init);
  const Answer answered = answer(greetings, init, new_key("X25519").get(), host_key);
  transport.send(answered.reply);

  const KeyDerivation& keys = answered.keys;
  const Digest session = session_id.value_or(keys.hash());
  take_keys_into_use(transport, format, keys.from_server(format, session), keys.from_client(format, session));
  return keys.hash();
}

}  // namespace cryptopath::test
