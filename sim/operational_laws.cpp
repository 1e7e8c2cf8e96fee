#include "operational_laws.hpp"

namespace cryptopath::sim {

namespace {

void hold(bool law, const char* name, const char* otherwise, Checks& checks) {
  ensure(law, otherwise);
  checks.emplace_back(name);
}

}  // namespace

std::map<std::string, double> checked_shares(const RunFigures& run, Checks& checks) {
  const auto elapsed = static_cast<double>(run.elapsed.count);
  const auto share = [elapsed](double busy) { return elapsed > 0 ? busy / elapsed : 0; };
  std::map<std::string, double> shares;
  for (const StationFigures& station : run.stations) {
    check(station, run.elapsed);
    checks.push_back("station " + station.name);
    shares.emplace(station.name, share(static_cast<double>(station.busy.count)));
  }
  for (const BusFigures& bus : run.buses) {
    ensure(bus.load_carried == bus.accounted, "bus " + bus.name + " carried another load than the ledger has");
    const double used = share(bus.busy());
    ensure(used <= 1 + 1e-9, "bus " + bus.name + " carried more than it can");
    checks.push_back("bus " + bus.name);
    shares.emplace(bus.name, used);
  }
  hold(run.processor_classes == run.elapsed, "sum of the processor's classes",
       "the processor's classes do not sum to the elapsed time", checks);
  return shares;
}

void check(const TransferFigures& transfer, Checks& checks) {
  hold(transfer.accepted == transfer.file, "bytes accepted by the socket", "the socket has not accepted the whole file",
       checks);
  hold(transfer.received == transfer.sent, "bytes received", "bytes were lost between the socket and the peer", checks);
  hold(transfer.sent >= transfer.file, "bytes sent", "fewer bytes were sent than the file has", checks);
  hold(transfer.sent == transfer.records, "bytes of records", "the wire does not end where its last record does",
       checks);
}

const WireReport& checked(const WireReport& report, Bytes sent, Bytes file, Checks& checks) {
  hold(report.wire == sent && report.plaintext == file, "bytes read by the peer",
       "the peer read another number of bytes than were sent", checks);
  return report;
}

}  // namespace cryptopath::sim
