// ESP, the Encapsulating Security Payload: RFC 4303, with sequence numbers of 32 bits.
//
// In transport mode it holds a UDP datagram, in tunnel mode an IPv4 packet with a UDP datagram, whose data are the
// plaintext: header and data of each in the frame's prefix and plaintext, padding and next header in the trailer.
// Traffic flow confidentiality padding (2.7) is not agreed on, so lengths inside must be exact.
#pragma once

#include <memory>

#include "record/formats.hpp"

namespace cryptopath::esp {

void lay_out(const RecordFormat& format, const SuiteFormat& suite, Frame& frame);
KeySizes key_sizes(const RecordFormat& format, const SuiteFormat& suite);
std::unique_ptr<RecordCodec> make_codec(const RecordFormat& format, const SuiteFormat& suite, const TrafficKeys& keys);

}  // namespace cryptopath::esp
