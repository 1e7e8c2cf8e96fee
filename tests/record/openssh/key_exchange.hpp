// The client's part in a key exchange with a server.
#pragma once

#include "transport.hpp"

namespace cryptopath::test {

/// Exchanges keys and protects both directions with the format, which is all that the client offers. Throws Fault
/// unless the server shows, by a signature, that it has the key `host_key` and has seen the same exchange. Returns the
/// exchange hash. `session_id` is that of the first exchange, or empty in the first one.
ByteVector exchange_keys(Transport& transport, const RecordFormat& format, std::span<const std::byte> host_key,
                         std::span<const std::byte> session_id);

}  // namespace cryptopath::test
