#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "cli/commands.hpp"
#include "cli/explain_machine.hpp"
#include "cli/terminal.hpp"
#include "cryptopath/workload.hpp"
#include "result/human.hpp"
#include "result/subject.hpp"

namespace cryptopath {

namespace {

std::string describe(const Step& step) {
  switch (step.kind) {
    case Step::Kind::open_file:
      return "open(file)";
    case Step::Kind::open_crypto:
      return "open(\"/dev/crypto\")";
    case Step::Kind::create_session:
      return "ioctl(CIOCGSESSION)";
    case Step::Kind::free_session:
      return "ioctl(CIOCFSESSION)";
    case Step::Kind::set_so_crypt:
      return "setsockopt(SO_CRYPT): the socket protects what is written to it";
    case Step::Kind::set_so_crypt_nic:
      return "setsockopt(SO_CRYPT_NIC): the socket frames what is written to it and its NIC enciphers the records";
    case Step::Kind::set_send_buffer:
      return fmt::format("setsockopt(SO_SNDBUF, {})", to_string(step.size));
    case Step::Kind::read:
      return "read(file) into the buffer";
    case Step::Kind::frame:
      return "library: header, IV and padding around the buffer";
    case Step::Kind::seal:
      return "library: frame, encipher and authenticate the buffer";
    case Step::Kind::crypt:
      return "ioctl(CIOCCRYPT) over the framed buffer";
    case Step::Kind::write:
      return "write(socket) of the buffer";
    case Step::Kind::sendfile:
      return "sendfile(socket, file), a buffer at a time";
    case Step::Kind::close_file:
      return "close(file)";
    case Step::Kind::close_crypto:
      return "close(/dev/crypto)";
    case Step::Kind::close_socket:
      return "close(socket)";
    case Step::Kind::repeat_until_end_of_file:
      return "until the end of the file:";
  }
  throw Fault("every step has a description");
}

std::string describe(const std::vector<Step>& steps, const std::string& indentation) {
  std::string text;
  for (const Step& step : steps) {
    text += fmt::format("{}{}\n", indentation, describe(step)) + describe(step.steps, indentation + "  ");
  }
  return text;
}

std::string paths(const Scenario& scenario) {
  std::string text;
  for (const RunSpec& run : scenario.runs) {
    text += fmt::format("path {}: {}\n{}\n", run.program.name, printable(run.program.description, 400),
                        describe(run.program.steps, "  "));
  }
  return text;
}

std::string what_is_sent(const RunSpec& run) {
  const std::string file = run.file.path ? printable(run.file.path->string()) : "bytes made from the seed";
  return fmt::format("file      {}, {} B, {} buffers of {}, {}, payload {}\nkernel    {}\n", file,
                     grouped(run.file.size.count), grouped(pieces(run.file.size, run.buffer)), to_string(run.buffer),
                     run.file.in_page_cache ? "in the page cache" : "on the disk",
                     run.payload == Payload::real ? "real" : "modelled", run.kernel_name);
}

std::string record_layout(const RunSpec& run) {
  const RecordFraming framing(run.format, 0);
  const Bytes plaintext = std::min(run.buffer, framing.largest_plaintext());
  const Frame frame = framing.layout(plaintext);
  std::string parts;
  const auto add = [&parts](std::string_view name, Bytes size) {
    if (size.count > 0) parts += fmt::format("{}{} {}", parts.empty() ? "" : " | ", name, grouped(size.count));
  };
  add("header", frame.header);
  add("IV", frame.iv);
  add("prefix", frame.prefix);
  add("plaintext", frame.plaintext);
  add("MAC", frame.mac);
  add("trailer", frame.trailer);
  add("tag", frame.tag);
  return fmt::format(
      "record    {}, {} for a full buffer, in bytes:\n          {} = {} ({:.2f} % more than the data)\n",
      name_of(run.format), grouped(pieces(run.buffer, plaintext)), parts, grouped(frame.size().count),
      static_cast<double>((frame.size() - plaintext).count) * 100 / static_cast<double>(plaintext.count));
}

std::string origin_lines(const std::string& origin) { return wrapped(printable(origin, 1000), 100, "      "); }

/// Grouped by where they come from; those that nobody has measured stand last, where they are seen.
std::string model_numbers(const std::vector<SourcedNumber>& numbers) {
  constexpr std::array kinds = {"cited", "measured", "fitted", "estimated"};
  std::string summary;
  std::string lists;
  for (const std::string_view kind : kinds) {
    const auto count = std::ranges::count(numbers, kind, &SourcedNumber::kind);
    summary += fmt::format("{}{} {}", summary.empty() ? "" : ", ", count, kind);
    if (count == 0) continue;
    lists += fmt::format("\n{} ({})\n", kind, count);
    const std::string* origin = nullptr;  // said once for all numbers in a row that share it
    for (const SourcedNumber& number : numbers) {
      if (number.kind != kind) continue;
      if (origin != nullptr && *origin != number.origin) lists += origin_lines(*origin);
      origin = &number.origin;
      lists += fmt::format("  {}{} = {}\n", printable(number.file), number.pointer, number.value);
    }
    lists += origin_lines(*origin);
  }
  return fmt::format("model numbers: {} ({})\n{}", numbers.size(), summary, lists);
}

std::string machine_and_routes(const Machine& machine) {
  return fmt::format("machine   {}\n{}\nroutes of DMA\n{}", machine.name(), machine_tree(machine),
                     data_routes(machine));
}

std::string explained(const Scenario& scenario) {
  const RunSpec& run = telling_run(scenario);
  return fmt::format("{}\n\n{}{}\n{}\n{}{}", printable(scenario.title, 400), what_is_sent(run), record_layout(run),
                     machine_and_routes(*run.machine), paths(scenario), model_numbers(scenario.numbers));
}

std::string cells(const Workload& workload) {
  std::string sizes;
  std::string threads;
  const WorkloadSpec& first = workload.cells.front();
  for (const WorkloadSpec& cell : workload.cells) {
    if (cell.threads == first.threads) sizes += (sizes.empty() ? "" : ", ") + size_of(cell);
    if (size_of(cell) == size_of(first)) threads += (threads.empty() ? "" : ", ") + std::to_string(cell.threads);
  }
  const auto published = std::ranges::count_if(
      workload.cells, [&workload](const WorkloadSpec& cell) { return published_rate(workload, cell).has_value(); });
  const std::string switches = switches_of(first);
  const bool asks_kernel = !first.public_key && first.provider == Provider::dev_crypto;
  const auto lines = [](const std::string& list) { return wrapped(list, 100, "          ").substr(10); };
  return fmt::format(
      "requests  {}threads   {}cells     {}, {} of them published\n"
      "time      {}{} measured after {} of warm-up\nkernel    {}\n",
      lines((asks_kernel ? "CIOCCRYPT of " : "") + subject_of(first) + ", " + sizes +
            (switches.empty() ? "" : "; " + switches)),
      lines(threads), workload.cells.size(), published, first.hog ? "the life of a process that computes for " : "",
      to_string(first.duration), to_string(first.warm_up), first.kernel_name);
}

std::string explained(const Workload& workload) {
  return fmt::format("{}\n\n{}\n{}\n{}", printable(workload.title, 400), cells(workload),
                     machine_and_routes(*workload.cells.front().machine), model_numbers(workload.numbers));
}

void explain(const ScenarioOptions& options) {
  const Overrides overrides = options.overrides();
  write_to(STDOUT_FILENO, is_workload(options.scenario) ? explained(load_workload(options.scenario, overrides))
                                                        : explained(load_scenario(options.scenario, overrides)));
}

}  // namespace

void add_explain(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("explain",
                                               "show what a scenario or workload would run: machine, routes, steps, "
                                               "record layout, and where its numbers are from");
  const auto options = std::make_shared<ScenarioOptions>();
  options->add_to(*command);
  command->callback([options] { explain(*options); });
}

}  // namespace cryptopath
