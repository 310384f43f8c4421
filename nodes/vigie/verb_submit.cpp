// vigie submit: a request from flags, or those of an HL7 v2 file, as a requester (or his centre's
// gateway).
#include <iostream>
#include <map>

#include "nodes/vigie/cli.hpp"
#include "nodes/vigie/hl7_file.hpp"
#include "nodes/vigie/request.hpp"

namespace vigie::cli {
namespace {

struct SubmitFlags : RequestFlags {
  std::string establishment, message, person, door;
  bool takes_desk = false;
  std::string hl7, feeds, feed;
};

/// Is the client file of somebody of that hospital, or of whoever takes the call?
bool may_speak(const Place& here, const SubmitFlags& flags, const Establishment& establishment) {
  const Role role = here.client.role;
  if (role == Role::assistant) return flags.phoned;
  const Person* person = here.directory ? here.directory->person(here.client.person) : nullptr;
  const bool is_hospital = role == Role::requester || role == Role::technologist;
  return is_hospital && person &&
         (!person->establishment || person->establishment == establishment.id);
}

/// Who hands in: whoever the client file is of, if he may speak for the hospital; else its
/// requester, else the gateway of its home centre.
Result<Place> sender(const Globals& globals, const SubmitFlags& flags,
                     const Establishment& establishment) {
  if (!flags.person.empty()) return place_of(globals, flags.person);
  auto here = open_place(globals);
  if (here && may_speak(*here, flags, establishment)) return here;
  if (flags.phoned) {
    auto assistants = places_with(globals, Role::assistant);
    if (!assistants) return assistants.error();
    return std::move(assistants->front());
  }
  const auto requesters = places_with(globals, Role::requester);
  if (requesters) {
    for (const Place& place : *requesters) {
      const Person* p = place.directory ? place.directory->person(place.client.person) : nullptr;
      if (p && p->establishment == establishment.id) return place;
    }
  }
  auto gateways = concentrators(globals);
  if (!gateways) return gateways.error();
  for (Place& place : *gateways) {
    if (place.site_id(place.client.site) == establishment.doors.front()) return std::move(place);
  }
  return std::move(gateways->front());
}

/// The door of choice first, the others after it.
Result<void> prefer_door(Place& place, const std::string& door) {
  auto& centres = place.client.centres;
  const auto at = std::find_if(centres.begin(), centres.end(),
                               [&](const settings::Centre& c) { return c.site == door; });
  if (at == centres.end()) {
    return Error{Errc::bad_value, "--door " + door + ": no centre of " + place.file.string()};
  }
  std::rotate(centres.begin(), at, at + 1);
  return {};
}

/// Those who hand in, each connected and attached at the first need.
class Senders {
 public:
  Senders(const Globals& globals, const SubmitFlags& flags) : globals_(globals), flags_(flags) {}
  Senders(const Senders&) = delete;
  Senders& operator=(const Senders&) = delete;
  ~Senders() {  // the leases would end the sessions all the same
    for (auto& [file, one] : open_) (void)cli::send(globals_, *one.client, *one.session, Detach{});
  }

  struct Sent {
    Answer answer;
    std::string door;
  };
  Result<Sent> send(const Establishment& establishment, Submit submit) {
    auto place = sender(globals_, flags_, establishment);
    if (!place) return place.error();
    const std::string file = place->file.string();
    if (!open_.contains(file)) {
      if (const auto opened = open(std::move(*place)); !opened) return opened.error();
    }
    Open& one = open_.at(file);
    auto answer = cli::send(globals_, *one.client, *one.session, std::move(submit));
    if (!answer) return answer.error();
    return Sent{std::move(*answer), one.client->welcome().site_name};
  }

 private:
  struct Open {
    std::unique_ptr<client::Client> client;
    client::Session* session = nullptr;
  };
  Result<void> open(Place place) {
    if (!flags_.door.empty()) {
      if (const auto fine = prefer_door(place, flags_.door); !fine) return fine;
    }
    auto client = connect(globals_, place);
    if (!client) return client.error();
    if (flags_.phoned && !flags_.takes_desk) {
      const auto free = check_no_desk(globals_, **client, place, place.client.role);
      if (!free) return free;
    }
    client::SessionWish wish;
    wish.person = place.client.person;
    wish.role = place.client.role;
    const auto session = attach(globals_, **client, wish);
    if (!session) return session.error();
    open_.emplace(place.file.string(), Open{std::move(*client), *session});
    return {};
  }

