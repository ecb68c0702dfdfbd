#ifndef OMNINODE_COMMON_BASE_STATUS_H_
#define OMNINODE_COMMON_BASE_STATUS_H_

#include <string>
#include <string_view>
#include <utility>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <fmt/format.h>

// Status helpers, and the bridge between std::string_view and the distribution's
// absl::string_view, which is a different type. Our signatures use the std one.
namespace omninode {

inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view FromAbsl(absl::string_view text) { return {text.data(), text.size()}; }

inline std::string_view Message(const absl::Status& status) { return FromAbsl(status.message()); }

// An error that is not a rejection of somebody's input (those go through Reject in reason.h).
template <typename... Args>
absl::Status Error(absl::StatusCode code, fmt::format_string<Args...> format, Args&&... args) {
  return absl::Status(code, fmt::format(format, std::forward<Args>(args)...));
}

// The same code and payloads, with `context: ` before the message. OK stays OK.
absl::Status Annotate(const absl::Status& status, std::string_view context);

}  // namespace omninode

#define OMNI_CONCAT_INNER(a, b) a##b
#define OMNI_CONCAT(a, b) OMNI_CONCAT_INNER(a, b)

// Returns the Status of `expression` from the enclosing function unless it is OK.
#define OMNI_RETURN_IF_ERROR(expression) \
  OMNI_RETURN_IF_ERROR_INNER(OMNI_CONCAT(omni_status_, __COUNTER__), expression)
#define OMNI_RETURN_IF_ERROR_INNER(temporary, expression)                         \
  do {                                                                            \
    if (absl::Status temporary = (expression); !temporary.ok()) return temporary; \
  } while (false)

// OMNI_ASSIGN_OR_RETURN(auto value, StatusOrExpression);
#define OMNI_ASSIGN_OR_RETURN(declaration, expression) \
  OMNI_ASSIGN_OR_RETURN_INNER(OMNI_CONCAT(omni_status_or_, __COUNTER__), declaration, expression)
#define OMNI_ASSIGN_OR_RETURN_INNER(temporary, declaration, expression) \
  auto temporary = (expression);                                        \
  if (!temporary.ok()) return std::move(temporary).status();            \
  declaration = *std::move(temporary)

#endif  // OMNINODE_COMMON_BASE_STATUS_H_
