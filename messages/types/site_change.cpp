#include "messages/types/site_change.hpp"

#include <algorithm>

namespace vigie {
namespace {

constexpr std::size_t sites_max = 64;

bool is_wanted_voter(const Site& site) {
  return site.membership == Membership::founding || site.membership == Membership::voter;
}

Error bad(std::string what) { return {Errc::bad_value, std::move(what)}; }

Site* find(Directory& directory, const std::string& name) {
  const auto at = std::ranges::find(directory.sites, name, &Site::name);
  return at == directory.sites.end() ? nullptr : &*at;
}

/// Its former keys are revoked, this one is its own.
Result<void> give_key(Directory& directory, Site& site, const PublicKey& key) {
  if (const Key* known = directory.key_with(key); known && known->node != site.id) {
    return bad("site " + site.name + ": this key is somebody else's");
  }
  KeyId last;
  bool has_it = false;
  for (Key& k : directory.keys) {
    last = std::max(last, k.id);
    if (k.node == site.id) k.revoked = k.key != key;
    has_it |= k.key == key;
  }
  site.node_key = key;
  if (!has_it) directory.keys.push_back({next(last), key, {}, site.id, false, false});
  return {};
}

Result<void> add(Directory& directory, const Site& wanted) {
  if (wanted.name.empty() || wanted.address.empty()) return bad("a site needs a name, an address");
  if (wanted.node_key == PublicKey{}) return bad("site " + wanted.name + ": no key");
  Site* site = find(directory, wanted.name);
  if (site && site->membership != Membership::removed) {
    return bad("site " + wanted.name + ": it is there already (rejoin gives it a new life)");
  }
  const auto same_code = std::ranges::find_if(directory.sites, [&](const Site& other) {
    return other.code == wanted.code && other.name != wanted.name;
  });
  if (same_code != directory.sites.end()) {
    return bad("site " + wanted.name + ": code " + wanted.code + " is " + same_code->name + "'s");
  }
  Site taken = wanted;
  taken.membership = Membership::learner;
  if (site) {
    taken.id = site->id;
    taken.generation = static_cast<std::uint16_t>(site->generation + 1);
    *site = taken;
  } else {
    if (directory.sites.size() >= sites_max) return Error{Errc::limit_reached, "64 sites"};
    if (directory.site(wanted.id))
      return bad("id " + std::to_string(wanted.id.value) + " is taken");
    if (!taken.id) {
      for (const Site& other : directory.sites) taken.id = std::max(taken.id, other.id);
      taken.id = next(taken.id);
    }
    taken.generation = 1;
    site = &directory.sites.emplace_back(taken);
  }
  return give_key(directory, *site, wanted.node_key);
}

Result<void> rejoin(Directory& directory, Site& site, const Site& wanted) {
  if (is_wanted_voter(site) && wanted_voters(directory) == 1) {
    return bad("site " + site.name + ": it is the last voter");
  }
  site.membership = Membership::learner;
  site.generation = static_cast<std::uint16_t>(site.generation + 1);
  if (!wanted.address.empty()) site.address = wanted.address;
  if (wanted.node_key == PublicKey{}) return {};
  return give_key(directory, site, wanted.node_key);
}

Result<void> carry_out(Directory& directory, const ChangeSite& change) {
  if (change.what == SiteChange::add) return add(directory, change.site);
  Site* site = find(directory, change.site.name);
  if (!site || site->membership == Membership::removed) {
    return Error{Errc::not_found, "no site " + change.site.name};
  }
  switch (change.what) {
    case SiteChange::rejoin:
      return rejoin(directory, *site, change.site);
    case SiteChange::promote:
      if (is_wanted_voter(*site)) return bad("site " + site->name + ": it votes already");
      site->membership = Membership::voter;
      return {};
    case SiteChange::remove:
      if (is_wanted_voter(*site) && wanted_voters(directory) == 1) {
        return bad("site " + site->name + ": it is the last voter");
      }
      site->membership = Membership::removed;
      return {};
    default:
      return bad("no such change of a site");
  }
}

/// Node keys say what they said: a stolen one stays revoked, and nobody gets one beside
/// change_site().
Result<void> keep_node_keys(const Directory& now, Directory& wanted) {
  for (const Key& key : wanted.keys) {
    const bool is_new = key.node && now.site(key.node) && !now.key_with(key.key);
    if (!is_new) continue;
    return bad("site " + now.site(key.node)->name + ": a new key comes by vigie site rejoin");
  }
  KeyId last;
  for (const Key& key : wanted.keys) last = std::max(last, key.id);
  for (const Key& key : now.keys) {
    if (!key.node) continue;
    const auto same = std::ranges::find_if(
        wanted.keys, [&](const Key& k) { return k.node == key.node && k.key == key.key; });
    if (same != wanted.keys.end()) {
      same->revoked = key.revoked;
    } else {
      wanted.keys.push_back(key);
      wanted.keys.back().id = last = next(last);
    }
  }
  return {};
}

}  // namespace

Result<Directory> replace_directory(const Directory& now, Directory wanted) {
  for (const Site& site : now.sites) {
    const auto same = std::ranges::find(wanted.sites, site.id, &Site::id);
    if (same != wanted.sites.end()) {
      same->node_key = site.node_key;
      same->address = site.address;
      same->membership = site.membership;
      same->generation = site.generation;
      same->priority = site.priority;
    } else if (site.membership == Membership::removed) {
      wanted.sites.push_back(site);
    } else {
      return bad("site " + site.name + " is missing: vigie site remove comes first");
    }
  }
  for (const Site& site : wanted.sites) {
    const bool is_new = now.version > 0 && !now.site(site.id);
    if (is_new && site.membership != Membership::founding) {
      return bad("site " + site.name + ": it comes by vigie site add");
    }
  }
  if (const auto kept = keep_node_keys(now, wanted); !kept) return kept.error();
  return wanted;
}

std::size_t wanted_voters(const Directory& directory) {
  return static_cast<std::size_t>(std::ranges::count_if(directory.sites, is_wanted_voter));
}

Result<std::string> change_site(Directory& directory, const ChangeSite& change) {
  Directory changed = directory;
  const std::size_t before = wanted_voters(directory);
  if (const auto done = carry_out(changed, change); !done) return done.error();
  ++changed.version;
  if (const auto fine = changed.normalise(); !fine) return fine.error();
  directory = std::move(changed);
  const std::size_t after = wanted_voters(directory);
  if (after == before || after % 2 == 1) return std::string();
  return std::to_string(after) + " voters: an even number bears no more failures than " +
         std::to_string(after - 1);
}

}  // namespace vigie
