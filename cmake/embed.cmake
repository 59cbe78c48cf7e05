# SPDX-License-Identifier: Apache-2.0
# mz_embed(TARGET SYMBOL FILE): puts FILE into TARGET as `const unsigned char SYMBOL[]` with `const size_t SYMBOL_size`;
# a NUL follows the last byte, so text can be used as a C string.
function(mz_embed target symbol file)
	set(out ${CMAKE_CURRENT_BINARY_DIR}/embed/${target}_${symbol}.c)
	file(WRITE ${out}.in "#include <stddef.h>
extern const unsigned char ${symbol}[];
extern const unsigned char ${symbol}_end[];
extern const size_t ${symbol}_size;
__asm__(\".section .rodata\\n.global ${symbol}\\n.balign 16\\n${symbol}:\\n.incbin \\\"${file}\\\"\\n\"
	\".global ${symbol}_end\\n${symbol}_end:\\n.byte 0\\n.balign 8\\n.global ${symbol}_size\\n\"
	\"${symbol}_size:\\n.quad ${symbol}_end - ${symbol}\\n.previous\\n\");
")
	configure_file(${out}.in ${out} COPYONLY)
	# Link-time optimisation would not see symbols that only the assembler knows.
	set_source_files_properties(${out} PROPERTIES OBJECT_DEPENDS ${file} COMPILE_OPTIONS -fno-lto)
	target_sources(${target} PRIVATE ${out})
endfunction()
