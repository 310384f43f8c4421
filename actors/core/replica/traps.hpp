// The known traps of Raft libraries, as switches for the mutation tests. A normal build has every
// switch off and the compiler drops the mutated branch; `ops/check.d/traps` builds the core once
// per letter, with that one fix taken out, and demands that the scripted test of that trap goes
// red.
//
// Each defect is one that libraft 0.15.0 has. Some of them sit in structures that we do not have
// (a failed write is fatal here, a core sends nothing itself, memory is owned by values); for those
// the mutation is the nearest one that breaks the same promise, and the comment says so.
#pragma once

#ifndef VIGIE_TRAP
#define VIGIE_TRAP 0
#endif

namespace vigie::replica {

/// A: a follower acknowledges its whole stored log instead of prev + n.
inline constexpr bool trap_a = VIGIE_TRAP == 'A';
/// B: entries of older terms are committed by counting copies (Raft, figure 8).
inline constexpr bool trap_b = VIGIE_TRAP == 'B';
/// C: only the leader's last stored index is ever tested for commit, so a steady load starves it.
inline constexpr bool trap_c = VIGIE_TRAP == 'C';
/// D: one failed write on the leader makes replicas diverge. No write may fail and go on here; the
/// same promise is broken by a leader that counts its own copy before it is synced.
inline constexpr bool trap_d = VIGIE_TRAP == 'D';
/// E: appends in flight outlive the truncation of their entries (a crash there). Here: a write that
/// completes for entries truncated meanwhile still counts as stored.
inline constexpr bool trap_e = VIGIE_TRAP == 'E';
/// F: a result that cannot be sent frees the entries under the write (double free). Payloads have
/// shared owners here and the core sends nothing; the tie that F cuts, between an acknowledgement
/// and its write, is cut by letting the acknowledgement go before the write.
inline constexpr bool trap_f = VIGIE_TRAP == 'F';
/// G: votes are requested with log entries (and a vote for oneself) that are not yet on disk.
inline constexpr bool trap_g = VIGIE_TRAP == 'G';
/// H: an append of an old term that completes later counts as a success in the new term. Our
/// answers carry the term they were decided in; the mutant's leader takes them nevertheless.
inline constexpr bool trap_h = VIGIE_TRAP == 'H';
/// I: a change of members that is truncated stays in force (rollback forgotten or gone wrong
/// there).
inline constexpr bool trap_i = VIGIE_TRAP == 'I';
/// J: a follower campaigns while it installs a snapshot.
inline constexpr bool trap_j = VIGIE_TRAP == 'J';
/// K: a transfer outlives the leadership it belongs to (use after free there). Here: the mutant
/// keeps it, so the next leadership refuses proposals and gives itself away.
inline constexpr bool trap_k = VIGIE_TRAP == 'K';
/// L: a transferee gets a second vote in the same term.
inline constexpr bool trap_l = VIGIE_TRAP == 'L';

// Not of libraries, but of those who change members by hand.

/// M: a learner is counted as a voter.
inline constexpr bool trap_m = VIGIE_TRAP == 'M';
/// N: a second change begins while the first is not committed.
inline constexpr bool trap_n = VIGIE_TRAP == 'N';
/// O: a leader changes members before an entry of its term is committed.
inline constexpr bool trap_o = VIGIE_TRAP == 'O';

}  // namespace vigie::replica
