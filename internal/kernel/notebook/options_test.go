package notebook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// tag adds a tag to a cell of a notebook file.
func tag(t *testing.T, path string, at int, tag string) {
	t.Helper()
	d, err := read(path)
	if err != nil {
		t.Fatal(err)
	}
	metadata := part(d.cells[at], "metadata")
	list, _ := metadata["tags"].([]any)
	metadata["tags"] = append(list, tag)
	if err := d.write(path); err != nil {
		t.Fatal(err)
	}
}

func quiet() Options { return Options{Progress: &bytes.Buffer{}} }

func TestParametersAreSetBehindTheirDeclaration(t *testing.T) {
	interp := &script{}
	declares := "alpha, n := 0.5, 1 // of which\nvar names []string\nconst (\n\tlimit = 3\n\tother = 4\n)"
	path := notebookOf(t, "first", declares, "last")
	tag(t, path, 1, "parameters")
	out := filepath.Join(filepath.Dir(path), "out.ipynb")
	options := quiet()
	for _, value := range []string{"0.1", "0.2"} { // the second run replaces what the first one has put there
		options.Parameters = []Parameter{{"alpha", value}, {"names", `[]string{"a=b"}`}, {"limit", "7"}}
		if err := Run(t.Context(), interp, path, out, options); err != nil {
			t.Fatal(err)
		}
		path = out
		got, err := Code(out)
		want := "// Parameters\nalpha = " + value + "\nnames = []string{\"a=b\"}\nconst limit = 7"
		if err != nil || len(got) != 4 || got[1] != declares || got[2] != want || interp.requests[len(interp.requests)-2].Code != want {
			t.Errorf("ran %v, and wrote %q, %v", interp.requests, got, err)
		}
	}
	d, err := read(out)
	if err != nil || !hasTag(d.cells[2], "injected-parameters") || d.cells[2]["id"] != nil { // which this minor version has not
		t.Errorf("%v, %v", d.cells[2], err)
	}
}

func TestParametersThatTheNotebookDoesNotTake(t *testing.T) {
	path := notebookOf(t, "x := 1\nconst c = 2")
	run := func(name, value string) error {
		options := quiet()
		options.Parameters = []Parameter{{name, value}}
		return Run(t.Context(), &script{}, path, path, options)
	}
	before, _ := os.ReadFile(path)
	if err := run("x", "2"); err == nil || !strings.Contains(err.Error(), "none of its code cells is tagged parameters") {
		t.Errorf("without a tag: %v", err)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the notebook was changed")
	}
	tag(t, path, 0, "parameters")
	for _, c := range []struct{ name, value, want string }{
		{"y", "1", "has no parameter y; its cell tagged parameters declares c, x"},
		{"x", "1 +", "the value of parameter x, 1 +, is no Go expression"},
		{"x", "1\ny = 2", "is no Go expression"},
	} {
		if err := run(c.name, c.value); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s=%s: %v", c.name, c.value, err)
		}
	}
}

func TestACellThatTakesTooLongFails(t *testing.T) {
	interp := &script{cells: map[string]func(context.Context, cell.Output) *cell.Error{
		"long": func(ctx context.Context, out cell.Output) *cell.Error {
			<-ctx.Done()
			return &cell.Error{Name: "Interrupted", Value: "interrupted", Traceback: []string{"at line 1"}}
		},
	}}
	path := notebookOf(t, "short", "long", "short")
	options := quiet()
	options.CellTimeout = 20 * time.Millisecond
	err := Run(t.Context(), interp, path, path, options)
	if failed, ok := errors.AsType[*CellError](err); !ok || failed.Count != 2 || failed.Err.Name != "Timeout" ||
		!strings.Contains(err.Error(), "Timeout: the cell took longer than 20ms and was interrupted\n\nat line 1") {
		t.Errorf("%v", err)
	}
	if len(interp.requests) != 2 {
		t.Errorf("%d cells ran", len(interp.requests))
	}
}

func TestErrorsThatAreAllowed(t *testing.T) {
	interp := &script{cells: map[string]func(context.Context, cell.Output) *cell.Error{"bad": fail}}
	path := notebookOf(t, "bad", "good", "bad")
	var progress bytes.Buffer
	if err := Run(t.Context(), interp, path, path, Options{Progress: &progress, AllowErrors: true}); err != nil || len(interp.requests) != 3 {
		t.Errorf("%v after %d cells", err, len(interp.requests))
	}
	if !strings.Contains(progress.String(), "3 cells ran in ") || !strings.HasSuffix(progress.String(), ", 2 failed\n") {
		t.Errorf("progress %q", &progress)
	}
	if outputs := outputsOf(t, path); len(outputs[2]) != 1 {
		t.Errorf("outputs %v", outputs)
	}
}

