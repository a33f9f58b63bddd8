package session

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

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
	if err := s.checker.Index.LinkNative(ctx, u.Packages, s.progress); err != nil {
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
		s.progress(fmt.Sprintf("the compiled cell is not kept for later sessions: %v", err))
	}
	return nil
}

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
	opened, err := s.open(ctx, u)
	if err != nil {
		return nil, err
	}
	if config, err = s.unitConfig(u, config, opened); err != nil {
		return nil, err
	}
	flags, err := u.EmbedConfig(filepath.Join(s.dir, u.ID+".embedcfg"), s.notebook)
	if err != nil {
		return nil, err
	}
	if u.Once {
		flags = append(flags, "-l")
	}
	object, err := s.compilers.Compile(ctx, config, flags, u.Text)
	if err != nil {
		return nil, err
	}
	for _, p := range opened {
		p.NameOwn(object)
	}
	compiler.NameTypes(object, u.TypeNames())
	compiler.MarkForwards(object)
	return object, nil
}

// open returns the packages whose unexported types a unit names, with aliases for
// those. The error is ErrClosed where one of them cannot be had so.
func (s *Session) open(ctx context.Context, u *Unit) (map[string]*modules.Opened, error) {
	opened := make(map[string]*modules.Opened)
	for path, aliases := range u.Opened {
		p, err := s.checker.Index.Open(ctx, path, aliases, s.progress)
		if err != nil {
			return nil, err
		}
		opened[path] = p
	}
	return opened, nil
}

// unitConfig returns the importcfg file for compiling a unit, from that for
// linking it.
func (s *Session) unitConfig(u *Unit, config string, opened map[string]*modules.Opened) (string, error) {
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
	file := filepath.Join(s.dir, u.ID+".importcfg")
	return file, os.WriteFile(file, text, 0o600)
}
