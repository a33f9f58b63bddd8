package session

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"go/types"
	"strconv"
	"strings"
)

// forwardLine is the line on which forwarding functions stand, to know them by.
const forwardLine = 981407177

// forward writes the function or method that goes by a symbol: it calls the newest
// version.
func (g *generator) forward(d *decl) {
	p := g.printer(nil)
	sig := d.obj.(*types.Func).Signature()
	recv := ""
	var args []string
	if d.recv != nil {
		recv, args = fmt.Sprintf("(ᐧr %s) ", g.recvText(d)), []string{"ᐧr"}
	}
	for i := range sig.Params().Len() {
		args = append(args, "ᐧa"+strconv.Itoa(i))
	}
	call := fmt.Sprintf("%s(%s", d.funcVar(), strings.Join(args, ", "))
	if sig.Variadic() {
		call += "..."
	}
	call += ")"
	if sig.Results().Len() > 0 {
		call = "return " + call
	}
	pragma := ""
	if d.escaping() {
		pragma = escapes + "\n"
	}
	fmt.Fprintf(&g.funcs, "%s/*line forward:%d:1*/func %s%s%s%s { %s }\n", pragma, forwardLine, recv, d.symbol, p.paramList(sig.Params(), sig.Variadic(), "ᐧa"), p.results(sig), call)
}

// markForwards makes wrappers of the forwarding functions in an object, as the
// compiler's own wrappers of methods are: recover works through them, and stacks
// do not show them. In an object, the line of a function's start follows four
// bytes, of which the first is its kind and the last two are zero (see
// cmd/internal/goobj.FuncInfo).
func markForwards(object []byte) {
	const wrapper = 23 // abi.FuncIDWrapper
	line := binary.LittleEndian.AppendUint32(nil, forwardLine)
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
