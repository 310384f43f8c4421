// The federation of a simulated night: its directory, and who says what in it.
#pragma once

#include <string>
#include <vector>

#include "messages/types/command.hpp"
#include "tests/sim/night/guard.hpp"

namespace vigie::night {

/// Midnight of the first day, in federation time.
inline constexpr FedTime start{1'700'006'400'000};

/// One reader a post: the centre of each.
std::vector<std::uint16_t> posts_of(const std::vector<Centre>& centres);
/// Every centre reads for every hospital, all kinds of exams; they arrive made.
Directory make_federation(const std::vector<Centre>& centres, const Rules& rules);
/// The targets that make the room order exams by that discipline.
Rules rules_for(Discipline discipline);
Millis target_of(const Rules& rules, Urgency urgency);

Request request_for(const Arrival& arrival, std::uint32_t number, Urgency urgency,
                    bool images_complete);
/// The arrival that request_for() made `exam` of.
std::uint32_t arrival_of(const Exam& exam);

Proposal by_node(Command command);
Proposal attach(std::uint32_t reader, std::uint16_t centre, Incarnation incarnation);
Proposal by_reader(std::uint32_t reader, std::uint16_t centre, Incarnation incarnation,
                   RequestNo request, Command command);
std::uint32_t reader_of(PersonId person);

}  // namespace vigie::night
