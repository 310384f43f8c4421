// vigie submit: a request from flags, as a requester (or his centre's gateway).
#include "actors/core/hl7/sealed.hpp"
#include "nodes/vigie/cli.hpp"

namespace vigie::cli {
namespace {

struct SubmitFlags {
  std::string establishment, order, authority, modality = "CT", region, urgency = "p2";
  std::string procedure, protocol, phone, message, person, door, side = "none", age = "adult";
  std::vector<std::string> accessions, studies;
  bool images_complete = false;
  std::uint32_t images = 0;
};

/// Who may speak for `place`: its own requester, else the gateway of its home centre.
Result<Place> sender(const Globals& globals, const SubmitFlags& flags,
                     const Establishment& establishment) {
  if (!flags.person.empty()) return place_of(globals, flags.person);
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

Result<Request> request_of(const SubmitFlags& flags, const Establishment& establishment) {
  Request r;
  r.establishment = establishment.id;
  const std::string feed =
      establishment.recipients.empty() ? establishment.name : establishment.recipients.front();
  r.key = {establishment.legal_entity, flags.authority.empty() ? feed : flags.authority,
           flags.order};
  r.modality = modality_of(flags.modality);
  r.region = region_of(flags.region);
  if (r.region == Region::unknown && !flags.region.empty() && flags.region != "unknown") {
    return Error{Errc::bad_value, "--region " + flags.region +
                                      ": head, neck, chest, abdomen_pelvis, spine, limb, "
                                      "whole_body"};
  }
  if (!urgency_of(flags.urgency, r.asked)) {
    return Error{Errc::bad_value, "--urgency " + flags.urgency + ": p0, p1, p2 or p3"};
  }
  r.age_class = flags.age == "child"    ? AgeClass::child
                : flags.age == "infant" ? AgeClass::infant
                                        : AgeClass::adult;
  r.procedure = flags.procedure;
  r.accessions = flags.accessions;
  r.studies = flags.studies;
  r.callback_phone = flags.phone.empty() ? establishment.phone : flags.phone;
  r.protocol = flags.protocol;
  r.images_complete = flags.images_complete;
  r.images = flags.images;
  hl7::Sealed sealed;
  sealed.sending_application = "VIGIE";
  sealed.sending_facility = establishment.name;
  sealed.orc2 = flags.order;
  sealed.procedure = flags.procedure;
  sealed.callback_phone = r.callback_phone;
  auto bytes = hl7::seal(std::move(sealed));
  if (!bytes) return bytes.error();
  r.sealed = std::move(*bytes);
  return r;
}

int submit(const Globals& globals, const SubmitFlags& flags) {
  const auto here = open_place(globals);
  if (!here) return complain(here.error());
  if (!here->directory) {
    return complain({Errc::not_found, "no directory.toml beside " + here->file.string() +
                                          ": it names the hospitals"});
  }
  const auto& all = here->directory->establishments;
  const auto establishment = std::find_if(all.begin(), all.end(), [&](const Establishment& e) {
    return e.name == flags.establishment || e.finess == flags.establishment;
  });
  if (establishment == all.end()) {
    return complain({Errc::unknown_establishment,
                     "--establishment " + flags.establishment + ": not in the directory"});
  }
  auto request = request_of(flags, *establishment);
  if (!request) return complain(request.error());
  auto place = sender(globals, flags, *establishment);
  if (!place) return complain(place.error());
  if (!flags.door.empty()) {
    if (const auto fine = prefer_door(*place, flags.door); !fine) return complain(fine.error());
  }
  const auto client = connect(globals, *place);
  if (!client) return complain(client.error());
  client::SessionWish wish;
  wish.person = place->client.person;
  wish.role = place->client.role;
  const auto session = attach(globals, **client, wish);
  if (!session) return complain(session.error());
  const std::string message = flags.message.empty() ? "cli-" + flags.order : flags.message;
  const auto answer = send(globals, **client, **session, Submit{{*request}, message});
  if (!answer) return complain(answer.error());
  (void)send(globals, **client, **session, Detach{});  // its lease would end it all the same
  const bool done = answer->code == Errc::ok;
  const std::string number = answer->exam ? place->exam(answer->exam) : std::string();
  tell(globals,
       {{"exam", number},
        {"index", answer->index.value},
        {"ack", done ? "replicated" : "refused"},
        {"duplicate", answer->duplicate},
        {"code", errc_name(answer->code)},
        {"text", answer->text},
        {"door", (*client)->welcome().site_name}},
       done ? number + (answer->duplicate ? " (known already)" : "") + " at index " +
                  std::to_string(answer->index.value) +
                  (answer->text.empty() ? "" : "; " + answer->text)
            : "refused: " + std::string(errc_info(answer->code).text) + ' ' + answer->text);
  return exit_code(answer->code);
}

}  // namespace

void add_submit(CLI::App& app, Globals& globals, int& code) {
  auto* verb = app.add_subcommand(
      "submit",
      "hand in a request; the same order again is the same exam. Prints the exam's number once "
      "it is on the disks of a majority. JSON: exam, index, ack (replicated, refused), duplicate, "
      "code, text, door");
  auto f = std::make_shared<SubmitFlags>();
  verb->add_option("--establishment,-e", f->establishment, "hospital: its name or FINESS number")
      ->required();
  verb->add_option("--order,-o", f->order, "the hospital's order number (placer)")->required();
  verb->add_option("--authority", f->authority, "assigning authority of it (default: the feed)");
  verb->add_option("--modality", f->modality, "DICOM code: CT, MR, CR, DX...")
      ->capture_default_str();
  verb->add_option("--region", f->region, "head, chest, abdomen_pelvis, spine, limb...");
  verb->add_option("--urgency", f->urgency, "asked: p1, p2, p3")->capture_default_str();
  verb->add_option("--age", f->age, "age class")
      ->check(CLI::IsMember({"adult", "child", "infant"}))
      ->capture_default_str();
  verb->add_option("--procedure", f->procedure, "code^text^scheme");
  verb->add_option("--protocol", f->protocol, "where the agreement asks for no regulation");
  verb->add_option("--accession", f->accessions, "accession number, once for each");
  verb->add_option("--study", f->studies, "StudyInstanceUID, once for each");
  verb->add_flag("--images-complete", f->images_complete, "all images are there");
  verb->add_option("--images", f->images, "how many");
  verb->add_option("--phone", f->phone, "where to call back");
  verb->add_option("--message-id", f->message, "the message's own number, echoed");
  verb->add_option("--person", f->person, "as whom (default: the hospital's requester)");
  verb->add_option("--door", f->door, "centre to send it to (others only if it fails)");
  verb->callback([&, f] { code = submit(globals, *f); });
}

}  // namespace vigie::cli
