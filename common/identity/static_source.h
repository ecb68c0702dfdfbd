#ifndef OMNINODE_COMMON_IDENTITY_STATIC_SOURCE_H_
#define OMNINODE_COMMON_IDENTITY_STATIC_SOURCE_H_

#include <memory>
#include <utility>

#include "common/concurrency/snapshot.h"
#include "common/concurrency/subscription.h"
#include "common/identity/svid_source.h"
#include "common/identity/trust_source.h"

namespace omninode::identity {

// A source whose value is set by hand: by the bootstrap, which issues to itself, and by tests.
// Thread-safe, but Set is called by one thread at a time, so that subscribers see its order.
template <typename Source, typename Value>
class StaticSource final : public Source {
 public:
  using ValuePtr = std::shared_ptr<const Value>;

  StaticSource() = default;
  explicit StaticSource(ValuePtr value) : current_(std::move(value)) {}

  ValuePtr Current() const override { return current_.Load(); }
  [[nodiscard]] Subscription Subscribe(typename Source::Callback callback) override {
    return subscribers_.Subscribe(std::move(callback));
  }

  // REQUIRES: value is not null. Subscribers are called before it returns.
  void Set(ValuePtr value) {
    current_.Store(value);
    subscribers_.Notify(value);
  }

 private:
  Snapshot<Value> current_;
  Subscribers<ValuePtr> subscribers_;
};

using StaticSvidSource = StaticSource<SvidSource, X509Svid>;
using StaticTrustSource = StaticSource<TrustSource, TrustState>;

}  // namespace omninode::identity

#endif  // OMNINODE_COMMON_IDENTITY_STATIC_SOURCE_H_
