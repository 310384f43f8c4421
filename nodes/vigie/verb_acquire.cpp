// vigie acquire: technologists. Examinations begin, images arrive, are complete. With --auto, each
// centre's concentrator carries the sessions of the technologists of its hospitals.
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <sstream>

#include "messages/types/exam_number.hpp"
#include "nodes/vigie/desk.hpp"
#include "nodes/vigie/sayings.hpp"
#include "nodes/vigie/words.hpp"

namespace vigie::cli {
namespace {

class Technologists : public DeskWorker {
 public:
  using DeskWorker::DeskWorker;

 private:
  Result<void> begin() override {
    if (!place_.directory) {
      return Error{Errc::not_found,
                   "no directory.toml beside " + place_.file.string() + ": it has the hospitals"};
    }
    const bool several = place_.client.role == Role::gateway;
    for (const Person& person : place_.directory->people) {
      const bool mine = several ? person.roles.contains(Role::technologist) &&
                                      person.site == place_.site_id(place_.client.site)
                                : person.id == place_.client.person;
      if (!mine) continue;
      client::SessionWish wished;
      wished.person = person.id;
      wished.role = Role::technologist;
      sessions_[person.establishment] = &client_->open(wished, handler());
    }
    client_->subscribe(Desk::all, {}, [this](bool gap, LogIndex, const std::vector<Event>& events) {
      if (gap) return look();
      for (const Event& event : events) happened(event);
    });
    if (!flags_.automatic) say_words();
    return {};
  }

  std::vector<Help> help() const override {
    std::vector<Help> all = {{"liste", "les examens à réaliser"},
                             {"vu N [VERSION]", "le protocole est vu ; sans version : le dernier"},
                             {"debut N", "l'examen commence"},
                             {"images N RECUES [ATTENDUES]", "des images sont arrivées"},
                             {"complet N IMAGES", "toutes les images sont là : aux lecteurs"}};
    for (Help& word : words_of(Role::technologist)) all.push_back(std::move(word));
    return all;
  }

  /// What was protocolled before this began, and the questions of before.
  void look() {
    const auto schedule_it = [this](ExamId exam, const Json& row) {
      const Establishment* from = hospital(row.value("establishment", ""));
      if (from) schedule(exam, from->id, row.value("accession", ""));
    };
    each_exam("PROTOCOLLED", schedule_it);
    each_exam("ACQUIRING", schedule_it);
    if (flags_.automatic) return;
    each_exam("NEEDS_INFO",
              [this](ExamId exam, const Json&) { heard(exam, EventKind::info_requested, {}); });
  }

  void each_exam(const std::string& state, std::function<void(ExamId, const Json& row)> then) {
    const auto take = [this, then](const Json& reply) {
      for (const Json& row : reply.value("exams", Json::array())) {
        const auto id = parse_exam_number(*place_.directory, row.value("exam", ""));
        if (id) then(*id, row);
      }
    };
    look_up(QueryKind::exams, state, take, [](const std::string&) {});
  }

  void happened(const Event& event) {
    if (event.kind == EventKind::protocol_assigned && event.card &&
        event.state == ExamState::protocolled) {
      schedule(event.exam, event.card->establishment, {});
    } else if (event.exam && event.state > ExamState::acquiring) {
      waiting_.erase(event.exam);
    }
    const bool asks = event.kind == EventKind::info_requested ||
                      event.kind == EventKind::images_wanted ||
                      event.kind == EventKind::protocol_revised;
    if (asks && event.exam && !flags_.automatic) heard(event.exam, event.kind, event.text);
  }

