// One running centre: settings in, a node that serves out. The only place that knows every part.
//
// Start order: journal, room from its snapshot and log, desks, disk, room actor, link, MLLP door,
// HTTP. Stop order: the reverse. Restart table: nodes/site/restarts.hpp.
#pragma once

#include <memory>
#include <string>

#include "config/settings/settings.hpp"
#include "messages/types/result.hpp"

namespace vigie::site {

class Site {
 public:
  /// Starts everything; serves when it returns.
  /// @param version Of the program, for status and logs.
  /// @errors From the part that could not start: foreign_folder, locked, corrupt, port_in_use,
  /// bad_configuration, unauthorised (the self-test of the doors), io_error.
  static Result<std::unique_ptr<Site>> start(const settings::SiteSettings& settings,
                                             const std::string& version);
  /// stop().
  ~Site();
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  /// Leaves in good order: answers who waits, writes what is pending, closes. Idempotent.
  void stop();

 private:
  struct Parts;
  explicit Site(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace vigie::site
