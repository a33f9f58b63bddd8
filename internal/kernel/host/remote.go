package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/command"
	"github.com/goparallel/goparallel/internal/kernel/live"
	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/poll"
	"github.com/goparallel/goparallel/internal/parallel/registry"
	"github.com/goparallel/goparallel/internal/parallel/stack"
	"github.com/goparallel/goparallel/kernel/display"
	"github.com/goparallel/goparallel/parallel"
)

// Engines are the host's program as well, so they can run whole units: what a view executes is
// compiled by the session, like a cell, loaded here and on the engines, and run there.

// executeName is the registered name of the function that runs a unit on an engine.
const executeName = "goparallel.execute"

func init() {
	registry.Func(registry.Info{Name: executeName, Label: "Execute"}, executeOnEngine, registry.FnContext1RE(executeOnEngine))
}

// compileForEngines has the kernel process compile source, and makes the unit part of this one.
func (h *host) compileForEngines(ctx context.Context, source string) (*registry.Function, error) {
	m, err := h.call(ctx, &message{Kind: kindCompile, Text: source})
	if err != nil {
		return nil, err
	}
	if m.Failure != nil {
		return nil, live.Failure{Name: m.Failure.Name, Value: m.Failure.Value}
	}
	for _, module := range m.Load {
		if err := h.loader.load(module); err != nil {
			return nil, err
		}
	}
	live.Prepare(live.Unit(m.Unit))
	info := registry.Info{Name: executeName, Module: m.Unit, Label: "what Execute was given", Reads: travelling(m.Reads), Keeps: travelling(m.Keeps)}
	return &registry.Function{Info: info, Runner: registry.FnContext1RE(executeOnEngine)}, nil
}

// travelling leaves out the variables whose type cannot travel: an engine has its own of these.
func travelling(names []string) (list []string) {
	for _, name := range names {
		if pointer := registry.Variable(name); pointer != nil && backend.Travels(reflect.TypeOf(pointer).Elem()) == nil {
			list = append(list, name)
		}
	}
	return list
}

// executeOnEngine runs the statements of a unit. When the call ends it does not wait for a goroutine
// that is blocked: what the engine keeps is worth more than that one. The processes that it has
// started end with it.
func executeOnEngine(ctx context.Context, unit string) (parallel.Executed, error) {
	e := parallel.Executed{Engine: parallel.EngineID()}
	statements := live.Unit(unit)
	if statements == nil {
		return e, fmt.Errorf("the unit %s is not loaded", unit)
	}
	out := &collected{}
	onEngine.collect(out)
	defer onEngine.collect(nil)
	live.Begin(ctx, command.TimeStop)
	defer live.Begin(context.Background(), nil) // of functions that views map, which show things as well
	command.TimeReset()
	defer endMeasurements()
	err := apart(ctx, func() {
		statements()
		if v := live.Value(); v != nil {
			data, _ := display.Result(v...)
			out.add(data, true)
		}
	})
	e.Shown, e.Value = out.all()
	return e, err
}

// apart runs f in a run of its own, and returns why it did not return. A panic is the caller's. When the context ends, f is stopped, and
// left behind where it is blocked.
func apart(ctx context.Context, f func()) error {
	run, began := poll.NewRun(), now()
	panicked := make(chan stack.Carried, 1)
	done := run.Go(func() {
		defer func() {
			if v := recover(); v != nil {
				panicked <- stack.Carried{Value: v, Stack: withoutHost(stack.Panic())}
			}
		}()
		f()
	})
	var err error
	select {
	case returned := <-done:
		if !returned {
			err = errors.New("it called runtime.Goexit")
		}
	case <-ctx.Done():
		err = context.Cause(ctx)
		run.Stop()
		go endEngineChildren(began) // nobody waits for those that take their time
		select {
		case <-done:
		case <-time.After(abandonAfter):
		}
	}
	select {
	case p := <-panicked:
		panic(p)
	default:
	}
	return err
}

// withoutHost leaves out of a stack, of two lines for each call, what runs cells. Statements
// of cells are called as the host's own main is.
func withoutHost(text string) string {
	lines := strings.Split(text, "\n")
	var kept []string
	for i := 0; i+1 < len(lines); i += 2 {
		if strings.Contains(lines[i+1], "cell-") || !internal(lines[i]) {
			kept = append(kept, lines[i], lines[i+1])
		}
	}
	return strings.Join(kept, "\n")
}

// collected is what one run on an engine has shown.
type collected struct {
	mu    sync.Mutex
	shown []parallel.Shown
	value string
}

func (c *collected) add(data cell.Bundle, result bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := parallel.Shown{Data: make(map[string][]byte, len(data)), Result: result}
	for mime, value := range data {
		switch value := value.(type) {
		case string:
			s.Data[mime] = []byte(value)
		case []byte:
			s.Data[mime] = value
		default:
			if text, err := json.Marshal(value); err == nil { // display has seen to it that it is JSON
				s.Data[mime] = text
			}
		}
	}
	c.shown = append(c.shown, s)
	if result {
		c.value = string(s.Data["text/plain"])
	}
}

func (c *collected) all() ([]parallel.Shown, string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shown, c.value
}
