// ESP packets that were published with their keys, through the project's cipher and ICV.
#include <fmt/format.h>
#include <openssl/hmac.h>

#include <catch2/catch.hpp>

#include "record/ciphers/aead.hpp"
#include "record/protocols/esp_protection.hpp"
#include "sealed_stream.hpp"

using namespace cryptopath;
using namespace cryptopath::literals;
using namespace cryptopath::test;

namespace {

ByteVector from_hexadecimal(std::string_view text) {
  ByteVector bytes;
  for (; !text.empty(); text.remove_prefix(2)) {
    bytes.push_back(std::byte(std::stoi(std::string(text.substr(0, 2)), nullptr, 16)));
  }
  return bytes;
}

ByteVector operator+(ByteVector left, const ByteVector& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

/// All in hexadecimal. The header is SPI and sequence number, the latter of 64 bits in some.
struct AeadPacket {
  const char* key;
  const char* nonce;  // salt and IV
  const char* header;
  const char* text;  // with padding, pad length and next header
  const char* ciphertext;
  const char* icv;
};

// draft-mcgrew-gcm-test-01: those of its packets that are enciphered, in the draft's order of AES-GCM.
constexpr std::array gcm_packets = {
    AeadPacket{"4c80cdefbb5d10da906ac73c3613a634", "2e443b684956ed7e3b244cfe", "000043218765432100000000",
               "45000048699a000080114db7c0a80102c0a801010a9bf15638d301000001000000000000045f736970045f75647003736970096"
               "3796265726369747902646b000021000101020201",
               "fecf537e729d5b07dc30df528dd22b768d1b98736696a6fd348509fa13ceac34cfa2436f14a3f3cf65925bf1f4a13c5d15b21e1"
               "884f5ff6247aeabb786b93bce61bc17d768fd9732",
               "459018148f6cbe722fd04796562dfdb4"},
    AeadPacket{"feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "0000a5f80000000a",
               "4500003e698f000080114dccc0a80102c0a801010a980035002a2343b2d00100000100000000000003736970096379626572636"
               "9747902646b00000100010001",
               "deb22cd9b07c72c16e3a65beeb8df304a5a5897d33ae530f1ba76d5d114d2a5c3de81827c10e9a4f51330d0eec416642cfbb85a"
               "5b47e48a4ec3b9ba95d918bd1",
               "83b70d3aa8bc6ee4c309e9d85a41ad4a"},
    AeadPacket{
        "abbccddef00112233445566778899aababbccddef00112233445566778899aab", "112233440102030405060708",
        "4a2cbfe300000002",
        "4500003069a6400080062690c0a801029389155e0a9e008b2dc57ee0000000007002400020bf0000020405b40101040201020201",
        "ff425c9b724599df7a3bcd510194e00d6a78107f1b0b1cbf06efae9d65a5d763748a637985771d347f0545659f14e99def842d8e",
        "b335f4eecfdbf831824b4c4915956c96"},
    AeadPacket{"00000000000000000000000000000000", "000000000000000000000000", "0000000000000001",
               "4500003c99c500008001cb7a40679318010101010800075c020044006162636465666768696a6b6c6d6e6f70717273747576776"
               "1626364656667686901020201",
               "4688daf2f973a392732909c331d56d60f694abaa414b5e7ff5fdcdfff5e9a284456476492719ffb64de7d9dca1e1d894bc3bd57"
               "873ed4d181d19d4d5c8c18af3",
               "f821d496eeb096e98ad2b69e4799c71d"},
    AeadPacket{"3de09874b388e6491988d0c3607eae1f", "57690e434e280000a2fca1a3", "42f67e3f1010101010101010",
               "4500003c99c300008001cb7c40679318010101010800085c020043006162636465666768696a6b6c6d6e6f70717273747576776"
               "1626364656667686901020201",
               "fba2caa4853cf9f0f22cb10d86dd83b0fec75691cf1a04b00d1138ec9c35791765acbd8701ad79845bf9fe3fba487bc91755e66"
               "62b4c8d0d1f5e22739530320a",
               "e0d731cc978ecafaeae88f00e80d6e48"},
    AeadPacket{"3de09874b388e6491988d0c3607eae1f", "57690e434e280000a2fca1a3", "42f67e3f1010101010101010",
               "4500001c42a200008001441f406793b6e00000020a00f5ff01020201",
               "fba2ca845e5df9f0f22c3e6e86dd831e1fc65792cd1af9130e1379ed", "369f071f35e034be95f112e4e7d05d35"},
    AeadPacket{"feffe9928665731c6d6a8f9467308308feffe9928665731c", "cafebabefacedbaddecaf888", "0000a5f80000000a",
               "45000028a4ad4000400678800a01038f0a010612802306b8cb712602dd6bb03e501016d075680001",
               "a5b1f8066029aea40e598b8122de02420938b3ab33f828e687b8858b5bfbdbd0315b27452144cc77",
               "95457b9652037f5318027b5b4cd7a636"},
    AeadPacket{"abbccddef00112233445566778899aab", "decaf888cafedebaceface74", "000001000000000000000001",
               "4500004933ba00007f119106c3fb1d10c2b1d326c02831ce0035dd7b800302d500004e20001e8c18d75b81dc91baa0476b91b92"
               "4b280389d92c963bac046ec959b6266c04722b14923010101",
               "18a6fd42f72cbf4ab2a2ea901f73d814e3e7f243d95412e1c349c1d2fbec168f9190feebaf2cb01984e65863965d7472b79da34"
               "5e0e780191f0d2f0e0f496c226f2127b27db35724e7845d68",
               "651f57e65f354f75ff17015769623436"},
    AeadPacket{"abbccddef00112233445566778899aababbccddef00112233445566778899aab", "73616c74616e640169766563",
               "17405e67156f3126dd0db99b",
               "45080028732c00004006e9f90a0106120a01038f06b88023dd6bafbecb71260250101f646d540001",
               "f2d69ecdbd5a0d5b8d5ef38bad4da58d1f278fde98ef67549d524a3018d9a57ff4d3a31ce673119e",
               "451626c2415771e3b7eebca614c89b35"},
    AeadPacket{"3de09874b388e6491988d0c3607eae1f", "57690e434e280000a2fca1a3", "42f67e3f1010101010101010",
               "45000049333e00007f119182c3fb1d10c2b1d326c02831ce0035cb458003025b000001e0001e8c18d65759d52284a0352c71475"
               "c8880391c764d6e5ee0496b325ae270c03899493915010101",
               "fba2cad12fc1f9f00d3cebf305410db83d7784b607323d220f24b0a97d54182800cadb0f68d99ef0e0c0c89ae9bea8884e52d65"
               "bc1afd0740f742444747b5b39ab533163aad4550ee5160975",
               "cdb608c5769189609763b8e18caa81e2"},
    AeadPacket{"abbccddef00112233445566778899aababbccddef00112233445566778899aab", "73616c74616e640169766563",
               "17405e67156f3126dd0db99b",
               "636973636f0172756c657301746865016e6574776501646566696e6501746865746563686e6f6c6f67696573017468617477696"
               "c6c01646566696e65746f6d6f72726f7701020201",
               "d4b7ed86a1777f2ea13d6973d324c69e7b43f826fb56831226508bebd2dceb18d0a6df10e5487df074113e14c641024e3e6773d"
               "91a62ee429b043a10e3efe6b012a49363412364f8",
               "c0cac587f249e56b11e24f30e44ccc76"},
    AeadPacket{"7d773d00c144c525ac619d18c84a3f47", "d966426743457e9182443bc6", "335467aeffffffff", "01020201",
               "437f866b", "cb3f699fe9b0822bac961c4504bef270"},
    AeadPacket{"abbccddef00112233445566778899aab", "decaf888cafedebaceface74", "000001000000000000000001",
               "746f016265016f72016e6f7401746f0162650001", "29c9fc69a197d038ccdd14e2ddfcaa0543332164",
               "412503524303ed3c6c5f283843af8c3e"},
    AeadPacket{
        "6c6567616c697a656d6172696a75616e61616e64646f69746265666f72656961", "7475726e333021696765746d",
        "796b6963ffffffffffffffff",
        "45000030da3a00008001df3bc0a80005c0a800010800c6cd020007006162636465666768696a6b6c6d6e6f707172737401020201",
        "f97ab2aa356d8edce17644ac8c78e25dd24dedbb29ebf1b64a274b39b49c3a864cd3d78ca4ae68a32b42458fb57dbe821dcc63b9",
        "d0937ba2945f669368661a329fb4c053"},
};

// RFC 7634, appendix A.
constexpr AeadPacket chacha_packet =
    AeadPacket{"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
               "a0a1a2a31011121314151617",
               "0102030400000005",
               "45000054a6f200004001e778c6336405c000020508005b7a3a080000553bec100007362708090a0b0c0d0e0f101112131415161"
               "718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363701020204",
               "24039428b97f417e3c13753a4f05087b67c352e6a7fab1b982d466ef407ae5c614ee8099d52844eb61aa95dfab4c02f72aa71e7"
               "c4c4f64c9befe2facc638e8f3cbec163fac469b502773f6fb94e664da9165b82829f641e0",
               "76aaa8266b7fb0f7b11b369907e1ad43"};

struct CbcPacket {
  const char* key;
  const char* text;
  const char* packet;  // without an ICV
};

// RFC 3602, section 4, cases 5 to 8: transport and tunnel mode.
constexpr std::array cbc_packets = {
    CbcPacket{
        "90d382b410eeba7ad938c46cec1a82bf",
        "08000ebda70a00008e9c083db95b070008090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e"
        "2f30313233343536370102030405060708090a0b0c0d0e0e01",
        "0000432100000001e96e8c08ab465763fd098d45dd3ff893f663c25d325c18c6a9453e194e120849a4870b66cc6b9965330013b4898dc8"
        "56a4699e523a55db080b59ec3a8e4b7e52775b07d1db34ed9c538ab50c551b874aa269add047ad2d5913ac19b7cfbad4a6"},
    CbcPacket{"90d382b410eeba7ad938c46cec1a82bf", "0800b5e8a80a0500a69c083d0b660e0077777777777777777777777701020201",
              "000043210000000869d08df7d203329db093fc4924e5bd80f51995881ec4e0c4488987ce742e8109689bb379d2d750c0d915dca3"
              "46a89f75"},
    CbcPacket{"0123456789abcdef0123456789abcdef",
              "45000054090400004001f988c0a87b03c0a87bc808009f76a90a0100b49c083d02a2040008090a0b0c0d0e0f1011121314151617"
              "18191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f30313233343536370102030405060708090a0a04",
              "0000876500000002f4e765244f6407adf13dc1380f673f37773b5241a4c449225e4f3ce5ed611b0c237ca96cf74a93013c1b0ea1"
              "a0cf70f8e4ecaec78ac53aad7a0f022b859243c647752e94a859352b8a4d4d2decd136e5c177f132ad3fbfb2201ac9904c74ee0a"
              "109e0ca1e4dfe9d5a100b842f1c22f0d"},
    CbcPacket{
        "0123456789abcdef0123456789abcdef",
        "45000044090c00004001f990c0a87b03c0a87bc80800d63caa0a0200c69c083da3de0300ffffffffffffffffffffffffffffffffffffff"
        "ffffffffffffffffffffffffff0102030405060708090a0a04",
        "000087650000000585d47224b5f3dd5d2101d4ea8dffab2215b92683819596a8047232cc00f7048fe45318e11f8a0f62ede3c3fc61203b"
        "b50f980a08c9843fd3a1b06d5c07ff9639b7eb7dfb3512e5de435e7207ed971ef3d2726d9b5ef6affc6d17a0decbb13892"},
};

/// Seals and opens the whole packet, as ESP does.
void check_packet(Suite suite, const TrafficKeys& keys, const ByteVector& in_clear, const ByteVector& expected) {
  const auto protection = make_esp_protection(format_of(suite), keys);
  ByteVector packet = in_clear;
  protection->seal(packet);
  CHECK(as_string(packet) == as_string(expected));
  const auto opened = protection->open(packet);
  REQUIRE(opened);
  CHECK(as_string(std::span(packet).first(in_clear.size() - 16)) ==
        as_string(std::span(in_clear).first(in_clear.size() - 16)));
}

void check_aead_packet(Suite suite, const AeadPacket& known) {
  const ByteVector nonce = from_hexadecimal(known.nonce);
  TrafficKeys keys;
  keys.cipher_key = from_hexadecimal(known.key);
  keys.implicit_iv.assign(nonce.begin(), nonce.begin() + 4);
  const ByteVector clear = from_hexadecimal(known.header) + ByteVector(nonce.begin() + 4, nonce.end());
  check_packet(suite, keys, clear + from_hexadecimal(known.text) + ByteVector(16),
               clear + from_hexadecimal(known.ciphertext) + from_hexadecimal(known.icv));
}

/// Where ESP itself cannot make the packet: extended sequence numbers, keys of 192 bits.
void check_cipher(const Cipher& cipher, const AeadPacket& known) {
  Aead sealing(cipher, from_hexadecimal(known.key), 12, Aead::Direction::seal);
  ByteVector text = from_hexadecimal(known.text);
  ByteVector icv(16);
  sealing.seal(from_hexadecimal(known.nonce), from_hexadecimal(known.header), text, icv);
  CHECK(as_string(text) == as_string(from_hexadecimal(known.ciphertext)));
  CHECK(as_string(icv) == as_string(from_hexadecimal(known.icv)));
  Aead opening(cipher, from_hexadecimal(known.key), 12, Aead::Direction::open);
  CHECK(opening.open(from_hexadecimal(known.nonce), from_hexadecimal(known.header), text, icv));
  CHECK(as_string(text) == as_string(from_hexadecimal(known.text)));
}

}  // namespace

TEST_CASE("ESP's AES-GCM packets are those of draft-mcgrew-gcm-test-01") {
  std::size_t whole = 0;
  for (const AeadPacket& known : gcm_packets) {
    INFO(known.ciphertext);
    const std::size_t key = std::string_view(known.key).size() / 2;
    if (std::string_view(known.header).size() == 2 * esp_header_size && key != 24) {
      check_aead_packet(key == 16 ? Suite::aes_128_gcm : Suite::aes_256_gcm, known);
      ++whole;
    } else {
      const Cipher aes_192{CipherKind::gcm, "AES-192-GCM", 24_B, 0_B, 16_B};
      check_cipher(key == 16   ? format_of(Suite::aes_128_gcm).cipher
                   : key == 24 ? aes_192
                               : format_of(Suite::aes_256_gcm).cipher,
                   known);
    }
  }
  CHECK(whole == 4);
  fmt::print(
      "draft-mcgrew-gcm-test-01: {} of {} packets as ESP, {} by the cipher alone (extended sequence numbers, "
      "AES-192)\n",
      whole, gcm_packets.size(), gcm_packets.size() - whole);
}

TEST_CASE("ESP's ChaCha20-Poly1305 packet is that of RFC 7634") {
  check_aead_packet(Suite::chacha20_poly1305, chacha_packet);
  fmt::print("RFC 7634, appendix A: 1 of 1 packet as ESP\n");
}

TEST_CASE("ESP's AES-CBC packets are those of RFC 3602 with an ICV of RFC 4868") {
  for (const CbcPacket& known : cbc_packets) {
    const ByteVector published = from_hexadecimal(known.packet);
    TrafficKeys keys;
    keys.cipher_key = from_hexadecimal(known.key);
    keys.mac_key = pattern(32);
    // The RFC's packets have no ICV; over them, half of libcrypto's own HMAC-SHA-256.
    std::array<unsigned char, 32> mac{};
    REQUIRE(HMAC(EVP_sha256(), keys.mac_key.data(), 32, reinterpret_cast<const unsigned char*>(published.data()),
                 published.size(), mac.data(), nullptr) != nullptr);
    const auto icv = std::as_bytes(std::span(mac).first<16>());
    const std::size_t clear = esp_header_size + 16;
    check_packet(
        Suite::aes_128_cbc_hmac_sha256, keys,
        ByteVector(published.begin(), published.begin() + clear) + from_hexadecimal(known.text) + ByteVector(16),
        published + ByteVector(icv.begin(), icv.end()));
  }
  fmt::print("RFC 3602, section 4: {} of {} packets as ESP\n", cbc_packets.size(), cbc_packets.size());
}
