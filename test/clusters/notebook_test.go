package clusters

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// cells reads what a notebook's cells have printed or shown as text.
func cells(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var notebook struct {
		Cells []struct {
			Outputs []struct {
				Text []string
				Data map[string]json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(text, &notebook); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, c := range notebook.Cells {
		for _, o := range c.Outputs {
			all.WriteString(strings.Join(o.Text, ""))
			all.Write(o.Data["text/plain"])
			if o.Data["image/svg+xml"] != nil {
				all.WriteString(" a picture ")
			}
		}
	}
	return all.String()
}

// TestSlurmNotebook: notebook 05 finds Slurm and measures both.
func TestSlurmNotebook(t *testing.T) {
	slurm(t)
	run := goparallel(t)
	out := filepath.Join(t.TempDir(), "05.ipynb")
	if said, err := run("run", "-o", out, "../../notebooks/05-beyond-the-laptop.ipynb"); err != nil {
		t.Fatal(said, err)
	}
	got := cells(t, out)
	for _, want := range []string{"6 engines after", "login      400", "n1   ", "n3   ", "a call costs ", "one that has to be started: "} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
	if n := strings.Count(got, " a picture "); n != 3 {
		t.Errorf("%d pictures", n)
	}
	emptyQueue(t)
}

// TestClusterStartSlurmNotebook: engines of a cluster that lives on get the code of a notebook's cells, with a package that the host does
// not have, through the cluster's controller.
func TestClusterStartSlurmNotebook(t *testing.T) {
	s := slurm(t)
	run := goparallel(t)
	started(t, run, "b", "-n", "4", "--slurm", "--engines-per-node=2", "--cpus=2", "--folder="+s.Folder)
	notebook := func(name string, cells ...string) string {
		type cell struct {
			Kind     string         `json:"cell_type"`
			Source   string         `json:"source"`
			Outputs  []any          `json:"outputs"`
			Metadata map[string]any `json:"metadata"`
			Count    *int           `json:"execution_count"`
		}
		var list []cell
		for _, source := range cells {
			list = append(list, cell{"code", source, []any{}, map[string]any{}, nil})
		}
		text, err := json.Marshal(map[string]any{"cells": list, "metadata": map[string]any{}, "nbformat": 4, "nbformat_minor": 4})
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	path := notebook("first.ipynb", `import ("context"; "fmt"; "os"; "go/scanner"; "go/token"; "github.com/goparallel/goparallel/parallel")
rc, err := parallel.Connect(context.Background(), "b")
if err != nil { panic(err) }
k := 7`, `func tokens(text string) (n int) {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(text))
	s.Init(file, []byte(text), nil, 0)
	for {
		if _, what, _ := s.Scan(); what == token.EOF { return n }
		n++
	}
}
ys, err := rc.LoadBalanced().MapSync(func(x int) string { host, _ := os.Hostname(); return fmt.Sprint(host[:1], tokens("a + b"), x * k) }, []int{1, 2, 3})
fmt.Println(ys, err)`, `big := make([]float64, 1<<19)
for i := range big { big[i] = 1 }
sums, err := rc.All().MapSync(func(x int) float64 { sum := float64(x); for _, y := range big { sum += y }; return sum }, []int{0, 1, 2, 3})
fmt.Println(sums, err)`)
	if said, err := run("run", path); err != nil {
		t.Fatal(said, err)
	}
	if got := cells(t, path); !strings.Contains(got, "[n4 7 n4 14 n4 21] <nil>") {
		t.Error(got)
	}
	if got := cells(t, path); !strings.Contains(got, "[524288 524289 524290 524291] <nil>") {
		t.Error(got)
	}
	if out, err := run("cluster", "stop", "--name", "b"); err != nil {
		t.Error(out, err)
	}
	emptyQueue(t)
}
