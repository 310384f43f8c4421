// Who may send what: one table, decided in apply against the directory at that index (design D10).
#include <array>

#include "actors/core/room/context.hpp"

namespace vigie::room {
namespace {

template <class... Roles>
constexpr std::uint16_t roles(Roles... rs) {
  return static_cast<std::uint16_t>(((1u << static_cast<unsigned>(rs)) | ... | 0u));
}

using enum Role;
constexpr std::uint16_t everyone = 0xffff;

/// In the order of the Command variant. What is not named is denied.
constexpr std::array<std::uint16_t, std::variant_size_v<Command>> allowed = {
    everyone,  // UnknownCommand: answered
    everyone,  // Attach: checked by itself
    everyone,  // Detach
    roles(requester, technologist, gateway, assistant, regulator, node),  // Submit
    roles(requester, technologist, gateway, assistant, regulator, node),  // Amend
    roles(requester, regulator, duty_head, gateway, node),                // Cancel
    roles(regulator, assistant),                                          // Claim
    roles(regulator, assistant),                                          // ReleaseClaim
    roles(regulator, assistant),                                          // AskInfo
    roles(requester, technologist, assistant, gateway, node),             // ProvideInfo
    roles(regulator),                                                     // Accept
    roles(regulator),                                                     // Refuse
    roles(technologist, gateway, assistant, node),                        // AcquisitionStarted
    roles(technologist, gateway, node),                                   // ImagesProgress
    roles(technologist, gateway, regulator, node),                        // AcquisitionComplete
    roles(reader),                                                        // SetReader
    roles(reader),                                                        // AcceptOffer
    roles(reader),                                                        // DeclineOffer
    roles(reader),                                                        // Release
    roles(reader),                                                        // Preliminary
    roles(reader),                                                        // Sign
    roles(reader, duty_head),                                             // SettleLate
    roles(node),                                                          // DeliveryResult
    roles(node),                                                          // ExpireSession
    roles(node),                                                          // SiteContact
    roles(node),                                                          // Tick
    roles(node),                                                          // Checkpoint
    roles(node),                                                          // ClockCorrection
    roles(administrator, node),                                           // SetLevel
    roles(administrator, node),                                           // ApplyDirectory
    roles(administrator),                                                 // ChangeSite
    roles(regulator),                                                     // ReviseProtocol
    roles(technologist, assistant, gateway, node),                        // AckProtocol
    roles(requester, technologist, gateway, node, regulator, duty_head),  // SetUrgency
    roles(regulator, duty_head),                                          // Hold
    roles(regulator, duty_head, reader),                                  // Resume
    roles(reader),                                                        // Suspend
    roles(reader),                                                        // WantImages
    roles(duty_head),                                                     // TakeOver
    roles(duty_head),                                                     // Direct
    roles(duty_head),                                                     // Pin
    roles(regulator, reader, duty_head),                                  // AnswerCancel
    roles(reader, regulator, duty_head),                                  // TellResult
    roles(reader, duty_head),                                             // ReviseReport
    roles(requester, technologist, gateway, node, assistant, regulator),  // AckCritical
    roles(assistant, regulator, support, reader, duty_head),              // CloseTask
    roles(assistant, regulator),                                          // LinkOrder
    roles(reader, regulator, duty_head, requester),                       // AskRead
    roles(duty_head),                                                     // TakeDuty
    roles(duty_head),                                                     // OfferDuty
    roles(requester, regulator, duty_head),                               // HandOver
    roles(gateway, node),                                                 // AddFinding
    roles(site_lead, duty_head),                                          // SetSite
    roles(site_lead, duty_head),                                          // SetAway
    roles(site_lead, duty_head),                                          // SetShift
    roles(duty_head),                                                     // Bypass
    roles(duty_head),                                                     // Reopen
};

/// What only a leader proposes: a centre that was removed does it until another one leads.
bool is_leaders_duty(const Command& command) {
  return std::holds_alternative<Tick>(command) || std::holds_alternative<ExpireSession>(command) ||
         std::holds_alternative<SiteContact>(command) ||
         std::holds_alternative<Checkpoint>(command);
}

}  // namespace

Errc authorise(const State& state, const Proposal& proposal, const Session* session) {
  // The first directory is brought by a node's own file: there is nobody yet who could allow it.
  const bool founding =
      state.directory().version == 0 && std::holds_alternative<ApplyDirectory>(proposal.command);
  if (founding) return Errc::ok;
  const Key* key = state.directory().key(proposal.key);
  if (!key || key->revoked) return Errc::unknown_key;
  Role role = Role::none;
  if (session) {
    if (session->key != proposal.key) return Errc::unauthorised;
    const Person* person = state.directory().person(session->person);
    if (!person || !person->roles.contains(session->role)) return Errc::unauthorised;
    role = session->role;
    // Of all who hold the role, one has the duty and its rights (R3).
    const bool takes_it = std::holds_alternative<TakeDuty>(proposal.command);
    if (role == Role::duty_head && !takes_it && !has_duty(state, session->person)) role = none;
  } else if (key->node) {
    if (key->node != proposal.door) return Errc::unauthorised;
    const Site* site = state.directory().site(key->node);
    if (!site) return Errc::unauthorised;
    const bool is_gone = site->membership == Membership::removed;
    if (is_gone && !is_leaders_duty(proposal.command)) return Errc::unauthorised;
    role = Role::node;
  }
  const std::uint16_t may = allowed[proposal.command.index()];
  if (may == everyone) return Errc::ok;
  return (may >> static_cast<unsigned>(role)) & 1u ? Errc::ok : Errc::unauthorised;
}

}  // namespace vigie::room
