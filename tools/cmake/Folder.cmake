# One library and one test program per folder. Sources are listed, never globbed, so that a file
# left out of the build is noticed.
#
#   omninode_folder(common_time
#     SOURCES clock.cc            # none: a header-only folder
#     DEPS common_base            # other folders and outside libraries, public
#     TESTS clock_test.cc         # -> program common_time_test, one ctest entry
#     TEST_DEPS rapidcheck
#     GRPC)                       # sources that include gRPC or generated code
function(omninode_folder name)
  cmake_parse_arguments(ARG "GRPC" "" "SOURCES;DEPS;TESTS;TEST_DEPS" ${ARGN})
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${OMNINODE_CORE_LINK} ${ARG_DEPS}
                          PRIVATE omninode_warnings omninode_sanitize)
    if(ARG_GRPC)
      target_link_libraries(${name} PUBLIC gRPC::grpc++)
      target_precompile_headers(${name} REUSE_FROM omninode_pch_grpc)
    else()
      target_precompile_headers(${name} REUSE_FROM omninode_pch_core)
    endif()
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${OMNINODE_CORE_LINK} ${ARG_DEPS})
  endif()
  if(OMNINODE_TESTS AND ARG_TESTS)
    omninode_test(${name}_test SOURCES ${ARG_TESTS} DEPS ${name} ${ARG_TEST_DEPS})
  endif()
endfunction()

# A test program: gtest's main, plain (not sanitized) test sources against sanitized libraries.
function(omninode_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;ARGS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} omninode_warnings GTest::gmock GTest::gtest_main)
  if(OMNINODE_SANITIZE STREQUAL "thread")
    # Templates and inline functions are compiled in the tests too: without instrumentation there the
    # thread sanitizer would not see their synchronisation and report correct code.
    target_link_libraries(${name} PRIVATE omninode_sanitize)
  else()
    omninode_reuse_pch(${name} omninode_pch_test)
  endif()
  add_test(NAME ${name} COMMAND ${name} ${ARG_ARGS})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
endfunction()

# A program of the product: main.cc and the libraries it is composed from.
function(omninode_binary name)
  cmake_parse_arguments(ARG "GRPC" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} omninode_warnings omninode_sanitize)
  if(ARG_GRPC)
    omninode_reuse_pch(${name} omninode_pch_grpc)
  endif()
endfunction()

# For programs: the precompiled header is made with -fPIC, so the program is too, instead of the
# -fPIE that CMake would choose.
function(omninode_reuse_pch name pch)
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE -fPIC)
  target_precompile_headers(${name} REUSE_FROM ${pch})
endfunction()
