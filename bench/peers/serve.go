package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/bench/internal/contest"
)

// serve makes this process the other side of a contestant, as contest's servers
// and processes are.
func serve(args []string) error {
	switch {
	case slices.Equal(args, []string{"grown"}):
		return serveGrown()
	case slices.Equal(args, []string{"ours"}):
		c, err := openOurs(context.Background())
		if err != nil {
			return err
		}
		return contest.Serve(context.Background(), os.Stdin, os.Stdout, contest.Hello{}, c)
	case len(args) == 3 && args[0] == "bare":
		return serveBare(args[1], args[2])
	case len(args) == 2 && args[0] == "zmq4":
		return serveZmq4(args[1])
	case len(args) == 2 && args[0] == "netrpc":
		return serveNetRPC(args[1])
	}
	return fmt.Errorf("nothing is served as %q", strings.Join(args, " "))
}
