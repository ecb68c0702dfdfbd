#include "tools/testbed/for_each.h"

#include <atomic>
#include <thread>
#include <vector>

#include "common/base/mutex.h"

namespace omninode::testbed {

absl::Status ForEach(std::size_t count, std::size_t threads,
                     const std::function<absl::Status(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  Mutex mutex;
  absl::Status first;
  const auto run = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      const absl::Status done = work(i);
      if (done.ok()) continue;
      next = count;
      MutexLock lock(mutex);
      first.Update(done);
    }
  };
  std::vector<std::thread> pool;
  for (std::size_t i = 0; i < threads; ++i) pool.emplace_back(run);
  for (std::thread& thread : pool) thread.join();
  MutexLock lock(mutex);
  return first;
}

}  // namespace omninode::testbed
