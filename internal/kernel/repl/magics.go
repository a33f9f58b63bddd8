package repl

import (
	"context"
	"fmt"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/magic"
)

// known lists what the session has declared.
func (r *Interpreter) known() (names []magic.Name) {
	for _, n := range r.session.Names() {
		names = append(names, magic.Name(n))
	}
	return names
}

// kernelFor is what magics may ask for.
type kernelFor struct {
	r     *Interpreter
	past  *pastCell // the cell that asks
	again bool      // it is run by %rerun
	count int       // its execution count
}

func (k kernelFor) Names() []magic.Name { return k.r.known() }

func (k kernelFor) Get(ctx context.Context, module string) error {
	return k.r.session.Get(ctx, strings.Fields(module))
}

func (k kernelFor) Delete(names []string) (notes []string, err error) {
	return k.r.session.Delete(names)
}

func (k kernelFor) Mod(ctx context.Context, args string) (string, error) {
	return k.r.session.Mod(ctx, strings.Fields(args))
}

func (k kernelFor) AutoPX() bool {
	k.r.autopx = !k.r.autopx
	return k.r.autopx
}

func (k kernelFor) AutoImport(on bool) { k.r.session.AutoImport(on) }

func (k kernelFor) Version() string { return fmt.Sprintf("goparallel %s", k.r.options.Version) }
