#include "ops/telemetry/node_metrics.hpp"

#include <algorithm>
#include <cctype>

namespace vigie::telemetry {
namespace {

using Names = std::vector<std::string>;

// From 0.1 ms, a synced write on a good disk, to a minute.
const Buckets short_times = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                             0.025,  0.05,    0.1,    0.25,  0.5,    1,     5};
// From a second to three hours, with the four target times among them.
const Buckets waiting_times = {1, 5, 15, 30, 60, 180, 300, 600, 1200, 2700, 7200, 10800};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

Labelled<Counter> counters(Metrics& metrics, const char* name, const char* help, const char* label,
                           Names values) {
  return {std::move(values), [&](const std::string& value) -> Counter& {
            return metrics.counter(name, help, {{label, value}});
          }};
}
Labelled<Gauge> gauges(Metrics& metrics, const char* name, const char* help, const char* label,
                       Names values) {
  return {std::move(values), [&](const std::string& value) -> Gauge& {
            if (value == "other") return no_metrics().gauge("", "");  // a 0 there would alarm
            return metrics.gauge(name, help, {{label, value}});
          }};
}
Labelled<Histogram> histograms(Metrics& metrics, const char* name, const char* help,
                               const Buckets& buckets, const char* label, Names values) {
  return {std::move(values), [&](const std::string& value) -> Histogram& {
            return metrics.histogram(name, help, buckets, {{label, value}});
          }};
}
Labelled<Counter> rejected(Metrics& metrics, const char* door, Names reasons) {
  return {std::move(reasons), [&](const std::string& reason) -> Counter& {
            return metrics.counter("vigie_messages_rejected_total",
                                   "Messages refused before they became a command",
                                   {{"door", door}, {"reason", reason}});
          }};
}

Names state_names() {
  Names names;
  for (int i = 0; i < exam_state_count; ++i) {
    names.push_back(lower(name_of(static_cast<ExamState>(i))));
  }
  return names;
}
Names urgency_names() { return {"p0", "p1", "p2", "p3"}; }
Names decline_names() { return {"images", "skill", "conflict"}; }
Names mode_names() {
  Names names;
  for (int i = 0; i <= static_cast<int>(node_mode_last); ++i) {
    names.push_back(lower(name_of(static_cast<NodeMode>(i))));
  }
  return names;
}

template <std::size_t... I>
Names command_names(std::index_sequence<I...>) {
  return {std::string(name_of(Command(std::in_place_index<I>)))...};
}
Names event_names() {
  constexpr int highest = 255;
  const std::string_view unknown = name_of(static_cast<EventKind>(highest));
  Names names;
  for (int i = 1; i < highest; ++i) {
    const std::string_view name = name_of(static_cast<EventKind>(i));
    if (name != unknown && name != name_of(EventKind::none)) names.emplace_back(name);
  }
  return names;
}

Names with(Names names, const Names& more) {
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

void set_one(const Labelled<Gauge>& set, std::size_t position) {
  for (std::size_t i = 0; i < set.size(); ++i) set.at(i).set(i == position ? 1 : 0);
}

constexpr std::pair<int, const char*> hl7_codes[] = {
    {100, "hl7_segment_sequence"}, {101, "hl7_required_field"}, {102, "hl7_data_type"},
    {103, "hl7_table_value"},      {200, "hl7_message_type"},   {201, "hl7_event_code"},
    {202, "hl7_processing_id"},    {203, "hl7_version_id"},     {204, "hl7_unknown_key"},
    {207, "hl7_application_error"}};

}  // namespace

std::vector<std::string> errc_names() {
  constexpr std::uint16_t beyond = 1000;  // "other" catches what a newer version adds above
  const std::string_view unknown = errc_name(static_cast<Errc>(0xffff));
  Names names;
  for (std::uint16_t i = 1; i < beyond; ++i) {
    const std::string_view name = errc_name(static_cast<Errc>(i));
    if (name != unknown) names.emplace_back(name);
  }
  return names;
}

std::vector<std::string> hl7_reasons() {
  Names names;
  for (const auto& [code, name] : hl7_codes) names.emplace_back(name);
  return names;
}

std::string hl7_reason(int code) {
  for (const auto& [known, name] : hl7_codes) {
    if (known == code) return name;
  }
  return "hl7_application_error";
}

RaftMetrics::RaftMetrics(Metrics& m, const NodeLabels& labels)
    : has_leader(m.gauge("vigie_raft_has_leader", "1 when this node knows a leader")),
      is_leader(m.gauge("vigie_raft_is_leader", "1 when this node leads")),
      role(gauges(m, "vigie_raft_role", "1 for the current role", "role",
                  {"follower", "pre_candidate", "candidate", "leader", "learner"})),
      term(m.gauge("vigie_raft_term", "Current term")),
      commit_index(m.gauge("vigie_raft_commit_index", "Highest index known to be committed")),
      applied_index(m.gauge("vigie_raft_applied_index", "Highest index applied to the room")),
      voters(m.gauge("vigie_raft_voters", "Voters of the current configuration")),
      leader_changes(m.counter("vigie_raft_leader_changes_total", "Times this node began to lead")),
      proposals_failed(counters(m, "vigie_raft_proposals_failed_total",
                                "Proposals that were not committed", "reason", errc_names())),
      commit_seconds(m.histogram("vigie_raft_commit_duration_seconds",
                                 "From an entry's append to its commit, as leader", short_times)),
      peer_lag(gauges(m, "vigie_raft_peer_lag_entries",
                      "Entries a peer still lacks (on the leader)", "peer", labels.peers)),
      peer_last_contact(gauges(m, "vigie_raft_peer_last_contact_seconds",
                               "Since the last message from a peer", "peer", labels.peers)),
      peer_up(gauges(m, "vigie_raft_peer_up", "1 while the link to a peer is up", "peer",
                     labels.peers)) {
  for (const char* reason : {"duplicate", "forgot", "itself"}) {
    peer_quarantined.emplace_back(labels.peers, [&](const std::string& peer) -> Gauge& {
      return m.gauge("vigie_raft_peer_quarantined", "1 while a peer's votes do not count",
                     {{"peer", peer}, {"reason", reason}});
    });
  }
}

void RaftMetrics::set_role(std::size_t position) { set_one(role, position); }

StorageMetrics::StorageMetrics(Metrics& m)
    : sync_seconds(m.histogram("vigie_storage_sync_duration_seconds",
                               "One gathered write with its sync", short_times)),
      synced_entries(m.counter("vigie_storage_synced_entries_total", "Log entries made durable")),
      free_bytes(m.gauge("vigie_storage_free_bytes", "Free space under the data folder")),
      size_bytes(m.gauge("vigie_storage_size_bytes", "Size of the data folder's file system")),
      journal_bytes(m.gauge("vigie_storage_journal_bytes", "Bytes of the journal on disk")),
      intake_stopped(
          m.gauge("vigie_storage_intake_stopped", "1 while intake is stopped for space")),
      slow(m.gauge("vigie_storage_slow", "1 while syncs take more than a second")),
      checksum_errors(counters(m, "vigie_storage_checksum_errors_total",
                               "Stored records found to be damaged", "kind",
                               {"log", "snapshot", "node", "archive"})),
      scrubs(m.counter("vigie_storage_scrubs_total", "Times all that is stored was checked")),
      repaired(m.counter("vigie_archive_repaired_total",
                         "Damaged records of the archive replaced by a peer's")),
      archive_damaged(m.gauge("vigie_archive_damaged_records",
                              "Damaged records of the archive that no peer has whole")) {}

RoomMetrics::RoomMetrics(Metrics& m, const NodeLabels&)
    : digest(m.gauge("vigie_state_digest_low48", "Low 48 bits of the state's digest")),
      digest_index(m.gauge("vigie_state_digest_index", "Log index of state_digest_low48")),
      apply_halted(m.gauge("vigie_apply_halted", "1 while this node applies nothing more")),
      digest_mismatches(m.counter("vigie_state_digest_mismatches_total",
                                  "Times this node's state differed from the leader's")),
      archive_complete(
          m.gauge("vigie_archive_complete",
                  "1 if every closed exam is archived here, 0 while some are fetched")),
      archives_refused(m.counter("vigie_archive_refused_total",
                                 "Times a peer's archive was not what the federation archived")),
      level(m.gauge("vigie_state_level", "Schema level of the room")),
      directory_version(m.gauge("vigie_state_directory_version", "Version of the directory")),
      calendar_horizon(m.gauge("vigie_calendar_horizon_seconds",
                               "Time that all guard calendars still know; it grows by itself")),
      commands(counters(m, "vigie_commands_applied_total",
                        "Commands applied, with those refused or repeated", "command",
                        command_names(std::make_index_sequence<std::variant_size_v<Command>>{}))),
      commands_refused(counters(m, "vigie_commands_refused_total",
                                "Commands that apply refused; nothing changed", "reason",
                                errc_names())),
      duplicates(m.counter("vigie_commands_repeated_total", "Commands answered from memory")),
      events(counters(m, "vigie_events_total", "Events derived from applied entries", "event",
                      event_names())),
      oldest_wait(gauges(m, "vigie_exam_oldest_wait_seconds",
                         "Longest wait since READY of an exam not in a reader's hand", "urgency",
                         urgency_names())),
      wait_seconds(histograms(m, "vigie_exam_wait_seconds", "From READY to the first offer",
                              waiting_times, "urgency", urgency_names())),
      offers_open(m.gauge("vigie_offers_open", "Exams offered and not yet accepted")),
      offers(counters(m, "vigie_offers_total", "Offers by how they ended", "result",
                      {"accepted", "automatic", "declined", "expired", "withdrawn"})),
      readers(gauges(m, "vigie_readers", "Readers with a session, by what they do", "state",
                     {"free", "offered", "reading", "away", "rest", "off"})),
      sessions(m.gauge("vigie_sessions", "Live sessions of clients that came by this door")),
      reports(counters(m, "vigie_reports_total", "Reports received", "kind",
                       {"preliminary", "final", "late"})),
      undelivered(m.gauge("vigie_reports_undelivered", "Report versions owed to a hospital")),
      oldest_undelivered(m.gauge("vigie_reports_oldest_undelivered_seconds",
                                 "Age of the oldest report owed to a hospital")),
      deliveries(counters(m, "vigie_deliveries_total", "Deliveries of reports by how they ended",
                          "result", {"acked", "failed"})),
      duty_number(m.gauge("vigie_duty_number", "Number of the duty; 0: nobody ever had it")),
      duty_lost(m.gauge("vigie_duty_lost_seconds", "How long the duty head is out of reach")),
      overflowing(m.gauge("vigie_groups_overflowing", "Groups whose overflow is open by load")) {
  const Names states = state_names();
  const Names urgencies = urgency_names();
  for (std::size_t s = 0; s < states.size(); ++s) {
    for (std::size_t u = 0; u < urgencies.size(); ++u) {
      exams_[s][u] = s == 0 ? &no_metrics().gauge("", "")  // "none" is not a state to show
                            : &m.gauge("vigie_exams", "Exams in the room",
                                       {{"state", states[s]}, {"urgency", urgencies[u]}});
    }
  }
}

void RoomMetrics::set_digest(LogIndex index, const Bits128& bits) {
  constexpr std::uint64_t low48 = (1ull << 48) - 1;
  digest.set(bits.low & low48);
  digest_index.set(index.value);
}

GuardMetrics::GuardMetrics(Metrics& m, const NodeLabels& labels)
    : request_to_report(histograms(m, "vigie_exam_request_to_report_seconds",
                                   "From the request to its report, available", labels.spans,
                                   "urgency", urgency_names())),
      protocol_to_report(histograms(m, "vigie_exam_protocol_to_report_seconds",
                                    "From the first protocol to the report, available",
                                    labels.spans, "urgency", urgency_names())),
      first_image_to_report(histograms(m, "vigie_exam_first_image_to_report_seconds",
                                       "From the first image to the report, available",
                                       labels.spans, "urgency", urgency_names())),
      ready_to_report(histograms(m, "vigie_exam_ready_to_report_seconds",
                                 "From READY to the report, available", labels.spans, "urgency",
                                 urgency_names())),
      ready_to_signed(histograms(m, "vigie_exam_ready_to_signed_seconds",
                                 "From READY to the report's signature", labels.spans, "urgency",
                                 urgency_names())),
      request_to_touch(histograms(m, "vigie_regulation_request_to_touch_seconds",
                                  "From the request to its first claim by the regulators",
                                  labels.spans, "urgency", urgency_names())),
      request_to_protocol(histograms(m, "vigie_regulation_request_to_protocol_seconds",
                                     "From the request to the regulator's protocol", labels.spans,
                                     "urgency", urgency_names())),
      late(counters(m, "vigie_exams_late_total", "Exams whose report came after the class's target",
                    "urgency", urgency_names())),
      offers_made(m.counter("vigie_offers_made_total", "Offers made, each to be accepted")),
      declines(counters(m, "vigie_offers_declined_total", "Offers declined, by the reader's reason",
                        "reason", decline_names())),
      reads(m.counter("vigie_reads_total", "Readings begun")),
      interruptions(m.counter("vigie_read_interruptions_total",
                              "Events on a reader's screen about another exam than he reads")),
      posts(gauges(m, "vigie_posts", "Reading posts of a centre", "centre", labels.centres)),
      posts_staffed(gauges(m, "vigie_posts_staffed", "Reading posts with a reader logged in",
                           "centre", labels.centres)),
      logged_seconds(counters(m, "vigie_reader_logged_seconds_total",
                              "Time of readers logged in at a centre", "centre", labels.centres)),
      busy_seconds(counters(m, "vigie_reader_busy_seconds_total",
                            "Time of a centre's readers with an exam in hand", "centre",
                            labels.centres)),
      slow(gauges(m, "vigie_establishments_slow",
                  "Hospitals that wait over 1.5 times the mean of the class", "urgency",
                  urgency_names())) {
  for (const std::string& origin : with(labels.centres, {"other"})) {
    const auto make = [&](const std::string& reading) -> Counter& {
      return m.counter("vigie_exams_reported_total", "Exams signed, by where from and where read",
                       {{"origin", origin}, {"reading", reading}});
    };
    reported_.emplace_back(origin, Labelled<Counter>(labels.centres, make));
  }
}

Counter& GuardMetrics::reported(std::string_view origin, std::string_view reading) const {
  const auto row = std::find_if(reported_.begin(), reported_.end() - 1,
                                [&](const auto& cell) { return cell.first == origin; });
  return row->second.of(reading);
}

DoorMetrics::DoorMetrics(Metrics& m, const NodeLabels& labels)
    : connections(gauges(m, "vigie_connections", "Open connections", "role", {"peer", "mllp"})),
      refused_keys(counters(m, "vigie_handshakes_refused_total",
                            "Connections of clients and peers whose key was refused", "reason",
                            {"unknown_key", "revoked_key", "malformed"})),
      rejected_client(rejected(m, "client", errc_names())),
      rejected_peer(rejected(m, "peer", errc_names())),
      rejected_mllp(rejected(m, "mllp", with(errc_names(), hl7_reasons()))),
      feed_messages(
          counters(m, "vigie_feed_messages_total", "HL7 messages received", "feed", labels.feeds)),
      feed_silent(gauges(m, "vigie_feed_silent_seconds", "Since a feed's last message", "feed",
                         labels.feeds)),
      feed_late(gauges(m, "vigie_feed_silent_alert", "1 when a feed is silent for too long", "feed",
                       labels.feeds)),
      event_gaps(m.counter("vigie_notify_gaps_total",
                           "Subscriptions that missed events and were told GAP")),
      answer_seconds(histograms(m, "vigie_feed_answer_duration_seconds",
                                "From an HL7 message's arrival to its acknowledgement", short_times,
                                "answer", {"taken", "refused", "none"})) {}

NodeMetrics::NodeMetrics(Metrics& m, const NodeLabels& labels)
    : mode(gauges(m, "vigie_site_mode", "1 for the current mode", "mode", mode_names())),
      unreplicated(m.gauge("vigie_intake_unreplicated",
                           "Requests on this disk that are not yet on a majority")),
      build(m.gauge("vigie_build_info", "1; the labels tell",
                    {{"level_max", std::to_string(level_max.value)}, {"version", labels.version}})),
      stall_seconds(m.histogram("vigie_event_loop_stall_seconds",
                                "How late the room's loop came to a deadline", short_times)),
      raft(m, labels),
      storage(m),
      room(m, labels),
      guard(m, labels),
      door(m, labels) {
  build.set(1);
}

void NodeMetrics::set_mode(NodeMode now) { set_one(mode, static_cast<std::size_t>(now)); }

}  // namespace vigie::telemetry
