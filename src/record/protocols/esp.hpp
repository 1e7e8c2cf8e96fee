// ESP: RFC 4303.
#pragma once

#include <memory>

#include "record/formats.hpp"

namespace cryptopath::esp {

void lay_out(const RecordFormat& format, const SuiteFormat& suite, Frame& frame);
KeySizes key_sizes(const RecordFormat& format, const SuiteFormat& suite);
std::unique_ptr<RecordCodec> make_codec(const RecordFormat& format, const SuiteFormat& suite, const TrafficKeys& keys);

}  // namespace cryptopath::esp
