#include <catch2/catch.hpp>

#include "workspace.hpp"

using namespace cryptopath;
using namespace cryptopath::literals;

namespace {

const Workspace workspace;

std::string error_of(std::string_view before, std::string_view after) {
  return workspace.error_of_workload(with(valid_workload, before, after));
}

Overrides setting(const std::string& pointer, const std::string& value) {
  Overrides overrides;
  overrides.set.emplace_back(pointer, value);
  return overrides;
}

}  // namespace

TEST_CASE("a workload has a cell for each number of threads and within it for each size") {
  const Workload workload = workspace.load_workload(valid_workload);
  CHECK(workload.title == "A test");
  REQUIRE(workload.cells.size() == 6);
  std::vector<std::pair<std::int64_t, Bytes>> places;
  for (const WorkloadSpec& cell : workload.cells) {
    places.emplace_back(cell.threads, cell.request);
    CHECK(cell.algorithm == "3des-ede-cbc");
    CHECK(cell.warm_up == 5_ms);
    CHECK(cell.duration == 50_ms);
    CHECK(cell.kernel_name == "openbsd-3.3");
    CHECK(cell.kernel.family == "openbsd");
    CHECK(cell.software_ciphers.contains("3des-ede-cbc-hmac-sha1"));
    CHECK(cell.machine->find("vpn1201") > 0);
  }
  CHECK(places == std::vector<std::pair<std::int64_t, Bytes>>{
                      {1, 16_B}, {1, 1_KiB}, {1, 16_KiB}, {32, 16_B}, {32, 1_KiB}, {32, 16_KiB}});
}

TEST_CASE("what a workload does not say has its default and stands in the resolved form") {
  const std::string bare =
      with(with(with(with(valid_workload, "  \"warm_up\": \"5 ms\",\n", ""), "  \"duration\": \"50 ms\",\n", ""),
                ",\n  \"published\": \"tocs-table-1\"", ""),
           "  \"cards\": {\"slot1\": \"vpn1201\"},\n", "");
  const Workload workload = workspace.load_workload(with(bare, "[\"16 B\", \"1 KiB\", \"16 KiB\"]", "[\"16 B\"]"));
  const WorkloadSpec& cell = workload.cells.at(0);
  CHECK(cell.warm_up == 20_ms);
  CHECK(cell.duration == 200_ms);
  CHECK(cell.payload == Payload::modelled);
  CHECK(cell.seed == 1);
  CHECK(cell.time_limit == Nanoseconds(3'600'000'000'000));
  CHECK(workload.published.empty());
  CHECK_FALSE(workload.resolved->contains("payload"));
  CHECK(workload.resolved->at("duration") == "200 ms");
}

TEST_CASE("a workload of which --set makes another one is not compared with what was published of the file's") {
  const auto published = [](const Overrides& overrides) {
    workspace.write("workload.json", valid_workload);
    return load_workload(workspace.path("workload.json"), overrides).published.size();
  };
  const std::size_t all = published({});
  REQUIRE(all > 0);
  CHECK(published(setting("/threads", "[2]")) == all);
  CHECK(published(setting("/requests/0", "32 B")) == all);
  CHECK(published(setting("/seed", "3")) == all);
  CHECK(published(setting("/algorithm", "null")) == 0);
  CHECK(published(setting("/cards", "{}")) == 0);
  Overrides overrides = setting("/algorithm", "null");
  overrides.set.emplace_back("/published", "tocs-table-1");
  CHECK(published(overrides) == all);
}

TEST_CASE("a workload lists its files and the numbers of its models") {
  const Workload workload = workspace.load_workload(valid_workload);
  std::vector<std::string> names;
  for (const auto& file : workload.files) names.push_back(file.filename());
  CHECK(names.front() == "workload.json");
  for (const char* name : {"poweredge-2650.json", "vpn1201.json", "openbsd-3.3.json", "tocs-table-1.csv"}) {
    CHECK(std::count(names.begin(), names.end(), name) == 1);
  }
  CHECK(workload.numbers.size() == workspace.load(valid_scenario).numbers.size());
}

