package unitobject

import (
	"bytes"
	"encoding/binary"
)

// ForwardLine is the line on which forwarding functions stand, to know them by.
const ForwardLine = 981407177

// MarkForwards makes wrappers of the forwarding functions in an object, as the
// compiler's own wrappers of methods are: recover works through them, and stacks
// do not show them. In an object, the line of a function's start follows four
// bytes, of which the first is its kind and the last two are zero (see
// cmd/internal/goobj.FuncInfo).
func MarkForwards(object []byte) {
	const wrapper = 23 // abi.FuncIDWrapper
	line := binary.LittleEndian.AppendUint32(nil, ForwardLine)
	for at := 4; ; at++ {
		i := bytes.Index(object[at:], line)
		if i < 0 {
			return
		}
		at += i
		if object[at-4] == 0 && object[at-2] == 0 && object[at-1] == 0 {
			object[at-4] = wrapper
		}
	}
}
