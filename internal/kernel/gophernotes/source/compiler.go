// Package source compiles functions that are given as Go source text, for a
// process that has no code of its own to send to engines: the interpreter of
// gophernotes. A text is compiled as a cell of a session is, so the function runs
// on engines at the speed of compiled Go.
//
// Values that the interpreter holds travel by their memory layout. Its own struct
// types have no name that reflection could see: what a text calls them is declared
// for it, from the type of the items; and results are of the types that the
// interpreter would make for the same declaration.
package source

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"go/types"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/goparallel/goparallel/internal/kernel/session"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// A Compiler owns a session in which texts are cells. Its methods may be called
// from any goroutine.
type Compiler struct {
	dir      string
	progress func(string)
	named    Named

	mu       sync.Mutex
	session  *session.Session
	sources  []string                // compiled so far, as cells
	labels   map[string]string       // what people call a text, by its session key
	declared map[string]bool         // names that texts themselves declare
	derived  map[string]reflect.Type // types declared for texts
	done     map[request]*registry.Function
}

// request is what was asked for once.
type request struct {
	text  string
	items reflect.Type
}

// Named returns a type of a package by its import path and name, nil where it is
// not known. Results of such types can be returned to the interpreter.
type Named func(path, name string) reflect.Type

// Open opens a session whose cells import what the module around dir offers. On a
// machine's first use this takes about a minute; progress gets a line for each step.
func Open(ctx context.Context, dir string, named Named, progress func(string)) (*Compiler, error) {
	c := &Compiler{dir: dir, progress: progress, named: named, labels: map[string]string{}, declared: map[string]bool{},
		derived: map[string]reflect.Type{}, done: map[request]*registry.Function{}}
	var err error
	c.session, err = c.open(ctx)
	return c, err
}

// open opens a session in which functions are registered for engines, and texts can call
// parallel.Get and parallel.Set.
func (c *Compiler) open(ctx context.Context) (*session.Session, error) {
	s, err := session.Open(ctx, session.Options{Dir: c.dir, Progress: c.tellProgress})
	if err != nil {
		return nil, err
	}
	if _, err := s.Compile(ctx, `import "github.com/goparallel/goparallel/parallel"`, 0); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// tellProgress hands on what the session says, in the words of this kernel.
func (c *Compiler) tellProgress(line string) { c.progress(restarts(line)) }

// restarts replaces what a notebook of the other kernel would do to take up changed source.
func restarts(text string) string {
	text = strings.ReplaceAll(text, "%restart takes it up", takesUp)
	text = strings.ReplaceAll(text, "%restart begins anew with it as it is now", takesUp)
	text = strings.ReplaceAll(text, "%restart begins anew with that", takesUp)
	return strings.ReplaceAll(text, "%restart", "all clusters are closed and a new one is started")
}

// ofTexts says of texts what the session says of cells.
var ofTexts = strings.NewReplacer("of an earlier cell", "of an earlier text", "what this cell declares", "what a later text declares",
	"change it and run its cell again", "change it and give its text again").Replace

const takesUp = "close all clusters, rc.Close(), and parallel.Start takes it up"

// Renew begins anew, with packages as they are now, if the source of one that engines have loaded has
// changed. All texts are compiled again, each after those it came after. No engine may run. A text that does
// not compile any more is left out, and progress says why.
func (c *Compiler) Renew(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session.Changes()
	if !c.session.Outdated() {
		return nil
	}
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	c.session.Close()
	c.session = s
	clear(c.done)
	sources := c.sources
	c.sources = nil
	for _, source := range sources {
		if _, err := s.Compile(ctx, source, len(c.sources)+1); err != nil {
			c.progress(fmt.Sprintf("note: %s does not compile any more: %v", cmp.Or(c.labels[key(source)], "a text"), err))
			continue
		}
		c.sources = append(c.sources, source)
	}
	return nil
}

// Host returns the program that engines are.
func (c *Compiler) Host() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session.Host()
}

// Close removes the session's files.
func (c *Compiler) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session.Close()
}

var identifier = regexp.MustCompile(`^[\pL_][\pL\pN_]*$`)

// Function compiles a text and returns the function that it is: a function
// literal, declarations of which the last function counts, or the name of a
// function that an earlier text has declared. Items is the type of its arguments,
// nil for a function without one. An error that the text is to blame for is an
// [*Error].
func (c *Compiler) Function(ctx context.Context, text string, items reflect.Type) (*registry.Function, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, note := range c.session.Changes() {
		c.tellProgress(note)
	}
	ask := request{text, items}
	if f := c.done[ask]; f != nil {
		return f, nil
	}
	name := strings.TrimSpace(text)
	if !identifier.MatchString(name) {
		t, err := parse(text)
		if err != nil {
			return nil, err
		}
		if err := c.compile(ctx, t, items); err != nil {
			return nil, err
		}
		if name = t.function; name == "" {
			return nil, &Error{Message: fmt.Sprintf("there is no function in the source text %q", text)}
		}
	}
	f, err := c.describe(name, items)
	if err != nil {
		return nil, err
	}
	c.done[ask] = f
	return f, nil
}

