#include "cli/recording.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <variant>

#include "cryptopath/errors.hpp"
#include "cryptopath/result.hpp"
#include "result/signals_held.hpp"

namespace cryptopath {

namespace {

namespace fs = std::filesystem;

fs::path folder_for_parts(const fs::path& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (fs::exists(status) && !fs::is_regular_file(status)) return fs::temp_directory_path();
  return fs::weakly_canonical(fs::absolute(file)).parent_path();
}

int open_without_name(const fs::path& folder) {
  const SignalsHeld held;
  std::string name = (folder / ".cryptopath-XXXXXX").string();
  const int file = ::mkostemp(name.data(), O_CLOEXEC);
  if (file < 0) {
    throw InputError(
        fmt::format("cannot write to {}: {}", printable(folder.string()), std::generic_category().message(errno)));
  }
  ::unlink(name.c_str());
  return file;
}

template <class Model>
const Model& model_of(const Machine& machine) {
  for (const Vertex& vertex : machine.vertices()) {
    if (const auto* model = std::get_if<Model>(&vertex.data)) return *model;
  }
  throw InputError("machine " + machine.name() + " has no NIC or no wire");
}

void add(PcapSequence& capture, int part) {
  ensure(::lseek(part, 0, SEEK_SET) == 0, "a path's packets can be read from their start");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(::fdopen(::dup(part), "rb"), std::fclose);
  ensure(file != nullptr, "a path's packets can be read");
  capture.add([&file](std::span<std::byte> into) {
    const std::size_t got = std::fread(into.data(), 1, into.size(), file.get());
    ensure(std::ferror(file.get()) == 0, "a path's packets can be read");
    return got;
  });
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void CapturePart::write(std::span<const std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      throw InputError(fmt::format("cannot keep its packets for --pcap: {}", std::generic_category().message(errno)));
    }
  }
}

CapturedConnection captured_connection(const RunSpec& run, const CapturePart& part) {
  return {run.format.protocol, part.number, model_of<NicModel>(*run.machine).maximum_packet,
          model_of<WireModel>(*run.machine).peer_receive_window};
}

Recording::Recording(const fs::path& file, std::size_t paths) : file_(file) {
  const fs::path folder = folder_for_parts(file);
  while (parts_.size() < paths) parts_.push_back(open_without_name(folder));
}

Recording::~Recording() {
  for (const int part : parts_) ::close(part);
}

CapturePart Recording::part(std::size_t path) const { return {parts_.at(path), static_cast<std::uint16_t>(path)}; }

OutputFile Recording::capture() const {
  const auto produce = [this](const OutputFile::Write& write) {
    std::string batch;
    constexpr std::size_t batch_size = 256 * 1024;
    PcapSequence capture([&](std::span<const std::byte> bytes) {
      batch += text_of(bytes);
      if (batch.size() < batch_size) return;
      write(batch);
      batch.clear();
    });
    for (const int part : parts_) add(capture, part);
    write(batch);
  };
  return {file_, produce};
}

OutputFile key_log_file(fs::path file, const Session& session) {
  return {std::move(file), [&session](const OutputFile::Write& write) { write(session.key_log); }, true};
}

}  // namespace cryptopath
