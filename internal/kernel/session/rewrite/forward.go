package rewrite

import (
	"fmt"
	"go/types"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/goabi/unitobject"
	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// forward writes the function or method that goes by a symbol: it calls the newest
// version.
func (g *generator) forward(d *decl.Decl) {
	p := g.printer(nil)
	sig := d.Obj.(*types.Func).Signature()
	recv := ""
	var args []string
	if d.Recv != nil {
		recv, args = fmt.Sprintf("(ᐧr %s) ", g.recvText(d)), []string{"ᐧr"}
	}
	for i := range sig.Params().Len() {
		args = append(args, "ᐧa"+strconv.Itoa(i))
	}
	call := fmt.Sprintf("%s(%s", d.FuncVar(), strings.Join(args, ", "))
	if sig.Variadic() {
		call += "..."
	}
	call += ")"
	if sig.Results().Len() > 0 {
		call = "return " + call
	}
	pragma := ""
	if d.Escaping() {
		pragma = syntax.Escapes + "\n"
	}
	fmt.Fprintf(&g.funcs, "%s/*line forward:%d:1*/func %s%s%s%s { %s }\n", pragma, unitobject.ForwardLine, recv, d.Symbol, p.ParamList(sig.Params(), sig.Variadic(), "ᐧa"), p.Results(sig), call)
}
