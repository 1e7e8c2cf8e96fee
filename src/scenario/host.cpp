#include "host.hpp"

#include "library.hpp"
#include "model_reader.hpp"
#include "models.hpp"
#include "overrides.hpp"
#include "schema.hpp"

namespace cryptopath {

Document read_with_settings(const std::filesystem::path& file, const std::string& schema_name,
                            const Overrides& overrides) {
  Document document(file, file.string(), overrides.texts);
  const Schema schema(schema_name);
  if (overrides.set.empty()) schema.check(document);  // for messages that name what was written and no defaults
  // Once before, so that a setting's parent exists; once after, to complete what a setting brought.
  document.complete([&schema](nlohmann::json& root) { schema.fill_defaults(root); });
  apply_settings(document, overrides);
  schema.check(document);
  document.complete([&schema](nlohmann::json& root) { schema.fill_defaults(root); });
  return document;
}

HostSpec read_host(const Node& root, const LoadedMachine& machine, std::vector<SourcedNumber>& numbers) {
  const Entry kernel = open_entry(root.at("kernel"), {&shelves::kernels});
  HostSpec host;
  host.machine = machine.machine;
  host.kernel_name = kernel.name;
  host.kernel = read_kernel(ModelReader(Node(kernel.document), numbers), machine.clock);
  host.software_ciphers = machine.software_ciphers;
  host.seed = root.at("seed").value().get<std::uint64_t>();
  host.time_limit = parse_quantity(root.at("time_limit"), Nanoseconds(1), limits::simulated_time);
  return host;
}

}  // namespace cryptopath
