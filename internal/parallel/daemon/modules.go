package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// A notebook's session removes the code of its cells when it ends. Calls go on, and engines that take the
// place of others load it then: so the cluster keeps a copy, by the module's id, which depends on its code.

var moduleIDs = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// keepModules makes code independent of the session that it comes from.
func (d *Daemon) keepModules(modules []registry.Module) ([]registry.Module, error) {
	kept := slices.Clone(modules)
	for i, m := range modules {
		path, err := d.keepModule(m)
		if err != nil {
			return nil, fmt.Errorf("the code of a cell cannot be kept: %w", err)
		}
		kept[i].Path = path
	}
	return kept, nil
}

// keepModule copies a module, unless it is there, and returns where its code is.
func (d *Daemon) keepModule(m registry.Module) (string, error) {
	if !moduleIDs.MatchString(m.ID) {
		return "", fmt.Errorf("%q is no id of a module", m.ID)
	}
	folder := filepath.Join(d.folder, "modules", m.ID)
	kept := filepath.Join(folder, filepath.Base(m.Path))
	if _, err := os.Stat(kept); err == nil {
		return kept, nil
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o700); err != nil {
		return "", err
	}
	temporary, err := os.MkdirTemp(filepath.Dir(folder), "new-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temporary)
	if err := copyFile(m.Path, filepath.Join(temporary, filepath.Base(m.Path))); err != nil {
		return "", err
	}
	if err := copyPackages(filepath.Dir(m.Path), temporary, folder); err != nil {
		return "", err
	}
	if err := os.Rename(temporary, folder); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return kept, nil
}

// copyPackages copies the list of packages that lies beside a module, and of these the ones that are the session's own
// files: others are in caches, which stay. It is written for the folder where it is to be.
func copyPackages(session, to, final string) error {
	list, err := os.ReadFile(filepath.Join(session, "importcfg"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var text bytes.Buffer
	for i, line := range strings.SplitAfter(string(list), "\n") {
		head, file, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if ok && strings.HasPrefix(file, session+string(filepath.Separator)) {
			name := fmt.Sprintf("package-%d", i)
			if err := copyFile(file, filepath.Join(to, name)); err != nil {
				return err
			}
			line = head + "=" + filepath.Join(final, name) + "\n"
		}
		text.WriteString(line)
	}
	return os.WriteFile(filepath.Join(to, "importcfg"), text.Bytes(), 0o600)
}

// code is what engines on other machines get of a cluster that lives on. It has one architecture: sessions,
// which could compile for others, may be gone.
type code struct{ *Daemon }

// File implements [backend.Code].
func (c code) File(path, arch string) (string, error) {
	switch {
	case arch != runtime.GOARCH:
		return "", c.none(arch)
	case !c.serves(path):
		return "", backend.ErrNoCode
	}
	return path, nil
}

// Program implements [backend.Code].
func (c code) Program(_ context.Context, arch string) (string, error) { return "", c.none(arch) }

func (c code) none(arch string) error {
	return fmt.Errorf("a cluster that lives on has code for its own architecture, %s, and none for %s: start a cluster of its own on a machine like the host", runtime.GOARCH, arch)
}

// serves reports whether an engine on another machine may have a file: a module that is kept here, a package that those were
// compiled with, or what lies beside a program that loads code, which is where its index and its compiled cells are.
func (d *Daemon) serves(path string) bool {
	if !filepath.IsAbs(path) || filepath.Clean(path) != path {
		return false
	}
	modules := filepath.Join(d.folder, "modules")
	if within(path, modules) {
		return true
	}
	d.mu.Lock()
	for _, p := range d.pools {
		if h := p.program.hello; h.Session != "" && within(path, filepath.Dir(h.Program)) {
			d.mu.Unlock()
			return true
		}
	}
	d.mu.Unlock()
	lists, _ := filepath.Glob(filepath.Join(modules, "*", "importcfg"))
	for _, list := range lists {
		if text, err := os.ReadFile(list); err == nil && bytes.Contains(text, []byte("="+path+"\n")) {
			return true
		}
	}
	return false
}

// within reports whether a path is in a folder.
func within(path, folder string) bool {
	return strings.HasPrefix(path, folder+string(filepath.Separator))
}

// copyFile copies a file of this user.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
