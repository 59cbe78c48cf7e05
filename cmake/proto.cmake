# SPDX-License-Identifier: Apache-2.0
# mz_proto(NAME [ROOT dir] FILES a/b.proto … [DEPENDS other …])
#
# Makes the static library NAME from .proto files below ROOT (default proto/): protobuf-c messages with short C names.
# protoc-c 1.4.1 refuses proto3 `optional` and prefixes every name with its package, so it is given a rewritten copy
# (cmake/rewrite-proto.sh); the published contract stays as it is, and descriptor sets are made from the original.
find_program(PROTOC protoc REQUIRED)
find_program(PROTOC_C protoc-c REQUIRED)
set(MZ_PROTO_OUT ${CMAKE_BINARY_DIR}/proto)
set(MZ_PROTO_COPY ${CMAKE_BINARY_DIR}/proto-copy)
file(MAKE_DIRECTORY ${MZ_PROTO_OUT} ${MZ_PROTO_COPY})

function(mz_proto name)
	cmake_parse_arguments(PARSE_ARGV 1 ARG "" "ROOT" "FILES;DEPENDS")
	if(NOT ARG_ROOT)
		set(ARG_ROOT ${CMAKE_SOURCE_DIR}/proto)
	endif()
	set(sources "")
	set(copies "")
	foreach(file IN LISTS ARG_FILES)
		set(copy ${MZ_PROTO_COPY}/${file})
		add_custom_command(OUTPUT ${copy}
			COMMAND sh ${CMAKE_SOURCE_DIR}/cmake/rewrite-proto.sh ${ARG_ROOT}/${file} ${copy}
			DEPENDS ${ARG_ROOT}/${file} ${CMAKE_SOURCE_DIR}/cmake/rewrite-proto.sh VERBATIM)
		list(APPEND copies ${copy})
	endforeach()
	add_custom_target(${name}_copies DEPENDS ${copies})
	foreach(dep IN LISTS ARG_DEPENDS)
		add_dependencies(${name}_copies ${dep}_copies)
	endforeach()
	foreach(file IN LISTS ARG_FILES)
		string(REGEX REPLACE "\\.proto$" ".pb-c" stem ${file})
		add_custom_command(OUTPUT ${MZ_PROTO_OUT}/${stem}.c ${MZ_PROTO_OUT}/${stem}.h
			COMMAND ${PROTOC_C} -I${MZ_PROTO_COPY} -I/usr/include --c_out=${MZ_PROTO_OUT} ${MZ_PROTO_COPY}/${file}
			DEPENDS ${MZ_PROTO_COPY}/${file} ${name}_copies VERBATIM)
		list(APPEND sources ${MZ_PROTO_OUT}/${stem}.c)
	endforeach()
	add_library(${name} STATIC ${sources})
	target_link_libraries(${name} PRIVATE mz_generated PUBLIC PkgConfig::PROTOBUF_C ${ARG_DEPENDS})
	target_include_directories(${name} SYSTEM PUBLIC ${MZ_PROTO_OUT})
endfunction()

# mz_descriptor_set(OUTPUT file [ROOT dir …] FILES …): a FileDescriptorSet with imports and comments.
function(mz_descriptor_set)
	cmake_parse_arguments(PARSE_ARGV 0 ARG "" "OUTPUT" "ROOTS;FILES")
	set(includes -I${CMAKE_SOURCE_DIR}/proto)
	set(inputs "")
	foreach(root IN LISTS ARG_ROOTS)
		list(APPEND includes -I${root})
	endforeach()
	foreach(file IN LISTS ARG_FILES)
		foreach(root IN LISTS ARG_ROOTS ITEMS ${CMAKE_SOURCE_DIR}/proto)
			if(EXISTS ${root}/${file})
				list(APPEND inputs ${root}/${file})
				break()
			endif()
		endforeach()
	endforeach()
	file(GLOB_RECURSE contract CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/proto/*.proto)
	add_custom_command(OUTPUT ${ARG_OUTPUT}
		COMMAND ${PROTOC} ${includes} -I/usr/include --include_imports --include_source_info
			--descriptor_set_out=${ARG_OUTPUT} ${ARG_FILES}
		DEPENDS ${inputs} ${contract} VERBATIM)
endfunction()
