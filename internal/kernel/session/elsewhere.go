package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/goparallel/goparallel/internal/goabi/loader/symbols"
	"github.com/goparallel/goparallel/internal/kernel/session/compiler"
	"github.com/goparallel/goparallel/internal/kernel/session/modules"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// Engines on machines of another architecture load the same units, compiled once more, for theirs. An
// engine asks for files by the paths that they have for engines of this architecture; what it gets is what has
// the same meaning for it. So nothing that is sent to engines knows of architectures.

// elsewhere is what has been made for other architectures, by GOARCH.
type elsewhere struct {
	mu      sync.Mutex // held while something is made
	targets map[string]*target
}

// A target is an architecture that units are compiled for when an engine needs them.
type target struct {
	workspace *workspace.Workspace
	packages  *modules.Elsewhere
	compilers *compiler.Pool
	dir       string // of its objects
}

func (e *elsewhere) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, t := range e.targets {
		t.compilers.Close()
	}
}

// target returns what units are compiled by for an architecture. The first time on a machine takes
// minutes, in which the workspace is made.
func (s *Session) target(ctx context.Context, arch string) (*target, error) {
	if t := s.elsewhere.targets[arch]; t != nil {
		return t, nil
	}
	ws, err := workspace.OpenFor(ctx, arch, func(line string) { s.progress("for engines on " + arch + ": " + line) })
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(s.dir, arch)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	t := &target{workspace: ws, packages: s.checker.Index.Elsewhere(ws, dir), compilers: compiler.NewPool(ws.Tools, dir), dir: dir}
	if s.elsewhere.targets == nil {
		s.elsewhere.targets = make(map[string]*target)
	}
	s.elsewhere.targets[arch] = t
	return t, nil
}

// ProgramFor returns the path of [Session.Host] for machines of another architecture, as GOARCH names
// it. It may be called from any goroutine, and so may FileFor.
func (s *Session) ProgramFor(ctx context.Context, arch string) (string, error) {
	s.elsewhere.mu.Lock()
	defer s.elsewhere.mu.Unlock()
	t, err := s.target(ctx, arch)
	if err != nil {
		return "", fmt.Errorf("the program for engines on %s: %w", arch, err)
	}
	return t.workspace.Host(), nil
}

// FileFor returns the file that an engine of another architecture is to have in the place of one of
// this session: the host's symbols, the list of packages, a package, or the object of a unit, which is compiled
// where that has not been done. Another file is an error.
func (s *Session) FileFor(ctx context.Context, arch, path string) (string, error) {
	s.elsewhere.mu.Lock()
	defer s.elsewhere.mu.Unlock()
	t, err := s.target(ctx, arch)
	if err != nil {
		return "", err
	}
	if path == symbols.Name(s.workspace.Host()) {
		return symbols.Name(t.workspace.Host()), nil
	}
	config, err := t.packages.Config(ctx, s.progress)
	if err != nil {
		return "", err
	}
	switch {
	case path == filepath.Join(s.dir, filepath.Base(config)):
		return config, nil
	case t.packages.Has(path):
		return path, nil
	}
	u := s.unitOf(path)
	if u == nil {
		return "", errors.New("nothing that runs here has to do with this file")
	}
	if err := t.packages.Lacks(u.Packages); err != nil {
		return "", err
	}
	file := filepath.Join(t.dir, filepath.Base(path))
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	object, err := s.compileWith(ctx, u, t.compilers, config, t.packages.Open)
	var tool *compiler.Error
	if errors.As(err, &tool) {
		return "", fmt.Errorf("%s cannot be compiled for %s: %s", s.CellName(u.Key), arch, strings.TrimSpace(tool.Output))
	} else if err != nil {
		return "", fmt.Errorf("%s cannot be compiled for %s: %w", s.CellName(u.Key), arch, err)
	}
	return file, workspace.WriteFileAtomic(file, object)
}

// unitOf returns the unit whose object lies at a path, nil where there is none.
func (s *Session) unitOf(object string) *Unit {
	s.turn.Lock()
	defer s.turn.Unlock()
	for _, units := range s.units {
		for _, u := range units {
			if u.Object == object {
				return u
			}
		}
	}
	return nil
}
