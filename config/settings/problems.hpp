// What is wrong with a configuration file, all of it: an operator corrects everything in one go.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "messages/types/result.hpp"

namespace vigie::settings {

/// What is wrong, and where.
struct Problem {
  unsigned line = 0;
  std::string what;  ///< `KEY: got GOT; allowed: ALLOWED`
  bool operator==(const Problem&) const = default;
};

/// Collects problems of one file.
class Problems {
 public:
  /// @param file As the operator named it; begins every line.
  explicit Problems(std::string file) : file_(std::move(file)) {}

  /// Adds `KEY: got GOT; allowed: ALLOWED`, to be told as `FILE:LINE: ...`.
  void add(unsigned line, std::string_view key, std::string_view got, std::string_view allowed);
  bool any() const { return !found_.empty(); }
  std::size_t count() const { return found_.size(); }
  const std::string& file() const { return file_; }
  /// All of them, by line number.
  std::vector<Problem> sorted() const;
  /// One problem a line, by line number, at most 100. Only when any().
  /// The code is Errc::bad_configuration: exit 78.
  Error error() const;

 private:
  std::string file_;
  std::vector<Problem> found_;
};

}  // namespace vigie::settings
