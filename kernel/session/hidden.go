package session

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goparallel/goparallel/kernel/session/compiler"
)

// A variable may have a type that its package does not export, such as
// binary.LittleEndian's. A unit cannot write such a type. So the package is
// compiled once more, with one file added that declares an exported alias for
// each of its unexported types, and the unit is compiled against the export data
// of that. It is linked with the package itself: the two objects have been
// compared, and have the same symbols under the same numbers.

// hiddenMark begins the alias of an unexported type.
const hiddenMark = "Xᐧ"

// An openedPackage is a package that was compiled with such aliases.
type openedPackage struct {
	archive string // what was made of it with the aliases
	// own and aliased are the fingerprints of the package itself and of the one
	// with the aliases.
	own, aliased []byte
	err          error // why there is none
}

// errClosed says that a unit needs a package's unexported types and cannot have
// them.
var errClosed = errors.New("the package's unexported types cannot be used")

// hidden returns what the unit calls a type that its package does not export, or
// "" where it has no name for it.
func (g *generator) hidden(t *types.TypeName) string {
	path := t.Pkg().Path()
	opened := g.s.opened[g.s.index.packageOf(path).Export]
	if opened != nil && opened.err != nil || !isHidden(t) {
		return ""
	}
	if g.c.unit.hidden[path] == "" {
		text, err := g.s.index.aliases(path)
		if err != nil {
			return ""
		}
		g.c.unit.hidden[path] = text
	}
	return g.alias(path, t.Pkg().Name()) + "." + hiddenMark + t.Name()
}

// isHidden reports whether an object is a type that gets an alias.
func isHidden(obj types.Object) bool {
	t, ok := obj.(*types.TypeName)
	if !ok || t.Exported() || t.Parent() != t.Pkg().Scope() {
		return false
	}
	named, ok := t.Type().(*types.Named)
	return ok && named.TypeParams().Len() == 0
}

// aliases returns a file of a package that declares an alias for each unexported
// type that values outside the package can have.
func (x *index) aliases(path string) (string, error) {
	pkg, err := x.imp.Import(path) // which may have been read in part, for others that import it
	if err != nil {
		return "", err
	}
	text := "package " + pkg.Name() + "\n"
	for _, name := range pkg.Scope().Names() {
		if isHidden(pkg.Scope().Lookup(name)) {
			text += fmt.Sprintf("type %s%s = %s\n", hiddenMark, name, name)
		}
	}
	return text, nil
}

// open returns the packages whose unexported types a unit names, with aliases for
// those. The error is errClosed where one of them cannot be had so.
func (s *Session) open(ctx context.Context, u *Unit) (map[string]*openedPackage, error) {
	opened := make(map[string]*openedPackage)
	for path, aliases := range u.hidden {
		archive := s.index.packageOf(path).Export
		if s.opened[archive] == nil {
			slow := time.AfterFunc(time.Second, func() { s.progress("compiling " + path + " again, to use its unexported types") })
			p, err := s.index.open(ctx, path, archive, aliases)
			slow.Stop()
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			p.err = err
			s.opened[archive] = &p
		}
		if opened[path] = s.opened[archive]; opened[path].err != nil {
			return nil, errClosed
		}
	}
	return opened, nil
}

// openScript stands between the go command and the compiler, and adds a file to
// one package.
const openScript = `#!/bin/sh
case "$*" in
*/compile*" -p %s "*) exec "$@" '%s' ;;
esac
exec "$@"
`

// open compiles a package with the aliases. The go command does it, which knows
// how each package is compiled, and keeps the result for other sessions.
func (x *index) open(ctx context.Context, path, archive, aliases string) (p openedPackage, err error) {
	dir, err := os.MkdirTemp(x.dir, "open-")
	if err != nil {
		return p, err
	}
	file, script := filepath.Join(dir, "aliases.go"), filepath.Join(dir, "compile")
	err = errors.Join(os.WriteFile(file, []byte(aliases), 0o600), os.WriteFile(script, fmt.Appendf(nil, openScript, path, file), 0o700))
	if err != nil {
		return p, err
	}
	x.turn.Lock()
	defer x.turn.Unlock()
	export := func(flags ...string) (string, error) {
		args := append([]string{"list", "-export", "-f", "{{.Export}}", "-trimpath"}, flags...)
		out, err := x.mod.run(ctx, nil, append(args, "--", path)...)
		return strings.TrimSpace(string(out)), err
	}
	now, err := export()
	if err != nil {
		return p, err
	}
	if filepath.Base(now) != filepath.Base(archive) {
		return p, errors.New("the package's source has changed")
	}
	// The flag does nothing but that the go command takes this for another package,
	// which it has to compile.
	flag := fmt.Sprintf("-gcflags=%s=-D=%x", path, sha256.Sum256([]byte(aliases)))
	if p.archive, err = export("-toolexec='"+script+"'", flag); err != nil {
		return p, err
	}
	own, err := compiler.ReadObject(archive)
	if err != nil {
		return p, err
	}
	aliased, err := compiler.ReadObject(p.archive)
	if err != nil {
		return p, err
	}
	p.own, p.aliased = own.Fingerprint(), aliased.Fingerprint()
	if !slices.Equal(own.Symbols(), aliased.Symbols()) {
		return p, errors.New("the package with aliases has other symbols")
	}
	return p, nil
}

// unitConfig returns the importcfg file for compiling a unit, from that for
// linking it.
func (s *Session) unitConfig(u *Unit, config string, opened map[string]*openedPackage) (string, error) {
	if len(opened) == 0 {
		return config, nil
	}
	text, err := os.ReadFile(config)
	if err != nil {
		return "", err
	}
	for path, p := range opened {
		text = fmt.Appendf(text, "packagefile %s=%s\n", path, p.archive) // the last line for a package holds
	}
	file := filepath.Join(s.dir, u.ID+".importcfg")
	return file, os.WriteFile(file, text, 0o600)
}

// nameOwn makes a unit's object refer to the package that it is linked with.
func (p *openedPackage) nameOwn(object []byte) {
	if at := bytes.Index(object, p.aliased); at >= 0 {
		copy(object[at:], p.own)
	}
}
