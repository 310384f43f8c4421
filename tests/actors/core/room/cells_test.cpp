// Walks every cell of (command, role, state): cells.csv says by hand what becomes of each.
#include <fstream>
#include <functional>
#include <set>
#include <sstream>

#include "tests/actors/core/room/night.hpp"

namespace vigie::room::test {
namespace {

std::vector<std::string> split(const std::string& line, char at) {
  std::vector<std::string> parts;
  std::stringstream in(line);
  for (std::string part; std::getline(in, part, at);) parts.push_back(part);
  return parts;
}

struct Row {
  std::string command;
  std::vector<std::string> roles;
  std::vector<std::string> cells;  ///< one for each state
};
struct Cells {
  std::vector<std::string> states;
  std::vector<Row> rows;
};

const Cells& cells() {
  static const Cells read = [] {
    Cells all;
    std::ifstream in("tests/actors/core/room/cells.csv");
    for (std::string line; std::getline(in, line);) {
      if (line.empty() || line.front() == '#') continue;
      std::vector<std::string> columns = split(line, ',');
      if (columns.size() < 3) continue;
      std::vector<std::string> rest(columns.begin() + 2, columns.end());
      if (columns[0] == "command") {
        all.states = std::move(rest);
      } else {
        all.rows.push_back({columns[0], split(columns[1], ' '), std::move(rest)});
      }
    }
    return all;
  }();
  return read;
}

struct Someone {
  PersonId person;
  Role role;
  SiteId site;
};
const std::map<std::string, Someone>& roles() {
  static const std::map<std::string, Someone> all = {
      {"requester", {p_requester, Role::requester, marseille}},
      {"technologist", {p_technologist, Role::technologist, marseille}},
      {"regulator", {p_regulator, Role::regulator, lyon}},
      {"regulator_else", {p_regulator_2, Role::regulator, lyon}},
      {"assistant", {p_assistant, Role::assistant, lyon}},
      {"reader", {p_anne, Role::reader, bordeaux}},
      {"reader_else", {p_bruno, Role::reader, bordeaux}},
      {"duty_head", {p_head, Role::duty_head, lyon}},
      {"duty_head_else", {p_head_2, Role::duty_head, bordeaux}},
      {"site_lead", {p_lead, Role::site_lead, lyon}},
      {"support", {p_support, Role::support, lyon}},
      {"observer", {p_observer, Role::observer, lyon}},
      {"gateway", {p_gateway, Role::gateway, marseille}},
      {"administrator", {p_admin, Role::administrator, lyon}},
      {"node", {{}, Role::node, marseille}}};
  return all;
}

/// Protocols are acknowledged at the Timone, an engine is known, and the guard ends there a second
/// after the night's beginning.
Directory busy_timone() {
  Directory d = three_centres();
  Calendar c;
  c.id = {1};
  c.name = "timone";
  const UtcTime end{1'700'000'001'000};
  c.turns = {{end - 60_min, Band::evening}, {end, Band::day}};
  c.until = end + 24_h * 30;
  d.calendars = {c};
  for (Establishment& e : d.establishments) {
    e.protocol_ack = e.id == timone;
    if (e.id == timone) e.calendar = {1};
  }
  d.engines = {{"aidoc", 10, {{"haemorrhage", Urgency::p1}}}};
  return d;
}

/// A night with one exam in the wanted state.
class Scene {
 public:
  Scene(const std::string& state, bool phoned) : night(busy_timone()) {
    for (const auto& [name, who] : roles()) {
      if (name != "node") night.actor(who.person, who.role, who.site);
    }
    Request r = night.request("A1");
    if (phoned) r.flags = ExamFlag::phoned;
    const Answer answer = actor("assistant").say(Submit{{r}, phoned ? "PHONE-1" : "MSG-1"});
    EXPECT_EQ(answer.code, Errc::ok);
    exam = answer.exam;
    reach(state);
  }