TEST_CASE("a workload is told from a scenario by its format whatever the version") {
  CHECK(is_workload(workspace.write("a.json", valid_workload)));
  CHECK(is_workload(workspace.write("a.json", with(valid_workload, "workload-1", "workload-2"))));
  CHECK_FALSE(is_workload(workspace.write("a.json", valid_scenario)));
  CHECK_FALSE(is_workload(workspace.write("a.json", R"({"format": 1})")));
  CHECK_FALSE(is_workload(workspace.write("a.json", "[]")));
  CHECK_THROWS_AS(is_workload(workspace.path("nowhere.json")), InputError);
  CHECK(error_of("workload-1", "workload-2") ==
        R"(workload.json:2: /format: found "cryptopath-workload-2", expected "cryptopath-workload-1")");
}

TEST_CASE("a mistake in a workload gets a line with what would do") {
  CHECK(error_of("\"threads\"", "\"treads\"") ==
        R"(workload.json:8: /treads: found the unknown key "treads", expected "threads")");
  CHECK(error_of("3des-ede-cbc", "3des-edc-cbc") ==
        R"(workload.json:7: /algorithm: found the unknown algorithm "3des-edc-cbc", expected "3des-ede-cbc")");
  CHECK(error_of("[1, 32]", "[1, \"32\"]") ==
        R"(workload.json:8: /threads/1: found "32", expected an integer of 1 to 100000)");
  CHECK(error_of("1 KiB", "1 K") ==
        R"(workload.json:9: /requests/1: found "1 K", whose unit "K" is none of GiB, GB, MiB, MB, KiB, kB, B, )"
        R"(expected a size such as "8 KiB")");
  CHECK(error_of("[1, 32]", "[]") ==
        "workload.json:8: /threads: found an array of 0, expected an array of at least 1 elements");
  CHECK(error_of("tocs-table-1", "tocs-table-3") ==
        R"(workload.json:12: /published: found the unknown table "tocs-table-3", expected "tocs-table-1")");
  CHECK(error_of("\"slot1\": \"vpn1201\"", "\"slot1\": \"vpn1210\"") ==
        R"(workload.json:5: /cards/slot1: found the unknown accelerator, board or NIC "vpn1210", expected "vpn1201")");
}

TEST_CASE("the operations are the kernel's unless a workload leaves them to its processes") {
  const auto first = [](const std::string& keys) {
    const std::string chained = with(valid_workload, "3des-ede-cbc", "3des-ede-cbc-hmac-sha1");
    return workspace.load_workload(with(chained, "  \"algorithm\"", keys + "  \"algorithm\"")).cells.at(0);
  };
  CHECK(first("").provider == Provider::dev_crypto);
  CHECK_FALSE(first("").hog);
  CHECK(first("  \"provider\": \"user\",\n").provider == Provider::user);
  CHECK(first("  \"hog\": true,\n").hog);
  CHECK(error_of("  \"algorithm\"", "  \"provider\": \"users\",\n  \"algorithm\"") ==
        R"(workload.json:7: /provider: found "users", expected "user")");
  CHECK_THAT(error_of("  \"algorithm\"", "  \"hog\": 1,\n  \"algorithm\""),
             Catch::StartsWith("workload.json:7: /hog: found 1, expected "));
}

TEST_CASE("a workload may put several requests in a call and map pages") {
  const auto first = [](const std::string& keys) {
    return workspace.load_workload(with(valid_workload, "  \"algorithm\"", keys + "  \"algorithm\"")).cells.at(0);
  };
  CHECK(first("").batch == 1);
  CHECK_FALSE(first("").kernel.page_flipping_from.has_value());
  CHECK(first("  \"batch\": 8,\n").batch == 8);
  CHECK(first("  \"page_flipping_from\": \"8 KiB\",\n").kernel.page_flipping_from == 8_KiB);
  CHECK_THAT(error_of("  \"algorithm\"", "  \"batch\": 0,\n  \"algorithm\""),
             Catch::StartsWith("workload.json:7: /batch: found 0, expected "));
  CHECK_THAT(error_of("  \"algorithm\"", "  \"page_flipping_from\": \"0 B\",\n  \"algorithm\""),
             Catch::StartsWith("workload.json:7: /page_flipping_from: found \"0 B\", expected at least "));
}

