// From the objects of model files, which their schemas have checked, to the structures of models.hpp.
#pragma once

#include <map>
#include <string>

#include "cryptopath/models.hpp"
#include "model_reader.hpp"

namespace cryptopath {

ProcessorModel read_processor(const ModelReader& reader);
MemoryModel read_memory(const ModelReader& reader);
PciSegmentModel read_segment(const ModelReader& reader);
BridgeModel read_bridge(const ModelReader& reader);
DiskModel read_disk(const ModelReader& reader);
WireModel read_wire(const ModelReader& reader);
NicModel read_nic(const ModelReader& reader);
AcceleratorModel read_accelerator(const ModelReader& reader);
/// On a processor of that clock.
KernelModel read_kernel(const ModelReader& reader, Hertz clock);
std::map<std::string, SoftwareCipherModel> read_ciphers(const ModelReader& reader);
/// Of the same file; empty where it has none.
SoftwarePublicKeys read_public_keys(const ModelReader& reader);

}  // namespace cryptopath
