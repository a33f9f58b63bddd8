package magic

import (
	"context"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

func init() {
	register(&definition{
		name: "mod", usage: "%mod [edit|graph|why|download|verify …]", reads: true, program: always,
		doc: "Show the session's go.mod, or run go mod on it: %mod edit -replace=example.com/m=../m. The notebook's own go.mod is never changed.",
		act: func(ctx context.Context, k Kernel, arg string, out cell.Output) error {
			text, err := k.Mod(ctx, arg)
			if text != "" {
				out.Stream("stdout", text)
			}
			return err
		},
	})
}
