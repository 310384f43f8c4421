// Every metric of a node, in one place: the list that alerts, dashboards and runbooks are written
// to.
//
// Names are vigie_<noun>_<unit>[_total]; all carry the label `site`, none a patient, exam or
// person. All exist at 0 from the start. Times are seconds. Shells get a reference to this struct
// and touch their part; what is a mere picture of the state (gauges) is set once per applied batch
// or per scrape.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "messages/types/directory.hpp"
#include "messages/types/event.hpp"
#include "messages/types/exam.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/wire.hpp"
#include "ops/telemetry/labelled.hpp"
#include "ops/telemetry/metrics.hpp"

namespace vigie::telemetry {

/// Label values that only the settings know.
struct NodeLabels {
  std::string version;                    ///< of the program
  std::vector<std::string> peers;         ///< names of the other centres
  std::vector<std::string> feeds;         ///< names of the [[feed]]s
  std::vector<std::string> centres = {};  ///< names of all centres, this one too
  /// Of the measures of the guard, ascending; the last bucket (+Inf) is added.
  Buckets spans = {};
};

/// raft_*: the replicated log, as this node sees it. `role` is in the order of replica::Role,
/// learner last.
struct RaftMetrics {
  RaftMetrics(Metrics& metrics, const NodeLabels& labels);
  /// Sets 1 for `position` (as replica::Role; 4 = learner) and 0 for the rest.
  void set_role(std::size_t position);
  Gauge& has_leader;                   ///< raft_has_leader: 1 when a leader is known
  Gauge& is_leader;                    ///< raft_is_leader
  Labelled<Gauge> role;                ///< raft_role{role}: state set
  Gauge& term;                         ///< raft_term
  Gauge& commit_index;                 ///< raft_commit_index
  Gauge& applied_index;                ///< raft_applied_index
  Gauge& voters;                       ///< raft_voters
  Counter& leader_changes;             ///< raft_leader_changes_total: times this node began to lead
  Labelled<Counter> proposals_failed;  ///< raft_proposals_failed_total{reason}: Errc names
  Histogram& commit_seconds;           ///< raft_commit_duration_seconds: as leader
  Labelled<Gauge> peer_lag;            ///< raft_peer_lag_entries{peer}: leader only, else 0
  Labelled<Gauge> peer_last_contact;   ///< raft_peer_last_contact_seconds{peer}
  Labelled<Gauge> peer_up;             ///< raft_peer_up{peer}: 1 while connected
  /// raft_peer_quarantined{peer,reason}: duplicate, forgot, itself; in that order.
  std::vector<Labelled<Gauge>> peer_quarantined;
};

/// storage_*: the disk.
struct StorageMetrics {
  explicit StorageMetrics(Metrics& metrics);
  Histogram& sync_seconds;  ///< storage_sync_duration_seconds: one gathered write and its sync
  Counter& synced_entries;  ///< storage_synced_entries_total
  Gauge& free_bytes;        ///< storage_free_bytes, of the data folder's file system
  Gauge& size_bytes;        ///< storage_size_bytes, of the same
  Gauge& journal_bytes;     ///< storage_journal_bytes
  Gauge& intake_stopped;    ///< storage_intake_stopped: 1 below the reserve (design D17)
  Gauge& slow;              ///< storage_slow: 1 while syncs take over a second; it should not lead
  /// storage_checksum_errors_total{kind}: log, snapshot, node (each ends the process), archive.
  Labelled<Counter> checksum_errors;
  Counter& scrubs;         ///< storage_scrubs_total: times everything stored was read and checked
  Counter& repaired;       ///< archive_repaired_total: damaged records replaced by a peer's
  Gauge& archive_damaged;  ///< archive_damaged_records: known ones that no peer has whole
};

/// The replicated state: room, queue, readers, reports.
struct RoomMetrics {
  RoomMetrics(Metrics& metrics, const NodeLabels& labels);
  Gauge& exams(ExamState state, Urgency urgency) const {
    return *exams_[static_cast<std::size_t>(state)][static_cast<std::size_t>(urgency)];
  }
  /// The digest's low 48 bits (design D1), which a double holds exactly: compare sites only where
  /// state_digest_index is equal. No label carries it, as each value would be a new series.
  void set_digest(LogIndex index, const Bits128& digest);
  Gauge& digest;               ///< state_digest_low48
  Gauge& digest_index;         ///< state_digest_index: where it was taken
  Gauge& apply_halted;         ///< apply_halted: 1 while it applies nothing more: page
  Counter& digest_mismatches;  ///< state_digest_mismatches_total: page
  Gauge& archive_complete;     ///< archive_complete: 0 while it fetches what it missed (D13)
  Counter& archives_refused;   ///< archive_refused_total: a peer's was not what was archived
  Gauge& level;                ///< state_level
  Gauge& directory_version;    ///< state_directory_version
  Gauge& calendar_horizon;     ///< calendar_horizon_seconds: +Inf without calendars
  Labelled<Counter> commands;  ///< commands_applied_total{command}
  Labelled<Counter> commands_refused;  ///< commands_refused_total{reason}: answered so by apply
  Counter& duplicates;                 ///< commands_repeated_total: answered from memory (D6)
  Labelled<Counter> events;            ///< events_total{event}
  Labelled<Gauge> oldest_wait;         ///< exam_oldest_wait_seconds{urgency}: since READY
  Labelled<Histogram> wait_seconds;    ///< exam_wait_seconds{urgency}: READY to offered
  Gauge& offers_open;                  ///< offers_open
  Labelled<Counter> offers;            ///< offers_total{result}
  Labelled<Gauge> readers;             ///< readers{state}: free, offered, reading, away, rest, off
  Gauge& sessions;                     ///< sessions: live ones, of any role, at this centre's door
  Labelled<Counter> reports;           ///< reports_total{kind}: preliminary, final, late
  Gauge& undelivered;                  ///< reports_undelivered
  Gauge& oldest_undelivered;           ///< reports_oldest_undelivered_seconds
  Labelled<Counter> deliveries;        ///< deliveries_total{result}: acked, failed
  Gauge& duty_number;                  ///< duty_number: 0 until somebody takes it
  Gauge& duty_lost;                    ///< duty_lost_seconds: its head out of reach for so long
  Gauge& overflowing;                  ///< groups_overflowing

