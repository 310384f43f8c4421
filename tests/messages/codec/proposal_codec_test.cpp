#include "messages/codec/proposal_codec.hpp"

#include <gtest/gtest.h>

#include "messages/types/limits.hpp"
#include "tests/messages/codec/samples.hpp"

namespace vigie::codec {
namespace {

TEST(ProposalCodec, KeepsEveryFieldOfEveryCommand) {
  const auto commands = samples::commands();
  ASSERT_EQ(commands.size(), std::variant_size_v<Command>) << "a command lacks its sample";
  for (std::size_t i = 0; i < commands.size(); ++i) {
    ASSERT_EQ(commands[i].index(), i);
    const Proposal sent = samples::proposal(commands[i]);
    const auto got = decode_proposal(encode_proposal(sent));
    ASSERT_TRUE(got) << name_of(sent.command) << ": " << got.error().what;
    EXPECT_TRUE(*got == sent) << name_of(sent.command);
  }
}

TEST(ProposalCodec, KeepsCommandsWithNothingInThem) {
  const auto commands = samples::commands();
  for (const Command& command : commands) {
    Proposal sent;
    std::visit([&sent](const auto& c) { sent.command = std::decay_t<decltype(c)>{}; }, command);
    const auto got = decode_proposal(encode_proposal(sent));
    ASSERT_TRUE(got) << name_of(sent.command) << ": " << got.error().what;
    EXPECT_TRUE(*got == sent) << name_of(sent.command);
  }
}

TEST(ProposalCodec, WritesTheSameBytesEachTime) {
  const Proposal p = samples::proposal(ApplyDirectory{samples::directory()});
  const std::string first = encode_proposal(p);
  encode_proposal(samples::proposal(Submit{{samples::request()}, "x"}));
  EXPECT_EQ(first, encode_proposal(p)) << "the scratch segment kept something";
}

TEST(ProposalCodec, RefusesFieldsBeyondTheirLimit) {
  const auto code = [](Command command) {
    const auto got = decode_proposal(encode_proposal(samples::proposal(std::move(command))));
    return got ? Errc::ok : got.error().code;
  };
  Submit submit{{samples::request()}, ""};
  submit.requests[0].sealed.assign(limits::sealed_bytes, 'x');
  EXPECT_EQ(code(submit), Errc::ok);
  submit.requests[0].sealed += 'x';
  EXPECT_EQ(code(submit), Errc::too_large);
  EXPECT_EQ(code(Sign{{5}, {}, {1}, std::string(limits::report_bytes, 'x')}), Errc::ok);
  EXPECT_EQ(code(Sign{{5}, {}, {1}, std::string(limits::report_bytes + 1, 'x')}), Errc::too_large);
  EXPECT_EQ(code(Cancel{{}, std::string(limits::name_bytes, 'x')}), Errc::ok);
  EXPECT_EQ(code(Cancel{{}, std::string(limits::name_bytes + 1, 'x')}), Errc::too_large);
  EXPECT_EQ(code(Submit{std::vector<Request>(limits::orders_per_message), ""}), Errc::ok);
  EXPECT_EQ(code(Submit{std::vector<Request>(limits::orders_per_message + 1), ""}),
            Errc::too_large);
  EXPECT_EQ(code(AcquisitionComplete{{}, {}, std::vector<std::string>(17), 0, false}),
            Errc::too_large);
}

TEST(ProposalCodec, RefusesTextThatIsNotUtf8ButTakesAnyData) {
  const auto code = [](const std::string& reason) {
    const auto got = decode_proposal(encode_proposal(samples::proposal(Cancel{{}, reason})));
    return got ? Errc::ok : got.error().code;
  };
  EXPECT_EQ(code("œdème, 12 345 €, 日本, 🏥 and a long tail of plain letters"), Errc::ok);
  for (const char* bad : {"\xe9t\xe9", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82",
                          "12345678\xff", "\xf0\x8f\x80\x80", "\xe0\x9f\xbf"}) {
    EXPECT_EQ(code(bad), Errc::bad_value) << bad;
  }
}

TEST(ProposalCodec, TakesAnUnknownEnumeratorForNoneAndRefusesOneThatHasNone) {
  DeclineOffer decline{{5}, {}, static_cast<DeclineReason>(200)};
  auto got = decode_proposal(encode_proposal(samples::proposal(decline)));
  ASSERT_TRUE(got);
  EXPECT_EQ(std::get<DeclineOffer>(got->command).reason, DeclineReason::none);
  Accept accept{{5}, "", "", static_cast<Urgency>(4), Modality::ct, Region::head};
  got = decode_proposal(encode_proposal(samples::proposal(accept)));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::bad_value);
}

TEST(EntryPayload, CarriesTheTimeAndTheProposalUnchanged) {
  const std::string proposal = encode_proposal(samples::proposal(Tick{true}));
  const std::string payload = make_entry_payload(FedTime{-5}, proposal);
  EXPECT_EQ(payload.size(), proposal.size() + 16);
  const auto parts = split_entry_payload(payload);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->at, FedTime{-5});
  EXPECT_EQ(parts->proposal, proposal);
}

TEST(EntryPayload, RefusesWhatIsShortOrOfANewerVersion) {
  EXPECT_EQ(split_entry_payload(std::string(15, '\0')).error().code, Errc::malformed);
  std::string payload = make_entry_payload(FedTime{1}, "");
  payload[9] = 1;
  EXPECT_EQ(split_entry_payload(payload).error().code, Errc::wrong_version);
}

}  // namespace
}  // namespace vigie::codec
