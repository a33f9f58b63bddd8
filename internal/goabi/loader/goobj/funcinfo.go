package goobj

import "encoding/binary"

// A FuncInfo is the contents of a function's symbol of kind AuxFuncInfo.
type FuncInfo []byte

const inlineSize = 24

// An Inlined is a call that was inlined into a function.
type Inlined struct {
	Func     Ref
	ParentPC uint32
}

func (f FuncInfo) word(at int) uint32 { return binary.LittleEndian.Uint32(f[at:]) }

// Args is the size of arguments and results on the stack.
func (f FuncInfo) Args() uint32 { return f.word(0) }

// ID is the number of a special function (internal/abi.FuncID).
func (f FuncInfo) ID() uint8 { return f[8] }

// Flag has the function's flags (internal/abi.FuncFlag).
func (f FuncInfo) Flag() uint8 { return f[9] }

// StartLine is the line of the func keyword.
func (f FuncInfo) StartLine() uint32 { return f.word(12) }

// calls is where the list of inlined calls begins: behind that of the files.
func (f FuncInfo) calls() int { return 20 + 4*int(f.word(16)) }

// Inlined returns how many calls were inlined.
func (f FuncInfo) Inlined() int { return int(f.word(f.calls())) }

// Call returns an inlined call.
func (f FuncInfo) Call(i int) Inlined {
	at := f.calls() + 4 + i*inlineSize
	return Inlined{Func: Ref{f.word(at + 12), f.word(at + 16)}, ParentPC: f.word(at + 20)}
}