TEST_CASE("a workload may ask for a MAC apart from its cipher") {
  const auto with_mac = [](const std::string& algorithm) {
    return with(with(valid_workload, "3des-ede-cbc", algorithm), "  \"algorithm\"",
                "  \"mac\": \"hmac-sha1\",\n  \"algorithm\"");
  };
  const WorkloadSpec cell = workspace.load_workload(with_mac("3des-ede-cbc")).cells.at(0);
  CHECK(cell.mac == "hmac-sha1");
  CHECK(subject_of(cell) == "3des-ede-cbc and hmac-sha1 apart");
  for (const char* algorithm : {"3des-ede-cbc-hmac-sha1", "hmac-sha1", "aes-128-gcm", "null"}) {
    INFO(algorithm);
    CHECK_THAT(workspace.error_of_workload(with_mac(algorithm)),
               Catch::StartsWith("workload.json:7: /mac: found \"hmac-sha1\" beside ") &&
                   Catch::EndsWith("expected a cipher alone in \"algorithm\""));
  }
}

TEST_CASE("a workload may leave small requests to software and balance cards otherwise") {
  const auto kernel = [](const std::string& keys) {
    return workspace.load_workload(with(valid_workload, "  \"algorithm\"", keys + "  \"algorithm\""))
        .cells.at(0)
        .kernel;
  };
  CHECK(kernel("").software_below == 0_B);
  CHECK(kernel("").crypto_balance == CryptoBalance::sessions);
  CHECK(kernel("  \"software_below\": \"256 B\",\n").software_below == 256_B);
  CHECK(kernel("  \"balance\": \"rated-speed\",\n").crypto_balance == CryptoBalance::rated_speed);
  CHECK(kernel("  \"balance\": \"pending-work\",\n").crypto_balance == CryptoBalance::pending_work);
  CHECK_THAT(error_of("  \"algorithm\"", "  \"balance\": \"rated\",\n  \"algorithm\""),
             Catch::StartsWith("workload.json:7: /balance: found \"rated\", expected "));
}

TEST_CASE("a workload may have calls pending and a second processor and chains of producers") {
  const auto first = [](const std::string& keys) {
    return workspace.load_workload(with(valid_workload, "  \"algorithm\"", keys + "  \"algorithm\"")).cells.at(0);
  };
  CHECK(first("").pending == 1);
  CHECK_FALSE(first("").crypto_processor);
  CHECK_FALSE(first("").kernel.crypto_chains_producers);
  CHECK(first("  \"pending\": 4,\n").pending == 4);
  CHECK(first("  \"second_processor\": true,\n").crypto_processor);
  CHECK_FALSE(first("").kernel.completion_in_interrupt);
  CHECK(first("  \"completion_in_interrupt\": true,\n").kernel.completion_in_interrupt);
  CHECK(switches_of(first("  \"completion_in_interrupt\": true,\n")) == "completions in the interrupt");
  CHECK(
      error_of("  \"algorithm\"", "  \"chain_producers\": true,\n  \"algorithm\"") ==
      R"(workload.json:7: /chain_producers: found true for "3des-ede-cbc", expected a cipher and a MAC in "algorithm")");
  const WorkloadSpec all =
      workspace
          .load_workload(with(with(valid_workload, "3des-ede-cbc", "3des-ede-cbc-hmac-sha1"), "  \"algorithm\"",
                              "  \"pending\": 4, \"second_processor\": true, "
                              "\"chain_producers\": true,\n  \"algorithm\""))
          .cells.at(0);
  CHECK(all.kernel.crypto_chains_producers);
  CHECK(switches_of(all) ==
        "4 calls in work at a time, cipher and MAC by different producers, a second processor enciphers");
  CHECK_THAT(error_of("  \"algorithm\"", "  \"pending\": 0,\n  \"algorithm\""),
             Catch::StartsWith("workload.json:7: /pending: found 0, expected "));
  CHECK(error_of("  \"algorithm\"", "  \"pending\": 2, \"mac\": \"hmac-sha1\",\n  \"algorithm\"") ==
        R"(workload.json:7: /pending: found 2, expected 1 beside "mac")");
}

