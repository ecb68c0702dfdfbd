#ifndef OMNINODE_TESTS_INTEGRATION_REJECTIONS_ROW_H_
#define OMNINODE_TESTS_INTEGRATION_REJECTIONS_ROW_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace omninode::rejections {

// One row of rejections.yaml; the head of that file says what each part means. A value.
struct Row {
  // Labels of omninode_reject_total.
  struct Metric {
    std::string service;
    std::string rpc;  // with its package
    std::string reason;
  };

  std::string id;
  std::string name;
  std::string input;
  std::string status;  // "OK", the name of a gRPC status, or "EXIT 78"
  std::string reason;  // empty: the answer carries none
  std::optional<Metric> metric;
  std::optional<Metric> handler;  // of the call that never begins, when transport_only; no reason
  std::map<std::string, std::string> log;  // field -> what stands in it
  int count = 1;
  std::string answer;          // what is checked beside the status
  std::string within;          // what was refused inside of a call that goes on
  std::string transport_only;  // why nobody of ours could say no
  std::string note;

  std::string key() const { return id + "." + name; }
  bool accepted() const { return status == "OK" && within.empty(); }
  bool at_start() const { return status.starts_with("EXIT "); }
};

// The table in the order of the file. INVALID_ARGUMENT naming the row that is not well-formed: a
// part that nobody knows, one that is missing, or a row twice.
absl::StatusOr<std::vector<Row>> ParseRows(std::string_view yaml);
absl::StatusOr<std::vector<Row>> LoadRows(const std::string& path);

}  // namespace omninode::rejections

#endif  // OMNINODE_TESTS_INTEGRATION_REJECTIONS_ROW_H_
