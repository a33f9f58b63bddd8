package magic

import (
	"context"

	"github.com/goparallel/goparallel/kernel/cell"
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
			doc: "The name that gonb has for %" + a.name + ".",
			act: func(ctx context.Context, k Kernel, arg string, out cell.Output) error {
				return table[a.name].act(ctx, k, arg, out)
			},
		})
	}
	register(&definition{
		name: "args", usage: "%args [argument…]", command: "args", reads: true,
		doc: "Set the arguments that cells find in os.Args behind the program's name. Single or double quotes hold words together.",
	})
}
