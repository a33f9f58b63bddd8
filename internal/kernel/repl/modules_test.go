package repl_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/repl"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// write lays out files below dir.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// openIn opens a notebook in a folder.
func openIn(t *testing.T, dir string) *notebook {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	r, err := repl.Open(ctx, repl.Options{Dir: dir, Version: "test", Progress: func(line string) { t.Log(line) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return &notebook{t: t, repl: r}
}

// proxy makes a module proxy of files with versions of example.com/greet, and
// lets the go command use nothing else.
func proxy(t *testing.T, versions ...string) {
	t.Helper()
	modules := make(map[string]map[string]string)
	for _, v := range versions {
		modules["example.com/greet@"+v] = map[string]string{"greet.go": "package greet\n\n// Version is " + v + ".\nfunc Version() string { return \"" + v + "\" }\n"}
	}
	proxyOf(t, modules)
}

// proxyOf makes a module proxy of files, of the modules with these files, by
// path@version, and lets the go command use nothing else. A go.mod that is missing is
// added.
func proxyOf(t *testing.T, modules map[string]map[string]string) {
	t.Helper()
	// The workspace is made of modules that this proxy does not have.
	if _, err := workspace.Open(t.Context(), func(line string) { t.Log(line) }); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := make(map[string]string)
	for name, module := range modules {
		path, v, _ := strings.Cut(name, "@")
		if module["go.mod"] == "" {
			module["go.mod"] = "module " + path + "\n\ngo 1.21\n"
		}
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for name, text := range module {
			w, err := z.Create(path + "@" + v + "/" + name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		at := filepath.Join(path, "@v")
		files[filepath.Join(at, "list")] += v + "\n"
		files[filepath.Join(at, v+".info")] = `{"Version":"` + v + `"}`
		files[filepath.Join(at, v+".mod")], files[filepath.Join(at, v+".zip")] = module["go.mod"], b.String()
	}
	write(t, dir, files)
	t.Setenv("GOPROXY", "file://"+dir)
	t.Setenv("GONOSUMDB", "example.com")
	cache := filepath.Join(t.TempDir(), "mod")
	t.Setenv("GOMODCACHE", cache)
	t.Cleanup(func() { // the go command makes folders that cannot be removed
		err := filepath.WalkDir(cache, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				err = os.Chmod(path, 0o700)
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	})
}

func TestNotebookInModule(t *testing.T) {
	proxy(t, "v1.1.0", "v1.2.0")
	dir := t.TempDir()
	files := map[string]string{
		"go.mod":                 "module mine\n\ngo 1.21\n\nrequire (\n\texample.com/greet v1.1.0\n\tother v0.0.0\n)\n\nreplace other => ./other\n",
		"internal/deep/deep.go":  "package deep\n\nimport (\n\t\"example.com/greet\"\n\t\"other\"\n)\n\nfunc Answer() string { return greet.Version() + other.Name }\n",
		"book/internal/own/o.go": "package own\n\nconst A = 1\n",
		"other/go.mod":           "module other\n\ngo 1.21\n",
		"other/other.go":         "package other\n\nconst Name = \" other\"\n",
	}
	write(t, dir, files)
	n := openIn(t, filepath.Join(dir, "book"))
	if got, reply := n.run("import \"mine/internal/deep\"\ndeep.Answer()"); reply.Err != nil || !strings.Contains(got, "v1.1.0 other") {
		t.Fatal(got, reply.Err)
	}
	n.ok("import \"mine/book/internal/own\"\nown.A", "=> 1")
	if text := n.fails(`import "net/http/internal"`, "CompileError"); !strings.Contains(text, "use of internal package net/http/internal not allowed") {
		t.Error(text)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "go.mod")); err != nil || string(data) != files["go.mod"] {
		t.Errorf("the user's go.mod has become %q, %v", data, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.sum")); err == nil {
		t.Error("a go.sum has appeared in the user's module")
	}
}

func TestWorkspaceOfUser(t *testing.T) {
	t.Setenv("GOWORK", "") // test.sh turns workspaces off for the project itself
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"go.work":   "go 1.21\n\nuse (\n\t./a\n\t./b\n)\n",
		"a/go.mod":  "module example.com/a\n\ngo 1.21\n",
		"a/a.go":    "package a\n\nimport \"example.com/b/v2\"\n\nvar A = b.B + 1\n",
		"b/go.mod":  "module example.com/b/v2\n\ngo 1.21\n",
		"b/b.go":    "package b\n\nvar B = 41\n",
		"nb/keep.x": "",
	})
	n := openIn(t, filepath.Join(dir, "nb"))
	n.ok("import \"example.com/a\"\na.A", "=> 42")
}

func TestConflictAndRestart(t *testing.T) {
	proxy(t, "v1.1.0", "v1.2.0")
	n := openIn(t, t.TempDir())
	use := "import \"example.com/greet\"\ngreet.Version()"
	n.run("%get example.com/greet@v1.1.0")
	n.ok(use, "=> v1.1.0")
	if got, reply := n.run("%get example.com/greet@v1.2.0"); reply.Err != nil || !strings.Contains(got, "v1.1.0 is loaded and stays until %restart; then v1.2.0 is used") {
		t.Errorf("%q %v", got, reply.Err)
	}
	n.ok("greet.Version()", "=> v1.1.0")
	doc := func(version string) {
		if page := fmt.Sprint(n.repl.Inspect(t.Context(), "greet.Version", 8, 0).Data["text/plain"]); !strings.Contains(page, "Version is "+version+".") {
			t.Errorf("the documentation is %s", page)
		}
	}
	doc("v1.1.0")
	for _, cell := range []string{use, use + " // anew"} {
		if text := n.fails(cell, "CompileError"); !strings.Contains(text, "example.com/greet v1.1.0 is loaded, and now v1.2.0 is wanted: %restart") {
			t.Error(text)
		}
	}
	n.run("%restart")
	n.ok(use, "=> v1.2.0")
	doc("v1.2.0")
	if got, reply := n.run("%mod"); reply.Err != nil || !strings.Contains(got, "example.com/greet v1.2.0") {
		t.Errorf("%q %v", got, reply.Err)
	}
	if text := n.fails("%get example.com/greet@v9.9.9", "MagicError"); !strings.Contains(text, "v9.9.9") {
		t.Error(text)
	}
	if text := n.fails("import \"example.com/nothing\"", "CompileError"); !strings.Contains(text, "cannot import example.com/nothing") {
		t.Error(text)
	}
}

// TestSourceOfOwnModule holds that a package is compiled as it is when it is
// loaded, whatever it was in cells that failed before.
func TestSourceOfOwnModule(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"go.mod": "module mine\n\ngo 1.21\n", "lib/lib.go": "package lib\n\nfunc One() int { return 1 }\n"})
	n := openIn(t, dir)
	two := "import \"mine/lib\"\nlib.Two()"
	n.fails(two, "CompileError")
	write(t, dir, map[string]string{"lib/lib.go": "package lib\n\nfunc One() int { return 1 }\n\nfunc Two() int { return 2 }\n"})
	n.ok(two, "=> 2")
	write(t, dir, map[string]string{"lib/lib.go": "package lib\n\nfunc Two() int { return 22 }\n", "user/user.go": "package user\n\nimport \"mine/lib\"\n\nvar X = lib.Two()\n"})
	const note = "the source of mine has changed since it was loaded; %restart takes it up"
	if got, _ := n.run("lib.Two()"); !strings.Contains(got, note) || !strings.HasSuffix(got, "=> 2") {
		t.Error(got)
	}
	n.ok("lib.Two()", "=> 2") // told once
	if text := n.fails("import \"mine/user\"\nuser.X", "CompileError"); !strings.Contains(text, "mine has changed since it was loaded: %restart") {
		t.Error(text)
	}
	n.run("%restart")
	n.ok("import \"mine/user\"\nuser.X", "=> 22")
}

// TestEveryFileOfAPackage holds that a package is another one when any of the files that it is made of is: what
// it embeds, by name or by a pattern, and what is compiled by others than Go's compiler.
func TestEveryFileOfAPackage(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"go.mod": "module mine\n\ngo 1.21\n", "page/page.go": "package page\n\nimport \"embed\"\n\n//go:embed a.txt all:more p*.md\nvar Files embed.FS\n",
		"page/a.txt": "a", "page/more/deep/b.txt": "b", "page/p1.md": "p",
		"root/root.go": "package root\n\n// #include \"root.h\"\nimport \"C\"\n\nvar Root = int(C.ROOT)\n", "root/root.h": "#define ROOT 1\n",
	})
	n := openIn(t, dir)
	n.run("import (\n\"mine/page\"\n\"mine/root\"\n)")
	n.run("page.Files, root.Root")
	for _, file := range []string{"page/a.txt", "page/more/deep/b.txt", "page/p2.md", "page/more/c.txt", "root/root.h"} {
		n.ok("1", "=> 1")
		write(t, dir, map[string]string{file: "#define ROOT 22\n"})
		if got, _ := n.run("1"); !strings.Contains(got, "the source of mine has changed since it was loaded") {
			t.Errorf("%s was changed, and a cell said %q", file, got)
		}
	}
	n.run("%restart")
	if got, reply := n.run("import (\n\"mine/page\"\n\"mine/root\"\n)\nb, err := page.Files.ReadFile(\"more/c.txt\")\nlen(b), root.Root"); reply.Err != nil || !strings.HasSuffix(got, "=> 16 22") {
		t.Error(got, reply.Err)
	}
}

