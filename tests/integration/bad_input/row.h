#ifndef OMNINODE_TESTS_INTEGRATION_BAD_INPUT_ROW_H_
#define OMNINODE_TESTS_INTEGRATION_BAD_INPUT_ROW_H_

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace omninode::bad_input {

// One row of bad_input.yaml; the head of that file says what each part means. A value.
struct Row {
  std::string name;
  std::string input;
  std::string arrange;
  std::string process;
  std::string line;
  int code = 0;
  bool stays = false;
  bool root = false;
};

// INVALID_ARGUMENT with the number of the line for what is not in the form of the table, a name
// that is there twice, or a name that GoogleTest cannot show.
absl::StatusOr<std::vector<Row>> ParseRows(std::string_view yaml);
// From a file. REQUIRES: it is there and correct; everything else aborts with the reason.
std::vector<Row> ReadRows(const std::string& path);

void PrintTo(const Row& row, std::ostream* out);

}  // namespace omninode::bad_input

#endif  // OMNINODE_TESTS_INTEGRATION_BAD_INPUT_ROW_H_