func TestCheckComparesWhatAReaderSees(t *testing.T) {
	text, picture := "1 of 2 in 3.51 ms at 0xc000012345, 2026-11-30 10:00:01\n", "iVBOR"
	interp := &script{cells: map[string]func(context.Context, cell.Output) *cell.Error{
		"cell": func(_ context.Context, out cell.Output) *cell.Error {
			out.Stream("stdout", text)
			out.Display(cell.Bundle{"text/plain": "a\nb", "image/png": []byte(picture), "text/html": "<b>" + picture}, nil, "")
			return nil
		},
	}}
	path := notebookOf(t, "cell", "cell")
	if err := Run(t.Context(), interp, path, path, quiet()); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(path)
	text, picture = "1 of 2 in 401 µs at 0xc000054321, 2027-01-30 10:20:01.5\n", "another"
	if err := Check(t.Context(), interp, path, quiet()); err != nil {
		t.Errorf("times and pictures differ: %v", err)
	}
	text = strings.Replace(text, "1 of 2", "2 of 2", 1)
	err := Check(t.Context(), interp, path, quiet())
	failed, ok := errors.AsType[*CheckError](err)
	if !ok || len(failed.Cells) != 2 || !strings.Contains(err.Error(), "cell 1 of the notebook, cell\n  - 1 of 2 in … at …, …\n  + 2 of 2 in … at …, …\n") {
		t.Errorf("%v", err)
	}
	tag(t, path, 0, "nbval-ignore-output")
	tag(t, path, 1, "nbval-ignore-output")
	if err := Check(t.Context(), interp, path, quiet()); err != nil {
		t.Errorf("ignored: %v", err)
	}
	if after, _ := os.ReadFile(path); !bytes.Contains(after, []byte("iVBOR")) && bytes.Equal(before, after) {
		t.Error("a check changed the notebook")
	}
}

// What %timeit says depends on how fast the machine was at that moment, in more than its times.
func TestCheckLeavesOutWhatMeasurementsSay(t *testing.T) {
	text := "73.7 ns ± 2.14 ns per loop (mean ± std. dev. of 7 runs, 10,000,000 loops each)\n"
	interp := &script{cells: map[string]func(context.Context, cell.Output) *cell.Error{
		"cell": func(_ context.Context, out cell.Output) *cell.Error { out.Stream("stdout", text); return nil },
	}}
	path := notebookOf(t, "cell")
	if err := Run(t.Context(), interp, path, path, quiet()); err != nil {
		t.Fatal(err)
	}
	text = "The slowest run took 19.12 times longer than the fastest. This could mean that an intermediate result is being cached.\n" +
		"1.2 s ± 20 ms per loop (mean ± std. dev. of 7 runs, 1 loop each)\n"
	if err := Check(t.Context(), interp, path, quiet()); err != nil {
		t.Error(err)
	}
	text = strings.Replace(text, "7 runs", "3 runs", 1)
	if err := Check(t.Context(), interp, path, quiet()); err == nil {
		t.Error("another number of runs, which the cell says, is no difference")
	}
}

func TestANotebookAsAWebPage(t *testing.T) {
	interp := &script{cells: map[string]func(context.Context, cell.Output) *cell.Error{
		"a < b": func(_ context.Context, out cell.Output) *cell.Error {
			out.Stream("stderr", "<oh>\n")
			out.Display(cell.Bundle{"text/plain": "plain", "text/html": "<table><tr><td>1</td></tr></table>"}, nil, "")
			out.Display(cell.Bundle{"text/plain": "drawn", "image/svg+xml": "<svg/>"}, nil, "")
			return nil
		},
		"bad": fail,
	}}
	path := notebookOf(t, "a < b", "bad", "# title\n\n| a |\n|---|\n| *b* |")
	d, _ := read(path)
	d.cells[0]["id"], d.cells[2]["cell_type"] = "first<", "markdown"
	if err := d.write(path); err != nil {
		t.Fatal(err)
	}
	options := quiet()
	options.AllowErrors = true
	if err := Run(t.Context(), interp, path, path, options); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "page.html")
	if err := HTML(path, out); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(out)
	at := 0
	for _, want := range []string{"<section id=\"cell-id=first&lt;\"><div class=\"number\">[1]</div><pre class=\"in\">a &lt; b</pre>", `<pre class="stderr">&lt;oh&gt;`, "<table><tr><td>1</td>",
		`<img alt="" src="data:image/svg+xml;base64,PHN2Zy8+">`, `<pre class="error">panic: boom`, "<h1>title</h1>", "<td><em>b</em></td>"} {
		k := strings.Index(string(got)[at:], want)
		if k < 0 {
			t.Fatalf("no %q in\n%s", want, got[at:])
		}
		at += k
	}
}

func TestWidgetsAreKeptAsTheyWereLast(t *testing.T) {
	interp := &script{cells: map[string]func(context.Context, cell.Output) *cell.Error{
		"widget": func(_ context.Context, out cell.Output) *cell.Error {
			out.Comm(cell.Comm{Kind: cell.CommOpen, ID: "a", Target: "jupyter.widget", Data: []byte(`{"state":{"_model_name":"IntSliderModel","value":1,"max":9}}`)})
			out.Comm(cell.Comm{Kind: cell.CommOpen, ID: "b", Target: "other", Data: []byte(`{"state":{}}`)})
			out.Comm(cell.Comm{Kind: cell.CommMessage, ID: "a", Data: []byte(`{"method":"update","state":{"value":2}}`)})
			out.Comm(cell.Comm{Kind: cell.CommMessage, ID: "b", Data: []byte(`{"state":{"value":2}}`)})
			return nil
		},
	}}
	path := notebookOf(t, "widget")
	for _, code := range []string{"widget", "none"} {
		d, _ := read(path)
		d.cells[0]["source"] = code
		if err := d.write(path); err != nil {
			t.Fatal(err)
		}
		if err := Run(t.Context(), interp, path, path, quiet()); err != nil {
			t.Fatal(err)
		}
		d, err := read(path)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := json.Marshal(part(d.root, "metadata")["widgets"])
		want := `{"application/vnd.jupyter.widget-state+json":{"state":{"a":{"model_module":null,"model_module_version":null,"model_name":"IntSliderModel",` +
			`"state":{"_model_name":"IntSliderModel","max":9,"value":2}}},"version_major":2,"version_minor":0}}`
		if code == "none" {
			want = "null"
		}
		if string(got) != want {
			t.Errorf("%s: the notebook has %s, want %s", code, got, want)
		}
	}
}
