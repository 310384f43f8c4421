#include "nodes/site/build_number.hpp"

#include <elf.h>
#include <link.h>

#include <cstring>
#include <string>

namespace vigie::site {
namespace {

/// The note NT_GNU_BUILD_ID among `bytes` of notes; empty: none is there.
std::string_view build_id_in(std::string_view notes) {
  const auto padded = [](std::size_t size) { return (size + 3) / 4 * 4; };
  while (notes.size() >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) head;
    std::memcpy(&head, notes.data(), sizeof head);
    notes.remove_prefix(sizeof head);
    const std::size_t name = padded(head.n_namesz), value = padded(head.n_descsz);
    if (name + value > notes.size()) return {};
    if (head.n_type == NT_GNU_BUILD_ID && notes.starts_with("GNU")) {
      return notes.substr(name, head.n_descsz);
    }
    notes.remove_prefix(name + value);
  }
  return {};
}

/// Of the first object: the program itself.
int find_build_id(dl_phdr_info* object, std::size_t, void* found) {
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& part = object->dlpi_phdr[i];
    if (part.p_type != PT_NOTE) continue;
    const auto* at = reinterpret_cast<const char*>(object->dlpi_addr + part.p_vaddr);
    const std::string_view id = build_id_in({at, part.p_memsz});
    if (!id.empty()) *static_cast<std::string*>(found) = id;
  }
  return 1;
}

}  // namespace

std::uint64_t build_number(std::string_view version) {
  std::string id;
  dl_iterate_phdr(find_build_id, &id);
  id += version;
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash | 1;
}

}  // namespace vigie::site
