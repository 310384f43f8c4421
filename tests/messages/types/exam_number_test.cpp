#include "messages/types/exam_number.hpp"

#include <gtest/gtest.h>

#include <cctype>

namespace vigie {
namespace {

constexpr std::string_view signs = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

Directory doors() {
  Directory d;
  for (const char* code : {"LYS", "MRS", "BOD"}) {
    Site site;
    site.id = {static_cast<std::uint16_t>(d.sites.size() + 1)};
    site.name = site.code = code;
    d.sites.push_back(site);
  }
  return d;
}

const std::uint64_t sequences[] = {1,    2,     31,    32,          1023,
                                   7777, 32767, 32768, 987'654'321, (1ull << 44) - 1};

// domain N1
TEST(ExamNumber, IsReadBackAsItWasSpoken) {
  const Directory d = doors();
  for (const Site& site : d.sites) {
    for (const std::uint64_t sequence : sequences) {
      const ExamId id = make_exam_id(site.id, sequence);
      EXPECT_EQ(door_of(id), site.id);
      EXPECT_EQ(sequence_of(id), sequence);
      const std::string number = exam_number(d, id);
      EXPECT_GE(number.size(), 8u) << number;
      const auto got = parse_exam_number(d, number);
      ASSERT_TRUE(got) << number << ": " << got.error().what;
      EXPECT_EQ(*got, id) << number;
    }
  }
}

TEST(ExamNumber, NeverChangesItsCheckSign) {
  const Directory d = doors();
  const std::uint64_t sequence = (7 * 32 + signs.find('K')) * 32 + 2;
  EXPECT_EQ(exam_number(d, make_exam_id({2}, sequence)), "MRS-7K2Q");
}

TEST(ExamNumber, ForgivesLowerCaseAndTheUsualConfusions) {
  const Directory d = doors();
  for (std::uint64_t sequence = 1; sequence < 3000; ++sequence) {
    const std::string number = exam_number(d, make_exam_id({1}, sequence));
    std::string heard = number;
    for (std::size_t i = 4; i < heard.size(); ++i) {
      if (heard[i] == '0') heard[i] = 'o';
      if (heard[i] == '1') heard[i] = sequence % 2 == 0 ? 'l' : 'I';
    }
    for (char& c : heard) c = static_cast<char>(std::tolower(c));
    const auto got = parse_exam_number(d, heard);
    ASSERT_TRUE(got) << heard;
    EXPECT_EQ(sequence_of(*got), sequence);
  }
}

// domain F16
TEST(ExamNumber, EverySingleWrongSignIsFound) {
  const Directory d = doors();
  for (const std::uint64_t sequence : sequences) {
    const std::string number = exam_number(d, make_exam_id({2}, sequence));
    for (std::size_t at = 4; at < number.size(); ++at) {
      for (const char sign : signs) {
        if (sign == number[at]) continue;
        std::string wrong = number;
        wrong[at] = sign;
        EXPECT_FALSE(parse_exam_number(d, wrong)) << number << " heard as " << wrong;
      }
    }
    for (const Site& other : d.sites) {
      if (other.code == "MRS") continue;
      EXPECT_FALSE(parse_exam_number(d, other.code + number.substr(3))) << other.code << number;
    }
  }
}

TEST(ExamNumber, EverySwapOfNeighboursIsFound) {
  const Directory d = doors();
  for (std::uint64_t sequence = 1; sequence < 40'000; ++sequence) {
    const std::string number = exam_number(d, make_exam_id({3}, sequence));
    for (std::size_t at = 4; at + 1 < number.size(); ++at) {
      std::string wrong = number;
      std::swap(wrong[at], wrong[at + 1]);
      if (wrong == number) continue;
      ASSERT_FALSE(parse_exam_number(d, wrong)) << number << " heard as " << wrong;
    }
  }
}

TEST(ExamNumber, RefusesWhatIsNone) {
  const Directory d = doors();
  for (const char* text : {"", "LYS", "LYS-", "LYS-1", "XXX-0012", "LYS_0012", "LYS-00!2",
                           "LYS-U01Z", "LYS-00000000000000000001"}) {
    EXPECT_FALSE(parse_exam_number(d, text)) << text;
  }
  EXPECT_EQ(exam_number(d, make_exam_id({9}, 1)).substr(0, 4), std::string(3, '?') + "-");
}

}  // namespace
}  // namespace vigie
