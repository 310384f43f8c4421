// Assertions that stay on in production. A broken invariant means that this process can no longer
// be trusted with patients: it says what it saw and stops; its journal brings it back.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace vigie {

/// Prints `what` with its place on standard error and aborts.
[[noreturn]] inline void assertion_failed(const char* what, const char* file, int line) noexcept {
  std::fprintf(stderr, "assertion_failed what=\"%s\" at=%s:%d\n", what, file, line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace vigie

/// Aborts with the condition's text and place when `condition` is false. Never compiled out.
#define VIGIE_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::vigie::assertion_failed(#condition, __FILE__, __LINE__))
