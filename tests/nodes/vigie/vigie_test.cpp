// The command line as people meet it: the real program, its output and its exit codes. What needs
// a running federation is tested by tests/e2e.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>
#include <string>

#include "config/settings/client_file.hpp"
#include "config/settings/directory_file.hpp"
#include "config/settings/settings.hpp"
#include "messages/codec/proposal_codec.hpp"
#include "messages/types/exam_number.hpp"
#include "nodes/link/curve.hpp"
#include "storage/rocks/rocks_journal.hpp"

namespace vigie {
namespace {

namespace fs = std::filesystem;

struct Ran {
  int code = -1;
  std::string out;  ///< both streams
};

class CommandLine : public ::testing::Test {
 protected:
  CommandLine() {
    char name[] = "/tmp/vigie-test-XXXXXX";
    folder_ = ::mkdtemp(name);
    ::unsetenv("VIGIE_CONFIG");
  }
  ~CommandLine() override { fs::remove_all(folder_); }

  /// @param flags As typed in a shell.
  Ran vigie(const std::string& flags) const {
    const fs::path program = fs::read_symlink("/proc/self/exe").parent_path() / "../bin/vigie";
    FILE* pipe = ::popen((program.string() + ' ' + flags + " 2>&1").c_str(), "r");
    Ran ran;
    std::array<char, 4096> bytes;
    for (std::size_t n = 0; (n = std::fread(bytes.data(), 1, bytes.size(), pipe)) > 0;) {
      ran.out.append(bytes.data(), n);
    }
    ran.code = WEXITSTATUS(::pclose(pipe));
    return ran;
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  static int mode_of(const std::string& file) {
    struct stat status {};
    EXPECT_EQ(::stat(file.c_str(), &status), 0) << file;
    return static_cast<int>(status.st_mode & 0777);
  }

  fs::path folder_;
};

TEST_F(CommandLine, WithoutAVerbSaysHowToGetHelp) {
  const Ran ran = vigie("");
  EXPECT_EQ(ran.code, 64);
  EXPECT_NE(ran.out.find("--help"), std::string::npos);
}

TEST_F(CommandLine, HelpOfEveryVerbSaysWhatItPrints) {
  for (const char* verb : {"init",
                           "status",
                           "exams",
                           "exam",
                           "why",
                           "submit",
                           "regulate",
                           "acquire",
                           "read",
                           "duty",
                           "lead",
                           "handover",
                           "finding",
                           "roster",
                           "incidents",
                           "figures",
                           "watch",
                           "key new",
                           "journal verify",
                           "journal dump",
                           "journal replay",
                           "directory check",
                           "directory show",
                           "directory diff",
                           "directory apply"}) {
    const Ran ran = vigie(std::string(verb) + " --help");
    EXPECT_EQ(ran.code, 0) << verb;
    EXPECT_NE(ran.out.find("JSON"), std::string::npos) << verb << ": " << ran.out;
  }
}

TEST_F(CommandLine, KeyNewMakesAFileThatOnlyItsOwnerReads) {
  const Ran ran = vigie("key new " + path("a.key") + " --json");
  ASSERT_EQ(ran.code, 0) << ran.out;
  EXPECT_EQ(mode_of(path("a.key")), 0600);
  const auto keys = link::read_key_file(path("a.key"));
  ASSERT_TRUE(keys);
  EXPECT_EQ(nlohmann::json::parse(ran.out)["public"], link::to_z85(keys->public_key));
  EXPECT_EQ(ran.out.find(link::to_z85(keys->secret_key)), std::string::npos);
}

TEST_F(CommandLine, KeyNewNeverOverwrites) {
  ASSERT_EQ(vigie("key new " + path("a.key")).code, 0);
  const auto before = link::read_key_file(path("a.key"));
  EXPECT_EQ(vigie("key new " + path("a.key")).code, 73);
  EXPECT_EQ(*link::read_key_file(path("a.key")), *before);
}

TEST_F(CommandLine, InitMakesAFederationThatLoads) {
  const Ran ran = vigie("init " + path("demo") + " --json --base-port 21000");
  ASSERT_EQ(ran.code, 0) << ran.out;
  const auto directory = settings::load_directory(path("demo/directory.toml"));
  ASSERT_TRUE(directory) << directory.error().what;
  ASSERT_EQ(directory->sites.size(), 3u);
  for (const Site& site : directory->sites) {
    const auto settings = settings::load_site(path("demo/" + site.name + "/site.toml"));
    ASSERT_TRUE(settings) << settings.error().what;
    EXPECT_EQ(settings->id, site.id);
    EXPECT_EQ(settings->client_listen.port, 21'000 + 10 * (site.id.value - 1));
    EXPECT_EQ(settings->peers.size(), 2u);
    EXPECT_EQ(settings->feeds.size(), directory->establishments.size());
    EXPECT_EQ(mode_of(settings->key_file.string()), 0600);
    EXPECT_EQ(link::read_key_file(settings->key_file.string())->public_key, site.node_key);
  }
}

TEST_F(CommandLine, InitGivesEveryPersonAKeyOfTheDirectory) {
  ASSERT_EQ(vigie("init " + path("demo")).code, 0);
  const auto directory = settings::load_directory(path("demo/directory.toml"));
  ASSERT_TRUE(directory);
  int readers = 0;
  for (const auto& file : fs::directory_iterator(folder_ / "demo/people")) {
    const auto client = settings::load_client(file.path());
    ASSERT_TRUE(client) << client.error().what;
    const auto keys = link::read_key_file(client->key_file.string());
    ASSERT_TRUE(keys) << keys.error().what;
    const Key* known = directory->key_with(keys->public_key);
    ASSERT_NE(known, nullptr) << file.path();
    EXPECT_EQ(known->person, client->person);
    EXPECT_EQ(client->centres.size(), 3u);
    EXPECT_EQ(client->centres.front().site, client->site) << "his own centre first";
    EXPECT_EQ(known->concentrator, client->role == Role::gateway);
    readers += client->role == Role::reader ? 1 : 0;
  }
  EXPECT_GE(readers, 3);
}

TEST_F(CommandLine, InitTakesCentresOfOtherNamesAndPlaces) {
  ASSERT_EQ(vigie("init " + path("d") +
                  " --site nantes --site lille=10.0.0.9:9000 --site paris --extra-readers 2")
                .code,
            0);
  const auto directory = settings::load_directory(path("d/directory.toml"));
  ASSERT_TRUE(directory) << directory.error().what;
  EXPECT_EQ(directory->sites[1].name, "lille");
  const auto lille = settings::load_site(path("d/lille/site.toml"));
  ASSERT_TRUE(lille) << lille.error().what;
  EXPECT_EQ(settings::text_of(lille->client_listen), "10.0.0.9:9000");
  const auto nantes = settings::load_site(path("d/nantes/site.toml"));
  EXPECT_EQ(settings::text_of(nantes->peers[0].address), "10.0.0.9:9001");
}

TEST_F(CommandLine, InitRefusesWhatCannotBe) {
  EXPECT_EQ(vigie("init " + path("a") + " --site x --site y").code, 65) << "an even number";
  EXPECT_EQ(vigie("init " + path("a") + " --site x --site x --site y").code, 65);
  EXPECT_EQ(vigie("init " + path("a") + " --site 'Ly on'").code, 65);
  EXPECT_EQ(vigie("init " + path("a") + " --base-port 65200").code, 65);
  EXPECT_EQ(vigie("init").code, 64);
  EXPECT_FALSE(fs::exists(path("a")));
}

TEST_F(CommandLine, InitKeepsAFederationThatIsThere) {
  ASSERT_EQ(vigie("init " + path("demo")).code, 0);
  const auto before = link::read_key_file(path("demo/lyon/node.key"));
  const Ran ran = vigie("init " + path("demo"));
  EXPECT_EQ(ran.code, 73);
  EXPECT_NE(ran.out.find("another folder"), std::string::npos);
  EXPECT_EQ(*link::read_key_file(path("demo/lyon/node.key")), *before);
}

TEST_F(CommandLine, StatusWithoutConfigurationSaysWhatToName) {
  const Ran ran = vigie("status");
  EXPECT_EQ(ran.code, 78);
  EXPECT_NE(ran.out.find("VIGIE_CONFIG"), std::string::npos);
  EXPECT_EQ(vigie("-C " + path("none.toml") + " status").code, 66);
}

TEST_F(CommandLine, StatusSaysWhyNoCentreAnswers) {
  // A single node's federation on a port that nobody can have: 1 is privileged and unused.
  ASSERT_EQ(vigie("init " + path("demo") + " --site lyon=127.0.0.1:1").code, 0);
  const Ran ran = vigie("-C " + path("demo/client.toml") + " --patience 1 status --check");
  EXPECT_EQ(ran.code, 69);
  EXPECT_NE(ran.out.find("lyon (tcp://127.0.0.1:1)"), std::string::npos) << ran.out;
}

TEST_F(CommandLine, ReadRefusesAnUnknownPersonAndListsWhoThereIs) {
  ASSERT_EQ(vigie("init " + path("demo")).code, 0);
  const Ran ran = vigie("-C " + path("demo/client.toml") + " read --person nobody");
  EXPECT_EQ(ran.code, 66);
  EXPECT_NE(ran.out.find("104-lecteur-neuro-bordeaux"), std::string::npos) << ran.out;
}

TEST_F(CommandLine, SubmitRefusesAnUnknownHospitalBeforeItConnects) {
  ASSERT_EQ(vigie("init " + path("demo")).code, 0);
  const Ran ran = vigie("-C " + path("demo/client.toml") + " submit -e nowhere -o 1");
  EXPECT_EQ(ran.code, 65);
  EXPECT_NE(ran.out.find("nowhere"), std::string::npos);
}

TEST_F(CommandLine, DirectoryCheckFindsNothingInWhatInitMakes) {
  ASSERT_EQ(vigie("init " + path("demo") + " --extra-readers 2").code, 0);
  const Ran ran = vigie("directory check " + path("demo/directory.toml"));
  EXPECT_EQ(ran.code, 0);
  EXPECT_TRUE(ran.out.starts_with(path("demo/directory.toml") + ": no problem; version 1: 3 sites"))
      << ran.out;
}

TEST_F(CommandLine, DirectoryCheckTellsEveryProblemWithItsLine) {
  std::ofstream(path("d.toml")) << "version = 1\nfederation = \"f\"\n"
                                   "[[site]]\nid = 1\nname = \"lyon\"\ncode = \"LYS\"\n"
                                   "[[group]]\nid = 1\nname = \"tous\"\nsites = [\"lyon\"]\n"
                                   "[[establishment]]\nid = 1\nname = \"ch-gap\"\n"
                                   "legal_entity = \"ch\"\ndoors = [\"lyon\"]\n"
                                   "[[protocol]]\ncode = \"a\"\nname = \"a\"\nmodality = \"US\"\n"
                                   "[[entity]]\nid = 1\nname = \"ch\"\n";
  const Ran said = vigie("directory check " + path("d.toml"));
  EXPECT_EQ(said.code, 78);
  for (const char* line : {":10: group[1].sites: got no reader", ":19: protocol[1].modality: got",
                           ":13: warning: establishment[1].name: got \"ch-gap\", which no"}) {
    EXPECT_NE(said.out.find(path("d.toml") + line), std::string::npos) << line << said.out;
  }
  const Ran ran = vigie("--json directory check " + path("d.toml"));
  EXPECT_EQ(ran.code, 78);
  const auto json = nlohmann::json::parse(ran.out);
  EXPECT_EQ(json["file"], path("d.toml"));
  ASSERT_EQ(json["problems"].size(), 2u);
  EXPECT_EQ(json["problems"][0]["line"], 10);
  EXPECT_EQ(json["warnings"].size(), 2u) << "nobody has a key";
  EXPECT_EQ(vigie("directory check " + path("none.toml")).code, 66);
}

TEST_F(CommandLine, DirectoryApplyOfABadFileAsksNobody) {
  std::ofstream(path("d.toml")) << "version = 1\n";
  EXPECT_EQ(vigie("-C " + path("none.toml") + " directory apply " + path("d.toml")).code, 78);
}

TEST_F(CommandLine, JournalIsVerifiedAndDumped) {
  {
    auto journal = storage::open_rocks(path("data"), storage::OpenMode::write,
                                       {"garde-sud", "lyon", {1, 2}, {}});
    ASSERT_TRUE(journal) << journal.error().what;
    storage::WriteBatch batch;
    batch.entries = {{LogIndex{1}, Term{1}, EntryKind::noop, {}},
                     {LogIndex{2}, Term{1}, EntryKind::command, Payload{"no proposal"}}};
    ASSERT_TRUE((*journal)->write(batch));
  }
  const Ran sound = vigie("journal verify --json " + path("data"));
  ASSERT_EQ(sound.code, 0) << sound.out;
  const auto told = nlohmann::json::parse(sound.out);
  EXPECT_EQ(told["last_index"], 2);
  std::map<std::string, int> checked;
  for (const auto& item : told["items"]) {
    EXPECT_EQ(item["ok"], true) << item;
    checked[item["item"]] = item["checked"];
  }
  EXPECT_EQ(checked["log"], 2);
  EXPECT_EQ(checked["room"], 2);
  EXPECT_TRUE(checked.contains("archive") && checked.contains("archive_end"));
  EXPECT_TRUE(checked.contains("snapshot") && checked.contains("node"));
  const Ran dump = vigie("journal dump " + path("data"));
  EXPECT_EQ(dump.code, 0);
  const auto first = nlohmann::json::parse(dump.out.substr(0, dump.out.find('\n')));
  EXPECT_EQ(first["kind"], "noop");
  const auto second = nlohmann::json::parse(dump.out.substr(dump.out.find('\n') + 1));
  EXPECT_TRUE(second.contains("undecodable"));
  EXPECT_NE(first["chain"], second["chain"]);
  EXPECT_EQ(vigie("journal verify " + path("nothing")).code, 66);
}

/// Exams that nobody closed: each record is sound, and the archive is not what the log says.
TEST_F(CommandLine, JournalVerifyHoldsTheArchiveAgainstTheLog) {
  {
    auto journal = storage::open_rocks(path("data"), storage::OpenMode::write,
                                       {"garde-sud", "lyon", {1, 2}, {}});
    ASSERT_TRUE(journal) << journal.error().what;
    storage::WriteBatch batch;
    batch.entries = {{LogIndex{1}, Term{1}, EntryKind::noop, {}}};
    batch.archive = {{LogIndex{1}, ExamId{7}, "an exam"}};
    ASSERT_TRUE((*journal)->write(batch));
  }
  const Ran ran = vigie("journal verify --json " + path("data") + " 2>/dev/null");
  EXPECT_EQ(ran.code, 65);
  const auto told = nlohmann::json::parse(ran.out.substr(0, ran.out.find('\n')));
  EXPECT_EQ(told["ok"], false);
  for (const auto& item : told["items"]) {
    const bool is_wrong = item["item"] == "archive_end";
    EXPECT_EQ(item["ok"] == false, is_wrong) << item;
  }
}

/// A byte of a table: the part that is damaged is named, the others are checked all the same.
TEST_F(CommandLine, JournalVerifyNamesWhatIsDamagedAndChecksTheRest) {
  const auto open = [&] {
    return storage::open_rocks(path("data"), storage::OpenMode::write,
                               {"garde-sud", "lyon", {1, 2}, {}});
  };
  std::string marks;
  {
    auto journal = open();
    ASSERT_TRUE(journal) << journal.error().what;
    storage::WriteBatch batch;
    batch.entries = {{LogIndex{1}, Term{1}, EntryKind::noop, {}}};
    std::minstd_rand noise(7);  // several blocks, though compressed: the start reads the last
    for (std::uint64_t exam = 1; exam <= 100; ++exam) {
      std::string bytes;
      for (int i = 0; i < 1000; ++i) bytes += static_cast<char>(noise());
      batch.archive.push_back({LogIndex{1}, ExamId{exam}, bytes});
    }
    marks = batch.archive[4].bytes.substr(100, 8);
    ASSERT_TRUE((*journal)->write(batch));
  }
  open().value().reset();  // what the write-ahead log had is in tables now
  int damaged = 0;
  for (const auto& file : fs::directory_iterator(path("data"))) {
    std::ifstream in(file.path(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const std::size_t at = bytes.find(marks);
    if (file.path().extension() != ".sst" || at == std::string::npos) continue;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    std::ofstream(file.path(), std::ios::binary) << bytes;
    ++damaged;
  }
  ASSERT_EQ(damaged, 1);
  const Ran ran = vigie("journal verify --json " + path("data") + " 2>/dev/null");
  EXPECT_EQ(ran.code, 65);
  const auto told = nlohmann::json::parse(ran.out.substr(0, ran.out.find('\n')));
  EXPECT_EQ(told["code"], "corrupt");
  std::map<std::string, nlohmann::json> ok;
  for (const auto& item : told["items"]) ok[item["item"]] = item["ok"];
  EXPECT_EQ(ok["log"], true) << told;
  EXPECT_EQ(ok["room"], true);
  EXPECT_EQ(ok["archive"], false);
  EXPECT_TRUE(ok["archive_end"].is_null()) << "there is nothing to compare";
}

/// A log that people could have made: each speaks in his session, at his time.
class Story {
 public:
  explicit Story(const Directory& directory) : directory_(directory) {
    entries.push_back({{1}, {1}, EntryKind::noop, {}});
    add({}, ApplyDirectory{directory});
  }
  void node(Command command) {
    const auto key = std::ranges::find_if(directory_.keys, [](const Key& k) { return !!k.node; });
    Proposal p;
    p.key = key->id;
    p.door = key->node;
    add(std::move(p), std::move(command));
  }
  /// Opens the session of the first who has that role, with a key of his own.
  const Person& attach(Role role, AcceptMode accept = AcceptMode::manual) {
    for (const Person& person : directory_.people) {
      const auto key = std::ranges::find(directory_.keys, person.id, &Key::person);
      if (!person.roles.contains(role) || key == directory_.keys.end()) continue;
      Proposal& p = sessions_[role];
      p.key = key->id;
      p.door = {1};
      const Site* site = directory_.site(person.site);
      const std::string post = site && !site->enrolled.empty() ? site->enrolled[0].name : "P1";
      add(p, Attach{{700 + person.id.value}, {1}, {}, role, person.site, post, accept});
      p.session = {700 + person.id.value};
      p.incarnation = {1};
      return person;
    }
    throw std::runtime_error("nobody has that role");
  }
  void says(Role role, Command command) {
    Proposal& p = sessions_.at(role);
    p.request = next(p.request);
    p.content_hash = entries.size();
    add(p, std::move(command));
  }
  LogIndex last() const { return entries.back().index; }

  FedTime at{1'800'000'000'000};
  std::vector<LogEntry> entries;

 private:
  void add(Proposal p, Command command) {
    p.command = std::move(command);
    entries.push_back({{entries.size() + 1},
                       {1},
                       EntryKind::command,
                       Payload{codec::make_entry_payload(at, codec::encode_proposal(p))}});
  }

  const Directory& directory_;
  std::map<Role, Proposal> sessions_;
};

/// The directory that `vigie init` writes, as a federation has it.
Directory applied(const std::string& file) {
  auto directory = settings::load_directory(file);
  EXPECT_TRUE(directory) << directory.error().what;
  for (Calendar& c : directory->calendars) c.until = {4'000'000'000'000};  // as if expanded
  directory->version = 1;
  return *directory;
}

// domain Q4, F9, Q9
TEST_F(CommandLine, JournalReplayTellsTheFiguresOfTheGuard) {
  ASSERT_EQ(vigie("init " + path("demo")).code, 0);
  const Directory directory = applied(path("demo/directory.toml"));
  const Establishment& hospital = directory.establishments.at(0);
  Story story(directory);
  story.attach(Role::regulator);
  const Person reader = story.attach(Role::reader, AcceptMode::automatic);
  Request request;
  request.establishment = hospital.id;
  request.key = {hospital.legal_entity, "H", "1"};
  request.modality = Modality::ct;
  request.region = Region::chest;
  request.age_class = AgeClass::adult;
  story.node(Submit{{request}, "M1"});
  const ExamId exam = make_exam_id({1}, 1);
  story.at = story.at + 30_s;
  story.says(Role::regulator, Claim{exam});
  story.at = story.at + 30_s;
  const auto protocol = std::ranges::find_if(directory.protocols, [](const Protocol& p) {
    return p.modality == Modality::ct && p.skill == Skill::general && !p.vital;
  });
  ASSERT_NE(protocol, directory.protocols.end());
  story.says(Role::regulator, Accept{exam, "R1", protocol->code, Urgency::p2, {}, {}});
  story.at = story.at + 10_min;
  story.node(AcquisitionComplete{{exam, {}}, {}, {}, 100, false});
  const Epoch epoch{0, story.last().value};
  story.at = story.at + 13_min;
  story.says(Role::reader, Sign{exam, epoch, {1}, "normal"});
  story.at = story.at + 6_s;
  for (std::uint8_t i = 0; i < hospital.recipients.size(); ++i) {
    story.node(DeliveryResult{exam, {1}, i, DeliveryOutcome::acked, "AA"});
  }
  {
    auto journal = storage::open_rocks(path("data"), storage::OpenMode::write,
                                       {"garde-sud", "lyon", {1, 2}, {}});
    ASSERT_TRUE(journal) << journal.error().what;
    storage::WriteBatch batch;
    batch.entries = story.entries;
    ASSERT_TRUE((*journal)->write(batch));
  }
  const Ran ran = vigie("journal replay --kpi --json " + path("data"));
  ASSERT_EQ(ran.code, 0) << ran.out;
  const auto kpi = nlohmann::json::parse(ran.out)["kpi"];
  EXPECT_EQ(kpi["from_index"], 1);
  EXPECT_EQ(kpi["to_index"], story.last().value);
  EXPECT_EQ(kpi["to_at"].get<std::int64_t>() - kpi["from_at"].get<std::int64_t>(), 1'446'000);
  const auto sum = [&](const char* clock) { return kpi["clocks"][clock]["p2"]["sum_seconds"]; };
  EXPECT_EQ(sum("request_to_report"), 1446.0) << ran.out;
  EXPECT_EQ(sum("protocol_to_report"), 1386.0);
  EXPECT_EQ(sum("first_image_to_report"), 786.0);
  EXPECT_EQ(sum("ready_to_report"), 786.0);
  EXPECT_EQ(sum("ready_to_signed"), 780.0);
  EXPECT_EQ(sum("request_to_protocol"), 60.0);
  EXPECT_EQ(kpi["clocks"]["request_to_report"]["p1"]["count"], 0);
  EXPECT_EQ(kpi["offers"]["automatic"], 1);
  EXPECT_EQ(kpi["reads"], 1);
  EXPECT_EQ(kpi["interruptions"], 0);
  EXPECT_EQ(kpi["flows"].at(0)["origin"], directory.sites.at(0).name);
  EXPECT_EQ(kpi["flows"].at(0)["reading"], directory.site(reader.site)->name);
  EXPECT_EQ(kpi["establishments"].at(0)["establishment"], hospital.name);
  EXPECT_EQ(kpi["establishments"].at(0)["reports"], 1);
  EXPECT_EQ(kpi["centres"].at(0)["busy_seconds"], 780.0);
  EXPECT_EQ(kpi["agreements"].at(0)["exams"], 1);
  const Ran table = vigie("journal replay --kpi " + path("data"));
  EXPECT_NE(table.out.find("request_to_report"), std::string::npos) << table.out;
  EXPECT_NE(table.out.find("24.1"), std::string::npos) << "minutes; " << table.out;
  EXPECT_NE(table.out.find("interruptions: 0 in 1 readings"), std::string::npos) << table.out;
  EXPECT_NE(table.out.find(hospital.name), std::string::npos) << table.out;
  EXPECT_EQ(vigie("journal replay " + path("data")).out.find("interruptions"), std::string::npos);
}

LogEntry command_at(std::uint64_t index, const Key& key, Command command) {
  Proposal proposal;
  proposal.key = key.id;
  proposal.door = key.node;
  proposal.command = std::move(command);
  return {{index},
          {1},
          EntryKind::command,
          Payload{codec::make_entry_payload({1000}, codec::encode_proposal(proposal))}};
}

// domain Q4
TEST_F(CommandLine, JournalIsReplayedAndADigestThatDiffersIsNamed) {
  ASSERT_EQ(vigie("init " + path("demo")).code, 0);
  auto directory = settings::load_directory(path("demo/directory.toml"));
  ASSERT_TRUE(directory) << directory.error().what;
  for (Calendar& c : directory->calendars) c.until = {4'000'000'000'000};  // as if expanded
  directory->version = 1;
  Key node;
  for (const Key& key : directory->keys) {
    if (key.node) node = key;
  }
  {
    auto journal = storage::open_rocks(path("data"), storage::OpenMode::write,
                                       {"garde-sud", "lyon", {1, 2}, {}});
    ASSERT_TRUE(journal) << journal.error().what;
    storage::WriteBatch batch;
    batch.entries = {LogEntry{{1}, {1}, EntryKind::noop, {}},
                     command_at(2, {}, ApplyDirectory{*directory}),
                     command_at(3, node, Checkpoint{{2}, {7, 7}}), command_at(4, node, Tick{})};
    ASSERT_TRUE((*journal)->write(batch));
  }
  const Ran before = vigie("journal replay --json --to 2 " + path("data"));
  ASSERT_EQ(before.code, 0) << before.out;
  const auto sum = nlohmann::json::parse(before.out);
  EXPECT_EQ(sum["entries"], 2);
  EXPECT_EQ(sum["checkpoints"], 0);
  const Ran all = vigie("journal replay --json " + path("data"));
  EXPECT_EQ(all.code, 1) << all.out;
  const auto first = nlohmann::json::parse(all.out.substr(0, all.out.find('\n')));
  EXPECT_EQ(first["index"], 3);
  EXPECT_EQ(first["of_index"], 2);
  EXPECT_EQ(first["ours"], sum["digest"]);
  EXPECT_NE(all.out.find("\"differing\":1"), std::string::npos) << all.out;
}

}  // namespace
}  // namespace vigie