TEST_CASE("what only says how the kernel serves ciphers has no place beside processes that do it themselves") {
  const auto error = [](const std::string& keys) {
    const std::string in_process =
        with(valid_workload, "  \"algorithm\"", "  \"provider\": \"user\",\n  \"algorithm\"");
    return workspace.error_of_workload(
        with(with(in_process, "3des-ede-cbc", "3des-ede-cbc-hmac-sha1"), "  \"threads\"", keys + "  \"threads\""));
  };
  CHECK(error("") == "no error");
  CHECK(error("  \"batch\": 2,\n") == "no error");
  CHECK(error("  \"balance\": \"rated-speed\",\n") ==
        R"(workload.json:9: /balance: found "rated-speed", expected "sessions" beside "provider": "user")");
  CHECK(error("  \"pending\": 2,\n") == R"(workload.json:9: /pending: found 2, expected 1 beside "provider": "user")");
  CHECK(error("  \"second_processor\": true,\n") ==
        R"(workload.json:9: /second_processor: found true, expected false beside "provider": "user")");
  CHECK(error("  \"chain_producers\": true,\n") ==
        R"(workload.json:9: /chain_producers: found true, expected false beside "provider": "user")");
  CHECK(error("  \"completion_in_interrupt\": true,\n") ==
        R"(workload.json:9: /completion_in_interrupt: found true, expected none beside "provider": "user")");
  CHECK(error("  \"allow_software\": false,\n") ==
        R"(workload.json:9: /allow_software: found false, expected true beside "provider": "user")");
  CHECK(
      error("  \"software_below\": \"256 B\",\n") ==
      R"(workload.json:9: /software_below: found a key for ciphers by /dev/crypto, expected none beside "provider": "user")");
  CHECK(
      error("  \"key_length\": \"7 B\",\n") ==
      R"(workload.json:9: /key_length: found a key for ciphers by /dev/crypto, expected none beside "provider": "user")");
  CHECK(error("  \"page_flipping_from\": \"4 KiB\",\n") ==
        R"(workload.json:9: /page_flipping_from: found a key for ciphers by /dev/crypto, expected none beside )"
        R"("provider": "user")");
  CHECK_THAT(workspace.error_of_workload(with(valid_workload, "  \"algorithm\"",
                                              "  \"provider\": \"user\", \"mac\": \"hmac-sha1\",\n  \"algorithm\"")),
             Catch::EndsWith(R"(expected none beside "provider": "user")"));
  CHECK_THAT(error("  \"ejections\": {\"vpn1201\": \"1 ms\"},\n"),
             Catch::StartsWith("workload.json:9: /ejections: found ") &&
                 Catch::EndsWith(R"(expected none beside "provider": "user")"));
  CHECK_THAT(error("  \"deregistrations\": {\"vpn1201\": {\"3des-ede-cbc\": \"1 ms\"}},\n"),
             Catch::StartsWith("workload.json:9: /deregistrations: found ") &&
                 Catch::EndsWith(R"(expected none beside "provider": "user")"));
}

TEST_CASE("a workload says in words what it has otherwise than the kernel of its time") {
  const auto switches = [](const std::string& keys) {
    return switches_of(
        workspace.load_workload(with(valid_workload, "  \"algorithm\"", keys + "  \"algorithm\"")).cells.at(0));
  };
  CHECK(switches("").empty());
  CHECK(switches("  \"batch\": 8, \"page_flipping_from\": \"4 KiB\", \"software_below\": \"256 B\",\n") ==
        "8 requests in a call, pages mapped from 4 KiB on, in software below 256 B");
  CHECK(switches("  \"balance\": \"rated-speed\", \"allow_software\": false,\n") ==
        "sessions by rated speed, no software");
  CHECK(switches("  \"balance\": \"pending-work\", \"ejections\": {\"vpn1201\": \"1 ms\"},\n") ==
        "requests by pending work, vpn1201 leaves after 1 ms");
  CHECK(switches("  \"deregistrations\": {\"vpn1201\": {\"3des-ede-cbc\": \"2 ms\"}},\n") ==
        "vpn1201 loses 3des-ede-cbc after 2 ms");
}

