package modules

import (
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

	"github.com/goparallel/goparallel/internal/goabi/loader/goobj"
	"github.com/goparallel/goparallel/internal/goabi/unitobject"
	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
)

// A variable may have a type that its package does not export, such as
// binary.LittleEndian's. A unit cannot write such a type. So the package is
// compiled once more, with one file added that declares an exported alias for
// each of its unexported types, and the unit is compiled against the export data
// of that. It is linked with the package itself: the two objects have been
// compared, and have the same symbols under the same numbers.

// AliasMark begins the alias of an unexported type.
const AliasMark = "Xᐧ"

// An Opened is a package that was compiled with such aliases.
type Opened struct {
	Archive string // what was made of it with the aliases
	// own and aliased are the fingerprints of the package itself and of the one
	// with the aliases.
	own, aliased [8]byte
	err          error // why there is none
}

// ErrClosed says that a unit needs a package's unexported types and cannot have
// them.
var ErrClosed = errors.New("the package's unexported types cannot be used")

// NeedsAlias reports whether an object is a type that gets an alias.
func NeedsAlias(obj types.Object) bool {
	t, ok := obj.(*types.TypeName)
	if !ok || t.Exported() || t.Parent() != t.Pkg().Scope() {
		return false
	}
	named, ok := t.Type().(*types.Named)
	return ok && named.TypeParams().Len() == 0
}

// Aliases returns a file of a package that declares an alias for each unexported
// type that values outside the package can have.
func (x *Index) Aliases(path string) (string, error) {
	pkg, err := x.Import(path) // which may have been read in part, for others that import it
	if err != nil {
		return "", err
	}
	text := "package " + pkg.Name() + "\n"
	for _, name := range pkg.Scope().Names() {
		if NeedsAlias(pkg.Scope().Lookup(name)) {
			text += fmt.Sprintf("type %s%s = %s\n", AliasMark, name, name)
		}
	}
	return text, nil
}

// openScript stands between the go command and the compiler, and adds a file to
// one package.
const openScript = `#!/bin/sh
case "$*" in
*/compile*" -p %s "*) exec "$@" '%s' ;;
esac
exec "$@"
`

// Open returns a package with aliases for its unexported types, which it makes where no
// cell has needed it so far. The error is ErrClosed where it cannot be had so.
func (x *Index) Open(ctx context.Context, path, aliases string, progress func(string)) (*Opened, error) {
	return x.openFor(ctx, x.ws.Tools, path, x.Package(path).Export, aliases, progress)
}

// openFor is Open for the package in an archive that was compiled by this toolchain.
func (x *Index) openFor(ctx context.Context, tools *toolchain.Toolchain, path, archive, aliases string, progress func(string)) (*Opened, error) {
	x.mu.Lock()
	p := x.opened[archive]
	x.mu.Unlock()
	if p == nil {
		slow := time.AfterFunc(time.Second, func() { progress("compiling " + path + " again, to use its unexported types") })
		made, err := x.compileOpened(ctx, tools, path, archive, aliases)
		slow.Stop()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		made.err, p = err, &made
		x.mu.Lock()
		x.opened[archive] = p
		x.mu.Unlock()
	}
	if p.err != nil {
		return nil, ErrClosed
	}
	return p, nil
}

// IsClosed reports whether it is known that a package cannot be had with aliases.
func (x *Index) IsClosed(path string) bool {
	archive := x.Package(path).Export
	x.mu.Lock()
	defer x.mu.Unlock()
	p := x.opened[archive]
	return p != nil && p.err != nil
}

// compileOpened compiles a package with the aliases. The go command does it, which knows
// how each package is compiled, and keeps the result for other sessions.
func (x *Index) compileOpened(ctx context.Context, tools *toolchain.Toolchain, path, archive, aliases string) (p Opened, err error) {
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
		out, err := x.mod.runFor(ctx, tools, nil, append(args, "--", path)...)
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
	if p.Archive, err = export("-toolexec='"+script+"'", flag); err != nil {
		return p, err
	}
	own, err := readObject(archive)
	if err != nil {
		return p, err
	}
	aliased, err := readObject(p.Archive)
	if err != nil {
		return p, err
	}
	p.own, p.aliased = own.Fingerprint(), aliased.Fingerprint()
	if !slices.Equal(own.Numbered(), aliased.Numbered()) {
		return p, errors.New("the package with aliases has other symbols")
	}
	return p, nil
}

// readObject returns the compiler's object in a package's archive.
func readObject(file string) (*goobj.Object, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	archive, err := goobj.ReadArchive(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	at := slices.IndexFunc(archive.Objects, func(o *goobj.Object) bool { return !o.Assembly })
	if at < 0 {
		return nil, fmt.Errorf("%s holds no object of the compiler", file)
	}
	return archive.Objects[at], nil
}

// NameOwn makes a unit's object refer to the package that it is linked with.
func (p *Opened) NameOwn(object []byte) { unitobject.Refer(object, p.aliased, p.own) }
