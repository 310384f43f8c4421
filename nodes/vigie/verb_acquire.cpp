// vigie acquire: technologists. Examinations begin, images arrive, are complete. With --auto, each
// centre's concentrator carries the sessions of the technologists of its hospitals.
#include <map>
#include <set>

#include "messages/types/exam_number.hpp"
#include "nodes/vigie/desk.hpp"

namespace vigie::cli {
namespace {

constexpr const char* usage_text =
    "commandes : liste | vu EXAMEN [VERSION] | debut EXAMEN | images EXAMEN RECUES [ATTENDUES] | "
    "complet EXAMEN [IMAGES] "
    "| "
    "quitter";

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
    if (!flags_.automatic) tell(globals_, {{"op", "usage"}, {"text", usage_text}}, usage_text);
    return {};
  }

  /// What was protocolled before this began.
  void look() {
    for (const char* state : {"PROTOCOLLED", "ACQUIRING"}) {
      client_->query(QueryKind::exams, state, [this](const QueryReply& reply) {
        const Json json = Json::parse(reply.json, nullptr, false);
        if (json.is_discarded()) return;
        for (const Json& row : json.value("exams", Json::array())) {
          const auto id = parse_exam_number(*place_.directory, row.value("exam", ""));
          const std::string name = row.value("establishment", "");
          for (const Establishment& e : place_.directory->establishments) {
            if (id && e.name == name) schedule(*id, e.id, row.value("accession", ""));
          }
        }
      });
    }
  }

  void happened(const Event& event) {
    if (event.kind == EventKind::protocol_assigned && event.card &&
        event.state == ExamState::protocolled) {
      schedule(event.exam, event.card->establishment, {});
    } else if (event.exam && event.state > ExamState::acquiring) {
      waiting_.erase(event.exam);
    }
  }

  void schedule(ExamId exam, EstablishmentId establishment, const std::string& accession) {
    if (!session_for(establishment) || waiting_.contains(exam)) return;
    const Millis takes{static_cast<std::int64_t>(flags_.seconds * 1000)};
    waiting_[exam] = {establishment, accession, client_->now() + takes, false};
    if (!flags_.automatic) {
      say("to_acquire", {{"exam", place_.exam(exam)}}, "à réaliser : " + place_.exam(exam));
    }
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
      if (answer.code != Errc::ok) return refused("acquisition_complete", exam, answer);
      say("images_complete", {{"exam", place_.exam(exam)}, {"index", answer.index.value}},
          "images complètes : " + place_.exam(exam));
      done_one();
    });
  }

  void typed(const std::string& line) override {
    std::istringstream words(line);
    std::string verb, number;
    std::uint32_t count = 0, expected = 0;
    words >> verb >> number >> count >> expected;
    if (verb.empty()) return;
    if (verb == "quitter") return void(quit_ = true);
    if (verb == "liste") {
      for (const auto& [exam, waiting] : waiting_) {
        say("to_acquire", {{"exam", place_.exam(exam)}}, "à réaliser : " + place_.exam(exam));
      }
      return;
    }
    const auto exam = parse_exam_number(*place_.directory, number);
    if (!exam || sessions_.empty()) return say("usage", {}, usage_text);
    client::Session& session = *sessions_.begin()->second;
    if (verb == "debut") {
      carry_out(session, AcquisitionStarted{{*exam, {}}});
    } else if (verb == "images") {
      carry_out(session, ImagesProgress{{*exam, {}}, count, expected});
    } else if (verb == "vu") {
      carry_out(session, AckProtocol{{*exam, {}}, static_cast<std::uint16_t>(count ? count : 1)});
    } else if (verb == "complet") {
      complete(session, *exam, {}, count == 0 ? 300 : count);
    } else {
      say("usage", {}, usage_text);
    }
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
      "complete. JSON lines: op (connected, attached, to_acquire, images_complete, refused...), "
      "who, t, exam");
  auto flags = std::make_shared<DeskFlags>();
  add_desk_flags(*verb, *flags);
  verb->add_option("--acquire-seconds", flags->seconds,
                   "with --auto: from the protocol to the last image")
      ->check(CLI::Range(0.0, 36000.0))
      ->capture_default_str();
  verb->callback([&, flags] { code = acquire(globals, *flags); });
}

}  // namespace vigie::cli
