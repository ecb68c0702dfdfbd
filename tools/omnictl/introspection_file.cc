#include "tools/omnictl/introspection_file.h"

#include <algorithm>
#include <utility>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/config/yaml_file.h"
#include "common/identity/principal.h"
#include "tools/omnictl/verb_parts.h"

namespace omninode::omnictl {
namespace {

using Fields = directory::Introspection::Fields;
using NamedStrings = directory::Introspection::NamedStrings;

struct TextKey {
  std::string_view key;
  std::string Fields::*field;
};
constexpr TextKey kTextKeys[] = {{"type", &Fields::node_type},
                                 {"id", &Fields::node_id},
                                 {"namespace", &Fields::ns},
                                 {"version", &Fields::version},
                                 {"epoch", &Fields::epoch}};

struct MapKey {
  std::string_view prefix;
  NamedStrings Fields::*field;
};
constexpr MapKey kMapKeys[] = {{"endpoints.", &Fields::endpoints},
                               {"capabilities.", &Fields::capabilities},
                               {"labels.", &Fields::labels}};

absl::Status At(const config::FileEntry& entry, std::string_view problem) {
  return Reject(Reason::kArgumentInvalid, "{}: {}", entry.origin, problem);
}

absl::Status Take(const config::FileEntry& entry, Fields* fields) {
  if (entry.raw.is_sequence) return At(entry, entry.key + " must be one value, not a list");
  const std::string& text = entry.raw.items.front();
  for (const TextKey& row : kTextKeys) {
    if (entry.key != row.key) continue;
    fields->*row.field = text;
    return absl::OkStatus();
  }
  for (const MapKey& row : kMapKeys) {
    if (!entry.key.starts_with(row.prefix)) continue;
    (fields->*row.field).emplace_back(entry.key.substr(row.prefix.size()), text);
    return absl::OkStatus();
  }
  if (entry.key == "ttl") {
    const auto ttl = ParseDuration(text);
    if (!ttl.ok() || *ttl == absl::ZeroDuration()) {
      return At(entry, "ttl must be a duration like 30s");
    }
    fields->requested_ttl = *ttl;
    return absl::OkStatus();
  }
  if (entry.key == "health") {
    const auto health = directory::ParseHealth(text);
    if (!health.has_value()) return At(entry, "health must be serving, degraded or not_serving");
    fields->health = *health;
    return absl::OkStatus();
  }
  return At(entry,
            fmt::format("there is no '{}'; there is type, id, namespace, version, endpoints, "
                        "capabilities, labels, epoch, health, ttl",
                        EscapeForDisplay(entry.key, 64)));
}

void Replace(const Args& args, std::string_view key, std::string* field) {
  if (args.Has(key)) *field = args.Text(key);
}

// A flag takes the place of the file's value of that name; of two flags of one name the second
// stays, and is refused as a repetition later.
void Replace(const Args& args, std::string_view key, NamedStrings* field) {
  NamedStrings given = args.AllPairs(key);
  std::erase_if(*field, [&](const auto& from_file) {
    return std::ranges::any_of(given,
                               [&](const auto& flag) { return flag.first == from_file.first; });
  });
  field->insert(field->end(), given.begin(), given.end());
}

}  // namespace

absl::StatusOr<Fields> ParseIntrospectionFile(std::string_view text, std::string_view name) {
  OMNI_ASSIGN_OR_RETURN(const auto entries, config::ParseYaml(text, name));
  Fields fields;
  for (const config::FileEntry& entry : entries) OMNI_RETURN_IF_ERROR(Take(entry, &fields));
  return fields;
}

absl::StatusOr<directory::Introspection> DescribeNode(const Args& args) {
  Fields fields;
  if (args.Has("introspection")) {
    const std::string path = args.Text("introspection");
    OMNI_ASSIGN_OR_RETURN(const std::string text, ReadInput(path));
    OMNI_ASSIGN_OR_RETURN(fields, ParseIntrospectionFile(text, EscapeForDisplay(path, 256)));
  }
  Replace(args, "type", &fields.node_type);
  Replace(args, "id", &fields.node_id);
  Replace(args, "namespace", &fields.ns);
  Replace(args, "node-version", &fields.version);
  Replace(args, "epoch", &fields.epoch);
  Replace(args, "endpoint", &fields.endpoints);
  Replace(args, "capability", &fields.capabilities);
  Replace(args, "label", &fields.labels);
  if (fields.ns.empty()) fields.ns = identity::kDefaultNamespace;
  if (const auto ttl = args.Duration("ttl")) fields.requested_ttl = *ttl;
  if (fields.node_type.empty() || fields.node_id.empty()) {
    return Reject(Reason::kArgumentInvalid,
                  "say which node this is: --type and --id, or --introspection FILE");
  }
  return directory::Introspection::Create(std::move(fields));
}

}  // namespace omninode::omnictl
