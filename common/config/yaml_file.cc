#include "common/config/yaml_file.h"

#include <cerrno>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/config/file_descriptor.h"

// yaml-cpp reports by exceptions; none leaves this file.
namespace omninode::config {
namespace {

// Far more than any table needs; a guard against files that are something else.
constexpr std::size_t kMaxDepth = 8;

class Flattener {
 public:
  explicit Flattener(std::string_view name) : name_(name) {}

  absl::Status Walk(const YAML::Node& map, const std::string& prefix, std::size_t depth) {
    for (const auto& pair : map) {
      const YAML::Node& key_node = pair.first;
      const YAML::Node& value = pair.second;
      if (!key_node.IsScalar()) return At(key_node, "a key must be a word");
      // Counted before anything else: aliases make a short file long.
      if (++visited_ > kMaxConfigFileEntries) return At(key_node, "too many keys");
      const std::string key = prefix + key_node.Scalar();
      if (value.IsMap()) {
        if (depth >= kMaxDepth) return At(key_node, "nested too deep");
        OMNI_RETURN_IF_ERROR(Walk(value, key + ".", depth + 1));
        continue;
      }
      OMNI_ASSIGN_OR_RETURN(RawValue raw, Leaf(key, key_node, value));
      if (!seen_.insert(key).second) return At(key_node, Quote(key) + " is given twice");
      entries_.push_back({key, std::move(raw), Origin(key_node.Mark())});
    }
    return absl::OkStatus();
  }

  std::vector<FileEntry> Take() { return std::move(entries_); }

  std::string Origin(const YAML::Mark& mark) const {
    return fmt::format("{}:{}", name_, mark.is_null() ? 1 : mark.line + 1);
  }
  absl::Status At(const YAML::Mark& mark, std::string_view problem) const {
    return Reject(Reason::kArgumentInvalid, "{}: {}", Origin(mark), problem);
  }
  absl::Status At(const YAML::Node& node, std::string_view problem) const {
    return At(node.Mark(), problem);
  }

 private:
  static std::string Quote(std::string_view key) { return EscapeForDisplay(key, 128); }

  absl::StatusOr<RawValue> Leaf(const std::string& key, const YAML::Node& key_node,
                                const YAML::Node& value) const {
    if (value.IsScalar()) return RawValue{{value.Scalar()}};
    if (!value.IsSequence()) return At(key_node, Quote(key) + " has no value");
    RawValue raw{{}, true};
    if (value.size() > kMaxConfigFileEntries) return At(key_node, Quote(key) + " is too long");
    for (const YAML::Node& item : value) {
      if (!item.IsScalar()) return At(item, Quote(key) + " must be a list of texts");
      raw.items.push_back(item.Scalar());
    }
    return raw;
  }

  const std::string_view name_;
  std::size_t visited_ = 0;
  std::set<std::string> seen_;
  std::vector<FileEntry> entries_;
};

// Only notes where the latest document begins.
class DocumentStart final : public YAML::EventHandler {
 public:
  const YAML::Mark& mark() const { return mark_; }

  void OnDocumentStart(const YAML::Mark& mark) override { mark_ = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  YAML::Mark mark_ = YAML::Mark::null_mark();
};

// Where something follows the first document. Not YAML::LoadAll, which for ever finds one more
// empty document in a text that begins with a comma.
std::optional<YAML::Mark> SecondDocument(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentStart start;
  if (!parser.HandleNextDocument(start) || !parser.HandleNextDocument(start)) return std::nullopt;
  return start.mark();
}

}  // namespace

absl::StatusOr<std::vector<FileEntry>> ParseYaml(std::string_view text, std::string_view name) {
  Flattener flattener(name);
  try {
    const std::string copy(text);
    if (const auto second = SecondDocument(copy)) {
      return flattener.At(*second, "expected the end of the file");
    }
    const YAML::Node document = YAML::Load(copy);
    if (document.IsNull()) return flattener.Take();
    if (!document.IsMap()) {
      return flattener.At(document, "expected keys and values, like \"lease.ttl: 30s\"");
    }
    OMNI_RETURN_IF_ERROR(flattener.Walk(document, "", 1));
    return flattener.Take();
  } catch (const YAML::Exception& e) {
    return Reject(Reason::kArgumentInvalid, "{}: not YAML: {}", flattener.Origin(e.mark), e.msg);
  }
}

absl::StatusOr<ConfigFile> ReadConfigFile(const std::string& path) {
  const std::string shown = EscapeForDisplay(path, 256);
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return ErrnoStatus(errno, "cannot open the configuration file " + shown);
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return ErrnoStatus(errno, "cannot look at " + shown);
  if (!S_ISREG(facts.st_mode)) {
    return Reject(Reason::kArgumentInvalid, "{}:1: not a plain file", shown);
  }
  if ((facts.st_mode & S_IWOTH) != 0) {
    return Reject(Reason::kArgumentInvalid, "{0}:1: everybody may change this file; chmod o-w {0}",
                  shown);
  }
  OMNI_ASSIGN_OR_RETURN(const std::string text, ReadUpTo(file, kMaxConfigFileBytes + 1, shown));
  if (text.size() > kMaxConfigFileBytes) {
    return Reject(Reason::kArgumentInvalid, "{}:1: larger than {} bytes", shown,
                  kMaxConfigFileBytes);
  }
  OMNI_ASSIGN_OR_RETURN(auto entries, ParseYaml(text, shown));
  return ConfigFile{std::move(entries), facts.st_mode & 07777u};
}

}  // namespace omninode::config
