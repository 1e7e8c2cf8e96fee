// TLS 1.0, 1.1 and 1.2: the record layer of RFC 2246, 4346 and 5246, section 6.2.
//
// A record is type, version and length, then what TlsProtection makes of the plaintext.
#pragma once

#include <memory>

#include "record/formats.hpp"

namespace cryptopath::tls {

void lay_out(const RecordFormat& format, const SuiteFormat& suite, Frame& frame);
KeySizes key_sizes(const RecordFormat& format, const SuiteFormat& suite);
std::unique_ptr<RecordCodec> make_codec(const RecordFormat& format, const SuiteFormat& suite, const TrafficKeys& keys);

}  // namespace cryptopath::tls
