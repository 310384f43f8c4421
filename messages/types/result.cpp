#include "messages/types/result.hpp"

#include <array>

namespace vigie {
namespace {

constexpr std::array catalogue = {
    ErrcInfo{Errc::ok, "ok", "done", "nothing to do"},
    ErrcInfo{Errc::malformed, "malformed", "the message cannot be decoded", "repair the sender"},
    ErrcInfo{Errc::too_large, "too_large", "a size limit is passed", "send less"},
    ErrcInfo{Errc::wrong_version, "wrong_version", "protocol version not spoken here",
             "update the older side"},
    ErrcInfo{Errc::unauthorised, "unauthorised", "the role may not do this",
             "ask the duty head, or use the right key"},
    ErrcInfo{Errc::unknown_key, "unknown_key", "the key is not in the directory",
             "have the key enrolled"},
    ErrcInfo{Errc::wrong_federation, "wrong_federation", "another federation's message",
             "check the configuration's federation id"},
    ErrcInfo{Errc::unknown_command, "unknown_command", "this node does not know the command",
             "update the node, or ask for less"},
    ErrcInfo{Errc::level_too_low, "level_too_low", "the room's level does not allow it yet",
             "update all voters, then raise the level"},
    ErrcInfo{Errc::bad_value, "bad_value", "a field's value is not allowed", "correct the field"},
    ErrcInfo{Errc::duplicate_site, "duplicate_site", "two nodes claim one site",
             "stop the copy; it must get an identity of its own"},
    ErrcInfo{Errc::stale, "stale", "the exam has moved on since that epoch",
             "drop the claim; a report is kept as late"},
    ErrcInfo{Errc::superseded, "superseded", "the session was attached elsewhere",
             "stop; the newer client goes on"},
    ErrcInfo{Errc::request_reused, "request_reused", "request number used for other content",
             "repair the client; nothing was done"},
    ErrcInfo{Errc::old_request, "old_request", "older than the remembered window",
             "look at the exam's state; never executed again"},
    ErrcInfo{Errc::retry_from, "retry_from", "request numbers must be consecutive",
             "send again from the number in the answer"},
    ErrcInfo{Errc::no_session, "no_session", "the session is unknown or has ended",
             "attach with the next incarnation"},
    ErrcInfo{Errc::unknown_exam, "unknown_exam", "no such open exam", "check the number"},
    ErrcInfo{Errc::wrong_state, "wrong_state", "not allowed in the exam's state",
             "look at the exam, then decide"},
    ErrcInfo{Errc::not_holder, "not_holder", "somebody else holds it", "do nothing"},
    ErrcInfo{Errc::not_eligible, "not_eligible", "this reader may not take it", "do nothing"},
    ErrcInfo{Errc::site_full, "site_full", "all posts of the centre are taken",
             "free a post, or log in elsewhere"},
    ErrcInfo{Errc::unknown_establishment, "unknown_establishment", "not in the directory",
             "add it to the directory"},
    ErrcInfo{Errc::modality_excluded, "modality_excluded", "ultrasound is not read at a distance",
             "call the recourse centre named in the answer"},
    ErrcInfo{Errc::limit_reached, "limit_reached", "a table is full", "wait, or raise the limit"},
    ErrcInfo{Errc::already_final, "already_final", "a final report exists", "send an addendum"},
    ErrcInfo{Errc::unknown_protocol, "unknown_protocol", "not in the catalogue",
             "choose a protocol of the catalogue"},
    ErrcInfo{Errc::acquisition_begun, "acquisition_begun", "an irradiating exam is always reported",
             "ask the regulator"},
    ErrcInfo{Errc::busy_reader, "busy_reader", "the reader has an exam in hand", "finish it first"},
    ErrcInfo{Errc::unknown_person, "unknown_person", "not in the directory", "enrol the person"},
    ErrcInfo{Errc::gap, "gap", "events older than what is retained",
             "take the fresh view that follows"},
    ErrcInfo{Errc::unknown_key_order, "unknown_order", "no open exam has this order number",
             "check the number, or send the order"},
    ErrcInfo{Errc::no_leader, "no_leader", "no majority at the moment", "retry, same number"},
    ErrcInfo{Errc::busy, "busy", "the node is saturated", "retry later, same number"},
    ErrcInfo{Errc::stopping, "stopping", "the node is stopping", "use another centre"},
    ErrcInfo{Errc::timeout, "timeout", "no answer in time: the outcome is unknown",
             "retry with the same request number"},
    ErrcInfo{Errc::unreachable, "unreachable", "no centre answers", "check the network"},
    ErrcInfo{Errc::disk_full, "disk_full", "the disk is full", "free space"},
    ErrcInfo{Errc::io_error, "io_error", "reading or writing failed", "check the disk"},
    ErrcInfo{Errc::corrupt, "corrupt", "stored data is damaged",
             "never repair by hand; rejoin: `vigie site rejoin SITE`, ops/docs/runbook-rejoin.md"},
    ErrcInfo{Errc::foreign_folder, "foreign_folder", "the data folder belongs to another node",
             "point the configuration at this node's own folder"},
    ErrcInfo{Errc::locked, "locked", "another process uses it", "stop the other process"},
    ErrcInfo{Errc::port_in_use, "port_in_use", "the address is taken",
             "stop the other process or change the port"},
    ErrcInfo{Errc::bad_configuration, "bad_configuration", "the configuration is wrong",
             "correct the named line"},
    ErrcInfo{Errc::not_found, "not_found", "no such file, key or record", "check the name"},
    ErrcInfo{Errc::quarantined, "quarantined", "this node's data is not what it promised to keep",
             "use another centre; the site rejoins as a learner"},
    ErrcInfo{Errc::apply_halted, "apply_halted", "this node stopped before an entry that ends it",
             "use another centre; install a fixed vigied: ops/docs/runbook-apply-halted.md"},
};

}  // namespace

ErrcInfo errc_info(Errc code) {
  for (const ErrcInfo& info : catalogue) {
    if (info.code == code) return info;
  }
  return {code, "unknown_code", "a code of a newer version", "update this side"};
}

}  // namespace vigie
