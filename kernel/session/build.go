package session

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// symbolPath is the package path that all units are compiled with: it begins
// their symbols, and makes them one package to compiler and loader.
const symbolPath = "session"

// build provides the unit's plugin: the one that an earlier cell or an earlier
// session made of the same code, or a new one. The unit's object goes into the
// archive of a stub package, because a plugin needs a main package with a path
// of its own.
func (s *Session) build(ctx context.Context, u *Unit) error {
	key := s.cache.key(u, s.index)
	u.path = filepath.Join(s.dir, key+".so")
	if _, err := os.Stat(u.path); err == nil {
		return nil
	}
	if s.cache.take(key, u.path) {
		return nil
	}
	if err := s.compileAndLink(ctx, u); err != nil {
		return err
	}
	if err := s.cache.put(key, u.path); err != nil {
		s.progress(fmt.Sprintf("the compiled cell is not kept for later sessions: %v", err))
	}
	return nil
}

// compileAndLink makes the unit's plugin.
func (s *Session) compileAndLink(ctx context.Context, u *Unit) error {
	config, err := s.index.importcfg()
	if err != nil {
		return err
	}
	file := func(ext string) string { return filepath.Join(s.dir, u.ID+ext) }
	if err := os.WriteFile(file(".go"), []byte(u.code), 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(file("_stub.go"), []byte(stubText(u)), 0o600); err != nil {
		return err
	}
	opened, err := s.open(ctx, u)
	if err != nil {
		return err
	}
	unitConfig, err := s.unitConfig(u, config, opened)
	if err != nil {
		return err
	}
	common := []string{"-lang=go1.27", "-installsuffix", "dynlink", "-dynlink", "-nolocalimports", "-trimpath", s.dir}
	embedded, err := u.embedConfig(file(".embedcfg"), s.notebook)
	if err != nil {
		return err
	}
	var both errgroup.Group
	both.Go(func() error {
		return s.tool(ctx, "compile", append(slices.Concat(common, embedded), "-importcfg", unitConfig, "-p", symbolPath, "-complete", "-o", file(".x"), "-linkobj", file(".o"), file(".go"))...)
	})
	both.Go(func() error {
		return s.tool(ctx, "compile", append(common, "-importcfg", config, "-p", "cell/"+u.ID, "-pack", "-o", file(".a"), file("_stub.go"))...)
	})
	if err := both.Wait(); err != nil {
		return err
	}
	object, err := os.ReadFile(file(".o"))
	if err != nil {
		return err
	}
	if err := clearFingerprint(object); err != nil {
		return err
	}
	for _, p := range opened {
		p.nameOwn(object)
	}
	u.nameTypes(object)
	markForwards(object)
	if err := addToArchive(file(".a"), object); err != nil {
		return err
	}
	if err := s.tool(ctx, "link", "-importcfg", config, "-installsuffix", "dynlink", "-pluginpath", "cell/"+u.ID, "-buildmode=plugin",
		"-s", "-w", "-checklinkname=0", "-extld="+filepath.Join(s.dir, "extld"), "-o", file(".part"), file(".a")); err != nil {
		return err
	}
	if err := nameFunctions(file(".part")); err != nil {
		return err
	}
	return os.Rename(file(".part"), u.path) // an interrupted build leaves no plugin
}

// stubText is the plugin's main package. It imports what the unit imports, so
// that those packages are initialised before the unit is bound.
func stubText(u *Unit) string {
	var b strings.Builder
	b.WriteString("package main\n\nimport _ \"unsafe\"\n")
	for _, path := range u.packages {
		fmt.Fprintf(&b, "import _ %q\n", path)
	}
	fmt.Fprintf(&b, "\n//go:linkname bind %s.ᐧbind_%s\nfunc bind()\n\nfunc init() { bind() }\n", symbolPath, u.ID)
	return b.String()
}

// clearFingerprint removes the fingerprint from an object, as an assembler's
// object has none: the linker wants all objects of an archive to agree on it.
func clearFingerprint(object []byte) error {
	at := bytes.Index(object, []byte(objectMagic))
	if at < 0 || bytes.Count(object, []byte(objectMagic)) != 1 {
		return fmt.Errorf("the compiler's object has another form than that of %s", Version)
	}
	binary.LittleEndian.PutUint64(object[at+len(objectMagic):], 0)
	return nil
}

// addToArchive appends the members of one archive to another.
func addToArchive(path string, archive []byte) error {
	const header = "!<arch>\n"
	if !bytes.HasPrefix(archive, []byte(header)) {
		return fmt.Errorf("the compiler's object has another form than that of %s", Version)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(archive[len(header):])
	return errors.Join(err, f.Close())
}

// linkerScript stands between the Go linker and gcc. The Go linker asks gcc three
// times what it can do, by compiling an empty program, before it links: two
// thirds of the time. The answers are known.
const linkerScript = `#!/bin/sh
for a in "$@"; do
	case $a in
	*/trivial.c) case "$*" in *build-id*) exit 0 ;; *) exit 1 ;; esac ;;
	esac
done
exec gcc %s "$@"
`

// writeLinkerScript makes the session's linker script. It uses gold where there
// is one, which is faster than the default linker.
func writeLinkerScript(dir string) error {
	flags := ""
	for _, name := range []string{"mold", "ld.gold"} {
		if _, err := exec.LookPath(name); err == nil {
			flags = "-fuse-ld=" + strings.TrimPrefix(name, "ld.")
			break
		}
	}
	return os.WriteFile(filepath.Join(dir, "extld"), fmt.Appendf(nil, linkerScript, flags), 0o700)
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