  const Globals& globals_;
  const SubmitFlags& flags_;
  std::map<std::string, Open> open_;  ///< by client file
};

/// What became of a request: keys that only a file needs come first.
void tell_answer(const Globals& globals, const Place& place, Json row, ExamId exam,
                 Modality modality, const Senders::Sent& sent) {
  const Answer& answer = sent.answer;
  const bool done = answer.code == Errc::ok;
  const std::string number = exam ? place.exam(exam) : std::string();
  std::string text = row.is_null() ? std::string() : row.value("order", "") + ": ";
  const std::string note =
      modality == Modality::us ? "; ultrasound is not read at a distance: " : "; ";
  text += done ? number + (answer.duplicate ? " (known already)" : "") + " at index " +
                     std::to_string(answer.index.value) +
                     (answer.text.empty() ? "" : note + answer.text)
               : "refused: " + std::string(errc_info(answer.code).text) + ' ' + answer.text;
  row.update({{"exam", number},
              {"index", answer.index.value},
              {"ack", done ? "replicated" : "refused"},
              {"duplicate", answer.duplicate},
              {"code", errc_name(answer.code)},
              {"text", answer.text},
              {"door", sent.door}});
  tell(globals, row, text);
}

/// A message that was not sent: it would be refused by the door too.
int tell_refusal(const Globals& globals, const std::string& message_id, const Error& error) {
  tell(globals,
       {{"message", message_id},
        {"order", ""},
        {"exam", ""},
        {"index", 0},
        {"ack", "refused"},
        {"duplicate", false},
        {"code", errc_name(error.code)},
        {"text", error.what},
        {"door", ""}},
       "message " + message_id + ": refused: " + error.what);
  return exit_code(error.code);
}

/// The hospital that the command line names; nullptr: none, and a file's messages do.
Result<const Establishment*> named(const Place& here, const SubmitFlags& flags) {
  std::string name = flags.establishment;
  const Person* person = here.directory->person(here.client.person);
  if (name.empty() && person && person->establishment) {
    return here.directory->establishment(person->establishment);
  }
  if (name.empty()) return nullptr;
  std::string all;
  for (const Establishment& e : here.directory->establishments) {
    if (e.name == name || e.finess == name || slug(e.name) == slug(name)) return &e;
    all += (all.empty() ? "" : ", ") + e.name;
  }
  return Error{Errc::unknown_establishment,
               "--establishment " + name + ": not in the directory; there are: " + all};
}

int submit_flags(const Globals& globals, const SubmitFlags& flags, const Place& here,
                 const Establishment& establishment) {
  auto request = request_of(flags, establishment);
  if (!request) return complain(request.error());
  if (!request->protocol.empty() && !here.directory->protocol(request->protocol)) {
    return complain({Errc::unknown_protocol,
                     "--protocol " + request->protocol + ": not in the directory's catalogue"});
  }
  Senders senders(globals, flags);
  const std::string message = flags.message.empty() ? "cli-" + flags.order : flags.message;
  const auto sent = senders.send(establishment, Submit{{*request}, message});
  if (!sent) return complain(sent.error());
  tell_answer(globals, here, {}, sent->answer.exam, request->modality, *sent);
  const bool is_lower = request->asked == Urgency::p0 && request->protocol.empty();
  if (is_lower && sent->answer.code == Errc::ok) {
    std::cerr << "vigie: asked p0, taken as p1: a vital protocol or the regulator makes it p0\n";
  }
  return exit_code(sent->answer.code);
}

/// Message by message, as a feed: one that is refused does not keep back those after it.
int submit_file(const Globals& globals, const SubmitFlags& flags, const Place& here,
                const Establishment* establishment) {
  const auto file = read_hl7_file(flags.hl7);
  if (!file) return complain(file.error());
  const auto feeds = feeds_for(here, {flags.feeds, flags.feed, establishment});
  if (!feeds) return complain(feeds.error());
  Senders senders(globals, flags);
  int code = Exit::ok;
  const auto note = [&](int one) { code = code == Exit::ok ? one : code; };
  for (const std::string& message : file->messages) {
    auto request = understand(message, *feeds, here.client.federation);
    if (!request) {
      note(tell_refusal(globals, message_id_of(message), request.error()));
      continue;
    }
    const auto requests = request->submit.requests;
    const Establishment* place = here.directory->establishment(requests.front().establishment);
    const auto sent = senders.send(*place, std::move(request->submit));
    if (!sent) return complain(sent.error());
    const Answer& answer = sent->answer;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const ExamId exam = answer.exams.empty() ? answer.exam : answer.exams.at(i);
      tell_answer(globals, here,
                  {{"message", message_id_of(message)}, {"order", requests[i].key.number}}, exam,
                  requests[i].modality, *sent);
    }
    note(exit_code(answer.code));
  }
  if (file->left_out.empty()) return code;
  std::cerr << "vigie: " << flags.hl7 << ": not handed in: " << file->left_out << '\n';
  return code == Exit::ok ? int{refused} : code;
}

int submit(const Globals& globals, const SubmitFlags& flags) {
  const auto here = open_place(globals);
  if (!here) return complain(here.error());
  if (!here->directory) {
    return complain({Errc::not_found, "no directory.toml beside " + here->file.string() +
                                          ": it names the hospitals"});
  }
  const auto establishment = named(*here, flags);
  if (!establishment) return complain(establishment.error());
  if (!flags.hl7.empty()) return submit_file(globals, flags, *here, *establishment);
  return submit_flags(globals, flags, *here, **establishment);
}

/// What the options need of each other.
void check(const SubmitFlags& flags) {
  if (flags.hl7.empty() && flags.establishment.empty()) {
    throw CLI::RequiredError("--establishment (or --hl7 FILE)");
  }
  if (flags.hl7.empty() && flags.order.empty() && !flags.phoned) {
    throw CLI::RequiredError("--order (or --hl7 FILE)");
  }
  if (flags.hl7.empty() && !(flags.feeds.empty() && flags.feed.empty())) {
    throw CLI::RequiredError("--hl7 FILE with --feed and --feeds");
  }
}

}  // namespace

