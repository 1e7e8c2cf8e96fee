// Either end's part in a key exchange over a connection.
#pragma once

#include <optional>

#include "record/handshakes/ssh_key_exchange.hpp"
#include "transport.hpp"

namespace cryptopath::test {

/// A fresh key of "ED25519" or "X25519".
ssh_2::Key new_key(const char* algorithm);

/// The client exchanges keys and protects both directions with the format, which is all that it offers. Throws Fault
/// unless the server shows, by a signature, that it has the key `host_key` and has seen the same exchange. Returns the
/// exchange hash. `session_id` is that of the first exchange, or nothing in the first one.
ssh_2::Digest exchange_keys(Transport& transport, const RecordFormat& format, std::span<const std::byte> host_key,
                            const std::optional<ssh_2::Digest>& session_id = {});
/// The server's part, in which the format is all that it offers. `proposal` is the client's, where it has come already.
ssh_2::Digest serve_keys(Transport& transport, const RecordFormat& format, EVP_PKEY* host_key,
                         const std::optional<ssh_2::Digest>& session_id = {},
                         const std::optional<ByteVector>& proposal = {});

}  // namespace cryptopath::test