// compile makes a text part of the session.
func (c *Compiler) compile(ctx context.Context, t *text, items reflect.Type) error {
	source := t.code
	derived := c.derive(t, items)
	for _, name := range slices.Sorted(maps.Keys(derived)) {
		decl, err := declaration(name, derived[name])
		if err != nil {
			return err
		}
		source += "\n" + decl
	}
	for {
		unit, err := c.session.Compile(ctx, source, len(c.sources)+1)
		if err == nil {
			for _, note := range unit.Notes {
				if !strings.HasPrefix(note, literalPrefix) { // a literal has no name to be called by
					c.tellProgress("note: " + ofTexts(note))
				}
			}
			break
		}
		more := c.imports(err)
		if strings.HasSuffix(source, more) { // there are none, or they are no help
			return c.failed(err, t)
		}
		source += more
	}
	// Only what has compiled counts. A text that was compiled before may mean other declarations now.
	clear(c.done)
	c.sources = append(c.sources, source)
	maps.Copy(c.derived, derived)
	c.labels[key(source)] = t.label()
	for _, name := range t.declares {
		c.declared[name] = true
		delete(c.derived, name)
	}
	return nil
}

// describe returns a compiled function, whose argument must be of the items' type.
func (c *Compiler) describe(name string, items reflect.Type) (*registry.Function, error) {
	f, ok := c.session.Function(name)
	if !ok {
		return nil, &Error{Message: c.unusable(name)}
	}
	if strings.HasPrefix(name, literalPrefix) {
		f.Info.Label = "the function"
	}
	refuse := func(format string, args ...any) error {
		return &registry.Refusal{Function: f.Info.Label, Reason: fmt.Sprintf(format, args...)}
	}
	if len(f.Variables) > 0 {
		return nil, refuse("it reads the variable %s, which has a value only where the text is run; make it a constant, compute it in the function, or push it and use parallel.Get", f.Variables[0])
	}
	if params := f.Signature.Params(); params.Len() > 1 || params.Len() == 1 && typeName(params.At(0).Type()) == "context.Context" {
		return nil, refuse("an interpreter's calls give a function one item, no context and no second argument")
	}
	var run registry.Runner
	known := map[*types.TypeName]reflect.Type{}
	switch params := f.Signature.Params(); {
	case params.Len() == 0 && items != nil:
		return nil, refuse("it has no argument for the items, which are of type %s", show(items))
	case params.Len() == 1 && items == nil:
		return nil, refuse("it has an argument, and a function that is applied gets none")
	case items != nil && !travels(items):
		return nil, refuse("the items are of type %s, and %v", show(items), cannotTravel(items))
	case items != nil:
		if same, where := sameLayout(items, params.At(0).Type(), known); !same {
			return nil, refuse("its argument is of type %s, the items are of type %s%s", typeName(params.At(0).Type()), show(items), where)
		}
		run.In = items
	}
	if results := f.Signature.Results(); results.Len() > 0 && !isError(results.At(0).Type()) {
		m := maker{named: c.named, known: known, derived: c.derived}
		var err error
		if run.Out, err = m.reflected(results.At(0).Type()); err != nil {
			return nil, refuse("its result of type %s cannot be handed to the interpreter: %v", typeName(results.At(0).Type()), err)
		}
	}
	for _, m := range f.Modules {
		registry.AddModule(m)
	}
	return &registry.Function{Info: f.Info, Runner: run}, nil
}

// unusable says why a name is no function that engines can call.
func (c *Compiler) unusable(name string) string {
	for _, n := range c.session.Names() {
		if n.Name != name {
			continue
		}
		if strings.HasPrefix(name, literalPrefix) {
			name = "the function"
		}
		if n.Kind != "function" {
			return fmt.Sprintf("%s is a %s, not a function", name, n.Kind)
		}
		return fmt.Sprintf("%s is a %s: a function for engines has at most one argument, one result and an error after it, and no type parameters; use a struct", name, n.Type)
	}
	if why := c.session.Lost(name); why != "" {
		return ofTexts(why)
	}
	return fmt.Sprintf("%q is neither Go source text nor the name of a function that an earlier text has declared", name)
}

// Label returns what people call the text in a position such as "cell-1f0e…:5".
func (c *Compiler) label(key string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.labels[key]
}

// key is the session's name of a source.
func key(source string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(source)))[:10]
}