func TestLocalModules(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"m/go.mod": "module example.com/m\n\ngo 1.21\n", "m/m.go": "package m\n\n// #include <math.h>\n// #cgo LDFLAGS: -lm\nimport \"C\"\n\nfunc Root(x float64) float64 { return float64(C.sqrt(C.double(x))) }\n",
		"r/go.mod": "module example.com/r\n\ngo 1.21\n", "r/r.go": "package r\n\nimport _ \"embed\"\n\n//go:embed r.txt\nvar R string\n", "r/r.txt": "embedded",
		"p/main.go": "package main\n\nfunc main() {}\n", "p/go.mod": "module example.com/p\n",
		"nb/keep.x": "",
	})
	n := openIn(t, filepath.Join(dir, "nb"))
	n.run("%get ../m ../p")
	n.ok("import \"example.com/m\"\nm.Root(9)", "=> 3")
	n.run("%mod edit -replace=example.com/r=../r")
	if got, reply := n.run("import \"example.com/r\"\nr.R"); reply.Err != nil || !strings.Contains(got, "embedded") {
		t.Error(got, reply.Err)
	}
	if text := n.fails("import \"example.com/p\"", "CompileError"); !strings.Contains(text, "program") {
		t.Error(text)
	}
}

func TestOffline(t *testing.T) {
	proxy(t, "v1.1.0", "v1.2.0")
	use := "import (\n\t\"example.com/greet\"\n\t\"net/http/httptest\"\n)\nvar _ *httptest.Server\ngreet.Version()"
	if got, reply := openIn(t, t.TempDir()).run(use); reply.Err != nil || !strings.Contains(got, "go: downloading example.com/greet v1.2.0") {
		t.Fatalf("%q %v", got, reply.Err)
	}
	t.Setenv("GOPROXY", "off")
	t.Setenv("GONOSUMDB", "")
	n := openIn(t, t.TempDir())
	got, reply := n.run(use)
	if reply.Err != nil || !strings.HasSuffix(got, "=> v1.2.0") || !strings.Contains(got, "note: no network") {
		t.Fatalf("%q %v", got, reply.Err)
	}
	if text := n.fails("import \"example.com/other\"", "CompileError"); !strings.Contains(text, "GOPROXY=off") {
		t.Error(text)
	}
	if text := n.fails("import \"maths\"", "CompileError"); !strings.Contains(text, "not in the standard library") {
		t.Error(text)
	}
}

