#include "cells.hpp"

namespace cryptopath::test {

Workload workload(const std::string& name, Settings settings) {
  return load_workload(data_directory() / "scenarios/ocf" / (name + ".json"),
                       {.file = {}, .set = std::move(settings), .texts = {}});
}

Cell simulated(const Workload& workload, const WorkloadSpec& spec) {
  const std::string text = in_child([&] { return to_json(simulate(spec)).dump(); });
  return {result_from_json(nlohmann::json::parse(text)), published_rate(workload, spec)};
}

Cell cell(const std::string& name, int threads, const std::string& request, Settings settings) {
  settings.emplace_back("/threads", "[" + std::to_string(threads) + "]");
  settings.emplace_back("/requests", "[\"" + request + "\"]");
  const Workload one = workload(name, std::move(settings));
  return simulated(one, one.cells.at(0));
}

Cell of_public_keys(int threads, int modulus, Settings settings) {
  settings.emplace_back("/threads", "[" + std::to_string(threads) + "]");
  settings.emplace_back("/modulus_bits", "[" + std::to_string(modulus) + "]");
  const Workload one = workload("rsa-sign", std::move(settings));
  return simulated(one, one.cells.at(0));
}

}  // namespace cryptopath::test
