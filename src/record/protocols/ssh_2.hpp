// SSH 2: the binary packets of RFC 4253, section 6. A record is a packet, its plaintext the packet's payload.
//
// packet_length, padding_length, payload, padding, MAC. Four modes: the MAC over what is enciphered (encrypt-and-MAC,
// RFC 4253, 6.4), over the ciphertext (*-etm@openssh.com, OpenSSH's PROTOCOL, 1.5), AES-GCM (RFC 5647, as OpenSSH's
// PROTOCOL, 1.6, negotiates it) and ChaCha20-Poly1305 (OpenSSH's PROTOCOL.chacha20poly1305). All but the first keep
// packet_length apart from the rest.
#pragma once

#include <memory>

#include "record/formats.hpp"

namespace cryptopath::ssh_2 {

void lay_out(const RecordFormat& format, const SuiteFormat& suite, Frame& frame);
/// ChaCha20-Poly1305: K_2, which enciphers and authenticates, then K_1, which enciphers packet_length. GCM's
/// implicit_iv is the first nonce: 4 fixed bytes and a counter of 8.
KeySizes key_sizes(const RecordFormat& format, const SuiteFormat& suite);
std::unique_ptr<RecordCodec> make_codec(const RecordFormat& format, const SuiteFormat& suite, const TrafficKeys& keys);

}  // namespace cryptopath::ssh_2
