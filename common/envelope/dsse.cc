#include "common/envelope/dsse.h"

#include <fmt/format.h>

namespace omninode::envelope {

std::string PreAuthenticationEncoding(std::string_view type, std::string_view body) {
  std::string bytes = fmt::format("DSSEv1 {} {} {} ", type.size(), type, body.size());
  bytes.append(body);
  return bytes;
}

}  // namespace omninode::envelope
