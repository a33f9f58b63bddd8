// Package repl runs the cells of a notebook: it makes Go of their magics,
// compiles them with the session, runs them in the host process, and tells in
// words what went wrong. It implements cell.Interpreter.
//
// A cell's way:
//
//	repl           an interpreter, from Open to Close, and a cell from magics to its reply
//	compile        compiles a cell, tells what there is to say about it
//	gophernotes    what cells written for gophernotes know without importing it
//	engines        compiles source for engines while a cell runs
//	hostprocess    starts the host process, watches it, forgets it with its values
//	environment    the environment of cells
//	output         an output that keeps a value alone: of what front ends and magics evaluate
//	capture        %capture: what a cell prints goes to a file as well
//	errors         replies to cells that do not compile
//	places         shows the lines that a traceback names, with Go's own stack
//	links          makes links of the names of cells in what the kernel says
//
// What front ends ask:
//
//	complete       continuations of what is typed, and whether a cell is complete
//	filenames      names of files for that
//	modulenames    names of Go modules for that
//	inspect        documentation of what is at the cursor, of magics, too
//
// What magics ask of the kernel, and what is kept for them:
//
//	magics         the kernel as magics see it
//	files          the same, for folders, files that are run, past cells and texts of variables
//	history        the cells that ran
//	diary          the same of all sessions, in a file
//	rerun          %rerun, %restart
//	stale          which cells used what has changed since: %stale
package repl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/parser"
	"os"
	"strings"
	"sync"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/host"
	"github.com/goparallel/goparallel/internal/kernel/magic"
	"github.com/goparallel/goparallel/internal/kernel/session"
	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/rewrite"
	"github.com/goparallel/goparallel/internal/kernel/session/shown"
)

// Options say how an interpreter is opened.
type Options struct {
	// Dir is the folder in which cells run, the notebook's; empty means the
	// current one.
	Dir string
	// Env is the environment of the cells; nil means that of this process.
	Env []string
	// Arch is the architecture of the process that runs the cells, as GOARCH names it; empty
	// means this machine's.
	Arch string
	// Memory is how much the process that runs the cells may use, such as "4GiB".
	// Empty means the environment variable host.MemoryVariable, and without that
	// most of the machine's.
	Memory string
	// History is the file in which the cells of all sessions are kept for %history; empty
	// means that none is kept.
	History string
	// Version is what %version prints of the kernel.
	Version string
	// Progress receives a line for each step that takes a while, such as making
	// the workspace, that no cell waits for. It can be nil.
	Progress func(line string)
}

// Interpreter runs cells. It owns a session and the host process that holds
// the session's values.
type Interpreter struct {
	options Options
	session *session.Session
	memory  int64
	watches sync.WaitGroup // goroutines that watch for a host's end
	turn    sync.Mutex     // held while a cell runs
	past    history        // guarded by turn
	flows   flows          // guarded by turn
	shown   shown.Values   // guarded by turn
	diary   *diary         // of all sessions; nil where none is kept; guarded by turn
	running int            // files that %run runs now; guarded by turn
	autopx  bool           // cells run on engines; guarded by turn

	mu         sync.Mutex
	process    *host.Process // nil where none is alive
	background cell.Output
	executing  *execution
	closed     bool
}

// execution is the cell that runs now.
type execution struct {
	cancel      context.CancelCauseFunc
	out         cell.Output
	interrupted bool
	allowStdin  bool
}

var _ cell.Interpreter = (*Interpreter)(nil)

