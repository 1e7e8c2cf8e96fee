// Fit files: which numbers of which models `cryptopath fit` varies, and the published cells that it fits them to.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "cryptopath/workload.hpp"
#include "document.hpp"

namespace cryptopath {

/// How numbers of a kind of unit are read and written. As doubles they count the base unit.
struct NumberUnit {
  double (*read)(std::string_view);  // throws UnitError
  std::string (*write)(double);      // rounded to what the unit holds
};

/// Where a number stands.
struct NumberPlace {
  std::filesystem::path file;  // the model's, canonical
  std::string model;           // "kernels/openbsd-3.3"
  std::string pointer;         // "/process_switch"
  std::size_t begin = 0;       // its object is [begin, end) of the model's text
  std::size_t end = 0;
};

/// A number of a model that may change, and with it those of other models that have the same cause.
struct FreeNumber : NumberPlace {
  std::vector<NumberPlace> same;
  const NumberUnit* unit = nullptr;
  double value = 0;  // as it stands in the model
  double from = 0;
  double to = 0;
};

struct Fit {
  Document document;
  std::string title;
  std::vector<std::filesystem::path> workloads;
  std::uint64_t seeds = 1;  // that each cell is simulated with, from its own on; its rate is the mean
  std::vector<FreeNumber> free;
  FileTexts models;  // the text of each model that has a free number
};

/// A cell that a rate was published for.
struct GivenCell {
  WorkloadSpec spec;
  double published = 0;  // Mbit/s
  std::string table;     // "tocs-table-1"
};

/// Whether the file says that it is a fit ("format": "cryptopath-fit-1").
bool is_fit(const std::filesystem::path& file);
/// Reads a fit file and the texts of the models that it names. Throws InputError, one line, as load_scenario() does.
Fit load_fit(const std::filesystem::path& file);

/// The texts of the models with `values`, one a free number, and their origin in the place of the numbers that stood
/// there, and of those that are the same. All else is as it was.
FileTexts with_values(const Fit& fit, const std::vector<std::string>& values, const std::string& origin);

/// All cells of the fit's workloads that a rate was published for, with models as in `models`. Throws InputError for a
/// workload that has none, and for a free number of a model that no workload uses.
std::vector<GivenCell> given_cells(const Fit& fit, const FileTexts& models);

/// The origin of numbers that `command` fits to `cells`: "to tocs-table-1 1 threads 16, 1024; by cryptopath fit ...".
std::string origin_of_fitted(const std::vector<GivenCell>& cells, const std::string& command);

}  // namespace cryptopath
