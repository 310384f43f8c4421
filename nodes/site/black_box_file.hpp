// The page in which a process leaves behind what it was applying (actors/room/black_box.hpp): a
// file in the data folder, mapped, so that a store survives the process without a call or a sync.
// To delete it while the node is stopped means: try again.
#pragma once

#include <filesystem>

#include "actors/room/black_box.hpp"

namespace vigie::site {

class BlackBoxFile {
 public:
  BlackBoxFile() = default;
  ~BlackBoxFile();
  BlackBoxFile(const BlackBoxFile&) = delete;
  BlackBoxFile& operator=(const BlackBoxFile&) = delete;

  /// Makes the file where there is none. If that cannot be, the node counts nothing over its
  /// restarts and says so in the log: no reason to stay away.
  void open(const std::filesystem::path& file);
  /// What the process before left; written by this one's.
  actors::BlackBox& box() { return page_ ? *page_ : spare_; }

 private:
  actors::BlackBox* page_ = nullptr;
  actors::BlackBox spare_;
};

}  // namespace vigie::site