  Actor& actor(const std::string& role) {
    const Someone& who = roles().at(role);
    return night.actor(who.person, who.role, who.site);
  }
  Epoch epoch() const { return night.has_exam(exam) ? night.exam(exam).epoch : Epoch{}; }
  std::string state() const {
    return night.has_exam(exam) ? std::string(name_of(night.state(exam))) : "CLOSED";
  }
  std::string bytes() const {
    return night.has_exam(exam) ? canonical_bytes(night.exam(exam)) : std::string();
  }
  std::size_t parked() const { return night.room.state().parked().size(); }
  Answer say(const std::string& role, const Command& command) {
    return role == "node" ? night.node(marseille, command) : actor(role).say(command);
  }

  Night night;
  ExamId exam;

 private:
  void ok(const Answer& answer) { EXPECT_EQ(answer.code, Errc::ok) << answer.text; }

  void reach(const std::string& state) {
    if (state == "REQUESTED") return;
    if (state == "CANCELLED") return ok(actor("requester").cancel(exam));
    ok(actor("regulator").claim(exam));
    if (state == "IN_REGULATION") return;
    if (state == "NEEDS_INFO") return ok(actor("regulator").say(AskInfo{exam, "?"}));
    if (state == "REFUSED") return ok(actor("regulator").refuse(exam));
    ok(actor("regulator").accept(exam));
    if (state == "PROTOCOLLED") return;
    ok(night.node(marseille, AcquisitionStarted{{exam, {}}}));
    if (state == "ACQUIRING") return;
    night.complete(exam);
    if (state == "READY") return;
    if (state == "HELD") return ok(actor("regulator").say(Hold{exam, "wait"}));
    read_until(state);
  }
  void read_until(const std::string& state) {
    actor("reader").free();
    if (state == "OFFERED") return;
    ok(actor("reader").accept_offer(exam));
    actor("reader").away();  // takes nothing else, but keeps what he has
    if (state == "READING") return;
    if (state == "SUSPENDED") return ok(actor("reader").say(Suspend{exam, epoch()}));
    if (state == "PRELIMINARY") {
      return ok(actor("reader").say(Preliminary{exam, epoch(), {70}, "first look"}));
    }
    ok(actor("reader").say(Sign{exam, epoch(), {71}, "normal", "HSA"}));
    if (state == "VALIDATED") return;
    ok(night.acknowledge(exam));
    if (state == "DELIVERED") return;
    ok(actor("requester").say(AckCritical{{exam, {}}}));
    night.wait(13_h);
    EXPECT_FALSE(night.has_exam(exam)) << state;
  }
};

using Make = std::function<Command(Scene&)>;
/// What is said, with sound arguments.
const std::map<std::string, Make>& commands() {
  static const auto hand_over = [](bool kept) {
    return [kept](Scene& s) { return HandOver{{s.exam, {}}, kept, "seen"}; };
  };
  static const auto order = [](Scene& s) { return s.night.request("A1"); };
  static const std::map<std::string, Make> all = {
      {"submit",
       [](Scene& s) {
         Request r = order(s);
         r.procedure = "other";
         return Submit{{r}, "MSG-2"};
       }},
      {"amend",
       [](Scene& s) {
         Request r = order(s);
         r.callback_phone = "15";
         return Amend{r, "MSG-3"};
       }},
      {"cancel",
       [](Scene& s) {
         return Cancel{{{}, order(s).key}, "no longer"};
       }},
      {"grant_cancel",
       [](Scene& s) {
         return AnswerCancel{s.exam, true, "agreed"};
       }},
      {"claim", [](Scene& s) { return Claim{s.exam}; }},
      {"release_claim", [](Scene& s) { return ReleaseClaim{s.exam}; }},
      {"ask_info",
       [](Scene& s) {
         return AskInfo{s.exam, "?"};
       }},
      {"provide_info",
       [](Scene& s) {
         return ProvideInfo{{{}, order(s).key}, "yes"};
       }},
      {"accept",
       [](Scene& s) {
         return Accept{s.exam, "R1", "TDM v1", Urgency::p2, Modality::unknown, Region::unknown};
       }},
      {"refuse",
       [](Scene& s) {
         return Refuse{s.exam, "not relevant", true};
       }},
      {"revise_protocol",
       [](Scene& s) {
         return ReviseProtocol{s.exam, "NEURO v1", "better"};
       }},
      {"ack_protocol",
       [](Scene& s) {
         return AckProtocol{{s.exam, {}}, 1};
       }},
      {"set_urgency",
       [](Scene& s) {
         return SetUrgency{{s.exam, {}}, Urgency::p1, "worse"};
       }},
      {"acquisition_started",
       [](Scene& s) {
         return AcquisitionStarted{{s.exam, {}}};
       }},
      {"images_progress",
       [](Scene& s) {
         return ImagesProgress{{s.exam, {}}, 200, 0};
       }},
      {"acquisition_complete",
       [](Scene& s) {
         return AcquisitionComplete{{s.exam, {}}, {}, {}, 200, false};
       }},
      {"accept_offer",
       [](Scene& s) {
         return AcceptOffer{s.exam, s.epoch()};
       }},
      {"decline_offer",
       [](Scene& s) {
         return DeclineOffer{s.exam, s.epoch(), DeclineReason::other};
       }},
      {"release",
       [](Scene& s) {
         return Release{s.exam, s.epoch(), "ill"};
       }},
      {"take_over",
       [](Scene& s) {
         return TakeOver{s.exam, "out of reach"};
       }},
      {"direct",
       [](Scene& s) {
         return Direct{s.exam, p_bruno, "knows him"};
       }},
      {"pin",
       [](Scene& s) {
         return Pin{s.exam, true, "theatre waits"};
       }},
      {"bypass",
       [](Scene& s) {
         return Bypass{s.exam, "dying"};
       }},
      {"reopen",
       [](Scene& s) {
         const auto& closed = s.night.archive;
         return Reopen{s.exam, "second look", closed.empty() ? "" : closed.back().bytes};
       }},
      {"preliminary",
       [](Scene& s) {
         return Preliminary{s.exam, s.epoch(), {80}, "look"};
       }},
      {"sign",
       [](Scene& s) {
         return Sign{s.exam, s.epoch(), {81}, "normal", {}};
       }},
      {"settle_late",
       [](Scene& s) {
         return SettleLate{s.exam, {82}, true};
       }},
      {"delivery_result",
       [](Scene& s) {
         return DeliveryResult{s.exam, {1}, 0, DeliveryOutcome::acked, "AA"};
       }},
      {"add_to_report",
       [](Scene& s) {
         return ReviseReport{s.exam, {83}, ReportKind::addendum, "also"};
       }},
      {"withdraw_report",
       [](Scene& s) {
         return ReviseReport{s.exam, {84}, ReportKind::withdrawal, "not his"};
       }},
      {"ack_critical",
       [](Scene& s) {
         return AckCritical{{s.exam, {}}};
       }},
      {"close_task",
       [](Scene& s) {
         return CloseTask{s.exam, TaskKind::critical_result, "told"};
       }},
      {"hold",
       [](Scene& s) {
         return Hold{s.exam, "wait"};
       }},
      {"resume", [](Scene& s) { return Resume{s.exam}; }},
      {"suspend",
       [](Scene& s) {
         return Suspend{s.exam, s.epoch()};
       }},
      {"want_images",
       [](Scene& s) {
         return WantImages{s.exam, s.epoch(), "late phase"};
       }},
      {"tell_result",
       [](Scene& s) {
         return TellResult{s.exam, "emergency physician", "bleed"};
       }},
      {"link_order",
       [](Scene& s) {
         return LinkOrder{s.exam, {order(s).key.legal_entity, "HOSP", "B2"}};
       }},
      {"hand_over_kept", hand_over(true)},
      {"hand_over_given", hand_over(false)},
      {"add_finding",
       [](Scene& s) {
         return AddFinding{{s.exam, {}}, "aidoc", "3.1", "haemorrhage"};
       }},
      {"ask_opinion",
       [](Scene& s) {
         return AskRead{s.exam, Purpose::opinion, Skill::general, Region::unknown, {}, false, "?"};
       }},
      {"ask_second_opinion", [](Scene& s) {
         return AskRead{s.exam, Purpose::second_opinion, Skill::general, Region::unknown, {}, false,
                        "?"};
       }}};
  return all;
}

/// What became of it, in the words of cells.csv.
std::string outcome(const std::string& command, const std::string& role, const std::string& state) {
  Scene scene(state, command == "link_order");
  if (command == "grant_cancel") {
    const bool begun = state != "REQUESTED" && state != "IN_REGULATION" && state != "NEEDS_INFO" &&
                       state != "PROTOCOLLED";
    if (begun) scene.actor("requester").cancel(scene.exam);
  }
  if (command.starts_with("hand_over")) scene.night.wait(1_s);  // the guard is over
  const std::string was = scene.state(), before = scene.bytes();
  const std::size_t parked = scene.parked();
  const Answer answer = scene.say(role, commands().at(command)(scene));
  const std::string is = scene.state();
  if (answer.code == Errc::ok) return is == was ? "." : ">" + is;
  const bool kept = scene.bytes() != before || scene.parked() != parked;
  EXPECT_EQ(is, was) << "a refusal moves nothing";
  return (kept ? "+" : "") + std::string(errc_name(answer.code));
}

// domain R1, R10, F2, F3, F4, F7
TEST(Cells, EveryStateCommandAndRoleIsAsWritten) {
  std::size_t walked = 0;
  for (const Row& row : cells().rows) {
    ASSERT_EQ(row.cells.size(), cells().states.size()) << row.command;
    for (const std::string& role : row.roles) {
      ASSERT_TRUE(roles().contains(role)) << row.command << ": " << role;
      for (std::size_t i = 0; i < row.cells.size(); ++i) {
        const std::string& state = cells().states[i];
        EXPECT_EQ(outcome(row.command, role, state), row.cells[i])
            << row.command << " by " << role << " when " << state;
        ++walked;
      }
    }
  }
  EXPECT_GE(walked, 2000u);
}

TEST(Cells, WhoIsNotListedIsUnauthorisedAndChangesNothing) {
  for (const auto& [command, make] : commands()) {
    std::set<std::string> others;
    for (const auto& [role, who] : roles()) others.insert(role);
    for (const Row& row : cells().rows) {
      if (row.command != command) continue;
      for (const std::string& role : row.roles) {
        EXPECT_EQ(others.erase(role), 1u) << command << " lists " << role << " twice";
      }
    }
    for (const std::string& state : cells().states) {
      Scene scene(state, command == "link_order");
      const std::string before = scene.bytes();
      for (const std::string& role : others) {
        const Answer answer = scene.say(role, make(scene));
        EXPECT_EQ(errc_name(answer.code), "unauthorised")
            << command << " by " << role << " when " << state;
      }
      EXPECT_EQ(scene.bytes(), before) << command << " when " << state;
    }
  }
}

TEST(Cells, EveryStateAndEveryCommandAboutAnExamIsWalked) {
  EXPECT_EQ(cells().states.size(), static_cast<std::size_t>(exam_state_count) - 1) << "but none";
  std::set<std::string> listed, walked;
  for (const Row& row : cells().rows) listed.insert(row.command);
  Scene scene("REQUESTED", false);
  for (const auto& [name, make] : commands()) {
    EXPECT_TRUE(listed.contains(name)) << name;
    walked.insert(std::string(name_of(make(scene))));
  }
  // About sessions, centres, time, the directory: no exam is named.
  const std::set<std::string> other = {
      "unknown",         "attach",      "detach",     "set_reader",       "expire_session",
      "site_contact",    "tick",        "checkpoint", "clock_correction", "set_level",
      "apply_directory", "change_site", "take_duty",  "offer_duty",       "set_site",
      "set_away",        "set_shift"};
  EXPECT_EQ(walked.size() + other.size(), std::variant_size_v<Command>);
}

}  // namespace
}  // namespace vigie::room::test