// wants is the source of a module that requires a version of example.com/base.
func wants(path, base, body string) map[string]string {
	name := filepath.Base(path)
	return map[string]string{
		"go.mod":     "module " + path + "\n\ngo 1.21\n\nrequire example.com/base " + base + "\n",
		name + ".go": "package " + name + "\n\nimport \"example.com/base\"\n\n" + body + "\n",
	}
}

// conflicting are modules that want different versions of one that they share: with
// easy the older one does, with hard it does not.
func conflicting() map[string]map[string]string {
	const old = "package base\n\nfunc Version() string { return \"%s\" }\n"
	through := func(name string) string {
		return "package " + name + "\n\nimport \"example.com/base\"\n\nfunc F() string { return base.Version() }\n"
	}
	late := wants("example.com/late", "v1.2.0", "func F() string { return base.Version() + a.F() + z.F() }")
	late["go.mod"] += "\nrequire example.com/alias v1.0.0\n"
	late["late.go"] = strings.Replace(late["late.go"], "import", "import \"example.com/alias/a\"\nimport \"example.com/alias/z\"\nimport", 1)
	return map[string]map[string]string{
		"example.com/alias@v1.0.0": {"go.mod": "module example.com/alias\n\ngo 1.21\n\nrequire example.com/base v1.1.0\n", "a/a.go": through("a"), "z/z.go": through("z")},
		"example.com/late@v1.0.0":  late,
		"example.com/base@v1.1.0":  {"base.go": fmt.Sprintf(old, "v1.1.0")},
		"example.com/base@v1.2.0":  {"base.go": fmt.Sprintf(old, "v1.2.0") + "\nfunc New() {}\n"},
		"example.com/base@v1.3.0":  {"base.go": fmt.Sprintf(old, "v1.3.0") + "\nfunc New() {}\n"},
		"example.com/first@v1.0.0": wants("example.com/first", "v1.1.0", "func F() string { return base.Version() }"),
		"example.com/easy@v1.0.0":  wants("example.com/easy", "v1.2.0", "func F() string { return base.Version() }"),
		"example.com/hard@v1.0.0":  wants("example.com/hard", "v1.3.0", "func F() string { base.New(); return base.Version() }"),
	}
}