// Open opens a session, starts its host process and has both ready for the first cell. On a
// machine's first use the workspace is made, which takes about a minute.
func Open(ctx context.Context, o Options) (*Interpreter, error) {
	r := &Interpreter{options: o}
	if limit := cmp.Or(o.Memory, os.Getenv(host.MemoryVariable)); limit != "" {
		var err error
		if r.memory, err = host.ParseMemory(limit); err != nil {
			return nil, err
		}
	}
	if o.History != "" {
		var err error
		if r.diary, err = openDiary(o.History); err != nil {
			r.progress(fmt.Sprintf("the history is not kept: %v", err))
		}
	}
	s, err := session.Open(ctx, session.Options{Dir: o.Dir, Arch: o.Arch, Progress: r.progress})
	if err != nil {
		return nil, err
	}
	r.session = s
	primed := make(chan *session.Unit, 1)
	go func() {
		u, _ := s.Prime(ctx) // if it cannot be had, the first cell tells why
		primed <- u
	}()
	p, err := r.host(ctx)
	if u := <-primed; u != nil && err == nil {
		// To load and run something for the first time takes a host three times as long.
		p.Run(ctx, host.Program{Load: u.Modules(), Run: u.ID}, cell.Request{}, cell.Discard{})
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return r, nil
}

// progress passes on what the session tells about a step that takes a while: below
// the cell that waits for it, if there is one.
func (r *Interpreter) progress(line string) {
	r.mu.Lock()
	e := r.executing
	r.mu.Unlock()
	switch {
	case e != nil:
		cell.Note(e.out, line)
	case r.options.Progress != nil:
		r.options.Progress(line)
	}
}

// Execute runs a cell; see cell.Interpreter.
func (r *Interpreter) Execute(ctx context.Context, req cell.Request, out cell.Output) cell.Reply {
	r.turn.Lock()
	defer r.turn.Unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	e := &execution{cancel: cancel, out: out, allowStdin: req.AllowStdin}
	r.mu.Lock()
	r.executing = e
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.executing = nil
		r.mu.Unlock()
	}()
	reply := cell.Reply{Expressions: map[string]any{}}
	past := &pastCell{count: req.Count, id: req.ID, code: req.Code}
	reply.Err = r.run(ctx, req, out, past, false)
	if past.restart != "" && req.AllowStdin && r.mayRestart(ctx, past.restart, out) {
		reply.Err = r.beginAnew(ctx, req, out, past)
	}
	past.failed, past.interrupted = reply.Err != nil, ctx.Err() != nil
	if req.StoreHistory {
		r.past.add(past)
		if err := r.diary.add(req.Count, req.Code); err != nil {
			r.diary = nil // once is enough
			cell.Note(out, fmt.Sprintf("the history is not kept: %v", err))
		}
	}
	if note := r.flows.news(); note != "" && req.StoreHistory {
		cell.Note(linkedOutput{out, r}, note)
	}
	if reply.Err != nil {
		r.showPlaces(reply.Err, req.Count, out)
		return reply
	}
	reply.Payloads = append(past.payloads, r.answer(ctx, req.Code, out)...)
	for name, source := range req.Expressions {
		reply.Expressions[name] = r.evaluate(ctx, source, req)
	}
	return reply
}

