// libFuzzer's entry, for the protocol that the build names: fuzz_PROTOCOL CORPUS_FOLDER
#include "open_records.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cryptopath::test::open_records(cryptopath::Protocol::CRYPTOPATH_FUZZED_PROTOCOL, {data, size});
  return 0;
}