TEST_CASE("a key of a length that the kernel refuses can be asked for and one of another cipher can not") {
  const auto with_key = [](const std::string& algorithm, const std::string& length) {
    return with(with(valid_workload, "\"3des-ede-cbc\"", "\"" + algorithm + "\""), "  \"threads\"",
                "  \"key_length\": \"" + length + "\",\n  \"threads\"");
  };
  const WorkloadSpec cell = workspace.load_workload(with_key("3des-ede-cbc", "7 B")).cells.at(0);
  CHECK(cell.key_length == 7_B);
  CHECK(switches_of(cell) == "keys of 7 B");
  CHECK_FALSE(workspace.load_workload(valid_workload).cells.at(0).key_length.has_value());
  CHECK(workspace.error_of_workload(with_key("rc4", "5 B")) == "no error");
  CHECK(workspace.error_of_workload(with_key("aes-128-cbc", "7 B")) == "no error");
  CHECK(workspace.error_of_workload(with_key("aes-128-cbc", "16 B")) == "no error");
  CHECK(workspace.error_of_workload(with_key("aes-128-cbc-hmac-sha1", "24 B")) ==
        R"(workload.json:8: /key_length: found "24 B" for "aes-128-cbc-hmac-sha1", which the kernel takes for another )"
        "cipher, expected 16 B, or another algorithm");
  CHECK(workspace.error_of_workload(with_key("3des-ede-cbc", "7")) ==
        R"(workload.json:8: /key_length: found "7", which has no unit, expected a size such as "8 KiB")");
}

TEST_CASE("a process can do itself only what a model gives the cost of") {
  CHECK_THAT(
      error_of("  \"algorithm\"", "  \"provider\": \"user\",\n  \"algorithm\""),
      Catch::StartsWith("workload.json:8: /algorithm: found \"3des-ede-cbc\", of which no model says what it costs "
                        "in software, expected "));
}

TEST_CASE("threads and sizes have limits that their messages state") {
  CHECK(error_of("32", "0") == "workload.json:8: /threads/1: found 0, expected an integer of 1 to 100000");
  CHECK(error_of("32", std::to_string(limits::threads)) == "no error");
  CHECK(error_of("32", "100001") == "workload.json:8: /threads/1: found 100001, expected an integer of 1 to 100000");
  CHECK(error_of("16 B", "0 B") == R"(workload.json:9: /requests/0: found "0 B", expected at least 1 B)");
  CHECK(error_of("16 KiB", "1 MiB") == "no error");
  CHECK(error_of("16 KiB", "1048577 B") ==
        R"(workload.json:9: /requests/2: found "1048577 B", expected at most 1 MiB)");
}

TEST_CASE("a workload has at most 4096 cells") {
  std::string threads = "1";
  for (int count = 2; count <= 1024; ++count) threads += ", " + std::to_string(count);
  const std::string four_sizes = with(valid_workload, "\"16 B\"", "\"16 B\", \"64 B\"");
  CHECK(workspace.error_of_workload(with(four_sizes, "1, 32", threads)) == "no error");
  CHECK(workspace.error_of_workload(with(four_sizes, "1, 32", threads + ", 1025")) ==
        "workload.json:9: /requests: found 4 sizes for 1025 numbers of threads, expected at most 4096 cells");
}

TEST_CASE("the kernel and not the loader answers a request off the block or above its limit") {
  CHECK(workspace.load_workload(with(valid_workload, "16 B", "17 B")).cells[0].request == 17_B);
  CHECK(workspace.load_workload(with(valid_workload, "16 KiB", "262144 B")).cells[2].request == 262144_B);
}

TEST_CASE("a number of threads or a size stands in a workload only once however it is written") {
  CHECK(error_of("[1, 32]", "[1, 32, 1]") == "workload.json:8: /threads/2: found 1 a second time, expected it once");
  CHECK(error_of("16 KiB", "1024 B") ==
        R"(workload.json:9: /requests/2: found "1024 B" a second time, expected it once)");
}

TEST_CASE("the warm-up may be nothing and what is measured may not") {
  CHECK(error_of("5 ms", "0 ms") == "no error");
  CHECK(error_of("50 ms", "0 ms") == R"(workload.json:11: /duration: found "0 ms", expected at least 1 ns)");
  CHECK(error_of("50 ms", "25 h") == R"(workload.json:11: /duration: found "25 h", expected at most 24 h)");
}

TEST_CASE("warm-up and duration fit into the limit of simulated time") {
  CHECK(workspace.error_of_workload(valid_workload, setting("/time_limit", "55 ms")) == "no error");
  CHECK(
      workspace.error_of_workload(valid_workload, setting("/time_limit", "54 ms")) ==
      "workload.json:11: /duration: found 50 ms after 5 ms of warm-up, expected at most 54 ms in all, the time_limit");
}

