package gophernotes

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/repl"
)

// gophernotes' own notebooks run in it, extended, and unchanged in our kernel.

func TestItsOwnNotebooks(t *testing.T) {
	for _, n := range examples(t) {
		t.Run(n.name, func(t *testing.T) {
			k := start(t)
			n.check(t, k.run)
		})
	}
}

func TestItsOwnNotebooksInOurKernel(t *testing.T) {
	if _, err := built(); err != nil { // the workspace
		t.Fatal(err)
	}
	for _, n := range examples(t) {
		t.Run(n.name, func(t *testing.T) {
			// They were written when gonum's plot.New returned an error, and run with
			// the version that the module around them requires.
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module notebooks\n\ngo 1.15\n\nrequire gonum.org/v1/plot v0.8.1\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			r, err := repl.Open(t.Context(), repl.Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			count := 0
			n.check(t, func(code string) shown {
				count++
				out := &recorder{}
				reply := r.Execute(t.Context(), cell.Request{Code: code, Count: count, StoreHistory: true}, out)
				if reply.Err != nil {
					out.err = reply.Err.Text()
				}
				return out.shown
			})
		})
	}
}

// example is one of gophernotes' notebooks.
type example struct {
	name  string
	cells []exampleCell
}

type exampleCell struct {
	CellType string `json:"cell_type"`
	Source   lines
	Outputs  []struct {
		OutputType string `json:"output_type"`
		Data       map[string]any
	}
}

// lines is text that a notebook holds whole or line by line.
type lines string

func (l *lines) UnmarshalJSON(data []byte) error {
	var list []string
	if err := json.Unmarshal(data, &list); err == nil {
		*l = lines(strings.Join(list, ""))
		return nil
	}
	return json.Unmarshal(data, (*string)(l))
}

// examples reads the notebooks out of the module that the mod file pins.
func examples(t *testing.T) (list []example) {
	t.Helper()
	cmd := exec.Command("go", "mod", "download", "-modfile="+modFile, "-json", toolPath)
	cmd.Dir = "../../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(module.Dir, "examples", "*.ipynb"))
	if err != nil || len(paths) != 4 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var n struct{ Cells []exampleCell }
		if err := json.Unmarshal(data, &n); err != nil {
			t.Fatal(path, err)
		}
		list = append(list, example{strings.TrimSuffix(filepath.Base(path), ".ipynb"), n.Cells})
	}
	return list
}

// needsInternet reports whether a cell fetches something, or uses what such a cell
// has made: the client of a service that the notebook about faces expects.
func (c exampleCell) needsInternet() bool {
	for _, word := range []string{"http.Get", "facebox", "IdentifiedFaces"} {
		if strings.Contains(string(c.Source), word) {
			return true
		}
	}
	return false
}

// check runs the cells and compares what they show with what the notebook holds.
func (n example) check(t *testing.T, run func(code string) shown) {
	ran := 0
	for i, c := range n.cells {
		if c.CellType != "code" || c.needsInternet() {
			continue
		}
		ran++
		got := run(string(c.Source))
		if got.err != "" {
			t.Errorf("cell %d failed: %s\n%s", i+1, got.err, c.Source)
			continue
		}
		if n.name == "Worker_Pools" {
			if jobs := strings.Count(got.text, "processing job"); strings.Contains(string(c.Source), "close(jobs)") && jobs != 9 {
				t.Errorf("%d of 9 jobs: %s", jobs, got.text)
			}
			continue // in any order
		}
		// What the kernel and the go command tell is shown as well, but is no output of the cell.
		got.data = slices.DeleteFunc(got.data, func(d map[string]any) bool {
			text, _ := d["text/plain"].(string)
			return strings.HasPrefix(text, "go: downloading") || strings.HasPrefix(text, "imported ") || strings.HasPrefix(text, "compiling ")
		})
		rich := 0
		for _, o := range c.Outputs {
			for mime, want := range o.Data {
				switch mime {
				case "image/png":
					if len(got.data) <= rich || got.data[rich][mime] == nil {
						t.Errorf("cell %d shows no picture: %v", i+1, got)
					}
				case "text/plain":
					if text := joined(want); len(o.Data) == 1 && !strings.Contains(got.text, text) {
						t.Errorf("cell %d shows %q, want %q", i+1, got.text, text)
					}
				default:
					if text := joined(want); len(got.data) <= rich || fmt.Sprint(got.data[rich][mime]) != text {
						t.Errorf("cell %d shows %v, want %s %q", i+1, got.data, mime, text)
					}
				}
			}
			rich++
		}
	}
	if ran == 0 {
		t.Error("no cell ran")
	}
}

// joined is text of an output.
func joined(v any) string {
	if list, ok := v.([]any); ok {
		var b strings.Builder
		for _, line := range list {
			b.WriteString(line.(string))
		}
		return b.String()
	}
	return v.(string)
}

// recorder is the output of a cell of our kernel.
type recorder struct{ shown }

func (r *recorder) Stream(_, text string) { r.text += text }

func (r *recorder) Display(data cell.Bundle, _ map[string]any, _ string) {
	r.data = append(r.data, data)
}

func (r *recorder) Result(data cell.Bundle, metadata map[string]any) { r.Display(data, metadata, "") }

func (r *recorder) Update(cell.Bundle, map[string]any, string) {}

func (r *recorder) Clear(bool)       {}
func (r *recorder) Comm(m cell.Comm) {}

func (r *recorder) Input(context.Context, string, bool) (string, error) {
	return "", fmt.Errorf("nobody is there")
}
