#ifndef OMNINODE_COMMON_IDENTITY_SVID_SOURCE_H_
#define OMNINODE_COMMON_IDENTITY_SVID_SOURCE_H_

#include <functional>
#include <memory>

#include "common/concurrency/subscription.h"
#include "common/identity/x509_svid.h"

namespace omninode::identity {

using X509SvidPtr = std::shared_ptr<const X509Svid>;

// Where a process has its own identity from, and how it learns that it was renewed. Thread-safe.
class SvidSource {
 public:
  using Callback = std::function<void(const X509SvidPtr&)>;

  virtual ~SvidSource() = default;

  // The newest SVID; null while there is none yet.
  virtual X509SvidPtr Current() const = 0;
  // Calls back with every SVID that comes later, on the source's thread; it must not block. To miss
  // none, subscribe first and then read Current.
  [[nodiscard]] virtual Subscription Subscribe(Callback callback) = 0;
};

}  // namespace omninode::identity

#endif  // OMNINODE_COMMON_IDENTITY_SVID_SOURCE_H_
