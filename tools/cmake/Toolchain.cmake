# Compiler, linker and sanitizer settings shared by every target.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

# -O3 of GCC 12 gives false warnings, and warnings are errors here.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Precompiled headers are only cacheable when their macros and time stamps are not hashed.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE_PROGRAM})
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()
add_link_options(-Wl,-z,relro,-z,now)
if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_options(-D_FORTIFY_SOURCE=2)
endif()
# -pthread for all, or targets that get it from a library could not share precompiled headers.
add_compile_options(-fstack-protector-strong -pthread)

# Warnings for code written here; generated code is compiled without them.
add_library(omninode_warnings INTERFACE)
target_compile_options(omninode_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wno-missing-field-initializers -Werror)

# The instrumented part is the product; test sources stay plain so that they compile fast.
add_library(omninode_sanitize INTERFACE)
if(OMNINODE_SANITIZE STREQUAL "address")
  target_compile_options(omninode_sanitize INTERFACE
    -fsanitize=address,undefined -fno-sanitize=vptr,null,alignment
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_compile_definitions(OMNINODE_SANITIZED=1)
  add_link_options(-fsanitize=address,undefined)
elseif(OMNINODE_SANITIZE STREQUAL "thread")
  # Instrumented, GCC no longer sees that a failed check does not return.
  target_compile_options(omninode_sanitize INTERFACE
    -fsanitize=thread -fno-omit-frame-pointer -Wno-error=return-type)
  add_compile_definitions(OMNINODE_SANITIZED=1)
  add_link_options(-fsanitize=thread)
endif()
