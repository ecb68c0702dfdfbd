#ifndef OMNINODE_TESTS_INTEGRATION_REJECTIONS_RUNNERS_H_
#define OMNINODE_TESTS_INTEGRATION_REJECTIONS_RUNNERS_H_

#include <functional>
#include <map>
#include <optional>
#include <string>

#include <grpcpp/support/status.h>

namespace omninode::rejections {

class World;

// What came of an input, for the row to be compared with.
struct Outcome {
  grpc::Status status;           // what the caller was told
  std::string within;            // what became of a part of a call that goes on
  std::string peer;              // whom the log must name: a SPIFFE ID or "ipv4:127.0.1.7"
  std::string claimed = {};      // what the certificate of a peer without identity says
  int refused_before = 0;        // with another reason, on the way to this one
  std::optional<int> exit_code;  // of a program that did not start
  std::string program_log = {};  // and what it said
};

// Prepares and sends the input of one row. Preparations must not be refused: what is refused while
// it runs is counted as the row's. Uses gtest's macros for what else the row promises.
using Runner = std::function<void(World&, Outcome&)>;
using Runners = std::map<std::string, Runner>;  // by Row::key

// By theme; AllRunners has them all.
void AddSignatureRows(Runners& rows);    // T1 T2 T15 T16
void AddSpeakerRows(Runners& rows);      // T3 T4 T5
void AddTimeRows(Runners& rows);         // T8 T11
void AddSequenceRows(Runners& rows);     // T10 T12 T13 T14
void AddMessageRows(Runners& rows);      // T17 T18 T21
void AddNameRows(Runners& rows);         // T20 T22
void AddTenancyRows(Runners& rows);      // T25 T26
void AddTokenRows(Runners& rows);        // T28 T29 T30
void AddCsrRows(Runners& rows);          // T31 T32 T33 T34
void AddRevocationRows(Runners& rows);   // T37
void AddCertificateRows(Runners& rows);  // T38 T39
void AddTextRows(Runners& rows);         // T52 T53 T54
void AddLocalRows(Runners& rows);        // T55
Runners AllRunners();

}  // namespace omninode::rejections

#endif  // OMNINODE_TESTS_INTEGRATION_REJECTIONS_RUNNERS_H_
