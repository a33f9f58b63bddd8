#include "textflag.h"

// func StackUsed() uintptr
TEXT ·StackUsed(SB), NOSPLIT, $0-8
	MOVQ (TLS), AX
	MOVQ 8(AX), AX // the upper end of g.stack, where the stack begins
	SUBQ SP, AX
	MOVQ AX, ret+0(FP)
	RET
