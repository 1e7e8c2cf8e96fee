#include "esp.hpp"

#include "record/codec.hpp"

namespace cryptopath::esp {

void lay_out(const RecordFormat&, const SuiteFormat&, Frame&) {}
KeySizes key_sizes(const RecordFormat&, const SuiteFormat&) { return {}; }
std::unique_ptr<RecordCodec> make_codec(const RecordFormat&, const SuiteFormat&, const TrafficKeys&) { return nullptr; }

}  // namespace cryptopath::esp