// run runs a cell from its text to its end, and notes in past what it declares and
// does. With again it is run by %rerun; if it was interrupted, its declarations only.
func (r *Interpreter) run(ctx context.Context, req cell.Request, out cell.Output, past *pastCell, again bool) (failed *cell.Error) {
	var known []magic.Name // to list them takes as long as there are names
	var names []string
	if strings.ContainsAny(req.Code, "!$%_") {
		known = r.known()
		for _, n := range known {
			names = append(names, n.Name)
		}
	}
	text, wrong := magic.Rewrite(req.Code, known...)
	if r.autopx && !magic.IsBlock(req.Code) && (wrong != nil || len(text.Actions) == 0) {
		text, wrong = magic.Remotely(req.Code), nil
	}
	if wrong != nil {
		return magicError(wrong, req)
	}
	defer func() {
		if err := past.capture.end(); err != nil && failed == nil {
			failed = r.failure(ctx, "MagicError", err)
		}
		past.capture = nil
	}()
	for _, action := range text.Actions {
		if err := action.Do(ctx, kernelFor{r, past, again, req.Count}, out); err != nil {
			return r.failure(ctx, "MagicError", err)
		}
	}
	text.Source, past.uses = r.shown.Use(text.Source, names, r.flows.newest(past.uses))
	var program host.Program
	var value rewrite.Result
	for _, c := range text.Commands {
		program.Commands = append(program.Commands, host.Command(c))
	}
	if text.Source != "" {
		unit, err := r.compile(ctx, text.Source, req.Count)
		if errs, ok := errors.AsType[*diag.Errors](err); ok && ctx.Err() == nil {
			for _, d := range errs.List {
				if d.Restart {
					past.restart = d.Message
				}
			}
			return r.compileError(errs, req)
		} else if err != nil {
			return r.failure(ctx, "CompileError", err)
		}
		r.tell(unit, out)
		program.Load, program.Run, value = unit.Modules(), unit.ID, unit.Shown
		past.ran, past.declares, past.acts = true, unit.Declares, unit.Acts
		if req.StoreHistory {
			r.flows.noteRun(past, unit)
		}
	}
	if past.interrupted {
		return nil
	}
	if program.Run == "" && program.Commands == nil {
		return nil
	}
	p, err := r.host(ctx)
	if err != nil {
		return r.failure(ctx, "HostError", err)
	}
	program.Compile = r.compiler(req, out, past)
	past.ran = past.ran || text.Remote
	outcome := p.Run(ctx, program, req, runningOutput{past.capture.begin(out), r, past})
	if outcome.Dead {
		past.ran = false
		outcome.Err.Traceback = append(outcome.Err.Traceback, "", r.past.lost())
		r.forget(p)
	}
	if outcome.Err == nil && req.StoreHistory {
		r.shown.Add(req.Count, value)
	}
	return outcome.Err
}

// failure is the error for what failed outside the cell's own code.
func (r *Interpreter) failure(ctx context.Context, name string, err error) *cell.Error {
	if e, ok := errors.AsType[*cell.Error](err); ok {
		return e
	}
	if ctx.Err() != nil {
		return plainError("Interrupted", "the cell was interrupted before it ran")
	}
	return plainError(name, err.Error())
}

// evaluate computes one of a request's user expressions.
func (r *Interpreter) evaluate(ctx context.Context, source string, req cell.Request) map[string]any {
	fail := func(e *cell.Error) map[string]any {
		return map[string]any{"status": "error", "ename": e.Name, "evalue": e.Value, "traceback": e.Traceback}
	}
	if _, err := parser.ParseExpr(source); err != nil {
		return fail(plainError("CompileError", err.Error()))
	}
	value := &valueOutput{}
	if err := r.run(ctx, cell.Request{Code: source, Count: req.Count}, value, new(pastCell), false); err != nil {
		return fail(err)
	}
	if value.data == nil {
		return fail(plainError("ValueError", "the expression has no value"))
	}
	return map[string]any{"status": "ok", "data": value.data, "metadata": value.metadata}
}

// Interrupt stops the running cell; see cell.Interpreter.
func (r *Interpreter) Interrupt() {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.executing
	switch {
	case e != nil && !e.interrupted:
		e.interrupted = true
		e.cancel(host.ErrInterrupted)
	case r.process == nil:
	case e != nil:
		r.process.Kill()
	default: // what a widget has set going
		r.process.Interrupt()
	}
}

// Background sets where output goes while no cell runs; see cell.Interpreter.
func (r *Interpreter) Background(out cell.Output) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.background = out
	if r.process != nil {
		r.process.Background(out)
	}
}

// Comm hands a message of the front end's to the host; see cell.Interpreter.
func (r *Interpreter) Comm(ctx context.Context, m cell.Comm) *cell.Error {
	r.mu.Lock()
	p, out := r.process, r.background
	r.mu.Unlock()
	if p == nil {
		if out != nil && m.Kind != cell.CommClose {
			out.Comm(cell.Comm{Kind: cell.CommClose, ID: m.ID})
		}
		return nil
	}
	return p.Comm(ctx, m)
}

// Close ends the host process and removes the session's files.
func (r *Interpreter) Close() error {
	r.mu.Lock()
	r.closed = true
	p := r.process
	r.process = nil
	if r.executing != nil {
		r.executing.cancel(nil)
	}
	r.mu.Unlock()
	if p != nil {
		p.Close()
	}
	r.watches.Wait()
	return r.session.Close()
}
