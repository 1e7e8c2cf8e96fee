// The key exchange curve25519-sha256 (RFC 8731) with a host key of Ed25519, and the keys of both directions from it.
#pragma once

#include "server.hpp"
#include "transport.hpp"

namespace cryptopath::test {

AlgorithmNames algorithm_names(const RecordFormat& format);

/// Exchanges keys and protects both directions with the format, which is all that the client offers. Throws Fault
/// unless the server shows, by a signature, that it has the key `host_key` and has seen the same exchange. Returns the
/// exchange hash. `session_id` is that of the first exchange, or empty in the first one.
ByteVector exchange_keys(Transport& transport, const RecordFormat& format, std::span<const std::byte> host_key,
                         std::span<const std::byte> session_id);

}  // namespace cryptopath::test
