#include "actors/room/peer_memory.hpp"

#include <sstream>

namespace vigie::actors {

std::string to_text(const std::map<SiteId, PeerMemory>& memories) {
  std::ostringstream out;
  for (const auto& [site, m] : memories) {
    out << site.value << ' ' << m.instance.high << ' ' << m.instance.low << ' ' << m.boot.value
        << ' ' << m.run << ' ' << m.kept.index.value << ' ' << m.generation << ' '
        << m.kept.term.value << ' ' << m.former.high << ' ' << m.former.low << '\n';
  }
  return out.str();
}

std::map<SiteId, PeerMemory> memories_from(std::string_view text) {
  std::map<SiteId, PeerMemory> all;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream in(line);
    SiteId site;
    PeerMemory m;
    in >> site.value >> m.instance.high >> m.instance.low >> m.boot.value >> m.run >>
        m.kept.index.value;
    if (!in || !site) continue;
    in >> m.generation >> m.kept.term.value >> m.former.high >> m.former.low;
    all[site] = m;
  }
  return all;
}

}  // namespace vigie::actors
