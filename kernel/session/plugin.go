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

// turnToPlugins has the session make plugins from now on, for packages with code in
// C, which only a linker can add. A process that holds objects cannot go over to
// plugins: each would bring packages of its own that the objects have as well.
func (s *Session) turnToPlugins() error {
	s.plugins = true
	if len(s.units) > 0 {
		return errors.New("it has code in C, for which all cells have to be linked: %restart begins anew so")
	}
	s.objects = false
	return nil
}

// makePlugin makes the unit's plugin. The unit's object goes into the archive of a
// stub package, because a plugin needs a main package with a path of its own.
func (s *Session) makePlugin(ctx context.Context, u *Unit) error {
	config, err := s.index.importcfg()
	if err != nil {
		return err
	}
	file := func(ext string) string { return filepath.Join(s.dir, u.ID+ext) }
	if err := os.WriteFile(file("_stub.go"), []byte(stubText(u)), 0o600); err != nil {
		return err
	}
	flags := []string{"-installsuffix", "dynlink", "-dynlink"}
	var object []byte
	var both errgroup.Group
	both.Go(func() (err error) {
		object, err = s.compile(ctx, u, flags...)
		return err
	})
	both.Go(func() error {
		args := append(compileFlags(s.dir), "-importcfg", config, "-p", "cell/"+u.ID, "-pack", "-o", file(".a"), file("_stub.go"))
		return s.tool(ctx, "compile", slices.Concat(flags, args)...)
	})
	if err := both.Wait(); err != nil {
		return err
	}
	if err := clearFingerprint(object); err != nil {
		return err
	}
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
