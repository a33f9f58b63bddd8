package gophernotes

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// What gophernotes is built with is this module's go.mod and what gophernotes needs besides, so that
// our packages are in it as everywhere else; and nobody else has that in a go.sum.
func TestModFile(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	read := func(file string) *modfile.File {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := modfile.Parse(file, text, nil)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	ours, with := read(filepath.Join(root, "go.mod")), read(filepath.Join(root, modFile))
	again := "; mend it by hand, and: go mod tidy -modfile=" + modFile
	if with.Module.Mod.Path != modulePath || with.Go.Version != ours.Go.Version || with.Toolchain.Name != ours.Toolchain.Name {
		t.Errorf("%s: %v, go %s, %v%s", modFile, with.Module.Mod, with.Go.Version, with.Toolchain, again)
	}
	for _, one := range ours.Require {
		if !slices.ContainsFunc(with.Require, func(r *modfile.Require) bool { return r.Mod == one.Mod }) {
			t.Errorf("%s does not require %v%s", modFile, one.Mod, again)
		}
	}
	if len(with.Tool) != 1 || with.Tool[0].Path != toolPath {
		t.Errorf("%s: tools %v", modFile, with.Tool)
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			if strings.Contains(string(line), "gomacro") || strings.Contains(string(line), "gophernotes") {
				t.Errorf("%s has %s", file, line)
			}
		}
	}
}
