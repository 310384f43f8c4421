// Who may send what, written by hand and compared cell by cell (design D10). A denied command gets
// unauthorised and nothing else; an allowed one may be refused for any other reason.
#include "tests/actors/core/room/night.hpp"

namespace vigie::room::test {
namespace {

struct Row {
  const char* name;
  Command command;
  const char* allowed;  ///< roles, one letter each, in the order of `letters`
};

// q requester, t technologist, r regulator, a assistant, R reader, h duty head, l site lead,
// s support, o observer, g gateway, A administrator, N node
const std::vector<std::pair<char, std::pair<PersonId, Role>>> people = {
    {'q', {p_requester, Role::requester}}, {'t', {p_technologist, Role::technologist}},
    {'r', {p_regulator, Role::regulator}}, {'a', {p_assistant, Role::assistant}},
    {'R', {p_anne, Role::reader}},         {'h', {p_head, Role::duty_head}},
    {'l', {p_lead, Role::site_lead}},      {'s', {p_support, Role::support}},
    {'o', {p_observer, Role::observer}},   {'g', {p_gateway, Role::gateway}},
    {'A', {p_admin, Role::administrator}}};

std::vector<Row> table() {
  const ExamId none{1};
  Directory empty;
  return {
      {"UnknownCommand", UnknownCommand{9}, "qtraRhlsogAN"},
      {"Submit", Submit{}, "qtragN"},
      {"Amend", Amend{}, "qtragN"},
      {"Cancel", Cancel{}, "qrhgN"},
      {"Claim", Claim{none}, "ra"},
      {"ReleaseClaim", ReleaseClaim{none}, "ra"},
      {"AskInfo", AskInfo{none, "?"}, "ra"},
      {"ProvideInfo", ProvideInfo{}, "qtagN"},
      {"Accept", Accept{}, "r"},
      {"Refuse", Refuse{}, "r"},
      {"AcquisitionStarted", AcquisitionStarted{}, "tgaN"},
      {"ImagesProgress", ImagesProgress{}, "tgN"},
      {"AcquisitionComplete", AcquisitionComplete{}, "tgrN"},
      {"SetReader", SetReader{}, "R"},
      {"AcceptOffer", AcceptOffer{}, "R"},
      {"DeclineOffer", DeclineOffer{}, "R"},
      {"Release", Release{}, "R"},
      {"Preliminary", Preliminary{}, "R"},
      {"Sign", Sign{none, {}, {1}, "x"}, "R"},
      {"SettleLate", SettleLate{}, "Rh"},
      {"DeliveryResult", DeliveryResult{}, "N"},
      {"ExpireSession", ExpireSession{}, "N"},
      {"SiteContact", SiteContact{}, "N"},
      {"Tick", Tick{}, "N"},
      {"Checkpoint", Checkpoint{}, "N"},
      {"ClockCorrection", ClockCorrection{}, "N"},
      {"SetLevel", SetLevel{}, "AN"},
      {"ApplyDirectory", ApplyDirectory{empty}, "AN"},
      {"ChangeSite", ChangeSite{}, "A"},
      {"TakeDuty", TakeDuty{}, "h"},
      {"OfferDuty", OfferDuty{}, "h"},
      {"HandOver", HandOver{}, "qrh"},
      {"AddFinding", AddFinding{}, "gN"},
      {"SetSite", SetSite{}, "lh"},
      {"SetAway", SetAway{}, "lh"},
  };
}

// domain R1, R10
TEST(Authorisation, EveryCellOfTheTableHolds) {
  Night night;
  for (const Row& row : table()) {
    const std::string allowed = row.allowed;
    for (const auto& [letter, who] : people) {
      const Answer answer = night.actor(who.first, who.second, lyon).say(row.command);
      EXPECT_EQ(answer.code != Errc::unauthorised, allowed.find(letter) != std::string::npos)
          << row.name << " by " << name_of(who.second) << ": " << errc_name(answer.code);
    }
    const Answer answer = night.node(lyon, row.command);
    EXPECT_EQ(answer.code != Errc::unauthorised, allowed.find('N') != std::string::npos)
        << row.name << " by a node: " << errc_name(answer.code);
  }
}

// domain Q8
TEST(Authorisation, ANodeSpeaksForItselfOnly) {
  Night night;
  Proposal p;
  p.key = key_of(bordeaux);
  p.door = lyon;
  p.command = Tick{};
  EXPECT_EQ(night.apply(p).code, Errc::unauthorised);
  p.key = {};
  EXPECT_EQ(night.apply(p).code, Errc::unknown_key);
}

TEST(Authorisation, APersonsKeyWithoutASessionDoesNothing) {
  Night night;
  Proposal p;
  p.key = key_of(p_requester);
  p.door = marseille;
  p.command = Submit{{night.request("A1")}, "M1"};
  EXPECT_EQ(night.apply(p).code, Errc::unauthorised);
}

TEST(Authorisation, ARoleTakenAwayIsGoneAtOnce) {
  Night night;
  const ExamId exam = night.submit("A1");
  Actor& regulator = night.regulator();
  Directory d = three_centres();
  d.version = 2;
  for (Person& p : d.people) {
    if (p.id == p_regulator) p.roles = set_of(Role::observer);
  }
  night.node(lyon, ApplyDirectory{d});
  EXPECT_EQ(regulator.claim(exam).code, Errc::unauthorised);
}

TEST(Authorisation, OnlyTheFirstDirectoryComesFromNobody) {
  Night night;
  Proposal p;
  Directory d = three_centres();
  d.version = 2;
  p.command = ApplyDirectory{d};
  EXPECT_EQ(night.apply(p).code, Errc::unknown_key);
}

}  // namespace
}  // namespace vigie::room::test
