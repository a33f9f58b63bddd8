// Package compiler makes the objects that a host loads of the code that a session
// generates.
//
// The session hands over a text, the flags beside those of all cells, and the list of
// the packages that it is compiled against; it gets the object of the real compiler
// ([Pool.Compile]). Starting a compiler takes as long as to compile a small cell, so a
// pool has processes wait for the next one.
//
// The object is as the compiler made it. The session finishes it (build.go there, by package
// unitobject), since the compiler knows nothing of notebooks.
package compiler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
)

// SymbolPath is the package path that all units are compiled with: it begins
// their symbols, and makes them one package to compiler and loader.
const SymbolPath = "session"

// A Pool runs the compiler for a session. To start one and to let it prepare
// itself takes as long as to compile a small cell, so processes are started ahead:
// they wait for their source on standard input, and end when that is closed,
// however the session ends. Its methods may be called from several goroutines; Close
// ends what waits.
type Pool struct {
	tool, dir string
	env       []string

	mu      sync.Mutex
	waiting map[string]*process // by the arguments that they were started with
	made    int
	closed  bool
	starts  sync.WaitGroup
}

// A process is a compiler that waits for its source, and compiles one.
type process struct {
	cmd    *exec.Cmd
	source io.WriteCloser
	said   bytes.Buffer
	output string // its files, without their endings
}

// sourceName is what the compiler calls a source that comes from standard input.
// Line directives with relative names count from its folder.
const sourceName = "/dev/stdin"

// ways are the flags that a cell may be compiled with, beside those of all cells. A
// process waits for each.
var ways = [][]string{nil, {"-l"}}

// NewPool returns a pool that runs a release's compiler in the folder dir and leaves its
// files there. No process is started before the first call of Prepare or Compile.
func NewPool(tools *toolchain.Toolchain, dir string) *Pool {
	return &Pool{
		tool: filepath.Join(tools.Tools, "compile"), dir: dir, env: append(tools.Env(), "TMPDIR="+dir),
		waiting: make(map[string]*process),
	}
}

// Compile returns the object of a source. Config is the compiler's -importcfg, flags are
// those beside [Flags]. The error is an [*Error] where the compiler rejects the source, and
// the context's where that has ended.
func (c *Pool) Compile(ctx context.Context, config string, flags []string, source string) ([]byte, error) {
	key := startedWith(config, flags)
	c.mu.Lock()
	p := c.waiting[key]
	delete(c.waiting, key)
	c.mu.Unlock()
	if p != nil {
		if object, err := p.run(ctx, source); err == nil || ctx.Err() != nil {
			return object, err
		}
		// Somebody may have ended it while it waited.
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	p, err := c.start(config, flags)
	if err != nil {
		return nil, err
	}
	return p.run(ctx, source)
}

// startedWith tells apart processes that were started with different arguments, or
// with another list of packages: they read it when they start.
func startedWith(config string, flags []string) string {
	stamp := ""
	if info, err := os.Stat(config); err == nil {
		stamp = fmt.Sprint(info.ModTime().UnixNano(), info.Size())
	}
	return strings.Join(append(slices.Clone(flags), config, stamp), "\x00")
}

// start starts a process.
func (c *Pool) start(config string, flags []string) (*process, error) {
	c.mu.Lock()
	c.made++
	p := &process{output: filepath.Join(c.dir, fmt.Sprint("compiled", c.made))}
	c.mu.Unlock()
	args := slices.Concat([]string{"-importcfg", config, "-p", SymbolPath, "-complete", "-dwarf=false", "-o", p.output + ".x", "-linkobj", p.output + ".o"},
		Flags(sourceName+"=>unit.go;"+filepath.Dir(sourceName)), flags, []string{sourceName})
	p.cmd = exec.Command(c.tool, args...)
	p.cmd.Dir, p.cmd.Env = c.dir, c.env
	p.cmd.Stdout, p.cmd.Stderr = &p.said, &p.said
	var err error
	if p.source, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	return p, p.cmd.Start()
}

// Prepare has a process wait for each way to compile the next cell, and ends those
// that wait with an older list of packages. It returns at once.
func (c *Pool) Prepare(config string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.starts.Go(func() {
		wanted := make(map[string]bool)
		for _, flags := range ways {
			key := startedWith(config, flags)
			wanted[key] = true
			c.mu.Lock()
			there := c.waiting[key] != nil || c.closed
			c.mu.Unlock()
			if there {
				continue
			}
			p, err := c.start(config, flags)
			if err != nil {
				return // the next cell starts its own, and tells what is wrong
			}
			c.keep(key, p)
		}
		c.end(func(key string) bool { return !wanted[key] })
	})
}

// keep has a process wait, unless one does.
func (c *Pool) keep(key string, p *process) {
	c.mu.Lock()
	spare := c.waiting[key] != nil || c.closed
	if !spare {
		c.waiting[key] = p
	}
	c.mu.Unlock()
	if spare {
		p.end()
	}
}

// end ends the processes that wait and are not needed.
func (c *Pool) end(needless func(key string) bool) {
	var list []*process
	c.mu.Lock()
	for key, p := range c.waiting {
		if needless(key) {
			delete(c.waiting, key)
			list = append(list, p)
		}
	}
	c.mu.Unlock()
	for _, p := range list {
		p.end()
	}
}

// Close ends all processes that wait.
func (c *Pool) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.starts.Wait()
	c.end(func(string) bool { return true })
}

// run gives the process its source and returns the object.
func (p *process) run(ctx context.Context, source string) ([]byte, error) {
	stop := context.AfterFunc(ctx, func() { _ = p.cmd.Process.Kill() })
	defer stop()
	_, unread := io.WriteString(p.source, source)
	err := errors.Join(p.source.Close(), p.cmd.Wait())
	defer p.clean()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil || unread != nil:
		return nil, &Error{Tool: "compile", Output: strings.TrimSpace(p.said.String()), err: errors.Join(err, unread)}
	}
	return os.ReadFile(p.output + ".o")
}

// end ends a process that has nothing to do.
func (p *process) end() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait() // it was killed
	p.clean()
}

// clean removes what the process has written.
func (p *process) clean() {
	for _, ending := range []string{".x", ".o"} {
		_ = os.Remove(p.output + ending) // the session's folder is removed in the end
	}
}

// Flags are those of whatever a session compiles. Dir is what -trimpath takes off names of
// files.
func Flags(dir string) []string {
	return []string{"-lang=" + toolchain.Language, "-nolocalimports", "-trimpath", dir}
}

// An Error is what the compiler said about generated code.
type Error struct {
	Tool, Output string // who said it, and what
	err          error
}

// Error returns the tool and what it said, or how it ended where it said nothing.
func (e *Error) Error() string {
	if e.Output == "" {
		return fmt.Sprintf("%s: %v", e.Tool, e.err)
	}
	return fmt.Sprintf("%s: %s", e.Tool, e.Output)
}