TEST_CASE("settings change a workload and a file to send does not") {
  const Workload workload = workspace.load_workload(valid_workload, setting("/threads", "[2]"));
  CHECK(workload.cells.size() == 3);
  CHECK(workload.cells[0].threads == 2);
  CHECK(workspace.error_of_workload(valid_workload, setting("/threads/-", "1")) ==
        "--set /threads/-=1: /threads/2: found 1 a second time, expected it once");
  Overrides overrides;
  overrides.file = "data.bin";
  CHECK(workspace.error_of_workload(valid_workload, overrides) ==
        "--file data.bin: found a workload, which sends no file, expected a scenario");
}

namespace {

const std::string public_keys = R"({
  "format": "cryptopath-workload-1",
  "title": "A test",
  "machine": "tyan-thunder-hesl-t",
  "cards": {"slot64-1": "ubsec-5820"},
  "operation": "rsa-sign",
  "modulus_bits": [512, 1024],
  "threads": [1, 32],
  "warm_up": "5 ms"
}
)";

std::string error_of_keys(std::string_view before, std::string_view after) {
  return workspace.error_of_workload(with(public_keys, before, after));
}

}  // namespace

TEST_CASE("a workload of public keys has a cell for each number of threads and within it for each modulus") {
  const Workload workload = workspace.load_workload(public_keys);
  REQUIRE(workload.cells.size() == 4);
  std::vector<std::pair<std::int64_t, std::int64_t>> places;
  for (const WorkloadSpec& cell : workload.cells) {
    REQUIRE(cell.public_key.has_value());
    places.emplace_back(cell.threads, cell.public_key->modulus_bits);
    CHECK(cell.public_key->operation == PublicKeyOperation::rsa_sign);
    CHECK_FALSE(cell.public_key->crt);
    CHECK(cell.provider == Provider::dev_crypto);
    CHECK(subject_of(cell) == "rsa-sign");
    CHECK_FALSE(published_rate(workload, cell));
  }
  CHECK(places == std::vector<std::pair<std::int64_t, std::int64_t>>{{1, 512}, {1, 1024}, {32, 512}, {32, 1024}});
  CHECK(size_of(workload.cells[1]) == "1024 bit");
  CHECK(workload.resolved->at("provider") == "dev-crypto");
  CHECK_FALSE(workspace.load_workload(valid_workload).cells[0].public_key.has_value());
}

TEST_CASE("each operation of public keys is known by its name") {
  std::vector<PublicKeyOperation> operations;
  for (const char* name : {"rsa-sign", "rsa-verify", "dsa-sign", "dsa-verify", "dh"}) {
    const Workload workload = workspace.load_workload(with(public_keys, "rsa-sign", name));
    operations.push_back(workload.cells[0].public_key->operation);
    CHECK(name_of(operations.back()) == name);
  }
  using enum PublicKeyOperation;
  CHECK(operations == std::vector{rsa_sign, rsa_verify, dsa_sign, dsa_verify, diffie_hellman});
}

TEST_CASE("RSA signatures may be by CRT and any operation in the process by the time of the cipher model") {
  const WorkloadSpec crt =
      workspace.load_workload(with(public_keys, "\"rsa-sign\"", "\"rsa-sign\", \"crt\": true")).cells[0];
  CHECK(crt.public_key->crt);
  CHECK(subject_of(crt) == "rsa-sign with CRT");
  const auto software = setting("/provider", "\"user\"");
  const Workload workload = workspace.load_workload(public_keys, software);
  CHECK(workload.cells[0].public_key->in_software == Cycles(1'400'000));  // 1000 a second at 1.4 GHz
  CHECK(workload.cells[1].public_key->in_software == Cycles(6'800'000));
  CHECK(subject_of(workload.cells[0]) == "rsa-sign in user mode");
  CHECK(
      workspace.error_of_workload(with(public_keys, "1024", "1025"), software) ==
      "workload.json:7: /modulus_bits/1: found 1025 for rsa-sign in software, which the machine's cipher model has no "
      "time for, expected one of 512, 1024, 2048, 4096");
  // An exponent as long as the modulus and no CRT: four times a signature.
  const Workload agreement = workspace.load_workload(with(public_keys, "rsa-sign", "dh"), software);
  CHECK(agreement.cells[0].public_key->in_software == Cycles(4 * 1'400'000));
  CHECK(agreement.cells[1].public_key->in_software == Cycles(4 * 6'800'000));
  nlohmann::json ciphers = data_file("models/ciphers/pentium-iii-1.4.json");
  ciphers["public_keys"].erase("dh");
  workspace.write("ciphers.json", ciphers.dump());
  nlohmann::json machine = data_file("models/machines/tyan-thunder-hesl-t.json");
  machine["ciphers"] = "ciphers.json";
  workspace.write("machine.json", machine.dump());
  const std::string without = with(public_keys, "tyan-thunder-hesl-t", "machine.json");
  CHECK(workspace.error_of_workload(with(without, "rsa-sign", "dh"), software) ==
        "workload.json:7: /modulus_bits/0: found 512 for dh in software, which the machine's cipher model has no time "
        "for, expected another operation");
}

