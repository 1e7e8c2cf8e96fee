// Runs one world.
#pragma once

#include <functional>

#include "cryptopath/result.hpp"
#include "cryptopath/scenario.hpp"
#include "cryptopath/session.hpp"
#include "cryptopath/wire_observer.hpp"

namespace cryptopath {

/// Told now and then how far a run is: payload bytes accepted by the socket so far.
using Progress = std::function<void(Bytes done)>;

/// Simulates `run` to its end. Call it once a process: SimGrid's engine is a singleton; fork for the next run.
/// `session` is the handshake's outcome and is consumed when the payload is real; with a modelled payload it is unused.
/// `observer`, which may be null, sees every packet of the wire.
/// Throws InputError for what the input made impossible (a file that shrinks, a request that the kernel refuses, the
/// limit of simulated time), Fault when an invariant breaks or the run ends with work outstanding.
Result simulate(const RunSpec& run, Session session, const Progress& progress = {}, WireObserver* observer = nullptr);

}  // namespace cryptopath