void add_submit(CLI::App& app, Globals& globals, int& code) {
  auto* verb = app.add_subcommand(
      "submit",
      "hand in a request, from flags or from an HL7 v2 file; the same order again is the same "
      "exam. "
      "Prints the exam's number once it is on the disks of a majority. JSON, a line for each "
      "order: "
      "exam, index, ack (replicated, refused), duplicate, code, text, door; before them, of a "
      "file: message (MSH-10), order");
  auto f = std::make_shared<SubmitFlags>();
  verb->add_option("--establishment,-e", f->establishment, "hospital: its name or FINESS number");
  auto* order = verb->add_option("--order,-o", f->order, "the hospital's order number (placer)");
  auto* hl7 = verb->add_option("--hl7", f->hl7,
                               "HL7 v2 messages (ORM^O01, OMI^O23) with new requests: bare or as "
                               "MLLP frames, read as the doors read them; all of a message's "
                               "orders or none");
  order->excludes(hl7);
  verb->add_option("--feed", f->feed,
                   "with --hl7: over which [[feed]] they are (default: whose hospital they name)");
  verb->add_option("--feeds", f->feeds,
                   "with --hl7: the site's file that has the [[feed]]s (default: "
                   "DIR/SITE/site.toml beside client.toml, else the directory's hospitals)");
  verb->add_option("--authority", f->authority, "assigning authority of it (default: the feed)");
  verb->add_option("--modality", f->modality, "DICOM code: CT, MR, CR, DX...")
      ->capture_default_str();
  verb->add_option("--region", f->region, "head, chest, abdomen_pelvis, spine, limb...");
  verb->add_option(
          "--urgency", f->urgency,
          "asked: p1, p2, p3; p0 is taken as p1 until a regulator, or a vital protocol, says so")
      ->capture_default_str();
  verb->add_option("--age", f->age, "age class")
      ->check(CLI::IsMember({"adult", "child", "infant"}))
      ->capture_default_str();
  verb->add_option("--procedure", f->procedure, "code^text^scheme");
  verb->add_option("--protocol", f->protocol, "where the agreement asks for no regulation");
  verb->add_option("--accession", f->accessions, "accession number, once for each");
  verb->add_option("--study", f->studies, "StudyInstanceUID, once for each");
  verb->add_option("--prior", f->priors,
                   "StudyInstanceUID of an earlier examination to compare with, once for each")
      ->excludes(hl7);
  verb->add_flag("--instead-of-ultrasound", f->instead_of_ultrasound,
                 "an ultrasound would have been the first choice, and cannot be done")
      ->excludes(hl7);
  verb->add_flag("--images-complete", f->images_complete, "all images are there");
  verb->add_option("--images", f->images, "how many");
  verb->add_option("--phone", f->phone, "where to call back");
  verb->add_flag("--phoned", f->phoned,
                 "asked on the phone, before any order: as the regulators' assistant; its order is "
                 "joined to it later")
      ->excludes(hl7);
  verb->add_flag("--take", f->takes_desk,
                 "with --phoned: even when the assistant sits at an open desk, which is closed by "
                 "it (the desk's own word is: appel)");
  verb->add_option("--message-id", f->message, "the message's own number, echoed");
  verb->add_option(
      "--person", f->person,
      "as whom (default: the client file's person if he is of a hospital, else the hospital's "
      "requester)");
  verb->add_option("--door", f->door, "centre to send it to (others only if it fails)");
  verb->callback([&, f] {
    check(*f);
    code = submit(globals, *f);
  });
}

}  // namespace vigie::cli
