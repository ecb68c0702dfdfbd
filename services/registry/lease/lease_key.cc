#include "services/registry/lease/lease_key.h"

#include "common/crypto/hmac.h"

namespace omninode::registry {
namespace {

void AppendBigEndian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
}

void AppendText(std::string& out, std::string_view text) {
  AppendBigEndian(out, text.size(), 2);
  out.append(text);
}

}  // namespace

std::string LeaseKey(std::string_view shard_secret, const directory::NodeRef& node,
                     std::uint64_t incarnation, LeaseHandle handle) {
  std::string info;
  AppendText(info, "omninode-lease-v1");
  AppendText(info, node.ns.value());
  AppendText(info, node.id.value());
  AppendBigEndian(info, incarnation, 8);
  AppendBigEndian(info, handle.value(), 8);
  return crypto::HkdfSha256(shard_secret, {}, info, kLeaseKeyBytes);
}

}  // namespace omninode::registry
