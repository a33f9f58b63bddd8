package gophernotes

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"fmt"
	"go/types"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/goparallel/goparallel"
	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
	"github.com/goparallel/goparallel/internal/parallel/userdir"
)

const (
	modulePath = "github.com/goparallel/goparallel"
	toolPath   = "github.com/gopherdata/gophernotes"

	// modFile is this module's go.mod with gophernotes besides, which the go command takes in its
	// place: programs that import this module have neither gophernotes nor gomacro in their go.sum.
	modFile = "internal/kernel/gophernotes/gophernotes.mod"
)

//go:embed extension.go.tmpl
var extension string

// Build builds the extended gophernotes and returns the path of the program, which
// lies in the user's cache folder. What was built from the same source by the same
// Go release is not built again. Building takes half a minute or more, and the
// network where the modules are not in Go's module cache; progress, if not nil,
// gets a line for each step.
func Build(ctx context.Context, progress func(string)) (string, error) {
	source, hash, err := moduleSource()
	if err != nil {
		return "", err
	}
	dir, err := userdir.Cache("gophernotes-" + hash)
	if err != nil {
		return "", err
	}
	b := &builder{dir: dir, progress: progress}
	if b.progress == nil {
		b.progress = func(string) {}
	}
	program := filepath.Join(b.dir, "gophernotes")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if err := b.build(ctx, source, program); err != nil {
		return "", b.failed(err)
	}
	return program, nil
}

// failed makes one line of an error, and keeps all of it in a file.
func (b *builder) failed(err error) error {
	var lines []string
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	log := filepath.Join(b.dir, "build.log")
	if len(lines) == 1 || writeFile(log, []byte(err.Error()+"\n")) != nil {
		return err
	}
	return fmt.Errorf("%s (all of it is in %s)", strings.Join(lines[:min(len(lines), 3)], "; "), log)
}

// moduleSource returns the files of this module that a build needs, and their
// hash.
func moduleSource() (files map[string][]byte, hash string, err error) {
	files = map[string][]byte{}
	sum := sha256.New()
	fmt.Fprintln(sum, toolchain.Version)
	err = fs.WalkDir(goparallel.Module, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(path, "testdata/") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		data, err := goparallel.Module.ReadFile(path)
		files[path] = data
		fmt.Fprintln(sum, path, len(data))
		sum.Write(data)
		return err
	})
	return files, fmt.Sprintf("%x", sum.Sum(nil))[:16], err
}

// builder builds in a folder of its own.
type builder struct {
	dir      string
	tools    *toolchain.Toolchain
	progress func(string)
}

func (b *builder) build(ctx context.Context, source map[string][]byte, program string) error {
	module := filepath.Join(b.dir, "module")
	for path, data := range source {
		if err := writeFile(filepath.Join(module, path), data); err != nil {
			return err
		}
	}
	var err error
	if b.tools, err = toolchain.Find(ctx); err != nil {
		return err
	}
	b.progress("fetching gophernotes")
	if _, err := b.run(ctx, "mod", "download", toolPath); err != nil {
		return err
	}
	folder, err := b.run(ctx, "list", "-m", "-f", "{{.Dir}}", toolPath)
	if err != nil {
		return err
	}
	// A package of this module, so that what is added can import what is internal.
	copied := filepath.Join(module, "gophernotes")
	if err := copyGo(strings.TrimSpace(string(folder)), copied); err != nil {
		return err
	}
	b.progress("compiling what its cells can import")
	file, err := b.extension(ctx)
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(copied, "goparallel.go"), file); err != nil {
		return err
	}
	b.progress("building gophernotes")
	if _, err := b.run(ctx, "build", "-trimpath", "-o", program+".new", "./gophernotes"); err != nil {
		return err
	}
	return os.Rename(program+".new", program)
}

// extension writes the file that is added to gophernotes.
func (b *builder) extension(ctx context.Context) ([]byte, error) {
	args := []string{"list", "-export", "-deps", "-json=ImportPath,Export", "--"}
	for _, p := range imported {
		if p.from != "" {
			args = append(args, p.from)
		} else {
			args = append(args, p.path)
		}
	}
	out, err := b.run(ctx, args...)
	if err != nil {
		return nil, err
	}
	exports := map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct{ ImportPath, Export string }
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		exports[p.ImportPath] = p.Export
	}
	bound, err := newBindings(exports, map[string]string{"gonum.org/v1/plot.New": "newPlot"})
	if err != nil {
		return nil, err
	}
	t, err := template.New("").Parse(extension)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	err = t.Execute(&file, map[string]string{
		"Parallel": bound.qualify(types.NewPackage(modulePath+"/internal/kernel/gophernotes/parallel", "")),
		"Plot":     bound.qualify(types.NewPackage("gonum.org/v1/plot", "")),
		"Imports":  bound.imports(), "Tables": bound.tables.String(), "Proxies": bound.proxies.String(),
	})
	return file.Bytes(), err
}

// run runs the go command in the module's folder.
func (b *builder) run(ctx context.Context, args ...string) ([]byte, error) {
	return b.tools.RunWith(ctx, []string{"GOFLAGS=-buildvcs=false -modfile=" + modFile, "CGO_ENABLED=0"}, filepath.Join(b.dir, "module"), nil, args...)
}

// copyGo copies the Go files of a folder, tests excluded.
func copyGo(from, to string) error {
	files, err := filepath.Glob(filepath.Join(from, "*.go"))
	if err != nil {
		return err
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := writeFile(filepath.Join(to, filepath.Base(path)), data); err != nil {
			return err
		}
	}
	return nil
}

// writeFile writes a file, and makes its folder.
func writeFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}
