package notebook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// script is an interpreter whose cells are functions by their source.
type script struct {
	cell.Interpreter
	cells    map[string]func(ctx context.Context, out cell.Output) *cell.Error
	requests []cell.Request
	between  cell.Output
}

func (s *script) Execute(ctx context.Context, req cell.Request, out cell.Output) cell.Reply {
	s.requests = append(s.requests, req)
	if run := s.cells[req.Code]; run != nil {
		return cell.Reply{Err: run(ctx, out)}
	}
	return cell.Reply{}
}

func (s *script) Background(out cell.Output) { s.between = out }

// notebookOf writes a notebook of code cells into a file.
func notebookOf(t *testing.T, cells ...string) string {
	t.Helper()
	list := []any{}
	for _, source := range cells {
		list = append(list, object{"cell_type": "code", "source": source, "metadata": object{}, "execution_count": 9,
			"outputs": []any{object{"output_type": "stream", "name": "stdout", "text": "stale"}}})
	}
	text, err := json.Marshal(object{"nbformat": 4, "nbformat_minor": 4, "metadata": object{}, "cells": list})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.ipynb")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// outputsOf returns the outputs of each cell of a notebook file.
func outputsOf(t *testing.T, path string) [][]any {
	t.Helper()
	d, err := read(path)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]any
	for _, c := range d.cells {
		all = append(all, c["outputs"].([]any))
	}
	return all
}

func stream(name string, text ...any) object {
	return object{"output_type": "stream", "name": name, "text": text}
}

// TestRunWritesWhatJupyterWrites compares with files that nbformat wrote, to
// the byte.
func TestRunWritesWhatJupyterWrites(t *testing.T) {
	interp := &script{cells: map[string]func(context.Context, cell.Output) *cell.Error{
		"print(\"one\")\n\nlast": func(_ context.Context, out cell.Output) *cell.Error {
			out.Stream("stdout", "one\n")
			out.Stream("stdout", "two")
			out.Result(cell.Bundle{
				"text/plain": "a\nb", "text/html": "<b>a</b>\n", "image/svg+xml": "<svg>\n</svg>",
				"image/png": []byte("\x89PNG\r\n\x1a\n"), "application/json": map[string]any{"b": []any{1, 2.5}, "a": object{}},
			}, map[string]any{"image/png": map[string]any{"width": 3}})
			return nil
		},
		"stream": func(_ context.Context, out cell.Output) *cell.Error {
			out.Stream("stdout", "x\ny")
			out.Stream("stderr", "e\n")
			out.Display(cell.Bundle{"text/plain": ""}, nil, "")
			return nil
		},
	}}
	out := filepath.Join(t.TempDir(), "out.ipynb")
	var progress bytes.Buffer
	if err := Run(t.Context(), interp, "testdata/plain.ipynb", out, Options{Progress: &progress}); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(out)
	want, _ := os.ReadFile("testdata/executed.ipynb")
	want = bytes.Replace(want, []byte("VERSION"), []byte(strings.TrimPrefix(runtime.Version(), "go")), 1)
	want = bytes.ReplaceAll(want, []byte("\u2028"), []byte(`\u2028`)) // encoding/json is more careful there
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	wantRequests := []cell.Request{
		{Code: "print(\"one\")\n\nlast", ID: "c1", Count: 1, StoreHistory: true},
		{Code: "stream", ID: "c3", Count: 2, StoreHistory: true},
	}
	if !reflect.DeepEqual(interp.requests, wantRequests) {
		t.Errorf("executed %+v", interp.requests)
	}
	if line := regexp.MustCompile(`(?m)\A\[1/2\] +\S+ \S+  print\("one"\)$\n^\[2/2\] .*stream\n2 cells ran in .*\n\z`); !line.MatchString(progress.String()) {
		t.Errorf("progress: %q", progress.String())
	}
	if err := Run(t.Context(), interp, out, out, Options{Progress: &progress}); err != nil {
		t.Fatal(err)
	}
	if again, _ := os.ReadFile(out); !bytes.Equal(again, got) {
		t.Errorf("a second run changes the notebook:\n%s", again)
	}
}

