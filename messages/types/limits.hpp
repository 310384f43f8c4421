// Every bound of the system that two modules must agree on, with its unit in its name.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vigie::limits {

// Frames (design.md, table of limits).
inline constexpr std::size_t client_frame_bytes = 64 * 1024;
inline constexpr std::size_t directory_frame_bytes = 256 * 1024;  ///< an ApplyDirectory alone
inline constexpr std::size_t peer_frame_bytes = 1024 * 1024;
inline constexpr std::size_t mllp_frame_bytes = 8 * 1024 * 1024;
inline constexpr std::size_t snapshot_chunk_bytes = 256 * 1024;
inline constexpr int client_nesting = 10;
inline constexpr int peer_nesting = 16;

// Fields of a command.
inline constexpr std::size_t name_bytes = 128;          ///< codes, numbers, phones, reasons
inline constexpr std::size_t sealed_bytes = 16 * 1024;  ///< identity and clinical text of an exam
inline constexpr std::size_t report_bytes = 32 * 1024;  ///< one report text
inline constexpr std::size_t accessions_count = 16;
inline constexpr std::size_t studies_count = 16;
inline constexpr std::size_t priors_count = 16;
inline constexpr std::size_t answers_count = 8;  ///< to questions about one request
inline constexpr std::size_t answer_bytes = 1024;
inline constexpr std::size_t orders_per_message = 16;
inline constexpr std::size_t submit_sealed_bytes = 224 * 1024;  ///< of all requests of one message
inline constexpr std::size_t reopened_bytes = 224 * 1024;       ///< an archived exam's record
inline constexpr std::size_t entry_bytes = 512 * 1024;          ///< one log entry's payload

// The room.
inline constexpr std::size_t answers_remembered = 32;  ///< per session incarnation (design D6)
inline constexpr std::size_t sessions_count = 4096;
inline constexpr std::size_t queue_keys_count = 256;  ///< design D5
inline constexpr std::size_t free_readers_count = 64;
inline constexpr std::size_t candidates_recorded = 8;  ///< design D4
inline constexpr std::size_t removals_recorded = 64;   ///< a guard is tested to 60 readers (R5)
inline constexpr std::size_t deadlines_per_entry = 256;
inline constexpr std::size_t excluded_readers_count = 8;
inline constexpr std::size_t calendar_turns_count = 8192;  ///< some six years
inline constexpr std::size_t holidays_count = 64;          ///< of one calendar, as rules
inline constexpr std::size_t timeline_count = 256;
inline constexpr std::size_t reports_per_exam = 32;
inline constexpr std::size_t children_count = 8;      ///< readings once more, of one exam
inline constexpr std::size_t notes_count = 16;        ///< reasons kept with an exam
inline constexpr std::size_t findings_count = 16;     ///< of engines, kept with an exam
inline constexpr std::size_t engines_count = 64;      ///< of the directory
inline constexpr std::size_t ceilings_count = 64;     ///< of an engine
inline constexpr std::size_t roster_count = 8192;     ///< shifts of the directory
inline constexpr std::size_t hand_over_count = 1000;  ///< open exams that a list shows
inline constexpr std::size_t closed_keys_count = 1u << 20;
inline constexpr std::int64_t closed_keys_days = 90;

// A client's connection. A concentrator carries one for each session of its centre.
inline constexpr std::size_t subscriptions_per_connection = 1024;

// Event retention for resumable subscriptions (design D7).
inline constexpr std::size_t events_retained_count = 65'536;
inline constexpr std::size_t events_retained_bytes = 8 * 1024 * 1024;

}  // namespace vigie::limits
