#include "actors/core/hl7/mllp.hpp"

#include <algorithm>

namespace vigie::hl7 {
namespace {

constexpr char start_byte = '\x0B';
constexpr char end_byte = '\x1C';
constexpr char after_byte = '\x0D';

}  // namespace

Result<void> MllpReader::feed(std::string_view bytes, std::vector<std::string>& frames) {
  while (!bytes.empty()) {
    if (!in_frame_) {
      if (after_end_ && bytes.front() == after_byte) {
        bytes.remove_prefix(1);
      }
      after_end_ = false;
      const std::size_t start = std::min(bytes.find(start_byte), bytes.size());
      skipped_bytes_ += start;
      in_frame_ = start < bytes.size();
      bytes.remove_prefix(std::min(start + 1, bytes.size()));
      continue;
    }
    const std::size_t end = std::min(bytes.find(end_byte), bytes.size());
    if (frame_.size() + end > frame_bytes_max_) {
      frame_ = {};
      in_frame_ = false;
      return Error{Errc::too_large,
                   "trame MLLP de plus de " + std::to_string(frame_bytes_max_) + " octets"};
    }
    frame_.append(bytes.substr(0, end));
    if (end < bytes.size()) {
      take(frames);
    }
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return {};
}

void MllpReader::take(std::vector<std::string>& frames) {
  // A sender that died in a message and began again: only the last start counts. A lone 0B is a
  // vertical tab of pasted text, and stays.
  const std::size_t restart = frame_.rfind("\x0BMSH");
  if (restart != std::string::npos) {
    skipped_bytes_ += restart + 1;
    frame_.erase(0, restart + 1);
  }
  if (!frame_.empty()) {
    frames.push_back(std::move(frame_));
  }
  frame_ = {};
  in_frame_ = false;
  after_end_ = true;
}

std::string frame(std::string_view message) {
  std::string out;
  out.reserve(message.size() + 3);
  out.push_back(start_byte);
  out += message;
  out.push_back(end_byte);
  out.push_back(after_byte);
  return out;
}

}  // namespace vigie::hl7
