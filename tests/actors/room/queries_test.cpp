// What replies say, as far as programs rely on it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "actors/room/guard_view.hpp"
#include "messages/codec/directory_codec.hpp"
#include "tests/actors/room/stories.hpp"

namespace vigie::actors::test {
namespace {

std::string reply(Cluster& c, std::uint64_t number, QueryKind kind, const std::string& argument) {
  c.say(lyon, 4, p_anne, Query{number, kind, argument, {}, true});
  c.require([&] { return c.heard<QueryReply>(4).size() == number; });
  return c.heard<QueryReply>(4).back().second.json;
}

TEST(Queries, NameAnExamByItsIdToo) {
  Cluster c;
  c.elect();
  (void)c.local(c.leader(), one("A"));
  Client requester(c, p_requester, Role::requester);
  ASSERT_TRUE(requester.attach(c.leader()));
  const ExamId exam = requester.ask(one("B")).exam;
  const std::string id = "\"id\":\"" + std::to_string(exam.value) + '"';
  EXPECT_NE(reply(c, 1, QueryKind::exam, "B").find(id), std::string::npos);
  EXPECT_NE(reply(c, 2, QueryKind::exams, {}).find(id), std::string::npos);
}

TEST(Queries, OfAllExamsSayWhetherTheseAreAll) {
  Cluster c;
  c.elect();
  Client requester(c, p_requester, Role::requester);
  ASSERT_TRUE(requester.attach(c.leader()));
  for (int i = 0; i < 3; ++i) requester.ask(one("A" + std::to_string(i)));
  EXPECT_NE(reply(c, 1, QueryKind::exams, {}).find("\"complete\":true"), std::string::npos);
}

// Base64 has 4 signs for 3 bytes: what follows byte 3 n is what follows sign 4 n.
TEST(Queries, OfTheDirectoryTellAPartFromAnOffsetOn) {
  Cluster c;
  c.elect();
  const Directory& directory = c.host(lyon).room().directory();
  const auto first = nlohmann::json::parse(reply(c, 1, QueryKind::directory, {}));
  EXPECT_EQ(first["version"], directory.version);
  EXPECT_EQ(first["offset"], 0);
  const std::size_t bytes = codec::encode_directory(directory).size();
  EXPECT_EQ(first["bytes"], bytes);
  const std::string whole = first["part"];
  EXPECT_EQ(whole.size(), (bytes + 2) / 3 * 4);
  const auto rest = nlohmann::json::parse(reply(c, 2, QueryKind::directory, "30"));
  EXPECT_EQ(rest["offset"], 30);
  EXPECT_EQ(rest["part"], whole.substr(40));
  EXPECT_EQ(nlohmann::json::parse(reply(c, 3, QueryKind::directory, std::to_string(bytes)))["part"],
            "");
}

TEST(Queries, OfTheDirectoryRefuseWhatIsNoOffset) {
  Cluster c;
  c.elect();
  std::uint64_t number = 0;
  for (const char* argument : {"1000000000", "x", "-1", "1 ", "99999999999999999999999"}) {
    EXPECT_EQ(reply(c, ++number, QueryKind::directory, argument), "");
    EXPECT_EQ(c.heard<QueryReply>(4).back().second.code, Errc::bad_value) << argument;
  }
}

QueryReply told(Cluster& c, PersonId asker, std::uint64_t number, QueryKind kind,
                const std::string& argument = {}) {
  const Connection own = 10 + asker.value;
  c.say(lyon, own, asker, Query{number, kind, argument, {}, true});
  c.require([&] { return c.heard<QueryReply>(own).size() == number; });
  return c.heard<QueryReply>(own).back().second;
}

// domain R14
TEST(Queries, AnAgencySeesFiguresOfItsAreaAndNothingElse) {
  Cluster c;
  c.elect();
  Client requester(c, p_requester, Role::requester);
  ASSERT_TRUE(requester.attach(c.leader()));
  for (int i = 0; i < 6; ++i) requester.ask(one("A" + std::to_string(i)));
  std::uint64_t number = 0;
  for (const QueryKind kind :
       {QueryKind::status, QueryKind::exams, QueryKind::exam, QueryKind::why, QueryKind::readers,
        QueryKind::directory, QueryKind::roster, QueryKind::incidents}) {
    const QueryReply reply = told(c, p_agency, ++number, kind, "A1");
    EXPECT_EQ(reply.code, Errc::unauthorised);
    EXPECT_EQ(reply.json, "");
  }
  const auto json =
      nlohmann::json::parse(told(c, p_agency, ++number, QueryKind::aggregates, "elsewhere").json);
  EXPECT_EQ(json["area"], "paca") << "its own, whatever it asks for";
  EXPECT_EQ(json["establishments"], 1);
  EXPECT_EQ(json["classes"]["p2"]["requests"], 6);
  EXPECT_EQ(json["classes"]["p2"]["reported"], 0);
  EXPECT_EQ(json["classes"]["p2"]["mean_minutes"], nullptr);
  c.say(lyon, 17, p_agency, Subscribe{1, Desk::all, {}, {}});
  c.require([&] { return !c.heard<Complaint>(17).empty(); });
  EXPECT_EQ(c.heard<Complaint>(17).back().second.code, Errc::unauthorised);
}

TEST(Queries, FiguresUnderFiveAreNotTold) {
  Cluster c;
  c.elect();
  Client requester(c, p_requester, Role::requester);
  ASSERT_TRUE(requester.attach(c.leader()));
  requester.ask(one("A1"));
  const auto json = nlohmann::json::parse(told(c, p_agency, 1, QueryKind::aggregates).json);
  EXPECT_EQ(json["classes"]["p2"]["requests"], "<5");
  EXPECT_EQ(json["classes"]["p1"]["requests"], 0);
}

// domain R10
TEST(Queries, SupportSeesIncidentsAndNoClinicalText) {
  Cluster c;
  c.elect();
  Client requester(c, p_requester, Role::requester);
  ASSERT_TRUE(requester.attach(c.leader()));
  Submit unread = one("A1");
  unread.requests[0].protocol.clear();
  requester.ask(unread);
  const auto exam = nlohmann::json::parse(told(c, p_support, 1, QueryKind::exam, "A1").json);
  EXPECT_TRUE(exam.contains("deliveries"));
  for (const char* clinical : {"protocol", "region", "procedure", "reason", "notes", "findings",
                               "studies", "priors", "critical"}) {
    EXPECT_FALSE(exam.contains(clinical)) << clinical;
  }
  EXPECT_TRUE(nlohmann::json::parse(told(c, p_regulator, 1, QueryKind::exam, "A1").json)
                  .contains("region"));
  Client regulator(c, p_regulator, Role::regulator);
  ASSERT_TRUE(regulator.attach(c.leader()));
  const ExamId id{std::stoull(exam["id"].get<std::string>())};
  ASSERT_EQ(regulator.ask(Claim{id}).code, Errc::ok);
  ASSERT_EQ(regulator.ask(AskInfo{id, "a secret?"}).code, Errc::ok);
  EXPECT_NE(told(c, p_regulator, 2, QueryKind::why, "A1").json.find("a secret?"),
            std::string::npos);
  for (const QueryKind kind : {QueryKind::why, QueryKind::exam}) {
    const QueryReply reply = told(c, p_support, kind == QueryKind::why ? 2 : 3, kind, "A1");
    EXPECT_EQ(reply.code, Errc::ok);
    EXPECT_EQ(reply.json.find("secret"), std::string::npos) << reply.json;
  }
  const auto all = nlohmann::json::parse(told(c, p_support, 4, QueryKind::incidents).json);
  for (const char* part : {"deliveries", "images", "tasks", "centres"}) {
    EXPECT_EQ(all[part], nlohmann::json::array()) << part;
  }
  c.say(lyon, 16, p_support, Subscribe{1, Desk::all, {}, {}});
  c.require([&] { return !c.heard<Complaint>(16).empty(); });
  EXPECT_EQ(c.heard<Complaint>(16).back().second.code, Errc::unauthorised) << "it shows requests";
}

TEST(Sight, OfSeveralLimitedRolesTheNarrowestCounts) {
  Directory d = directory();
  const auto sight = [&](Set<Role> roles, EstablishmentId hospital) {
    d.people[0].roles = roles;
    d.people[0].establishment = hospital;
    return sight_of(d, key_of(d.people[0].id));
  };
  constexpr EstablishmentId timone{301};
  EXPECT_EQ(sight(Set<Role>::of(Role::requester), timone), Sight::own);
  EXPECT_EQ(sight(Set<Role>::of(Role::gateway, Role::technologist), timone), Sight::own);
  EXPECT_EQ(sight(Set<Role>::of(Role::gateway), {}), Sight::all);
  EXPECT_EQ(sight(Set<Role>::of(Role::support, Role::requester), timone), Sight::unclinical);
  EXPECT_EQ(sight(Set<Role>::of(Role::agency, Role::technologist), timone), Sight::figures);
  EXPECT_EQ(sight(Set<Role>::of(Role::support, Role::reader), {}), Sight::all);
  EXPECT_EQ(sight_of(d, d.sites[0].node_key), Sight::all);
  EXPECT_EQ(sight_of(d, PublicKey{}), Sight::nothing);
}

// domain R9
TEST(Queries, AHospitalsPeopleSeeItsExamsAndNoOthers) {
  constexpr PersonId p_nord{9};
  Cluster c;
  c.elect();
  Client admin(c, p_admin, Role::administrator);
  ASSERT_TRUE(admin.attach(c.leader()));
  Directory d = directory();
  d.version = 2;
  Establishment nord = d.establishments[0];
  nord.id = {302};
  nord.name = "nord";
  d.establishments.push_back(nord);
  d.people[0].establishment = {301};
  Person hers = d.people[0];
  hers.id = p_nord;
  hers.name = "technologists nord";
  hers.roles = {};
  hers.roles.add(Role::technologist);
  hers.establishment = {302};
  d.people.push_back(hers);
  Key key;
  key.id = {1000 + p_nord.value};
  key.key = key_of(p_nord);
  key.person = p_nord;
  d.keys.push_back(key);
  ASSERT_EQ(admin.ask(ApplyDirectory{d}).code, Errc::ok);
  Client requester(c, p_requester, Role::requester);
  ASSERT_TRUE(requester.attach(c.leader()));
  ASSERT_EQ(requester.ask(one("A1")).code, Errc::ok);
  const auto own = nlohmann::json::parse(told(c, p_requester, 1, QueryKind::exam, "A1").json);
  const std::string number = own["exam"];
  EXPECT_EQ(told(c, p_requester, 2, QueryKind::incidents).code, Errc::unauthorised);
  std::uint64_t asked = 0;
  for (const std::string& name : {std::string("A1"), number}) {
    for (const QueryKind kind : {QueryKind::exam, QueryKind::why}) {
      EXPECT_EQ(told(c, p_nord, ++asked, kind, name).code, Errc::unknown_exam) << name;
    }
  }
  const auto seen = [&](PersonId asker, std::uint64_t query) {
    const QueryReply reply = told(c, asker, query, QueryKind::exams);
    return nlohmann::json::parse(reply.json)["exams"].size();
  };
  EXPECT_EQ(seen(p_nord, ++asked), 0u);
  EXPECT_EQ(seen(p_requester, 3), 1u);
  EXPECT_EQ(seen(p_regulator, 1), 1u);
  EXPECT_EQ(told(c, p_nord, ++asked, QueryKind::incidents).code, Errc::unauthorised);
  Directory gone = d;
  gone.version = 3;
  gone.keys.back().revoked = true;
  for (const PersonId person : {p_nord, p_regulator}) {
    c.at(lyon).subscribed.clear();
    c.say(lyon, 30 + person.value, person, Subscribe{1, Desk::all, {}, {}});
    c.require([&] { return !c.at(lyon).subscribed.empty(); });
    EXPECT_EQ(c.at(lyon).subscribed[0].hospital, EstablishmentId{person == p_nord ? 302u : 0u});
  }
  const Connection watching = 30 + p_nord.value;
  EXPECT_TRUE(c.heard<Complaint>(watching).empty());
  c.at(lyon).subscribed.clear();
  ASSERT_EQ(admin.ask(ApplyDirectory{gone}).code, Errc::ok);
  c.require([&] { return !c.heard<Complaint>(watching).empty(); });
  ASSERT_EQ(c.at(lyon).subscribed.size(), 1u) << "the regulator's goes on";
  EXPECT_EQ(c.at(lyon).subscribed[0].connection, watching);
  EXPECT_EQ(c.at(lyon).subscribed[0].wish.desk, Desk::none);
  EXPECT_EQ(told(c, p_nord, ++asked, QueryKind::exams).code, Errc::unknown_key);
}

TEST(Queries, WhyTellsOfAnExamThatWaitsWhatKeepsEachReaderFromIt) {
  Cluster c;
  c.elect();
  Client anne(c, p_anne, Role::reader, bordeaux), requester(c, p_requester, Role::requester);
  Client lea(c, p_lea, Role::reader, lyon);
  ASSERT_TRUE(anne.attach(bordeaux) && requester.attach(c.leader()) && lea.attach(lyon));
  const auto waiting = c.local(lyon, one("A1"));
  c.require([&] { return !waiting->empty(); });
  const auto why = [&](std::uint64_t number) {
    return nlohmann::json::parse(told(c, p_regulator, number, QueryKind::why, "A1").json);
  };
  const auto before = why(1);
  EXPECT_EQ(before["waits"]["readers"], nlohmann::json({{"not_free", {"anne", "lea"}}}));
  const auto text = before["text"].get<std::string>();
  EXPECT_NE(text.find("relax step 0. not_free: anne, lea"), std::string::npos) << text;
  EXPECT_EQ(anne.ask(SetReader{ReaderMode::free, AcceptMode::manual}).code, Errc::ok);
  const auto after = why(2);
  EXPECT_FALSE(after.contains("waits"));
  const auto went = after["text"].get<std::string>();
  EXPECT_NE(went.find("went to anne"), std::string::npos) << went;
  EXPECT_NE(went.find("; removed: not_free: lea"), std::string::npos) << went;
  EXPECT_EQ(after["decisions"][0]["readers"], nlohmann::json({{"not_free", {"lea"}}}));
}

TEST(Queries, WhoSitsAtADeskIsToldByPerson) {
  Cluster c;
  c.elect();
  Client admin(c, p_admin, Role::administrator);
  ASSERT_TRUE(admin.attach(lyon));
  const auto rows = [&](std::uint64_t number, const std::string& person) {
    const QueryReply reply = told(c, p_regulator, number, QueryKind::readers, person);
    return nlohmann::json::parse(reply.json)["readers"];
  };
  EXPECT_EQ(rows(1, ""), nlohmann::json::array()) << "no reader";
  const auto his = rows(2, std::to_string(p_admin.value));
  ASSERT_EQ(his.size(), 1u);
  EXPECT_EQ(his[0]["role"], "administrator");
  EXPECT_EQ(his[0]["door"], "lyon");
  EXPECT_EQ(told(c, p_regulator, 3, QueryKind::readers, "anne").code, Errc::bad_value);
}

// domain O2, O21
TEST(Queries, TheRosterSaysWhoIsThereAndWhatIsUnderstaffed) {
  Cluster c;
  c.elect();
  Client admin(c, p_admin, Role::administrator), lea(c, p_lea, Role::reader, lyon);
  ASSERT_TRUE(admin.attach(c.leader()) && lea.attach(lyon));
  const UtcTime begin = c.host(lyon).room().state().utc() - 1_h;
  Directory d = directory();
  d.version = 2;
  d.agreements[0].readers_min = 3;
  d.roster = {{p_anne, bordeaux, begin, begin + 8_h},
              {p_lea, lyon, begin, begin + 8_h},
              {p_lea, lyon, begin + 10_h, begin + 18_h},
              {p_lea, lyon, begin + 48_h, begin + 56_h}};
  ASSERT_EQ(admin.ask(ApplyDirectory{d}).code, Errc::ok);
  const auto json = nlohmann::json::parse(told(c, p_regulator, 1, QueryKind::roster).json);
  EXPECT_EQ(json["binds"], true);
  ASSERT_EQ(json["shifts"].size(), 3u) << "within a day";
  EXPECT_EQ(json["shifts"][0]["reader"], "anne");
  EXPECT_EQ(json["shifts"][0]["state"], "absent");
  EXPECT_EQ(json["shifts"][1]["state"], "present");
  EXPECT_EQ(json["understaffed"][0]["agreement"], "ct");
  EXPECT_EQ(json["understaffed"][0]["readers"], 2);
  const QueryReply later = told(c, p_regulator, 2, QueryKind::roster, "3");
  EXPECT_EQ(nlohmann::json::parse(later.json)["shifts"].size(), 4u);
  std::uint64_t number = 2;
  for (const char* days : {"x", "-1", "367", "4294967297"}) {
    EXPECT_EQ(told(c, p_regulator, ++number, QueryKind::roster, days).code, Errc::bad_value);
  }
}

/// Read by Anne, delivered, closed a second later.
ExamId closed(Cluster& c, Client& anne) {
  const auto submitted = c.local(lyon, one("A1"));
  c.require([&] { return !submitted->empty(); });
  const ExamId exam = submitted->front().exam;
  EXPECT_EQ(anne.ask(SetReader{ReaderMode::free, AcceptMode::automatic}).code, Errc::ok);
  const Exam* read = c.host(lyon).room().state().exams().find(exam);
  EXPECT_EQ(anne.ask(Sign{exam, read->epoch, {70}, "normal", {}}).code, Errc::ok);
  const DeliveryResult arrived{exam, {1}, 0, DeliveryOutcome::acked, "AA"};
  (void)c.local(lyon, arrived);
  c.require([&] { return state_of(c.host(lyon), exam) == ExamState::none; });
  return exam;
}

TEST(Reopening, BringsTheRecordFromTheArchiveOfTheNodeThatIsAsked) {
  Cluster c;
  c.elect();
  Client admin(c, p_admin, Role::administrator), anne(c, p_anne, Role::reader, bordeaux),
      head(c, p_head, Role::duty_head);
  ASSERT_TRUE(admin.attach(lyon) && anne.attach(lyon) && head.attach(bordeaux));
  Directory d = directory();
  d.version = 2;
  d.rules.close_after = 1_s;
  ASSERT_EQ(admin.ask(ApplyDirectory{d}).code, Errc::ok);
  ASSERT_EQ(head.ask(TakeDuty{0, {}, {}}).code, Errc::ok);
  const ExamId exam = closed(c, anne);
  ASSERT_EQ(head.ask(Reopen{exam, "family asks", {}}).code, Errc::ok);
  for (const SiteId site : {lyon, bordeaux, marseille}) {
    c.require([&] { return state_of(c.host(site), exam) == ExamState::validated; });
  }
  EXPECT_EQ(head.ask(Reopen{{12345}, "what", {}}).code, Errc::unknown_exam);
}

}  // namespace
}  // namespace vigie::actors::test
