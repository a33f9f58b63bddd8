package session

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/session/compiler"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// TestBugsAreReportedWithTheCell puts something else in the compiler's place, as a
// stand-in for a mistake of the generated code.
func TestBugsAreReportedWithTheCell(t *testing.T) {
	s, err := Open(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.cache, err = workspace.OpenCells(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	tools := *s.workspace.Tools
	tools.Tools = t.TempDir()
	s.compilers.Close() // those that were started ahead
	s.compilers = compiler.NewPool(&tools, s.dir)
	if err := os.WriteFile(filepath.Join(tools.Tools, "compile"), []byte("#!/bin/sh\necho no >&2; exit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err = s.Compile(t.Context(), "unlucky := 13", 1)
	if err == nil {
		t.Fatal("a cell was compiled without a compiler")
	}
	for _, want := range []string{"a bug in goparallel: go tool compile rejects", "issues", "unlucky := 13"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	s.compilers = compiler.NewPool(s.workspace.Tools, s.dir)
	if _, err := s.Compile(t.Context(), "unlucky := 13", 1); err != nil {
		t.Errorf("the session does not go on: %v", err)
	}
}
