package session

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// symbolPath is the package path that all units are compiled with: it begins
// their symbols, and makes them one package to compiler and loader.
const symbolPath = "session"

// build provides the unit's plugin: the one that an earlier cell or an earlier
// session made of the same code, or a new one. The unit's object goes into the
// archive of a stub package, because a plugin needs a main package with a path
// of its own.
func (s *Session) build(ctx context.Context, u *Unit) error {
	key, make := s.cache.key(u, s.index), s.makePlugin
	u.path = filepath.Join(s.dir, key+".so")
	if s.objects {
		// The host loads packages that it does not have from where the list says.
		if _, err := s.index.importcfg(); err != nil {
			return err
		}
		key, make = key+"o", s.makeObject
		u.path = filepath.Join(s.dir, key+".o")
	}
	if _, err := os.Stat(u.path); err == nil {
		return nil
	}
	if s.cache.take(key, u.path) {
		return nil
	}
	if err := make(ctx, u); err != nil {
		return err
	}
	if err := s.cache.put(key, u.path); err != nil {
		s.progress(fmt.Sprintf("the compiled cell is not kept for later sessions: %v", err))
	}
	return nil
}

// makeObject makes the unit's object, which the host loads as it is.
func (s *Session) makeObject(ctx context.Context, u *Unit) error {
	object, err := s.compile(ctx, u)
	if err != nil {
		return err
	}
	s.prepare()
	return writeFileAtomic(u.path, object)
}

// prepare gets ready for the next cell.
func (s *Session) prepare() {
	if !s.objects {
		return
	}
	if config, err := s.index.importcfg(); err == nil { // else the next cell tells it
		s.compilers.prepare(config)
	}
}

// compile returns the unit's object, with the names that the user gave. Flags
// are the compiler's.
func (s *Session) compile(ctx context.Context, u *Unit, flags ...string) ([]byte, error) {
	config, err := s.index.importcfg()
	if err != nil {
		return nil, err
	}
	opened, err := s.open(ctx, u)
	if err != nil {
		return nil, err
	}
	if config, err = s.unitConfig(u, config, opened); err != nil {
		return nil, err
	}
	embedded, err := u.embedConfig(filepath.Join(s.dir, u.ID+".embedcfg"), s.notebook)
	if err != nil {
		return nil, err
	}
	flags = slices.Concat(flags, embedded)
	if u.once {
		flags = append(flags, "-l")
	}
	object, err := s.compilers.compile(ctx, config, flags, u.code)
	if err != nil {
		return nil, err
	}
	for _, p := range opened {
		p.nameOwn(object)
	}
	u.nameTypes(object)
	markForwards(object)
	return object, nil
}

// compileFlags are those of whatever a session compiles.
func compileFlags(dir string) []string {
	return []string{"-lang=" + Language, "-nolocalimports", "-trimpath", dir}
}

// tool runs the compiler or the linker. An error of theirs is a bug of ours,
// since the cell has passed the type checker.
func (s *Session) tool(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(s.index.ws.Tools.Tools, name), args...)
	cmd.Dir = s.dir
	cmd.Env = append(s.index.ws.Tools.env(), "TMPDIR="+s.dir)
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &toolError{tool: name, output: strings.TrimSpace(string(out)), err: err}
}

// A toolError is what compiler or linker said about generated code.
type toolError struct {
	tool, output string
	err          error
}

func (e *toolError) Error() string {
	if e.output == "" {
		return fmt.Sprintf("%s: %v", e.tool, e.err)
	}
	return fmt.Sprintf("%s: %s", e.tool, e.output)
}
