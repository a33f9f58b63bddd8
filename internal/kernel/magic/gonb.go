package magic

import (
	"context"
	"fmt"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// Names that gonb has for what is here under IPython's.
func init() {
	for _, a := range []struct {
		alias, name, takes string
		wants              Argument
	}{
		{"ls", "whos", "[kind or type...]", Nothing}, {"list", "whos", "[kind or type...]", Nothing},
		{"rm", "del", "name...", Declared}, {"remove", "del", "name...", Declared},
	} {
		register(&definition{
			name: a.alias, usage: "%" + a.alias + " " + a.takes, takes: a.wants, reads: true,
			doc:     "The name that gonb has for %" + a.name + ".",
			program: func(l *line) bool { p := table[a.name].program; return p != nil && p(l) },
			act: func(ctx context.Context, k Kernel, arg string, out cell.Output) error {
				return table[a.name].act(ctx, k, arg, out)
			},
		})
	}
	register(&definition{
		name: "args", usage: "%args [argument…]", command: "args", reads: true, program: always,
		doc: "Set the arguments that cells find in os.Args behind the program's name. Single or double quotes hold words together.",
	})
	for name, instead := range map[string]string{
		"with_inputs": "fmt.Scan and its like ask by themselves", "with_password": "display.Password asks for one",
		"autoget": "an import fetches its module", "noautoget": "nothing is fetched without an import",
		"track": "changed source of a module around the notebook is taken up", "untrack": "changed source of a module around the notebook is taken up",
		"goflags":   "cells are compiled by themselves, without the go command and its flags",
		"goworkfix": "a go.work around the notebook is used as it is", "widgets": "widgets need no preparation",
	} {
		register(&definition{
			name: name, usage: "%" + name, reads: true,
			doc: "gonb's, and without effect: " + instead + ".",
			act: func(_ context.Context, _ Kernel, arg string, out cell.Output) error {
				if strings.HasPrefix(arg, "-") && name != "goflags" {
					return fmt.Errorf("%%%s knows no option %s", name, arg)
				}
				cell.Note(out, "%"+name+" has no effect: "+instead)
				return nil
			},
		})
	}
}
