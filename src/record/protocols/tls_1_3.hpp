// TLS 1.3: the record layer of RFC 8446, section 5.
//
// Type and version on the outside are always those of application data in TLS 1.2; the type stands behind the
// plaintext, enciphered, and is followed by as many zeros as the sender likes: none here.
#pragma once

#include <memory>

#include "record/formats.hpp"

namespace cryptopath::tls_1_3 {

void lay_out(const RecordFormat& format, const SuiteFormat& suite, Frame& frame);
KeySizes key_sizes(const RecordFormat& format, const SuiteFormat& suite);
std::unique_ptr<RecordCodec> make_codec(const RecordFormat& format, const SuiteFormat& suite, const TrafficKeys& keys);

}  // namespace cryptopath::tls_1_3
