/* SPDX-License-Identifier: Apache-2.0 */
/* EMBEDDED(eliza) of base/embed.h: the descriptors as `eliza` and their number of bytes as `eliza_size`. */
	.section .rodata
	.global eliza, eliza_size
eliza:	.incbin "eliza.binpb"
1:	.byte 0
	.balign 8
eliza_size:
	.quad 1b - eliza
	.section .note.GNU-stack,"",%progbits
