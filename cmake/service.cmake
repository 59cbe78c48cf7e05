# SPDX-License-Identifier: Apache-2.0
# mz_service(NAME [FOLDER dir] [PROTO_ROOT dir]): the program bin/NAME from services/NAME/ and proto/minzheng/NAME/v1/.
#
# In the folder: schema/*.sql, queries.sql, and where they are needed facts.proto, methods.c, rules.c and other .c files,
# indicators.sql. Nothing else is written anywhere; `struct svc_service` (svc/service.h) is made by cmake/program.sh.
# A service of the tests lies elsewhere: FOLDER and PROTO_ROOT say where.
function(mz_service name)
	cmake_parse_arguments(PARSE_ARGV 1 ARG "" "FOLDER;PROTO_ROOT" "")
	if(NOT ARG_FOLDER)
		set(ARG_FOLDER ${CMAKE_SOURCE_DIR}/services/${name})
	endif()
	cmake_path(GET ARG_FOLDER PARENT_PATH parent)
	set(target service_${name})
	set(messages proto_contract)
	if(ARG_PROTO_ROOT)
		file(GLOB protos CONFIGURE_DEPENDS RELATIVE ${ARG_PROTO_ROOT} ${ARG_PROTO_ROOT}/minzheng/${name}/v1/*.proto)
		mz_proto(proto_${name} ROOT ${ARG_PROTO_ROOT} FILES ${protos} DEPENDS proto_contract)
		set(messages proto_${name})
	else()
		set(ARG_PROTO_ROOT ${CMAKE_SOURCE_DIR}/proto)
		file(GLOB protos CONFIGURE_DEPENDS RELATIVE ${ARG_PROTO_ROOT} ${ARG_PROTO_ROOT}/minzheng/${name}/v1/*.proto)
	endif()
	file(GLOB shared CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/proto ${CMAKE_SOURCE_DIR}/proto/minzheng/svc/v1/*.proto)
	file(GLOB sources CONFIGURE_DEPENDS ${ARG_FOLDER}/*.c)
	file(GLOB schema CONFIGURE_DEPENDS ${ARG_FOLDER}/schema/*.sql)

	add_executable(${target} ${sources})
	set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
	set(described ${protos} ${shared} google/rpc/error_details.proto google/rpc/status.proto)
	if(EXISTS ${ARG_FOLDER}/facts.proto)
		mz_proto(facts_${name} ROOT ${parent} FILES ${name}/facts.proto DEPENDS ${messages})
		list(APPEND messages facts_${name})
		list(APPEND described ${name}/facts.proto)
	endif()
	target_link_libraries(${target} PRIVATE mz_flags mz_svc ${messages})
	target_include_directories(${target} PRIVATE ${ARG_FOLDER})

	set(set ${CMAKE_CURRENT_BINARY_DIR}/${name}.binpb)
	mz_descriptor_set(OUTPUT ${set} ROOTS ${parent} ${ARG_PROTO_ROOT} FILES ${described})
	mz_embed(${target} svc_descriptors ${set})
	foreach(file queries indicators)
		if(EXISTS ${ARG_FOLDER}/${file}.sql)
			mz_embed(${target} svc_${file} ${ARG_FOLDER}/${file}.sql)
			list(APPEND texts ${ARG_FOLDER}/${file}.sql)
		endif()
	endforeach()
	foreach(file IN LISTS schema)
		cmake_path(GET file STEM stem)
		mz_embed(${target} svc_schema_${stem} ${file})
	endforeach()

	list(TRANSFORM protos PREPEND ${ARG_PROTO_ROOT}/ OUTPUT_VARIABLE contracts)
	set(program ${CMAKE_CURRENT_BINARY_DIR}/${name}.program.c)
	add_custom_command(OUTPUT ${program}
		COMMAND sh ${CMAKE_SOURCE_DIR}/cmake/program.sh ${program} ${name} ${PROJECT_VERSION} ${ARG_FOLDER}
			${contracts}
		DEPENDS ${CMAKE_SOURCE_DIR}/cmake/program.sh ${contracts} ${schema} ${texts} VERBATIM)
	target_sources(${target} PRIVATE ${program})
endfunction()
