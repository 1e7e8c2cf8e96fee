// DTLS 1.2: the record layer of RFC 6347, section 4.1: TLS 1.2 with epoch and sequence number in the header.
#pragma once

#include <memory>

#include "record/formats.hpp"

namespace cryptopath::dtls_1_2 {

void lay_out(const RecordFormat& format, const SuiteFormat& suite, Frame& frame);
KeySizes key_sizes(const RecordFormat& format, const SuiteFormat& suite);
std::unique_ptr<RecordCodec> make_codec(const RecordFormat& format, const SuiteFormat& suite, const TrafficKeys& keys);

}  // namespace cryptopath::dtls_1_2