  /// What is asked of its hospital.
  void heard(ExamId id, EventKind kind, const std::string& text) {
    const auto tell = [this, id, kind, text](const Json& row) {
      const Establishment* from = hospital(row.value("establishment", ""));
      if (!from || !session_for(from->id)) return;
      if (kind == EventKind::images_wanted) waiting_[id].establishment = from->id;
      std::string what = text.empty() ? row.value("reason", "") : text;
      if (kind == EventKind::protocol_revised) {
        what = row.value("protocol", "") + ", version " +
               row.value("protocol_version", Json(0)).dump();
      }
      say("asked", {{"exam", place_.exam(id)}, {"event", name_of(kind)}, {"text", what}},
          said(kind) + ' ' + place_.exam(id) + ' ' + what);
    };
    look_up(QueryKind::exam, place_.exam(id), tell, [](const std::string&) {});
  }

  const Establishment* hospital(const std::string& name) const {
    const auto& all = place_.directory->establishments;
    const auto at = std::find_if(all.begin(), all.end(),
                                 [&](const Establishment& e) { return e.name == name; });
    return at == all.end() ? nullptr : &*at;
  }

  void schedule(ExamId exam, EstablishmentId establishment, const std::string& accession) {
    if (!session_for(establishment) || waiting_.contains(exam)) return;
    const Millis takes{static_cast<std::int64_t>(flags_.seconds * 1000)};
    waiting_[exam] = {establishment, accession, client_->now() + takes, false};
    if (!flags_.automatic) tell_of(exam);
  }

  /// With the protocol as it stands.
  void tell_of(ExamId exam) {
    look_up(QueryKind::exam, place_.exam(exam), [this, exam](const Json& row) {
      const std::string protocol = row.value("protocol", "");
      say("to_acquire", {{"exam", place_.exam(exam)}, {"protocol", protocol}},
          "à réaliser : " + place_.exam(exam) + ' ' + row.value("urgency", "") + ' ' + protocol +
              ", " + row.value("state", "") + ", " + row.value("procedure", ""));
    });
  }

  client::Session* session_for(EstablishmentId establishment) const {
    auto at = sessions_.find(establishment);
    if (at == sessions_.end()) at = sessions_.find(EstablishmentId{});
    return at == sessions_.end() ? nullptr : at->second;
  }

  void work(BootTime now) override {
    if (!flags_.automatic) return;
    for (auto& [exam, waiting] : waiting_) {
      client::Session& session = *session_for(waiting.establishment);
      if (session.unanswered() >= 16) continue;
      if (!waiting.begun) {
        waiting.begun = true;
        session.send(AcquisitionStarted{{exam, {}}});
      }
      if (now < waiting.due) continue;
      waiting.due = now + 3600_s;  // until the event takes it out
      complete(session, exam, waiting.accession, 300);
    }
  }

  void complete(client::Session& session, ExamId exam, const std::string& known,
                std::uint32_t images) {
    AcquisitionComplete command;
    command.exam.id = exam;
    command.accessions = {known.empty() ? "A" + std::to_string(exam.value) : known};
    command.studies = {"1.2.250.1.999." + std::to_string(exam.value)};
    command.images = images;
    session.send(std::move(command), [this, exam](const Answer& answer) {
      waiting_.erase(exam);
      if (answer.code != Errc::ok) return refused(AcquisitionComplete{{exam, {}}, {}, {}}, answer);
      say("images_complete", {{"exam", place_.exam(exam)}, {"index", answer.index.value}},
          "images complètes : " + place_.exam(exam));
      done_one();
    });
  }

