// A poison entry (faults F33): one that ends the process three times is not tried again. The node
// then applies nothing from there on; it votes, replicates and shows what it knows, so that the
// federation keeps its log and its majority until a repaired program is installed. It should not
// lead: yielding.cpp.
#include "actors/room/host.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::actors {
namespace {

/// The same wherever the entry is the same.
std::string hash_of(const LogEntry& entry) { return to_hex(storage::chain_step({}, entry)); }

}  // namespace

void Host::count_end() {
  halted_at_ = actors::count_end(box_, settings_.build, room_.applied());
  if (box_.ends > 0) {
    telemetry::log_warning("ended_while_applying", {{"index", box_.suspect}, {"times", box_.ends}});
  }
  if (!is_halted()) return;
  const replica::Log& log = replica_.log();
  if (halted_at_ > log.base() && halted_at_ <= log.last_index()) {
    halted_hash_ = hash_of(log.at(halted_at_));
  }
  telemetry::log_error("apply_halted", {{"index", halted_at_},
                                        {"hash", halted_hash_},
                                        {"advice", "see ops/docs/runbook-apply-halted.md"}});
}

/// True: neither this entry nor any after it is to be applied.
bool Host::stops_before(const LogEntry& entry) {
  if (!halted_at_ || entry.index < halted_at_) return false;
  if (entry.index == halted_at_ && halted_hash_.empty()) {
    halted_hash_ = hash_of(entry);
    telemetry::log_error("apply_halted", {{"index", halted_at_}, {"hash", halted_hash_}});
  }
  return true;
}

/// After a batch, or a snapshot that takes the room further.
void Host::applied_all() {
  end_entries(box_, room_.applied());
  if (!halted_at_ || is_halted()) return;
  telemetry::log_info("apply_resumed", {{"index", room_.applied()}});
  halted_at_ = {};
  halted_hash_.clear();
}

/// On purpose: it does not count as an end of the entry that is being applied.
void Host::leave(int code) {
  end_entries(box_, room_.applied());
  ports_.leave(code);
}

/// What would need something to be applied is refused; what is known is shown.
bool Host::refuse_halted(const ClientInput& in, const ClientMessage& message) {
  if (const auto* renew = std::get_if<Renew>(&message)) {
    tell(in.connection,
         RenewAck{renew->session, renew->incarnation, renew->mark, 0_ms, Errc::apply_halted});
    return true;
  }
  if (const auto* query = std::get_if<Query>(&message)) {
    if (!query->linearizable && query->seen <= room_.applied()) return false;
    tell(in.connection, QueryReply{query->query, Errc::apply_halted, room_.applied(), true, {}});
    return true;
  }
  if (const auto* wish = std::get_if<Subscribe>(&message)) {
    if (wish->from <= room_.applied()) return false;
    tell(in.connection, Complaint{Errc::apply_halted, "subscribe"});
    return true;
  }
  return false;  // commands: refused_now()
}

}  // namespace vigie::actors
