#ifndef OMNINODE_TESTS_BENCH_REPORT_H_
#define OMNINODE_TESTS_BENCH_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/latencies.h"

namespace omninode::bench {

// A measurement as a row of the table: names and numbers, the same names in every row.
using Row = std::vector<std::pair<std::string, double>>;

// Under which conditions something was measured, and with what.
struct Conditions {
  double seconds = 0;         // of the measurement behind the figure, as it was
  std::size_t in_flight = 0;  // 0: not fixed
  std::size_t watchers = 0;
  std::size_t nodes = 0;
  std::string algorithm;
  std::uint64_t operations = 0;
  std::uint64_t errors = 0;
  double ceiling = 0;  // in `ceiling_unit`
  std::string ceiling_unit;
  unsigned cpus = 0;
  std::vector<std::pair<std::string, std::string>> versions;
};

// What a scenario found. A value.
struct Report {
  std::string scenario;
  double figure = 0;
  std::string unit;
  Percentiles latency;
  double cpu_us_per_op = 0;
  double fraction_of_ceiling = 0;
  Conditions conditions;
  std::vector<Row> runs;  // every measurement; the figure is of the last one
  Row more = {};          // what only this scenario has
};

// One JSON object, without a line feed at the end. Pure.
std::string ToJson(const Report& report);
// For people: a row per run, then what the figure is. Pure.
std::string ToTable(const Report& report);

// Of the suite, gRPC, the compiler, the build and the kernel.
std::vector<std::pair<std::string, std::string>> Versions();

}  // namespace omninode::bench

#endif  // OMNINODE_TESTS_BENCH_REPORT_H_
