package magic

import (
	"context"
	"errors"
	"fmt"

	"github.com/goparallel/goparallel/kernel/cell"
)

func init() {
	register(&definition{
		name: "get", usage: "%get module@version …", takes: Module,
		doc: "Add modules to the session, or change their versions; a folder such as ../m is the module in it. An import adds the newest version by itself.",
		act: func(ctx context.Context, k Kernel, arg string, _ cell.Output) error {
			if arg == "" {
				return errors.New("write the module's path, and a version if not the newest: %get gonum.org/v1/gonum@v0.17.0")
			}
			return k.Get(ctx, arg)
		},
	})
	register(&definition{
		name: "restart", usage: "%restart",
		act: func(ctx context.Context, k Kernel, _ string, _ cell.Output) error { return k.Restart(ctx) },
		doc: "End the process that runs the cells and begin a new session, without any variable or declaration.",
	})
	register(&definition{
		name: "reset", usage: "%reset [-f]", reads: true,
		doc:     "The name that IPython has for forgetting everything: the same as %restart.",
		options: []option{{"-f", "", "do not ask, as without it"}},
		act: func(ctx context.Context, k Kernel, arg string, _ cell.Output) error {
			if arg != "" && arg != "-f" {
				return fmt.Errorf("%%reset forgets everything and has one option, -f; %%del forgets single names. There is %q", arg)
			}
			return k.Restart(ctx)
		},
	})
	register(&definition{
		name: "version", usage: "%version", doc: "Print the versions of the kernel and of Go.",
		act: func(_ context.Context, k Kernel, _ string, out cell.Output) error {
			out.Stream("stdout", k.Version()+"\n")
			return nil
		},
	})
}
