# Generated code is a library of its own: no sanitizers, no warnings, -O1 (it is a third of the
# build and none of it is ours).
#
#   omninode_proto(proto_type PROTOS omninode/type/v1/types.proto DEPS other_proto [SERVICES])
function(omninode_proto name)
  cmake_parse_arguments(ARG "SERVICES" "" "PROTOS;DEPS" ${ARGN})
  set(out ${CMAKE_BINARY_DIR}/generated)
  set(sources)
  foreach(proto ${ARG_PROTOS})
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    set(files ${out}/${stem}.pb.cc ${out}/${stem}.pb.h)
    set(command protobuf::protoc --proto_path=${CMAKE_SOURCE_DIR}/proto --cpp_out=${out})
    if(ARG_SERVICES)
      list(APPEND files ${out}/${stem}.grpc.pb.cc ${out}/${stem}.grpc.pb.h)
      list(APPEND command --grpc_out=${out}
           --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>)
    endif()
    add_custom_command(
      OUTPUT ${files}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${out}
      COMMAND ${command} ${CMAKE_SOURCE_DIR}/proto/${proto}
      DEPENDS ${CMAKE_SOURCE_DIR}/proto/${proto}
      VERBATIM)
    foreach(file ${files})
      if(file MATCHES "\\.cc$")
        list(APPEND sources ${file})
      endif()
    endforeach()
  endforeach()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} SYSTEM PUBLIC ${out})
  target_compile_options(${name} PRIVATE -O1 -g0 -w)
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf ${ARG_DEPS})
  if(ARG_SERVICES)
    target_link_libraries(${name} PUBLIC gRPC::grpc++)
  endif()
endfunction()
