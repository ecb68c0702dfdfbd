#ifndef OMNINODE_COMMON_SQL_SQLITE_STATUS_H_
#define OMNINODE_COMMON_SQL_SQLITE_STATUS_H_

#include <string_view>

#include <absl/status/status.h>

namespace omninode::sql {

// What a SQLite result code means for the caller. Pure; `code` may be primary or extended.
//
//   OK, ROW, DONE                         OK
//   BUSY, LOCKED, PROTOCOL                kUnavailable         somebody holds it; try again
//   FULL, NOMEM                           kResourceExhausted   disk, quota or memory is used up
//   CORRUPT, NOTADB, IOERR_DATA, ..       kDataLoss            the file is damaged; restore it
//   READONLY, PERM, AUTH                  kPermissionDenied
//   CANTOPEN                              kFailedPrecondition
//   CONSTRAINT: unique, primary key       kAlreadyExists
//   CONSTRAINT: any other                 kFailedPrecondition
//   TOOBIG                                kInvalidArgument
//   INTERRUPT                             kCancelled
//   ABORT, SCHEMA                         kAborted
//   IOERR and all others                  kInternal            the disk failed, or our SQL is wrong
absl::Status ToStatus(int code, std::string_view message);

}  // namespace omninode::sql

#endif  // OMNINODE_COMMON_SQL_SQLITE_STATUS_H_
