# SPDX-License-Identifier: Apache-2.0
# cmake --install: the rpc runtime for other programs, as `minzheng-rpc`: headers, one static library, a pkg-config file.
include(GNUInstallDirs)
set(rpc_parts mz_base mz_proto mz_json mz_rpc proto_google proto_googleapis proto_options proto_grpc)
set(objects "")
foreach(part IN LISTS rpc_parts)
	list(APPEND objects $<TARGET_OBJECTS:${part}>)
	# A library for any linker, also when this build optimises between files.
	if(CMAKE_INTERPROCEDURAL_OPTIMIZATION AND CMAKE_C_COMPILER_ID STREQUAL GNU)
		target_compile_options(${part} PRIVATE -ffat-lto-objects)
	endif()
endforeach()
add_library(minzheng-rpc STATIC ${objects})
set_target_properties(minzheng-rpc PROPERTIES LINKER_LANGUAGE C)
install(TARGETS minzheng-rpc ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})

set(headers ${CMAKE_INSTALL_INCLUDEDIR}/minzheng-rpc)
foreach(layer base proto json rpc)
	install(DIRECTORY common/${layer} DESTINATION ${headers} FILES_MATCHING PATTERN *.h
		PATTERN *_impl.h EXCLUDE PATTERN *_private.h EXCLUDE)
endforeach()
# Generated headers that ours include, or that a caller needs for errors' details.
foreach(folder google/protobuf google/rpc google/type grpc/health grpc/reflection minzheng/options)
	install(DIRECTORY ${MZ_PROTO_OUT}/${folder} DESTINATION ${headers}/${folder}/.. FILES_MATCHING PATTERN *.pb-c.h
		PATTERN test_messages* EXCLUDE)
endforeach()

configure_file(${CMAKE_SOURCE_DIR}/cmake/minzheng-rpc.pc.in ${CMAKE_BINARY_DIR}/minzheng-rpc.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/minzheng-rpc.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
