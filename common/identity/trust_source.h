#ifndef OMNINODE_COMMON_IDENTITY_TRUST_SOURCE_H_
#define OMNINODE_COMMON_IDENTITY_TRUST_SOURCE_H_

#include <functional>

#include "common/concurrency/subscription.h"
#include "common/identity/trust_state.h"

namespace omninode::identity {

// Where a process has its trust from, and how it learns that it changed. Thread-safe.
class TrustSource {
 public:
  using Callback = std::function<void(const TrustStatePtr&)>;

  virtual ~TrustSource() = default;

  // The newest state; null while there is none yet: then nobody is believed.
  virtual TrustStatePtr Current() const = 0;
  // Calls back with every state that comes later, on the source's thread; it must not block. To
  // miss none, subscribe first and then read Current.
  [[nodiscard]] virtual Subscription Subscribe(Callback callback) = 0;
};

}  // namespace omninode::identity

#endif  // OMNINODE_COMMON_IDENTITY_TRUST_SOURCE_H_
