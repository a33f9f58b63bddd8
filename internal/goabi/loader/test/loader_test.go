// Package test loads objects into a host of its own: a program that holds the
// loader is linked with a flag that tests are not.
package test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goparallel/goparallel/internal/goabi/loader/shared"
	"github.com/goparallel/goparallel/internal/goabi/loader/symbols"
)

var stress = flag.Duration("stress", 3*time.Second, "how long programs are loaded while collector, panics and profiles go on")

// workshop is where the tests build the host and the units.
var workshop struct {
	sync.Once
	dir, config string
	err         error
}

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	os.RemoveAll(workshop.dir)
	os.Exit(code)
}

// prepare builds the host, and lists the packages that units are compiled with.
func prepare(t *testing.T) {
	t.Helper()
	workshop.Do(func() {
		if workshop.dir, workshop.err = os.MkdirTemp("", "goparallel-loader-"); workshop.err != nil {
			return
		}
		workshop.err = build()
	})
	if workshop.err != nil {
		t.Fatal(workshop.err)
	}
}

func build() error {
	host := filepath.Join(workshop.dir, "host")
	if _, err := run(".", "go", "build", "-trimpath", "-ldflags=-checklinkname=0", "-o", host, "./testdata/host"); err != nil {
		return err
	}
	list := []string{"go", "list", "-export", "-deps", "-trimpath", "-f", "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}"}
	files, err := filepath.Glob("testdata/programs/*.go")
	if err != nil {
		return err
	}
	std := ""
	for _, arg := range append(files, "./testdata/host") {
		packages, err := run(".", append(list, arg)...)
		if err != nil {
			return err
		}
		std += packages
	}
	outside, err := run("testdata/outside", append(list, "./...")...)
	if err != nil {
		return err
	}
	for line := range strings.Lines(outside) {
		path, archive, _ := strings.Cut(strings.TrimSpace(line), "=")
		if strings.HasSuffix(path, "/native") {
			if err := shared.Link(context.Background(), []string{"gcc"}, archive, filepath.Join(workshop.dir, shared.Name(archive))); err != nil {
				return err
			}
		}
	}
	workshop.config = filepath.Join(workshop.dir, "importcfg")
	if err := os.WriteFile(workshop.config, []byte(std+outside), 0o600); err != nil {
		return err
	}
	var archives []string
	for line := range strings.Lines(std) {
		if _, file, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !slices.Contains(archives, file) {
			archives = append(archives, file)
		}
	}
	root, err := run(".", "go", "env", "GOROOT")
	if err != nil {
		return err
	}
	return symbols.Write(host, strings.TrimSpace(root), archives)
}

func run(dir string, command ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return string(out), fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, stderr.String())
	}
	return string(out), nil
}

// compile compiles a file as a package of that path and returns the object.
func compile(t *testing.T, path, file string) string {
	t.Helper()
	object := filepath.Join(workshop.dir, fmt.Sprintf("%s-%s.o", path, strings.TrimSuffix(filepath.Base(file), ".go")))
	_, err := run(".", "go", "tool", "compile", "-p", path, "-complete", "-trimpath", filepath.Dir(file), "-importcfg", workshop.config, "-o", object, file)
	if err != nil {
		t.Fatal(err)
	}
	return object
}

// load has the host load objects, and returns what it prints.
func load(t *testing.T, args ...string) string {
	t.Helper()
	host := []string{filepath.Join(workshop.dir, "host")}
	if args[0] == "-stress" {
		host, args = append(host, args[0]), args[1:]
	}
	out, err := run(".", append(append(host, workshop.config), args...)...)
	if err != nil && !strings.Contains("\n"+out, "\nerror: ") {
		t.Fatalf("%v\n%s", err, out)
	}
	return out
}

// TestProgramsDoWhatGoRunDoes loads programs into a host.
func TestProgramsDoWhatGoRunDoes(t *testing.T) {
	prepare(t)
	files, err := filepath.Glob("testdata/programs/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no programs", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".go"), func(t *testing.T) {
			want, err := run(".", "go", "run", file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, load(t, "unit.main="+compile(t, "unit", file))); diff != "" {
				t.Errorf("-go run +loaded:\n%s", diff)
			}
		})
	}
}

// TestPackagesThatTheHostDoesNotHave loads them from their archives: those of the
// standard library, and others, with assembly.
func TestPackagesThatTheHostDoesNotHave(t *testing.T) {
	prepare(t)
	want, err := run("testdata/outside", "go", "run", ".")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, load(t, "unit.main="+compile(t, "unit", "testdata/outside/main.go"))); diff != "" {
		t.Errorf("-go run +loaded:\n%s", diff)
	}
}

