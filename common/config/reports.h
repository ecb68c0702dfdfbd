#ifndef OMNINODE_COMMON_CONFIG_REPORTS_H_
#define OMNINODE_COMMON_CONFIG_REPORTS_H_

#include <string>

#include "common/config/schema.h"
#include "common/config/values.h"

// The texts that are derived from a schema. Pure.
namespace omninode::config {

// --help.
std::string HelpText(const Schema& schema);

// --check-config: the effective values as a YAML file, each with where it comes from; secrets as
// comments. What it prints can be used as a configuration file.
std::string EffectiveText(const Schema& schema, const Values& values);

// The reference page of one service.
std::string ReferenceMarkdown(const Schema& schema);

}  // namespace omninode::config

#endif  // OMNINODE_COMMON_CONFIG_REPORTS_H_
