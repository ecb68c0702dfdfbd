#ifndef OMNINODE_SERVICES_BOOTSTRAP_API_ISSUE_LOG_H_
#define OMNINODE_SERVICES_BOOTSTRAP_API_ISSUE_LOG_H_

#include "common/base/text.h"
#include "common/telemetry/log.h"
#include "services/bootstrap/issuance/issue_request.h"

namespace omninode::bootstrap {

// The audit line of a certificate that leaves the service: who got what, on whose word.
inline void LogIssued(telemetry::Logger& logger, const IssueRecord& record) {
  logger.Info("svid_issued", {{"spiffe_id", record.id.ToString()},
                              {"serial", record.serial},
                              {"path", NameOf(record.path)},
                              {"actor", record.actor},
                              {"not_after", omninode::FormatTime(record.not_after)}});
}

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_API_ISSUE_LOG_H_
