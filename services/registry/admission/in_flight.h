#ifndef OMNINODE_SERVICES_REGISTRY_ADMISSION_IN_FLIGHT_H_
#define OMNINODE_SERVICES_REGISTRY_ADMISSION_IN_FLIGHT_H_

#include <atomic>
#include <cstddef>
#include <memory>

#include <absl/status/statusor.h>

namespace omninode::registry {

// Caps the registrations between arrival and answer. Above the cap the newest are shed at once:
// whoever is in gets an answer soon, whoever is not knows it soon. Thread-safe.
class InFlight final {
 public:
  // Held from arrival to answer; may outlive the InFlight it came from.
  class Ticket final {
   public:
    Ticket(Ticket&&) noexcept = default;
    Ticket& operator=(Ticket&& other) noexcept {
      Release();
      count_ = std::move(other.count_);
      return *this;
    }
    ~Ticket() { Release(); }

   private:
    friend class InFlight;
    explicit Ticket(std::shared_ptr<std::atomic<std::size_t>> count) : count_(std::move(count)) {}
    void Release() {
      if (count_ != nullptr) --*count_;
      count_.reset();
    }
    std::shared_ptr<std::atomic<std::size_t>> count_;
  };

  explicit InFlight(std::size_t cap) : cap_(cap) {}

  // LOAD_SHED with a retry hint above the cap.
  absl::StatusOr<Ticket> Enter();
  std::size_t count() const { return *count_; }

 private:
  const std::size_t cap_;
  const std::shared_ptr<std::atomic<std::size_t>> count_ =
      std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_ADMISSION_IN_FLIGHT_H_
