// Reports as hospitals received them: raw HL7 v2 ORU^R01, one a file, read by a small reader that
// shares nothing with the product's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/verify/verdict.hpp"

namespace vigie::verify {

struct HospitalReport {
  std::string file;
  std::string message_id;   ///< MSH-10
  std::string receiver;     ///< MSH-5 and MSH-6
  std::string control;      ///< ORC-1
  std::string status;       ///< OBR-25: P preliminary, F final, C corrected, X none
  std::string placer;       ///< ORC-2.1
  std::string exam;         ///< ORC-3.1, such as MRS-7K2Q
  std::string text;         ///< OBX with LOINC 18748-4, lines cut by '\n'
  bool utf8 = true;         ///< else one byte a sign: Latin-1, Latin-9 or ASCII
  std::uint64_t bytes = 0;  ///< hash of the whole message
};

struct Reports {
  bool kept = false;  ///< false: the hospitals' side was not recorded
  std::vector<HospitalReport> all;

  /// Reads a file, with or without its MLLP frame. What is wrong with it is a violation `report`.
  void read(const std::string& path, Verdict& verdict);
};

/// True if a hospital that was sent `signed_text` may have received `report`'s text: the same, but
/// for tabs, control characters, spaces at line ends, and what its character set lacks.
bool is_text_of(const HospitalReport& report, std::string_view signed_text);

}  // namespace vigie::verify