 private:
  std::array<std::array<Gauge*, urgency_count>, exam_state_count> exams_;
};

/// The measures of the guard (ops/docs/measures.md): counted by actors/core/kpi, shown when
/// somebody scrapes. Histograms by urgency; "report" is the moment when it is available to the
/// hospital.
struct GuardMetrics {
  GuardMetrics(Metrics& metrics, const NodeLabels& labels);
  /// exams_reported_total{origin,reading}: by the centre whose door took the request, and the
  /// centre whose reader signed.
  Counter& reported(std::string_view origin, std::string_view reading) const;
  Labelled<Histogram> request_to_report;      ///< exam_request_to_report_seconds{urgency}
  Labelled<Histogram> protocol_to_report;     ///< exam_protocol_to_report_seconds{urgency}
  Labelled<Histogram> first_image_to_report;  ///< exam_first_image_to_report_seconds{urgency}
  Labelled<Histogram> ready_to_report;        ///< exam_ready_to_report_seconds{urgency}
  Labelled<Histogram> ready_to_signed;        ///< exam_ready_to_signed_seconds{urgency}
  Labelled<Histogram> request_to_touch;       ///< regulation_request_to_touch_seconds{urgency}
  Labelled<Histogram> request_to_protocol;    ///< regulation_request_to_protocol_seconds{urgency}
  Labelled<Counter> late;                     ///< exams_late_total{urgency}: beyond the target
  Counter& offers_made;                       ///< offers_made_total: each to be accepted
  Labelled<Counter> declines;                 ///< offers_declined_total{reason}
  Counter& reads;                             ///< reads_total: begun
  Counter& interruptions;                     ///< read_interruptions_total: target 0 (F7)
  Labelled<Gauge> posts;                      ///< posts{centre}
  Labelled<Gauge> posts_staffed;              ///< posts_staffed{centre}: a reader is logged in
  Labelled<Counter> logged_seconds;           ///< reader_logged_seconds_total{centre}
  Labelled<Counter> busy_seconds;             ///< reader_busy_seconds_total{centre}
  Labelled<Gauge> slow;  ///< establishments_slow{urgency}: hospitals that wait longer (Q10)

 private:
  std::vector<std::pair<std::string, Labelled<Counter>>> reported_;  ///< by origin; "other" last
};

/// What comes in and goes out.
struct DoorMetrics {
  DoorMetrics(Metrics& metrics, const NodeLabels& labels);
  Labelled<Gauge> connections;        ///< connections{role}: peer (made from here), mllp
  Labelled<Counter> refused_keys;     ///< handshakes_refused_total{reason}: unknown_key, ...
  Labelled<Counter> rejected_client;  ///< messages_rejected_total{door="client",reason}: Errc names
  Labelled<Counter> rejected_peer;    ///< messages_rejected_total{door="peer",reason}: Errc names
  Labelled<Counter> rejected_mllp;    ///< ...{door="mllp",reason}: Errc names, and hl7_* (0357)
  Labelled<Counter> feed_messages;    ///< feed_messages_total{feed}
  Labelled<Gauge> feed_silent;        ///< feed_silent_seconds{feed}: since its last message
  Labelled<Gauge> feed_late;          ///< feed_silent_alert{feed}: 1 beyond its silent_after
  Counter& event_gaps;                ///< notify_gaps_total: subscriptions that missed events
  Labelled<Histogram>
      answer_seconds;  ///< feed_answer_duration_seconds{answer}: taken, refused, none
};

struct NodeMetrics {
  NodeMetrics(Metrics& metrics, const NodeLabels& labels);
  /// Sets 1 for `mode`, 0 for the others.
  void set_mode(NodeMode mode);
  Labelled<Gauge> mode;      ///< site_mode{mode}: state set of NodeMode
  Gauge& unreplicated;       ///< intake_unreplicated: taken here, not yet on a majority
  Gauge& build;              ///< build_info{version,level_max}: 1
  Histogram& stall_seconds;  ///< event_loop_stall_seconds: how late the room's loop was
  RaftMetrics raft;
  StorageMetrics storage;
  RoomMetrics room;
  GuardMetrics guard;
  DoorMetrics door;
};

/// Names of all codes of the catalogue but ok, in ascending number.
std::vector<std::string> errc_names();
/// HL7 table 0357 as reasons: hl7_segment_sequence, hl7_required_field, ...
std::vector<std::string> hl7_reasons();
/// The reason for an HL7 error code (100 .. 204); "hl7_application_error" for any other.
std::string hl7_reason(int code);

}  // namespace vigie::telemetry
