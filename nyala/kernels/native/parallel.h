// Work in fixed parts, run by whichever of XLA's threads is free.
//
// The parts are a function of the shapes alone and each writes memory of its own, so that a result
// has the same bits with any number of threads.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>

#include "ffi.h"

namespace nyala {

// Counts parts out to threads and waits for those that were begun. A thread that arrives after the
// last part was taken finds the counter at its end and touches nothing else, so the caller never
// waits for a thread that has not started.
class Parts {
 public:
  using Run = void (*)(const void* work, int64_t part);

  Parts(int64_t count, Run run, const void* work) : count_(count), run_(run), work_(work) {}

  void help() {
    for (int64_t part; (part = next_.fetch_add(1, std::memory_order_relaxed)) < count_;) {
      run_(work_, part);
      if (done_.fetch_add(1, std::memory_order_acq_rel) + 1 == count_) {
        std::lock_guard<std::mutex> lock(mutex_);
        finished_.notify_all();
      }
    }
  }

  void wait() {
    // The other threads are about to finish: looking a few times costs less than going to sleep.
    for (int i = 0; i < 2000; ++i) {
      if (all_done()) return;
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
    std::unique_lock<std::mutex> lock(mutex_);
    finished_.wait(lock, [this] { return all_done(); });
  }

 private:
  bool all_done() const { return done_.load(std::memory_order_acquire) == count_; }

  const int64_t count_;
  const Run run_;
  const void* const work_;
  std::atomic<int64_t> next_{0};
  std::atomic<int64_t> done_{0};
  std::mutex mutex_;
  std::condition_variable finished_;
};

// Calls `work(part)` for every part in [0, count), on the calling thread and those of `pool`.
template <typename Work>
void parallel_for(ffi::ThreadPool& pool, int64_t count, const Work& work) {
  const int64_t helpers = std::min(pool.num_threads(), count) - 1;
  if (helpers <= 0) {
    for (int64_t part = 0; part < count; ++part) work(part);
    return;
  }
  auto run = [](const void* erased, int64_t part) { (*static_cast<const Work*>(erased))(part); };
  auto parts = std::make_shared<Parts>(count, run, &work);
  for (int64_t i = 0; i < helpers; ++i) pool.Schedule([parts] { parts->help(); });
  parts->help();
  parts->wait();
}

// Memory of the calling thread for `count` floats, at the address of a cache line. It is kept for
// the next caller and holds what it left there.
inline float* scratch(int64_t count) {
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  thread_local std::unique_ptr<void, Free> memory;
  thread_local int64_t held = 0;
  if (count > held) {
    memory.reset(std::malloc(count * sizeof(float) + 64));
    if (memory == nullptr) throw std::bad_alloc();
    held = count;
  }
  const auto address = reinterpret_cast<std::uintptr_t>(memory.get());
  return reinterpret_cast<float*>((address + 63) / 64 * 64);
}

// How many of `items` go into one part when an item costs `cost` (bytes moved, say) and a part
// should cost at least `least`: depends on shapes alone.
inline int64_t items_per_part(int64_t items, int64_t cost, int64_t least = 1 << 16) {
  const int64_t wanted = (least + std::max<int64_t>(cost, 1) - 1) / std::max<int64_t>(cost, 1);
  return std::max<int64_t>(1, std::min(items, wanted));
}

inline int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

}  // namespace nyala