func TestOutputsAreCollectedAsJupyterDoes(t *testing.T) {
	text := func(s string) cell.Bundle { return cell.Bundle{"text/plain": s} }
	display := func(s string) object {
		return object{"output_type": "display_data", "data": object{"text/plain": []any{s}}, "metadata": object{}}
	}
	interp := &script{}
	interp.cells = map[string]func(context.Context, cell.Output) *cell.Error{
		"progress": func(_ context.Context, out cell.Output) *cell.Error {
			for _, s := range []string{"start\n", " 10 %", "\r 50 %\r", "100 %\n", "end\r\n"} {
				out.Stream("stdout", s)
			}
			return nil
		},
		"show": func(_ context.Context, out cell.Output) *cell.Error {
			out.Display(text("old"), nil, "id")
			out.Display(text("other"), nil, "")
			return nil
		},
		"update": func(_ context.Context, out cell.Output) *cell.Error {
			out.Update(text("new"), nil, "id")
			out.Update(text("nowhere"), nil, "unknown")
			return nil
		},
		"clear": func(_ context.Context, out cell.Output) *cell.Error {
			out.Stream("stdout", "a")
			out.Clear(false)
			out.Stream("stdout", "b")
			out.Clear(true)
			out.Stream("stdout", "c")
			out.Clear(true)
			return nil
		},
		"late": func(context.Context, cell.Output) *cell.Error {
			interp.between.Stream("stdout", "from a goroutine")
			return nil
		},
		"input": func(ctx context.Context, out cell.Output) *cell.Error {
			_, err := out.Input(ctx, "name?", false)
			out.Stream("stderr", err.Error())
			return nil
		},
	}
	path := notebookOf(t, "progress", "show", "update", "clear", "late", "", "input")
	if err := Run(t.Context(), interp, path, path, Options{Progress: &bytes.Buffer{}}); err != nil {
		t.Fatal(err)
	}
	want := [][]any{
		{stream("stdout", "start\n", "100 %\n", "end\r\n")},
		{display("new"), display("other")},
		{},
		{stream("stdout", "c")},
		{stream("stdout", "from a goroutine")},
		{},
		{stream("stderr", "the cell asks for input, which a notebook that runs by itself cannot give")},
	}
	if got := outputsOf(t, path); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is now %v, %v", info.Mode(), err)
	}
}

func fail(context.Context, cell.Output) *cell.Error {
	return &cell.Error{Name: "panic", Value: "boom", Traceback: []string{"\x1b[31mpanic\x1b[0m: boom", "  cell[2]:1"}}
}

func TestRunStopsAtTheFirstFailure(t *testing.T) {
	interp := &script{cells: map[string]func(context.Context, cell.Output) *cell.Error{
		"good": func(_ context.Context, out cell.Output) *cell.Error { out.Stream("stdout", "good"); return nil },
		"bad":  fail,
	}}
	path := notebookOf(t, "good", "", "bad", "good")
	out := filepath.Join(filepath.Dir(path), "b.ipynb")
	var progress bytes.Buffer
	err := Run(t.Context(), interp, path, out, Options{Progress: &progress})
	var failed *CellError
	if !errors.As(err, &failed) || failed.Count != 2 || failed.Position != 3 || failed.Err.Value != "boom" {
		t.Fatalf("error %#v", err)
	}
	if want := path + ": cell [2] failed (cell 3 of the notebook):\npanic: boom\n  cell[2]:1"; err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
	if len(interp.requests) != 2 || !strings.Contains(progress.String(), "panic  bad") {
		t.Errorf("executed %v; progress %q", interp.requests, progress.String())
	}
	want := [][]any{{stream("stdout", "good")}, {}, {object{
		"output_type": "error", "ename": "panic", "evalue": "boom",
		"traceback": []any{"\x1b[31mpanic\x1b[0m: boom", "  cell[2]:1"},
	}}, {}}
	if got := outputsOf(t, out); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
}