TEST_CASE("a workload is of an algorithm or of public keys and says no key of the other kind") {
  CHECK_THAT(workspace.error_of_workload(with(public_keys, "rsa-sign", "rsa-sign\",\n  \"balance\": \"pending-work")),
             Catch::EndsWith(R"(found "pending-work", expected "sessions" beside "operation")"));
  CHECK_THAT(error_of_keys("  \"modulus_bits\": [512, 1024],\n", ""),
             Catch::EndsWith("expected also the key \"modulus_bits\""));
  CHECK_THAT(error_of_keys("  \"operation\": \"rsa-sign\",\n  \"modulus_bits\": [512, 1024],\n", ""),
             Catch::EndsWith("expected also the key \"algorithm\" or the key \"operation\""));
  CHECK_THAT(error_of("  \"requests\": [\"16 B\", \"1 KiB\", \"16 KiB\"],\n", ""),
             Catch::EndsWith("expected also the key \"requests\""));
  CHECK(error_of_keys("\"rsa-sign\"", "\"rsa-sign\", \"algorithm\": \"rc4\"") ==
        "workload.json:6: /algorithm: found a key for a workload of an algorithm, expected none beside \"operation\"");
  CHECK_THAT(error_of_keys("\"rsa-sign\"", "\"rsa-sign\", \"requests\": [\"1 KiB\"]"),
             Catch::Contains("/requests: found a key for a workload of an algorithm"));
  CHECK_THAT(error_of_keys("\"rsa-sign\"", "\"rsa-sign\", \"published\": \"tocs-table-1\""),
             Catch::Contains("/published: found a key for a workload of an algorithm"));
  CHECK(
      error_of("[1, 32]", "[1, 32],\n  \"modulus_bits\": [512]") ==
      "workload.json:9: /modulus_bits: found a key for a workload of public keys, expected none beside \"algorithm\"");
  CHECK_THAT(error_of("[1, 32]", "[1, 32], \"crt\": false"), Catch::Contains("/crt: found a key for a workload of"));
}

TEST_CASE("a mistake in a workload of public keys gets a line with what would do") {
  CHECK(error_of_keys("rsa-sign", "rsa-sing") ==
        R"(workload.json:6: /operation: found "rsa-sing", expected "rsa-sign")");
  CHECK(error_of_keys("1024", "255") ==
        "workload.json:7: /modulus_bits/1: found 255, expected an integer of 256 to 16384");
  CHECK(error_of_keys("1024", "256") == "no error");
  CHECK(error_of_keys("1024", "16385") ==
        "workload.json:7: /modulus_bits/1: found 16385, expected an integer of 256 to 16384");
  CHECK(error_of_keys("1024", "512") == "workload.json:7: /modulus_bits/1: found 512 a second time, expected it once");
  CHECK(error_of_keys("\"rsa-sign\"", "\"rsa-verify\", \"crt\": true") ==
        "workload.json:6: /crt: found true, expected false: only rsa-sign by /dev/crypto may use it");
  CHECK_THAT(error_of_keys("\"rsa-sign\"", "\"rsa-sign\", \"crt\": true, \"provider\": \"user\""),
             Catch::Contains("/crt: found true, expected false"));
}
