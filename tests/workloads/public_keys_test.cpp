// What Keromytis et al. 2006, sections 5.1 and 5.2, say of public-key operations, as direction and rough size.
#include <catch2/catch.hpp>

#include "cells.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

TEST_CASE("one thread gets slightly over 100 RSA signatures of 1024 bits a second from a 5820 that is rated 800") {
  const Cell one = of_public_keys(1, 1024);
  CHECK(one.rate() > 100);
  CHECK(one.rate() < 105);
  CHECK(one.share("cpu.idle_ns") > 0.98);
}

TEST_CASE("RSA signatures rise with threads until each unit of the card is busy") {
  const double one = of_public_keys(1, 1024).rate();
  const Cell many = of_public_keys(32, 1024);
  CHECK(many.rate() == Approx(2 * one).epsilon(0.02));
  CHECK(many.result.bottleneck.starts_with("ubsec-5820.key"));
  CHECK(many.result.utilization.at(many.result.bottleneck) > 0.99);
}

TEST_CASE("with CRT a 5820 gives four times as many RSA signatures and with threads its rated 800") {
  const Settings crt = {{"/crt", "true"}};
  CHECK(of_public_keys(1, 1024, crt).rate() == Approx(4 * of_public_keys(1, 1024).rate()).epsilon(0.02));
  CHECK(of_public_keys(32, 1024, crt).rate() == Approx(800).epsilon(0.03));
}

TEST_CASE("RSA signing is faster in software than by one thread on a card and verifying faster than signing") {
  const Settings software = {{"/provider", "\"user\""}};
  const double signatures = of_public_keys(1, 1024, software).rate();
  CHECK(signatures == Approx(206).epsilon(0.01));
  CHECK(signatures > 1.5 * of_public_keys(1, 1024).rate());
  const Settings verify = {{"/operation", "\"rsa-verify\""}, {"/duration", "1 s"}};
  CHECK(of_public_keys(1, 1024, verify).rate() > 20 * of_public_keys(1, 1024).rate());
}

TEST_CASE("DSA by a card leaves the processor idle and in software takes all of it") {
  const Settings sign = {{"/operation", "\"dsa-sign\""}, {"/duration", "1 s"}};
  CHECK(of_public_keys(24, 1024, sign).share("cpu.idle_ns") > 0.9);
  Settings software = sign;
  software.emplace_back("/provider", "\"user\"");
  CHECK(of_public_keys(24, 1024, software).share("cpu.idle_ns") == 0);
}

TEST_CASE("a modulus that the card is too small for and a machine without cards are answered with the errno") {
  CHECK(of_public_keys(1, 4096).result.errno_name == "E2BIG");
  CHECK(of_public_keys(1, 2048, {{"/cards", R"({"slot32-1": "ubsec-5805"})"}}).result.errno_name == "E2BIG");
  CHECK(of_public_keys(1, 2048, {{"/cards", R"({"slot32-1": "hifn-6500"})"}}).result.errno_name == "ERANGE");
  CHECK(of_public_keys(1, 1024, {{"/cards", "{}"}}).result.errno_name == "ENODEV");
  CHECK(of_public_keys(1, 1024, {{"/cards", R"({"slot64-1": "hifn-7751"})"}}).result.errno_name == "ENODEV");
}

TEST_CASE("a 6500 and a 7814 sign and verify considerably more slowly than software") {
  const Settings software = {{"/provider", "\"user\""}, {"/duration", "2 s"}};
  for (const char* operation : {"\"rsa-sign\"", "\"rsa-verify\"", "\"dsa-sign\"", "\"dsa-verify\""}) {
    Settings in_software = software;
    in_software.emplace_back("/operation", operation);
    const double rate = of_public_keys(1, 1024, in_software).rate();
    for (const char* card : {R"({"slot32-1": "hifn-6500"})", R"({"slot64-1": "hifn-7814"})"}) {
      const Settings by_card = {{"/cards", card}, {"/duration", "2 s"}, {"/operation", operation}};
      INFO(operation << " by " << card << ", in software " << rate);
      CHECK(of_public_keys(1, 1024, by_card).rate() < 0.8 * rate);
    }
  }
}

TEST_CASE("a 6500 needs some of the processor for its registers and little of it") {
  const Cell many = of_public_keys(4, 1024, {{"/cards", R"({"slot32-1": "hifn-6500"})"}});
  CHECK(many.result.bottleneck == "hifn-6500.key1");
  CHECK(many.result.utilization.at(many.result.bottleneck) > 0.99);
  CHECK(many.a_second("bus.pci32.transactions") == Approx(392 * many.rate()).epsilon(0.02));
  CHECK(many.share("cpu.idle_ns") > 0.98);
}

TEST_CASE("a 5805 needs as long for a verification as for a signature") {
  const Settings card = {{"/cards", R"({"slot32-1": "ubsec-5805"})"}, {"/duration", "2 s"}};
  Settings verify = card;
  verify.emplace_back("/operation", "\"rsa-verify\"");
  CHECK(of_public_keys(1, 1024, verify).rate() == Approx(of_public_keys(1, 1024, card).rate()));
}
