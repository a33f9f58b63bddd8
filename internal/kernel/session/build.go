package session

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goparallel/goparallel/internal/goabi/unitobject"
	"github.com/goparallel/goparallel/internal/kernel/session/compiler"
	"github.com/goparallel/goparallel/internal/kernel/session/modules"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// build provides the unit's object: the one that an earlier cell or an earlier
// session made of the same code, or a new one.
func (s *Session) build(ctx context.Context, u *Unit) error {
	// The host loads packages that it does not have from where the list says.
	if _, err := s.checker.Index.Config(); err != nil {
		return err
	}
	if err := s.checker.Index.LinkNative(ctx, u.Packages, s.telling(ctx)); err != nil {
		return err
	}
	key := s.cache.Key(u.ID, s.checker.Index.Builds(u.Packages))
	u.Object = filepath.Join(s.dir, key+".o")
	if _, err := os.Stat(u.Object); err == nil {
		return nil
	}
	if s.cache.Take(key, u.Object) {
		return nil
	}
	object, err := s.compile(ctx, u)
	if err != nil {
		return err
	}
	s.prepare()
	if err := workspace.WriteFileAtomic(u.Object, object); err != nil { // an interrupted build leaves none
		return err
	}
	if err := s.cache.Put(key, u.Object); err != nil {
		s.telling(ctx)(fmt.Sprintf("the compiled cell is not kept for later sessions: %v", err))
	}
	return nil
}

// manyLines take the compiler seconds, in which people want to know what goes on.
const manyLines = 5000

// prepare gets ready for the next cell.
func (s *Session) prepare() {
	if config, err := s.checker.Index.Config(); err == nil { // else the next cell tells it
		s.compilers.Prepare(config)
	}
}

// compile returns the unit's object, with the names that the user gave.
func (s *Session) compile(ctx context.Context, u *Unit) ([]byte, error) {
	config, err := s.checker.Index.Config()
	if err != nil {
		return nil, err
	}
	return s.compileWith(ctx, u, s.compilers, config, s.checker.Index.Open)
}

// opener returns a package with aliases for its unexported types.
type opener func(ctx context.Context, path, aliases string, progress func(string)) (*modules.Opened, error)

// compileWith compiles a unit against the packages of a list, for the architecture of these compilers.
func (s *Session) compileWith(ctx context.Context, u *Unit, compilers *compiler.Pool, config string, open opener) ([]byte, error) {
	opened, err := s.open(ctx, u, open)
	if err != nil {
		return nil, err
	}
	dir := filepath.Dir(config)
	if config, err = unitConfig(u, config, opened); err != nil {
		return nil, err
	}
	flags, err := u.EmbedConfig(filepath.Join(dir, u.ID+".embedcfg"), s.notebook)
	if err != nil {
		return nil, err
	}
	if u.Once {
		flags = append(flags, "-l")
	}
	if lines := strings.Count(u.Text, "\n"); lines >= manyLines {
		s.telling(ctx)(fmt.Sprintf("compiling %d lines of code", lines))
	}
	object, err := compilers.Compile(ctx, config, flags, u.Text)
	if err != nil {
		return nil, err
	}
	for _, p := range opened {
		p.NameOwn(object)
	}
	unitobject.NameTypes(object, compiler.SymbolPath, u.TypeNames())
	unitobject.MarkForwards(object)
	return object, nil
}

// open returns the packages whose unexported types a unit names, with aliases for
// those. The error is ErrClosed where one of them cannot be had so.
func (s *Session) open(ctx context.Context, u *Unit, open opener) (map[string]*modules.Opened, error) {
	opened := make(map[string]*modules.Opened)
	for path, aliases := range u.Opened {
		p, err := open(ctx, path, aliases, s.telling(ctx))
		if err != nil {
			return nil, err
		}
		opened[path] = p
	}
	return opened, nil
}

// unitConfig returns the importcfg file for compiling a unit, from that for
// linking it.
func unitConfig(u *Unit, config string, opened map[string]*modules.Opened) (string, error) {
	if len(opened) == 0 {
		return config, nil
	}
	text, err := os.ReadFile(config)
	if err != nil {
		return "", err
	}
	for path, p := range opened {
		text = fmt.Appendf(text, "packagefile %s=%s\n", path, p.Archive) // the last line for a package holds
	}
	file := filepath.Join(filepath.Dir(config), u.ID+".importcfg")
	return file, os.WriteFile(file, text, 0o600)
}