func TestRunStopsAtAnErrorThatIsAValue(t *testing.T) {
	interp := &script{cells: map[string]func(context.Context, cell.Output) *cell.Error{
		"good": func(_ context.Context, out cell.Output) *cell.Error {
			out.Result(cell.Bundle{"text/plain": "1"}, nil)
			return nil
		},
		"error": func(_ context.Context, out cell.Output) *cell.Error {
			out.Result(cell.Bundle{"text/plain": "error: T: no"}, map[string]any{cell.ErrorValue: "T: no"})
			return nil
		},
	}}
	path := notebookOf(t, "good", "error", "good")
	var progress bytes.Buffer
	err := Run(t.Context(), interp, path, path, Options{Progress: &progress})
	failed, ok := errors.AsType[*CellError](err)
	if !ok || failed.Count != 2 || failed.Err.Value != "T: no" || !strings.Contains(err.Error(), "its value is an error: T: no\n") || len(interp.requests) != 2 {
		t.Errorf("%v after %d cells", err, len(interp.requests))
	}
	if !strings.Contains(progress.String(), "ErrorValue  error\n") {
		t.Errorf("progress %q", &progress)
	}
	if outputs := outputsOf(t, path); len(outputs[1]) != 1 || len(outputs[2]) != 0 { // no second output tells of it
		t.Error(outputs)
	}
	if err := Run(t.Context(), interp, path, path, Options{Progress: &progress, AllowErrorValues: true}); err != nil || len(interp.requests) != 5 {
		t.Errorf("%v after %d cells", err, len(interp.requests))
	}
	d, _ := read(path)
	part(d.cells[1], "metadata")["tags"] = []any{"raises-exception"}
	if err := d.write(path); err != nil {
		t.Fatal(err)
	}
	if err := Run(t.Context(), interp, path, path, Options{Progress: &progress}); err != nil || len(interp.requests) != 8 {
		t.Errorf("%v after %d cells", err, len(interp.requests))
	}
}

func TestRaisesExceptionGoesOn(t *testing.T) {
	path := notebookOf(t, "bad", "good")
	d, _ := read(path)
	part(d.cells[0], "metadata")["tags"] = []any{"raises-exception"}
	if err := d.write(path); err != nil {
		t.Fatal(err)
	}
	interp := &script{cells: map[string]func(context.Context, cell.Output) *cell.Error{"bad": fail}}
	if err := Run(t.Context(), interp, path, path, Options{Progress: &bytes.Buffer{}}); err != nil || len(interp.requests) != 2 {
		t.Errorf("executed %v, error %v", interp.requests, err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	interp := &script{cells: map[string]func(context.Context, cell.Output) *cell.Error{
		"long": func(ctx context.Context, out cell.Output) *cell.Error {
			out.Stream("stdout", "begun")
			cancel()
			<-ctx.Done()
			return &cell.Error{Name: "Interrupted"}
		},
	}}
	path := notebookOf(t, "long", "next")
	err := Run(ctx, interp, path, path, Options{Progress: &bytes.Buffer{}})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "cell [1]") || len(interp.requests) != 1 {
		t.Errorf("executed %v, error %v", interp.requests, err)
	}
	if got := outputsOf(t, path); !reflect.DeepEqual(got[0][0], any(stream("stdout", "begun"))) {
		t.Errorf("outputs %v", got)
	}
	if err := Run(ctx, interp, path, path, Options{Progress: &bytes.Buffer{}}); !errors.Is(err, context.Canceled) || len(interp.requests) != 1 {
		t.Errorf("with an ended context: executed %v, error %v", interp.requests, err)
	}
}

func TestWhatIsNoNotebookIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		`print(1)`:                                                  "is not a notebook",
		`{"nbformat": 3, "worksheets": []}`:                         `notebook format "3"; open it in Jupyter`,
		`{"nbformat": 4}`:                                           "no list of cells",
		`{"nbformat": 4, "cells": [1]}`:                             "cell 1 is not an object",
		`{"nbformat": 4, "cells": [{"cell_type": "code"}]}`:         "source of cell 1 is no text",
		`{"nbformat": 4, "cells": [{"source": ["a", {"b": "c"}]}]}`: "source of cell 1 has a line that is no text",
	} {
		path := filepath.Join(t.TempDir(), "a.ipynb")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Run(t.Context(), &script{}, path, path, Options{Progress: &bytes.Buffer{}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
		if after, _ := os.ReadFile(path); string(after) != text {
			t.Errorf("%s was changed to %s", text, after)
		}
	}
	if err := Run(t.Context(), &script{}, "testdata/none.ipynb", "x", Options{Progress: &bytes.Buffer{}}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}