  void typed(const std::string& line) override {
    std::istringstream words(line);
    std::string verb, number;
    words >> verb >> number;
    if (verb == "liste") {
      for (const auto& [exam, waiting] : waiting_) tell_of(exam);
      if (waiting_.empty()) say("empty", {}, "rien à réaliser");
      return;
    }
    if (sessions_.empty()) return say_usage("aucun hôpital pour cette personne");
    client::Session& session = *sessions_.begin()->second;
    if (auto told = command_in(line, Role::technologist, place_)) {
      return obey(session, std::move(*told));
    }
    if (verb != "debut" && verb != "images" && verb != "vu" && verb != "complet") {
      return say_words(line);
    }
    const auto exam = parse_exam_number(*place_.directory, number);
    if (!exam) return say_usage(verb + " N : pas un numéro d'examen : " + number);
    const auto counts = counts_in(words);
    const std::size_t least = verb == "images" || verb == "complet" ? 1 : 0;
    const std::size_t most = verb == "images" ? 2 : verb == "debut" ? 0 : 1;
    if (!counts || counts->size() < least || counts->size() > most) {
      return say_usage(verb + " : des nombres suivent le numéro (aide)");
    }
    const auto count = [&](std::size_t i) { return i < counts->size() ? (*counts)[i] : 0u; };
    if (verb == "debut") {
      carry_out(session, AcquisitionStarted{{*exam, {}}});
    } else if (verb == "images") {
      carry_out(session, ImagesProgress{{*exam, {}}, count(0), count(1)});
    } else if (verb == "vu") {
      see(session, *exam, count(0));
    } else {
      complete(session, *exam, {}, count(0));
    }
  }

  /// @param version 0: the last.
  void see(client::Session& session, ExamId exam, std::uint32_t version) {
    if (version > UINT16_MAX) return say_usage("vu : pas une version");
    const auto send = [this, &session, exam](std::uint16_t seen) {
      carry_out(session, AckProtocol{{exam, {}}, seen});
    };
    if (version > 0) return send(static_cast<std::uint16_t>(version));
    look_up(QueryKind::exam, place_.exam(exam),
            [send](const Json& row) { send(row.value("protocol_version", std::uint16_t{1})); });
  }

  /// The rest of a line, if it is numbers and nothing else.
  static std::optional<std::vector<std::uint32_t>> counts_in(std::istringstream& words) {
    std::vector<std::uint32_t> counts;
    for (std::string word; words >> word;) {
      std::uint32_t count = 0;
      const auto read = std::from_chars(word.data(), word.data() + word.size(), count);
      if (read.ec != std::errc{} || read.ptr != word.data() + word.size()) return std::nullopt;
      counts.push_back(count);
    }
    return counts;
  }

  void end() override {
    std::size_t left = sessions_.size();
    for (auto& [establishment, session] : sessions_) {
      session->send(Detach{}, [&](const Answer&) { --left; });
    }
    client_->poll_until([&] { return left == 0; }, 2_s);
  }

  struct Waiting {
    EstablishmentId establishment;
    std::string accession;
    BootTime due;
    bool begun = false;
  };
  std::map<EstablishmentId, client::Session*> sessions_;
  std::map<ExamId, Waiting> waiting_;
};

int acquire(const Globals& globals, const DeskFlags& flags) {
  auto people = flags.automatic && flags.people.empty()
                    ? concentrators(globals)
                    : choose_people(globals, flags, Role::technologist);
  if (!people) return complain(people.error());
  std::vector<std::unique_ptr<DeskWorker>> workers;
  for (Place& place : *people) {
    workers.push_back(std::make_unique<Technologists>(globals, flags, std::move(place)));
  }
  return run_all(flags, std::move(workers));
}

}  // namespace

void add_acquire(CLI::App& app, Globals& globals, int& code) {
  auto* verb = app.add_subcommand(
      "acquire",
      "be a technologist (with --auto: those of all hospitals): examinations begin, images are "
      "complete; what regulator or reader ask of the hospital comes up. JSON lines: op (connected, "
      "attached, to_acquire, asked, images_complete, refused...), who, t, exam, protocol, text");
  auto flags = std::make_shared<DeskFlags>();
  add_desk_flags(*verb, *flags);
  verb->add_option("--acquire-seconds", flags->seconds,
                   "with --auto: from the protocol to the last image")
      ->check(CLI::Range(0.0, 36000.0))
      ->capture_default_str();
  verb->callback([&, flags] { code = acquire(globals, *flags); });
}

}  // namespace vigie::cli
