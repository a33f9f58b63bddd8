#include "textflag.h"

// func flush(from, to uintptr)
//
// Lines of caches have 16 bytes at least; longer ones are cleaned several times.
TEXT ·flush(SB), NOSPLIT, $0-16
	MOVD from+0(FP), R0
	MOVD to+8(FP), R1
	AND  $~15, R0
	MOVD R0, R2

data:
	CMP  R1, R0
	BHS  dataDone
	WORD $0xd50b7b20 // DC CVAU, R0
	ADD  $16, R0
	B    data

dataDone:
	WORD $0xd5033b9f // DSB ISH
	MOVD R2, R0

code:
	CMP  R1, R0
	BHS  codeDone
	WORD $0xd50b7520 // IC IVAU, R0
	ADD  $16, R0
	B    code

codeDone:
	WORD $0xd5033b9f // DSB ISH
	ISB  $15
	RET
