#include "services/registry/departure/revocation_evictor.h"

#include <utility>

namespace omninode::registry {

RevocationEvictor::RevocationEvictor(identity::TrustSource& trust, const TopologyTable& table,
                                     CommandSink& sink, std::string actor)
    : scan_(table, sink, std::move(actor)),
      task_("evictor", [this, &trust] { return scan_.Run(trust.Current()); }),
      subscription_(trust.Subscribe([this](const auto&) { task_.Kick(); })) {}

}  // namespace omninode::registry
