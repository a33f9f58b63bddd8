// Package parallel is package parallel for the cells of gophernotes, which
// import it by the name of the real one:
//
//	import "github.com/goparallel/goparallel/parallel"
//
//	rc := parallel.Start(2)
//	view := rc.LoadBalanced()
//	ys, err := view.MapSync("func(x float64) float64 { return math.Sqrt(x) }", xs)
//	ys.([]float64)
//
// It differs in what an interpreter needs. A function is given as Go source text,
// because one that is interpreted has no code that an engine could run: a function
// literal, declarations of which the last function counts, or the name of a function that an
// earlier text has declared. The text is compiled as a cell of the goparallel
// kernel is. It sees what texts declare and the packages that it imports (those of
// the standard library need no import where the name says which one), not the
// interpreter's variables and functions. Generic methods do not exist for an
// interpreter, so results have the type any and are asserted: ys.([]float64).
//
// Values of the interpreter's own struct types travel: the name that the function's
// argument has for the type of the items is declared for the text. Other types are
// declared in the text, and their values are those of the same declaration here.
package parallel

import (
	"context"
	"fmt"
	"io"
	"os"
	"reflect"
	"sync"

	"github.com/goparallel/goparallel/internal/kernel/gophernotes/source"
	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/hooks"
	"github.com/goparallel/goparallel/parallel"
)

// Types finds the types of the packages that the interpreter knows; it is set
// before the first cluster is started.
var Types source.Named = func(path, name string) reflect.Type { return nil }

// compiler is the one session of this process in which texts are cells.
var compiler = sync.OnceValues(func() (*source.Compiler, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	c, err := source.Open(context.Background(), dir, Types, func(line string) { fmt.Fprintln(os.Stderr, line) })
	if err == nil {
		hooks.SetProgram(c.Host())
		hooks.SetProgress(showProgress)
		hooks.SetCallOutput(func(backend.Cluster) backend.Output { return output{c} })
	}
	return c, err
})

// Client is a running cluster: a controller in this process and its engines.
type Client struct{ rc *parallel.Client }

// Start starts n engines on this machine. Source of the user's own that has changed since engines
// loaded it is taken up if all other clusters are closed. Where that fails it panics with the
// reason, which is then the cell's error. On a machine's first use of goparallel
// it takes about a minute.
func Start(n int) *Client {
	c, err := compiler()
	if err == nil && hooks.LastClient() == nil {
		err = c.Renew(context.Background())
	}
	if err != nil {
		panic(fmt.Errorf("parallel.Start: %w", err))
	}
	rc, err := parallel.Start(context.Background(), n, func(o *backend.Options) {
		o.Stdout = func() io.Writer { return knownNames{os.Stdout, c} }
		o.Stderr = func() io.Writer { return knownNames{os.Stderr, c} }
	})
	if err != nil {
		panic(fmt.Errorf("parallel.Start: %w", err))
	}
	return &Client{rc}
}

// knownNames is where what engines print goes with the names that people know in its stacks.
type knownNames struct {
	to       io.Writer
	compiler *source.Compiler
}

// Write writes whole lines.
func (p knownNames) Write(lines []byte) (int, error) {
	if _, err := io.WriteString(p.to, p.compiler.KnownNames(string(lines))); err != nil {
		return 0, err
	}
	return len(lines), nil
}

// IDs returns the numbers of the engines that run, in ascending order.
func (c *Client) IDs() []int { return c.rc.IDs() }

// String says how many engines there are, and which of them run.
func (c *Client) String() string { return c.rc.String() }

// Pid returns the process number of an engine, or 0 while it does not run.
func (c *Client) Pid(id int) int { return c.rc.Pid(id) }

// Close ends the engines.
func (c *Client) Close() error { return c.rc.Close() }

// All is the direct view of all engines: each gets a share of the items.
func (c *Client) All() *DirectView { return direct(c.rc.All()) }

// Targets is the direct view of the engines with these numbers.
func (c *Client) Targets(ids ...int) *DirectView { return direct(c.rc.Targets(ids...)) }

// LoadBalanced is the load-balanced view: engines take items when they are free.
func (c *Client) LoadBalanced() *View { return &View{&c.rc.LoadBalanced().View} }

// Auto is the view that chooses where items run. An interpreter cannot run compiled
// code itself, so here it chooses among engines only.
func (c *Client) Auto() *View { return &View{&c.rc.Auto().View} }
