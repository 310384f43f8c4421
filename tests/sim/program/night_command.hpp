// `vigie-sim night`: the waiting room under the load of a night, without faults.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

namespace vigie::night {

struct NightOptions;

class NightCommand {
 public:
  explicit NightCommand(CLI::App& app);
  ~NightCommand();
  bool wanted() const { return command_->parsed(); }
  /// @return 0; 64: it cannot be understood what is wanted; 66: a file cannot be read; 73: one
  /// cannot be written. Why is said.
  int run() const;

 private:
  CLI::App* command_;
  std::unique_ptr<NightOptions> options_;
};

}  // namespace vigie::night
