package repl

import (
	"context"
	"strings"
)

func (k kernelFor) Mod(ctx context.Context, args string) (string, error) {
	return k.r.session.Mod(ctx, strings.Fields(args))
}
