// Bugs planted on purpose, to prove the rigs that must find them (ops/check planted, the table in
// tests/planted/bugs.txt). A normal build has none: is_planted() is a constant false there, and the
// compiler drops the line it guards. A build with VIGIE_PLANT=ON holds them all, and one process
// has the one that its environment names: VIGIE_PLANTED=epoch_unchecked.
//
// A guarded line holds the bug and nothing else: no log line, no assertion. What detects it is the
// same code in every build.
#pragma once

#include <cstdint>

#ifdef VIGIE_PLANT
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#endif

namespace vigie {

/// One line each; the names are those of tests/planted/bugs.txt. First the known traps of Raft
/// libraries, whose scripted tests are in tests/actors/core/replica.
#define VIGIE_BUGS(X)                                                                            \
  X(whole_log_acknowledged)     /* a follower acknowledges all it stores, not prev + n */        \
  X(old_terms_counted)          /* entries of older terms commit by counting (Raft, figure 8) */ \
  X(commit_starved)             /* only the leader's last stored index is tested for commit */   \
  X(own_copy_counted_early)     /* a leader counts its own copy before it is synced */           \
  X(truncated_write_counted)    /* a write of entries truncated meanwhile counts as stored */    \
  X(acknowledged_before_write)  /* an append's answer goes before the write */                   \
  X(vote_asked_before_write)    /* votes are asked for with a log that is not on disk */         \
  X(old_answer_counted)         /* an answer of an old term counts in the new one */             \
  X(campaign_while_installing)  /* a follower campaigns while it installs a snapshot */          \
  X(transfer_outlives_term)     /* a transfer outlives the leadership it belongs to */           \
  X(second_vote)                /* a transferee gets a second vote in one term */                \
  X(learner_counted)            /* a learner counts as a voter */                                \
  X(two_changes_at_once)        /* a member changes while another change is under way */         \
  X(change_before_term_commit)  /* members change before an entry of the term is committed */    \
  X(change_outlives_truncation) /* a change of members stays though its entry went */            \
  X(behind_commit_elected)      /* a voter forgets which commit it has seen */                   \
  X(vote_not_persisted)         /* term and vote alone are not written */                        \
  X(sent_before_sync)           /* messages that wait for the sync do not */                     \
  X(sync_error_ignored)         /* a failed write is taken for a good one */                     \
  X(crc_unchecked)              /* stored records are believed */                                \
  X(tail_cut_on_corruption)     /* a damaged record ends the log instead of the start */         \
  X(write_not_synced)           /* RocksDB is not asked to sync */                               \
  X(archive_not_awaited)        /* a snapshot is installed before the archive is there */        \
  X(answers_not_in_snapshot)    /* remembered answers are left out of the snapshot */            \
  X(guard_ignored)              /* a data folder behind its guard file serves */                 \
  X(clone_heard)                /* peers listen to a second instance of a site */                \
  X(stale_read)                 /* a query is answered before the node has caught up */          \
  X(renewed_without_quorum)     /* a leader acknowledges renewals on its own word */             \
  X(leases_not_waited_for)      /* a new leader expires the sessions it does not know at once */ \
  X(stamp_from_utc)             /* a leader stamps with its wall clock */                        \
  X(epoch_unchecked)            /* a command of an older assignment acts on the newer */         \
  X(late_report_dropped)        /* a report under an older epoch is answered, not kept */        \
  X(reader_given_two)           /* a reader with an exam in hand is offered another */           \
  X(p3_due_as_p0)               /* the deadline of a P3 is that of a P0 */                       \
  X(p3_starved)                 /* a P3 goes after every P2, however long it has waited */       \
  X(expiry_not_compared)        /* an expiry ends whatever incarnation there is */               \
  X(order_key_forgotten)        /* an order sent again makes a second exam */                    \
  X(request_gap_taken)          /* a request number may be skipped */                            \
  X(wall_clock_in_apply)        /* apply reads a clock */                                        \
  X(address_order_in_apply)     /* apply goes by where records lie in memory */                  \
  X(lease_from_receipt)         /* a client counts its lease from the acknowledgement */         \
  X(gap_taken)                  /* a client takes covers that do not follow its cursor */        \
  X(resumed_one_late)           /* a desk resumes one batch after the cursor */                  \
  X(owed_not_derived)           /* a delivery owed before the start is not sent */               \
  X(late_report_final)          /* a former reader's late report counts, whoever has the exam */ \
  X(heartbeat_beyond_match)     /* a heartbeat commits what the follower may not share */        \
  X(gathered_archive_lost)      /* a gathered write drops the closed exams before it */          \
  X(promoted_not_synced)        /* fetched exams enter the archive unsynced */                   \
  X(resumed_beyond_ring)        /* a desk resumes from before what it retains */                 \
  X(held_exam_given)            /* what is on hold is given to a reader */                       \
  X(set_aside_exam_given)       /* what a reader has set aside is given to another */            \
  X(mandatory_not_awaited)      /* a report is final before what must be read first */           \
  X(taken_over_returned)        /* a reader is given again what was taken over from him */       \
  X(cancel_granted_by_anybody)  /* who does not hold an exam grants the wish to cancel it */     \
  X(cancel_granted_by_time)     /* a wish to cancel that nobody answered is granted */           \
  X(pinned_before_vital)        /* a pinned exam goes before a P0 */                             \
  X(withdrawal_not_owed)        /* no hospital is told that a report was withdrawn */            \
  X(duty_number_ignored)        /* the duty is taken under whatever number */                    \
  X(duty_number_kept)           /* who takes the duty has it under the number of the last */     \
  X(unseen_handed_over)         /* the duty is handed over with exams that were not seen */      \
  X(duty_not_asked)             /* all of the role have the duty head's rights */                \
  X(deputy_obeyed)              /* so has the deputy, while another has the duty */              \
  X(finding_lowers)             /* a finding lowers what was more urgent */                      \
  X(finding_makes_vital)        /* a finding raises beyond its ceiling, to P0 */                 \
  X(engine_unlimited)           /* an engine raises as many exams as it finds */                 \
  X(given_exam_read)            /* what was given to the day service is read all the same */     \
  X(quota_not_counted)          /* exams of a guard are not counted against the quota */

enum class Bug {
  none,
#define VIGIE_BUG_NAME(name) name,
  VIGIE_BUGS(VIGIE_BUG_NAME)
#undef VIGIE_BUG_NAME
};

#ifdef VIGIE_PLANT
/// The bug that the environment names. A name that is none ends the process: a rig that looks for
/// nothing would find nothing.
inline Bug planted_bug() {
  static const Bug bug = [] {
    const char* wanted = std::getenv("VIGIE_PLANTED");
    if (!wanted || !*wanted) return Bug::none;
#define VIGIE_BUG_NAMED(name) \
  if (std::string_view(wanted) == #name) return Bug::name;
    VIGIE_BUGS(VIGIE_BUG_NAMED)
#undef VIGIE_BUG_NAMED
    std::fprintf(stderr, "VIGIE_PLANTED=%s: no such bug (messages/types/planted.hpp)\n", wanted);
    std::_Exit(64);
  }();
  return bug;
}
inline bool is_planted(Bug bug) { return planted_bug() == bug; }
/// For Bug::wall_clock_in_apply.
inline std::int64_t planted_clock_ms() {
  return std::chrono::steady_clock::now().time_since_epoch().count() % 1000;
}
#else
constexpr bool is_planted(Bug) { return false; }
constexpr std::int64_t planted_clock_ms() { return 0; }
#endif

}  // namespace vigie
