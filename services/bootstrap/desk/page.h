#ifndef OMNINODE_SERVICES_BOOTSTRAP_DESK_PAGE_H_
#define OMNINODE_SERVICES_BOOTSTRAP_DESK_PAGE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace omninode::bootstrap {

inline constexpr std::size_t kDefaultPageSize = 100;
inline constexpr std::size_t kMaxPageSize = 1'000;
inline constexpr std::size_t kMaxPageTokenBytes = 4'096;

// Which part of a list is wanted, as requests say it.
struct PageRequest {
  std::uint32_t size = 0;  // 0: kDefaultPageSize; more than kMaxPageSize is taken as that
  std::string token;       // from the last page; empty: the first
};

template <typename Item>
struct Page {
  std::vector<Item> items;
  std::string next_token;  // empty: this was the last
};

std::size_t PageSizeOf(const PageRequest& request);

// A token carries the key of the last item, for the same list only (`list` is its name), so that it
// stays good when items come and go. It is opaque, not secret: lists are for administrators.
std::string MakePageToken(std::string_view list, std::string_view last_key);
// The key; empty for the first page. Fails with PAGE_TOKEN_INVALID.
absl::StatusOr<std::string> ReadPageToken(std::string_view list, const PageRequest& request);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_DESK_PAGE_H_
