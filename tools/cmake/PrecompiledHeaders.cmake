# Three precompiled headers: core for gRPC-free sources, grpc for glue and codecs, test for tests.

set(OMNINODE_PCH_CORE
  <algorithm> <array> <atomic> <chrono> <cstdint> <functional> <map> <memory> <mutex> <optional>
  <span> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector>
  <absl/status/status.h> <absl/status/statusor.h> <absl/time/time.h>
  <absl/functional/any_invocable.h> <fmt/format.h>)
set(OMNINODE_PCH_GRPC ${OMNINODE_PCH_CORE} <grpcpp/grpcpp.h> <google/protobuf/message.h>)
set(OMNINODE_PCH_TEST ${OMNINODE_PCH_CORE} <gmock/gmock.h> <gtest/gtest.h>)

# A target that only carries a precompiled header for others to reuse.
function(omninode_pch name)
  cmake_parse_arguments(ARG "" "" "HEADERS;LINK" ${ARGN})
  set(stub ${CMAKE_BINARY_DIR}/pch/${name}.cc)
  file(CONFIGURE OUTPUT ${stub} CONTENT "// Carries the precompiled header ${name}.\n")
  add_library(${name} OBJECT ${stub})
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
endfunction()

set(OMNINODE_CORE_LINK
  absl::status absl::statusor absl::time absl::any_invocable absl::strings fmt::fmt Threads::Threads)
omninode_pch(omninode_pch_core HEADERS ${OMNINODE_PCH_CORE}
  LINK ${OMNINODE_CORE_LINK} omninode_warnings omninode_sanitize)
omninode_pch(omninode_pch_grpc HEADERS ${OMNINODE_PCH_GRPC}
  LINK ${OMNINODE_CORE_LINK} gRPC::grpc++ omninode_warnings omninode_sanitize)
if(OMNINODE_TESTS)
  omninode_pch(omninode_pch_test HEADERS ${OMNINODE_PCH_TEST}
    LINK ${OMNINODE_CORE_LINK} GTest::gmock omninode_warnings)
endif()
