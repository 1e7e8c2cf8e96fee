#include "operational_laws.hpp"

namespace cryptopath::sim {

std::map<std::string, double> checked_shares(const RunFigures& run) {
  const auto elapsed = static_cast<double>(run.elapsed.count);
  const auto share = [elapsed](double busy) { return elapsed > 0 ? busy / elapsed : 0; };
  std::map<std::string, double> shares;
  for (const StationFigures& station : run.stations) {
    check(station, run.elapsed);
    shares.emplace(station.name, share(static_cast<double>(station.busy.count)));
  }
  for (const BusFigures& bus : run.buses) {
    ensure(bus.load_carried == bus.accounted, "bus " + bus.name + " carried another load than the ledger has");
    const double used = share(static_cast<double>(bus.load_carried.count) / bus.bytes_per_nanosecond);
    ensure(used <= 1 + 1e-9, "bus " + bus.name + " carried more than it can");
    shares.emplace(bus.name, used);
  }
  ensure(run.processor_classes == run.elapsed, "the processor's classes do not sum to the elapsed time");
  ensure(run.accepted == run.file, "the socket has not accepted the whole file");
  ensure(run.received == run.sent, "bytes were lost between the socket and the peer");
  ensure(run.sent >= run.file, "fewer bytes were sent than the file has");
  ensure(run.sent == run.records, "the wire does not end where its last record does");
  return shares;
}

const WireReport& checked(const WireReport& report, Bytes sent, Bytes file) {
  ensure(report.wire == sent && report.plaintext == file, "the peer read another number of bytes than were sent");
  return report;
}

}  // namespace cryptopath::sim
