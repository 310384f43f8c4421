#include "messages/types/exam_number.hpp"

#include <algorithm>

namespace vigie {
namespace {

constexpr std::string_view signs = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

// Times x^4 in the field of 32 elements, modulo x^5 + x^4 + x^3 + x + 1.
unsigned times_weight(unsigned v) {
  for (int i = 0; i < 4; ++i) v = (v << 1) ^ ((v & 16u) != 0 ? 0b111011u : 0u);
  return v;
}

// Every sign is an element of the field and weighs in by its place: the weighted sum of the whole
// number, check sign included, is 0. Weights differ and none is 0, so that no single wrong sign and
// no swap of neighbours keeps the sum. (A sum modulo a prime below 32 takes Z for 0.)
char check_sign(std::string_view code, std::string_view digits) {
  unsigned sum = 0;
  for (char c : code) sum = times_weight(sum) ^ (static_cast<unsigned char>(c) & 31u);
  for (char c : digits) sum = times_weight(sum) ^ static_cast<unsigned>(signs.find(c));
  return signs[times_weight(sum)];
}

char canonical(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (c == 'O') return '0';
  if (c == 'I' || c == 'L') return '1';
  return c;
}

}  // namespace

std::string exam_number(std::string_view code, ExamId id) {
  std::string digits;
  for (std::uint64_t n = sequence_of(id); n != 0; n /= 32) digits += signs[n % 32];
  while (digits.size() < 3) digits += '0';
  std::reverse(digits.begin(), digits.end());
  return std::string(code) + '-' + digits + check_sign(code, digits);
}

std::string exam_number(const Directory& directory, ExamId id) {
  const Site* site = directory.site(door_of(id));
  return exam_number(site ? std::string_view(site->code) : "???", id);
}

Result<ExamId> parse_exam_number(const Directory& directory, std::string_view text) {
  const Error error{Errc::bad_value, "not an exam number"};
  if (text.size() < 8 || text.size() > 14 || text[3] != '-') return error;
  std::string code(text.substr(0, 3));
  for (char& c : code) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  const auto site = std::find_if(directory.sites.begin(), directory.sites.end(),
                                 [&](const Site& s) { return s.code == code; });
  if (site == directory.sites.end()) return Error{Errc::bad_value, "no door has this code"};
  std::string digits(text.substr(4));
  std::uint64_t sequence = 0;
  for (char& c : digits) {
    c = canonical(c);
    if (signs.find(c) == std::string_view::npos) return error;
  }
  const char check = digits.back();
  digits.pop_back();
  for (char c : digits) sequence = sequence * 32 + signs.find(c);
  if (check != check_sign(code, digits)) return Error{Errc::bad_value, "wrong check sign"};
  return make_exam_id(site->id, sequence);
}

}  // namespace vigie
