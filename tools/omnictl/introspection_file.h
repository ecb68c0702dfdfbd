#ifndef OMNINODE_TOOLS_OMNICTL_INTROSPECTION_FILE_H_
#define OMNINODE_TOOLS_OMNICTL_INTROSPECTION_FILE_H_

#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "common/directory/introspection.h"
#include "tools/omnictl/args.h"

namespace omninode::omnictl {

// A node's description of itself as YAML or JSON:
//
//   type: worker
//   id: w1
//   namespace: tenant-a            # default: default
//   version: 1.4.2                 # of the software
//   endpoints: {grpc: "grpcs://10.0.0.7:8443"}
//   capabilities: {max_jobs: 40}
//   labels: {zone: eu-1}
//   epoch: blue
//   health: serving
//   ttl: 30s
//
// `name` is for messages, which begin with "name:line: ". ARGUMENT_INVALID for unknown keys and
// values that cannot be read; what names and texts may be is judged later. Pure.
absl::StatusOr<directory::Introspection::Fields> ParseIntrospectionFile(std::string_view text,
                                                                        std::string_view name);

// The file of `--introspection`, if there is one, with what the flags of `node run` say instead:
// each of them replaces the file's value, or that of the same name.
absl::StatusOr<directory::Introspection> DescribeNode(const Args& args);

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_INTROSPECTION_FILE_H_
