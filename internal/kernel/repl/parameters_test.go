package repl_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	runner "github.com/goparallel/goparallel/internal/kernel/notebook"
)

// TestParametersHaveTheirTypes runs a notebook with values of right and wrong types.
func TestParametersHaveTheirTypes(t *testing.T) {
	n := open(t)
	codes := []string{"alpha := 1.0\nnames := []string{}\nconst limit = 3", "fmt.Sprint(alpha/2, len(names), limit)"}
	var cells []any
	for i, code := range codes {
		tags := []string{"parameters"}
		cells = append(cells, map[string]any{"cell_type": "code", "source": code, "metadata": map[string]any{"tags": tags[:1-i]}, "outputs": []any{}, "execution_count": nil})
	}
	text, _ := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 4, "metadata": map[string]any{}, "cells": cells})
	path, out := filepath.Join(t.TempDir(), "a.ipynb"), filepath.Join(t.TempDir(), "b.ipynb")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(list ...runner.Parameter) error {
		return runner.Run(t.Context(), n.repl, path, out, runner.Options{Progress: io.Discard, Parameters: list})
	}
	err := run(runner.Parameter{Name: "alpha", Value: "1"}, runner.Parameter{Name: "names", Value: `[]string{"a"}`}, runner.Parameter{Name: "limit", Value: "9"})
	if written, _ := os.ReadFile(out); err != nil || !strings.Contains(string(written), `"0.5 1 9"`) {
		t.Errorf("%v: %s", err, written)
	}
	for _, p := range []struct{ name, value, want string }{
		{"alpha", `"much"`, "2:9: cannot use \"much\" (untyped string constant) as float64 value in assignment\n    alpha = \"much\"\n            ^"},
		{"names", `1`, "as []string value in assignment"},
		{"alpha", "beta", "undefined: beta"},
	} {
		err := run(runner.Parameter{Name: p.name, Value: p.value})
		if failed, ok := errors.AsType[*runner.CellError](err); !ok || failed.Count != 2 || !strings.Contains(err.Error(), p.want) {
			t.Errorf("%s=%s: %v", p.name, p.value, err)
		}
	}
}