func TestModulesInAnyOrder(t *testing.T) {
	proxyOf(t, conflicting())
	n := openIn(t, t.TempDir())
	use := func(name string) string { return "import \"example.com/" + name + "\"\n" + name + ".F()" }
	value := func(code, want string) string {
		t.Helper()
		got, reply := n.run(code)
		if reply.Err != nil || !strings.HasSuffix(got, "=> "+want) {
			t.Fatalf("%s\nshowed %q, %+v, want %s", code, got, reply.Err, want)
		}
		return got
	}
	value("kept := 7\n"+use("first"), "v1.1.0")
	if got := value(use("easy"), "v1.1.0"); !strings.Contains(got, "example.com/base stays at v1.1.0, which is loaded; v1.2.0 is asked for") {
		t.Errorf("no note in %q", got)
	}
	value(use("first")+" + easy.F()", "v1.1.0v1.1.0")
	const refusal = "example.com/base v1.1.0 is loaded, and now v1.3.0 is wanted: %restart -rerun begins anew"
	for range 2 {
		if text := n.fails(use("hard"), "CompileError"); !strings.Contains(text, refusal) {
			t.Errorf("got\n%s", text)
		}
	}
	value("first.F() + easy.F()", "v1.1.0v1.1.0") // what is there is not disturbed
	value("%restart -rerun\n"+use("hard"), "v1.3.0")
	value("easy.F() + first.F()", "v1.3.0v1.3.0")
	n.ok("kept", "=> 7")
	if text := n.fails("%restart -again", "MagicError"); !strings.Contains(text, "one option") {
		t.Errorf("got\n%s", text)
	}
	value("%restart\n"+use("easy"), "v1.3.0") // as the go.mod has it by now
}

// TestALoadedPackageIsAnotherBuild imports what needs a newer version of a module that is
// loaded, and packages that are loaded and import that one.
func TestALoadedPackageIsAnotherBuild(t *testing.T) {
	proxyOf(t, conflicting())
	n := openIn(t, t.TempDir())
	n.run("import (\"example.com/alias/a\"; \"example.com/alias/z\")")
	n.ok("a.F() + z.F()", "=> v1.1.0v1.1.0")
	got, reply := n.run("import \"example.com/late\"\nlate.F()")
	if reply.Err != nil || !strings.HasSuffix(got, "=> v1.1.0v1.1.0v1.1.0") || !strings.Contains(got, "example.com/base stays at v1.1.0") {
		t.Errorf("showed %q, %+v", got, reply.Err)
	}
}

// answering is an Output with a user who answers this, and what he was asked.
type answering struct {
	recorder
	answer, asked string
}

func (a *answering) Input(_ context.Context, prompt string, _ bool) (string, error) {
	a.asked = prompt
	return a.answer, nil
}

func TestARestartIsOffered(t *testing.T) {
	proxyOf(t, conflicting())
	n := openIn(t, t.TempDir())
	n.run("import \"example.com/first\"\nkept := first.F() + \"!\"")
	n.run("kept += \"?\"")
	cells := cell.Request{Code: "import \"example.com/hard\"\nhard.F()", AllowStdin: true}
	out := &answering{answer: "n"}
	if reply := n.execute(cells, out); reply.Err == nil || reply.Err.Name != "CompileError" || !strings.Contains(out.asked, "Restart now, and run cells 1-2 and this one again? [Y/n]") {
		t.Errorf("asked %q, ended with %+v", out.asked, reply.Err)
	}
	n.ok("kept", "=> v1.1.0!?")
	out = &answering{}
	if reply := n.execute(cells, out); reply.Err != nil || !strings.HasSuffix(out.String(), "=> v1.3.0") {
		t.Errorf("showed %q, ended with %+v", out, reply.Err)
	}
	n.ok("kept", "=> v1.3.0!?")
}
