// Sealing records against bare EVP_EncryptUpdate over the same bytes, and against SSL_write into a BIO that throws all
// away, in one run. Goals: AES-128-GCM of_bare_evp at least 0.94 at 16 KiB, 0.83 at 4 KiB and 0.66 at 1400 B, and
// times_ssl_write above 1 at every size and at least 1.3 at 1400 B; 3DES of_bare_evp at least 0.96 at 16 KiB.
//
// They take turns in short rounds, so that all meet the same machine; each figure is the median over the rounds of the
// ratio within one. Sealing is what a path does: RecordFraming::next, RecordTransform::write_framing and seal_in_place,
// with the plaintext at its place. copying_times_ssl_write has RecordTransform::seal with the plaintext elsewhere
// instead, which copies it, as SSL_write does. Bare EVP is one call a piece on one context, without IVs, tags or MACs.
#include <benchmark/benchmark.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <exception>
#include <span>
#include <string>
#include <vector>

#include "cryptopath/errors.hpp"
#include "cryptopath/record.hpp"
#include "tls_12_connection.hpp"

namespace {

using namespace cryptopath;

constexpr std::size_t rounds = 41;
constexpr double seconds_a_round = 0.004;

double thread_nanoseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return 1e9 * static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec);
}

/// Nanoseconds of processor time that one call takes, over as many as fill a round.
template <class Call>
double time_of(std::size_t calls, Call&& call) {
  const double began = thread_nanoseconds();
  for (std::size_t i = 0; i < calls; ++i) call();
  return (thread_nanoseconds() - began) / static_cast<double>(calls);
}

double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

class BareEvp {
 public:
  BareEvp(const char* cipher, std::size_t size) : context_(EVP_CIPHER_CTX_new()), bytes_(size) {
    const std::array<unsigned char, 32> key_and_iv = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                                      11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
    EVP_CIPHER* fetched = EVP_CIPHER_fetch(nullptr, cipher, nullptr);
    ensure(fetched != nullptr &&
               EVP_EncryptInit_ex2(context_, fetched, key_and_iv.data(), key_and_iv.data(), nullptr) == 1,
           "OpenSSL starts the cipher");
    EVP_CIPHER_free(fetched);
  }
  ~BareEvp() { EVP_CIPHER_CTX_free(context_); }
  BareEvp(const BareEvp&) = delete;
  BareEvp& operator=(const BareEvp&) = delete;
  void operator()() {
    int written = 0;
    ensure(EVP_EncryptUpdate(context_, bytes_.data(), &written, bytes_.data(), static_cast<int>(bytes_.size())) == 1,
           "OpenSSL enciphers");
  }

 private:
  EVP_CIPHER_CTX* context_;
  std::vector<unsigned char> bytes_;
};

class Sealer {
 public:
  Sealer(const RecordFormat& format, std::size_t size)
      : framing_(format, 1),
        transform_(format, keys(format)),
        size_(static_cast<std::int64_t>(size)),
        elsewhere_(size),
        record_(static_cast<std::size_t>(framing_.layout(size_).size().count)) {}

  void seal_in_place() {
    const Frame frame = framing_.next(size_);
    transform_.write_framing(frame, record_);
    transform_.seal_in_place(frame, record_);
  }
  void seal_from_elsewhere() { transform_.seal(framing_.next(size_), elsewhere_, record_); }

 private:
  static TrafficKeys keys(const RecordFormat& format) {
    const KeySizes sizes = key_sizes(format);
    TrafficKeys keys;
    keys.cipher_key.resize(static_cast<std::size_t>(sizes.cipher_key.count), std::byte{7});
    keys.mac_key.resize(static_cast<std::size_t>(sizes.mac_key.count), std::byte{8});
    keys.implicit_iv.resize(static_cast<std::size_t>(sizes.implicit_iv.count), std::byte{9});
    return keys;
  }

  RecordFraming framing_;
  RecordTransform transform_;
  Bytes size_;
  std::vector<std::byte> elsewhere_;
  std::vector<std::byte> record_;
};

void measure(benchmark::State& state, const RecordFormat& format, const char* cipher, std::size_t size,
             bool beside_ssl_write) {
  BareEvp bare(cipher, size);
  Sealer sealer(format, size);
  const auto seal = [&sealer] { sealer.seal_in_place(); };
  bench::Tls12Connection connection(size);
  const auto calls = static_cast<std::size_t>(seconds_a_round * 1e9 / std::max(1.0, time_of(20, seal))) + 1;
  for ([[maybe_unused]] auto iteration : state) {
    std::vector<double> of_bare;
    std::vector<double> of_ssl;
    std::vector<double> copying_of_ssl;
    std::vector<double> took;
    for (std::size_t round = 0; round < rounds; ++round) {
      const double bare_time = time_of(calls, bare);
      took.push_back(time_of(calls, seal));
      of_bare.push_back(bare_time / took.back());
      if (!beside_ssl_write) continue;
      const double ssl_time = time_of(calls, [&] { connection.write(); });
      of_ssl.push_back(ssl_time / took.back());
      copying_of_ssl.push_back(ssl_time / time_of(calls, [&] { sealer.seal_from_elsewhere(); }));
    }
    const double seconds = median(took) * 1e-9;
    state.SetIterationTime(seconds);
    state.counters["of_bare_evp"] = median(of_bare);
    if (beside_ssl_write) {
      state.counters["times_ssl_write"] = median(of_ssl);
      state.counters["copying_times_ssl_write"] = median(copying_of_ssl);
    }
    state.counters["MB_a_second"] = static_cast<double>(size) / seconds / 1e6;
  }
}

void add(const char* name, const RecordFormat& format, const char* cipher, std::size_t size, bool beside_ssl_write) {
  benchmark::RegisterBenchmark((std::string("seal ") + name + ", " + std::to_string(size) + " B").c_str(),
                               [=](benchmark::State& state) { measure(state, format, cipher, size, beside_ssl_write); })
      ->UseManualTime()
      ->Iterations(1)
      ->Unit(benchmark::kNanosecond);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  try {
    for (const std::size_t size : {std::size_t{16384}, std::size_t{4096}, std::size_t{1400}, std::size_t{256}}) {
      add("AES-128-GCM", {Protocol::tls_1_2, Suite::aes_128_gcm}, "AES-128-GCM", size, true);
    }
    for (const std::size_t size : {std::size_t{16384}, std::size_t{4096}, std::size_t{1400}}) {
      add("3DES-HMAC-SHA1", {Protocol::tls_1_2, Suite::triple_des_cbc_hmac_sha1}, "DES-EDE3-CBC", size, false);
    }
    benchmark::RunSpecifiedBenchmarks();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
