#include "ssh_session.hpp"

#include "../openssh/curve25519_exchange.hpp"
#include "../sealed_stream.hpp"
#include "record/bytes.hpp"

namespace cryptopath::test {

namespace {

constexpr std::string_view client_version = "SSH-2.0-client";
constexpr std::string_view server_version = "SSH-2.0-server";

Flight line(bool from_sender, std::string_view version) {
  return {from_sender, MessageWriter().raw(bytes_of(version)).raw(bytes_of("\r\n")).bytes()};
}

Flight packet(bool from_sender, const MessageWriter& message) {
  return {from_sender, packet_in_clear(message.bytes())};
}

/// A private key that is always the same.
ByteVector fixed_key(unsigned char first) {
  ByteVector bytes(32);
  bytes[0] = std::byte{first};
  return bytes;
}

Key key_of(int type, const ByteVector& bytes) {
  Key key(EVP_PKEY_new_raw_private_key(type, nullptr, octets(bytes.data()), bytes.size()));
  ensure_openssl(key != nullptr, "a private key");
  return key;
}

}  // namespace

Session ssh_session(const RecordFormat& format, std::uint64_t seed) {
  // Wireshark 4.0 does not take zeros away from the front of the shared secret; that of these two keys has none.
  const ByteVector server_private = fixed_key(2);
  const Key client = key_of(EVP_PKEY_X25519, fixed_key(1));
  const Key server = key_of(EVP_PKEY_X25519, server_private);
  const Key host = key_of(EVP_PKEY_ED25519, fixed_key(3));
  const ByteVector host_key = public_key_blob(host.get());
  const ByteVector client_public = raw_public_key(client.get());
  const ByteVector server_public = raw_public_key(server.get());
  const ByteVector server_cookie = pattern(16, 2 * seed);
  const MessageWriter client_kexinit = kexinit(format, pattern(16, 2 * seed + 1));
  const MessageWriter server_kexinit = kexinit(format, server_cookie);
  const ByteVector secret = shared_secret(server.get(), client_public);
  const ByteVector hash = Exchange{client_version, server_version, client_kexinit.bytes(), server_kexinit.bytes(),
                                   host_key,       client_public,  server_public,          secret}
                              .hash();
  const MessageWriter newkeys(MessageNumber::newkeys);

  Session session;
  session.handshake = {
      line(false, client_version),
      line(true, server_version),
      packet(false, client_kexinit),
      packet(true, server_kexinit),
      packet(false, MessageWriter(MessageNumber::kex_ecdh_init).string(client_public)),
      packet(true, MessageWriter(MessageNumber::kex_ecdh_reply)
                       .string(host_key)
                       .string(server_public)
                       .string(signature_blob(host.get(), hash))),
      packet(true, newkeys),
      packet(false, newkeys),
  };
  session.sender = KeyDerivation(secret, hash, hash).from_server(format);
  session.sender.sequence = 3;  // after KEXINIT, ECDH_REPLY and NEWKEYS
  append_hexadecimal(session.key_log, server_cookie);
  session.key_log += ' ';
  append_hexadecimal(session.key_log, server_private);
  session.key_log += '\n';
  return session;
}

}  // namespace cryptopath::test
