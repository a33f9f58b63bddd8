package magic

import (
	"context"
	"errors"
	"fmt"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

func init() {
	register(&definition{
		name: "get", usage: "%get module@version …", takes: Module, program: always,
		doc: "Add modules to the session, or change their versions; a folder such as ../m is the module in it. An import adds the newest version by itself.",
		act: func(ctx context.Context, k Kernel, arg string, _ cell.Output) error {
			if arg == "" {
				return errors.New("write the module's path, and a version if not the newest: %get gonum.org/v1/gonum@v0.17.0")
			}
			return k.Get(ctx, arg)
		},
	})
	register(&definition{
		name: "autoimport", usage: "%autoimport on|off", reads: true, program: always,
		doc: "Say whether cells get packages of the standard library, and of modules at hand, by their names without importing them. It is on at first.",
		act: func(_ context.Context, k Kernel, arg string, _ cell.Output) error {
			if arg != "on" && arg != "off" {
				return fmt.Errorf("write %%autoimport on or %%autoimport off, and not %q", arg)
			}
			k.AutoImport(arg == "on")
			return nil
		},
	})
	register(&definition{
		name: "restart", usage: "%restart [-rerun]", reads: true,
		doc: "End the process that runs the cells and begin a new session, without any variable or declaration.\n" +
			"    With -rerun, the cells that made the values are run again, as by %rerun.",
		options: []option{{"-rerun", "", "run the cells again that made the values"}},
		act: func(ctx context.Context, k Kernel, arg string, out cell.Output) error {
			if arg != "" && arg != "-rerun" {
				return fmt.Errorf("%%restart has one option, -rerun, and not %q", arg)
			}
			if err := k.Restart(ctx); err != nil || arg == "" {
				return err
			}
			return k.Rerun(ctx, nil, out)
		},
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
