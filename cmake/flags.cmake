# SPDX-License-Identifier: Apache-2.0
# Compiler flags of everything we write; generated code links mz_generated instead.
if(NOT CMAKE_BUILD_TYPE)
	set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

add_library(mz_flags INTERFACE)
target_compile_definitions(mz_flags INTERFACE _GNU_SOURCE)
target_compile_options(mz_flags INTERFACE
	-Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
	-Wpointer-arith $<$<C_COMPILER_ID:GNU>:-Wcast-qual> -Wwrite-strings -Wformat=2 -Wundef -Wvla -Wno-missing-field-initializers
	-fno-common -fstack-protector-strong)
target_include_directories(mz_flags INTERFACE ${CMAKE_SOURCE_DIR}/common)

add_library(mz_generated INTERFACE)
target_compile_definitions(mz_generated INTERFACE _GNU_SOURCE)

if(MZ_SANITIZE)
	add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
	add_link_options(-fsanitize=address,undefined)
	add_compile_definitions(MZ_SANITIZE=1)
endif()
if(MZ_FUZZ)
	add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
	add_compile_definitions(MZ_DEBUG=1)
else()
	add_compile_options(-D_FORTIFY_SOURCE=2)
endif()

# mz_module(NAME LAYERS… [LIBS …]): a static library common/NAME (every .c file of this folder) over the named lower layers.
function(mz_module name)
	cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "LAYERS;LIBS")
	file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
	add_library(mz_${name} STATIC ${sources})
	target_link_libraries(mz_${name} PRIVATE mz_flags PUBLIC ${ARG_LIBS})
	target_include_directories(mz_${name} PUBLIC ${CMAKE_SOURCE_DIR}/common)
	foreach(layer IN LISTS ARG_LAYERS)
		target_link_libraries(mz_${name} PUBLIC mz_${layer})
	endforeach()
endfunction()