// write makes a source file.
func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name+".go")
	if err := os.WriteFile(file, []byte("package main\n"+text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestUnitsOfOnePackageShareTypesAndVariables loads two objects of one package.
func TestUnitsOfOnePackageShareTypesAndVariables(t *testing.T) {
	prepare(t)
	const shared = `
import ("fmt"; "reflect")
type point struct{ x, y int }
func (p point) String() string { return fmt.Sprint(p.x, "/", p.y) }
type hidden interface { secret() int }
func (p *point) secret() int { return p.x }
var last any
var made map[any]int
`
	first := write(t, "first", shared+`
func first() { made = map[any]int{}; last = &point{1, 2}; made[point{3, 4}] = 5; made[reflect.TypeFor[[]point]()] = 6 }`)
	second := write(t, "second", shared+`
func second() {
	p, ok := last.(*point)
	h, hides := last.(hidden)
	s, prints := last.(fmt.Stringer)
	fmt.Println(p, ok, hides, h.secret(), s, prints, made[point{3, 4}], made[reflect.TypeFor[[]point]()], fmt.Stringer(p) == s)
}`)
	got := load(t, "unit.first="+compile(t, "unit", first), "unit.second="+compile(t, "unit", second))
	if want := "1/2 true true 1 1/2 true 5 6 true\n"; got != want {
		t.Errorf("got  %swant %s", got, want)
	}
}

// TestPackagesAreThoseThatAUnitWasCompiledWith has packages in several versions: lists
// of earlier units name others than those of later ones.
func TestPackagesAreThoseThatAUnitWasCompiledWith(t *testing.T) {
	prepare(t)
	base, err := os.ReadFile(workshop.config)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	// In each version the symbols have other numbers, and what two has comes from one.
	list := func(version int) string {
		config := filepath.Join(dir, fmt.Sprint("config", version))
		text := string(base)
		for _, p := range []struct{ name, text string }{
			{"one", "package one\n" + strings.Repeat("var _ = func() int { return 1 }()\n", version) +
				strings.Repeat("type A struct{}\n", version%2) + fmt.Sprintf("func Version() int { return version }\nvar version = %d\n", version)},
			{"two", "package two\nimport \"example.com/one\"\n" + strings.Repeat("func B() {}\n", (version+1)%2) +
				fmt.Sprintf("//go:noinline\nfunc Version() int { return 10*one.Version() + %d }\n", version)},
		} {
			source, archive := filepath.Join(dir, p.name+".go"), filepath.Join(dir, fmt.Sprint(p.name, version, ".a"))
			for file, text := range map[string]string{source: p.text, config: text} {
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := run(".", "go", "tool", "compile", "-pack", "-p", "example.com/"+p.name, "-importcfg", config, "-o", archive, source); err != nil {
				t.Fatal(err)
			}
			text += fmt.Sprintf("packagefile example.com/%s=%s\n", p.name, archive)
		}
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return config
	}
	old, later, last := list(1), list(2), list(3)
	unit := func(name, config, text string) string {
		object := filepath.Join(dir, name+".o")
		if _, err := run(".", "go", "tool", "compile", "-p", "unit", "-importcfg", config, "-o", object, write(t, name, text)); err != nil {
			t.Fatal(err)
		}
		return "unit." + name + "=" + object
	}
	first := unit("first", old, "import \"fmt\"\nfunc first() { fmt.Println(0) }")
	const use = "import (\"fmt\"; \"example.com/two\")\n"
	second := unit("second", later, use+"func second() { fmt.Println(two.Version()) }")
	got := load(t, "config="+old, first, "config="+later, second)
	if got != "0\n22\n" {
		t.Errorf("a unit that was compiled with version 2: %q", got)
	}
	other := unit("other", last, use+"func other() { fmt.Println(two.Version()) }")
	got = load(t, "config="+later, second, "config="+last, other)
	if !strings.HasPrefix(got, "22\nerror: ") || !strings.Contains(got, "is loaded from "+dir+"/") || !strings.Contains(got, "this cell was compiled with "+dir+"/") {
		t.Errorf("two versions in one process: %q", got)
	}
}

// TestManyUnitsAreOneModule loads units small and large, some of which need memory of
// their own. What the runtime looks through for each frame of a stack must not grow
// with them.
func TestManyUnitsAreOneModule(t *testing.T) {
	prepare(t)
	const shared = `
import ("fmt"; "runtime"; "unsafe")
//go:linkname modules runtime.activeModules
func modules() []unsafe.Pointer
var checks []func() string
var before int
func deep(n int) int { if n == 0 { panic(n) }; return deep(n-1) + 1 }
`
	const units, large = 24, 7
	compiled := func(name, text string) string {
		object := filepath.Join(workshop.dir, name+".o")
		if _, err := run(".", "go", "tool", "compile", "-p", "unit", "-importcfg", workshop.config, "-o", object, write(t, name, shared+text)); err != nil {
			t.Fatal(err)
		}
		return object
	}
	var args []string
	want := ""
	for i := range units {
		size := 3
		if i%large == large-1 {
			size = 1 << 20 // more than an arena has
		}
		args = append(args, fmt.Sprintf("unit.main%d=", i)+compiled(fmt.Sprint("many", i), fmt.Sprintf(`
var kept%[1]d [%[2]d]*int
var plain%[1]d [%[2]d]int
var text%[1]d = []string{"a", "b"}
func check%[1]d() (s string) {
	defer func() {
		s = fmt.Sprint(s, " ", recover())
	}()
	pc, _, line, _ := runtime.Caller(0)
	s = fmt.Sprint(runtime.FuncForPC(pc).Name(), " ", line > 0, " ", *kept%[1]d[0], *kept%[1]d[len(kept%[1]d)-1], " ", plain%[1]d[1], text%[1]d)
	return fmt.Sprint(s, deep(1000))
}
func main%[1]d() {
	if before == 0 { before = len(modules()) }
	for i := range 3 { kept%[1]d[i] = new(int); *kept%[1]d[i] = %[1]d }
	kept%[1]d[len(kept%[1]d)-1] = kept%[1]d[0]
	checks = append(checks, check%[1]d)
}`, i, size)))
		want += fmt.Sprintf("main.check%[1]d true %[1]d %[1]d 0 [a b] 0\n", i)
	}
	args = append(args, "unit.report="+compiled("report", `
func report() {
	runtime.GC()
	for _, check := range checks { fmt.Println(check()) }
	fmt.Println(len(modules()) - before <= 2*`+fmt.Sprint(units/large)+`)
}`))
	want += "true\n"
	if diff := cmp.Diff(want, load(t, args...)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	t.Setenv("GODEBUG", "gccheckmark=1,clobberfree=1")
	if diff := cmp.Diff(want, load(t, append([]string{"-stress"}, args...)...)); diff != "" {
		t.Errorf("with the collector at work: -want +got:\n%s", diff)
	}
}

// TestWhatCannotBeLoadedIsAnError names what is missing.
func TestWhatCannotBeLoadedIsAnError(t *testing.T) {
	prepare(t)
	for name, c := range map[string]struct{ text, want string }{
		"symbol": {"import _ \"unsafe\"\n//go:linkname absent unit.absent\nvar absent int\n//go:linkname gone other.gone\nfunc gone()\nfunc main() { gone(); absent = 1 }", "it needs other.gone, which neither the host nor a package has"},
		"cgo":    {"import \"example.com/outside/unlinked\"\nfunc main() { println(unlinked.One()) }", "the code in C of package example.com/outside/unlinked: "},
		"entry":  {"func other() {}", "the object has no function unit.main"},
	} {
		t.Run(name, func(t *testing.T) {
			file := write(t, name, c.text)
			object := filepath.Join(workshop.dir, name+".o")
			if _, err := run(".", "go", "tool", "compile", "-p", "unit", "-importcfg", workshop.config, "-o", object, file); err != nil {
				t.Fatal(err)
			}
			if got := load(t, "unit.main="+object); !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	data := filepath.Join(workshop.dir, "broken.o")
	for _, text := range []string{"", "!<arch>\n", "!<arch>\n_go_.o/", "no archive"} {
		if err := os.WriteFile(data, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := load(t, "unit.main="+data); !strings.HasPrefix(got, "error: ") {
			t.Errorf("an object of %q: %q", text, got)
		}
	}
}

// TestAReplacedHostIsToldApart has an index of another build beside the host, as
// when the host's file was replaced after it was started.
func TestAReplacedHostIsToldApart(t *testing.T) {
	prepare(t)
	dir := t.TempDir()
	for _, name := range []string{"host", "host.symbols"} {
		data, err := os.ReadFile(filepath.Join(workshop.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if name != "host" {
			data[24] ^= 1 // the first byte behind the magic identifies the build
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	out, err := run(".", filepath.Join(dir, "host"), workshop.config)
	if err == nil || !strings.Contains(out, "error: ") || !strings.Contains(out, "the program was replaced") {
		t.Errorf("%q, %v", out, err)
	}
}

// TestLoadingWhileTheProcessWorks loads and runs programs while the collector
// runs with its checks, and goroutines allocate, panic and grow their stacks.
func TestLoadingWhileTheProcessWorks(t *testing.T) {
	prepare(t)
	files, err := filepath.Glob("testdata/programs/*.go")
	if err != nil {
		t.Fatal(err)
	}
	args, want := []string{"-stress"}, ""
	for i := range 4 {
		for _, file := range files {
			path := fmt.Sprintf("unit%d%s", i, strings.TrimSuffix(filepath.Base(file), ".go"))
			args = append(args, path+".main="+compile(t, path, file))
		}
	}
	if want = load(t, args[1:]...); want == "" {
		t.Fatal("the programs print nothing")
	}
	t.Setenv("GODEBUG", "gccheckmark=1,clobberfree=1")
	for end, n := time.Now().Add(*stress), 0; time.Now().Before(end); n++ {
		if diff := cmp.Diff(want, load(t, args...)); diff != "" {
			t.Fatalf("round %d: -quiet +disturbed:\n%s", n, diff)
		}
	}
}
