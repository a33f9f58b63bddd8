package difftest

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
)

// packages are what scripts import, each with something of it that a program can
// mention.
var packages = map[string]string{
	"errors":                "errors.New",
	"fmt":                   "fmt.Sprint",
	"sort":                  "sort.Ints",
	"strings":               "strings.ToUpper",
	"sync":                  "(*sync.WaitGroup)(nil)",
	"example.com/lab/show":  "show.Value",
	"example.com/lab/stock": "stock.Total",
}

const (
	oraclePath = "example.com/program/oracle"
	carryPath  = "example.com/lab/carry"
)

// unknown is carry.Unknown of the lab.
const unknown = "\x02unknown\x02"

// support is what programs call: a cell begins with a mark, and a panic ends it.
const support = `package oracle

import (
	"fmt"
	"reflect"
	"strings"
)

func Cell(run func()) {
	fmt.Print("\x01cell\x01")
	defer func() {
		switch v := recover().(type) {
		case nil:
		case error:
			fmt.Print("panic: ", v.Error(), "\n")
		default:
			fmt.Print("panic: ", v, "\n")
		}
	}()
	run()
}

func Refused() { fmt.Print("refused\n") }

// Show shows errors above other values, and of functions and channels the types.
func Show(values ...any) {
	var lines, others []string
	for _, v := range values {
		p := reflect.ValueOf(v)
		_, hasText := v.(fmt.Stringer)
		if err, ok := v.(error); ok && !(p.Kind() == reflect.Pointer && p.IsNil()) {
			lines = append(lines, fmt.Sprintf("error: %T: %+v", err, err))
		} else if k := p.Kind(); (k == reflect.Func || k == reflect.Chan) && !p.IsNil() && !hasText {
			others = append(others, p.Type().String())
		} else {
			others = append(others, fmt.Sprintf("%+v", v))
		}
	}
	if len(others) > 0 {
		lines = append(lines, strings.Join(others, " "))
	}
	fmt.Print("=> ", strings.Join(lines, "\n"), "\n")
}
`

//go:embed lab.txtar
var labText []byte

// A lab is a folder with the module that notebooks import, and one for the programs.
type lab struct {
	dir     string
	builds  int
	exports map[string]string // files with what packages export
}

// types returns an importer, for one goroutine.
func (l *lab) types() types.Importer {
	return importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) { return os.Open(l.exports[path]) })
}

// notebooks is the folder in which sessions run.
func (l *lab) notebooks() string { return filepath.Join(l.dir, "lab") }

func newLab(ctx context.Context, dir string) (*lab, error) {
	l := &lab{dir: dir, exports: make(map[string]string)}
	for _, f := range txtar.Parse(labText).Files {
		if err := writeFile(filepath.Join(dir, "lab", f.Name), f.Data); err != nil {
			return nil, err
		}
	}
	args := []string{"list", "-export", "-deps", "-json=ImportPath,Export"}
	for path := range packages {
		args = append(args, path)
	}
	out, err := l.command(ctx, l.notebooks(), args...)
	if err != nil {
		return nil, err
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct{ ImportPath, Export string }
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		l.exports[p.ImportPath] = p.Export
	}
	return l, nil
}

// command runs the go command.
func (l *lab) command(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN="+toolchain.Version, "GOFLAGS=-mod=mod", "GOWORK=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s%s", args[0], err, out, stderr.Bytes())
	}
	return out, nil
}

// answers runs scripts through the model and their programs. For each script it returns
// what its cells show, as far as that is known, or nil where the program does not end: of
// such a script nothing is known.
func (l *lab) answers(ctx context.Context, scripts []*script) ([][]string, error) {
	l.builds++
	dir := filepath.Join(l.dir, fmt.Sprintf("program%d", l.builds))
	defer os.RemoveAll(dir)
	var main, calls strings.Builder
	main.WriteString("package main\n\nimport \"os\"\n")
	for i, s := range scripts {
		m := s.model
		if m == nil {
			m = newModel(l.types())
			for n, c := range s.cells {
				if _, err := m.step(c); err != nil {
					return nil, fmt.Errorf("script %s, cell %d: %w", s.name, n+1, err)
				}
			}
		}
		name := fmt.Sprintf("script%d", i)
		if err := writeFile(filepath.Join(dir, name, "script.go"), []byte(m.source(name))); err != nil {
			return nil, err
		}
		fmt.Fprintf(&main, "import %q\n", "example.com/program/"+name)
		fmt.Fprintf(&calls, "\tcase %q:\n\t\t%s.Run()\n", name, name)
	}
	main.WriteString("func main() {\n\tswitch os.Args[1] {\n" + calls.String() + "\t}\n}\n")
	for name, text := range map[string]string{
		"main.go":          main.String(),
		"oracle/oracle.go": support,
		"go.mod":           "module example.com/program\n\ngo 1.27\n\nrequire example.com/lab v0.0.0\n\nreplace example.com/lab => ../lab\n",
	} {
		if err := writeFile(filepath.Join(dir, name), []byte(text)); err != nil {
			return nil, err
		}
	}
	if _, err := l.command(ctx, dir, "build", "-o", "program", "."); err != nil {
		return nil, fmt.Errorf("the model wrote a program that does not compile: %w", err)
	}
	var all [][]string
	for i, s := range scripts {
		out, err := runProgram(ctx, filepath.Join(dir, "program"), fmt.Sprintf("script%d", i))
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			all = append(all, nil)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("script %s as a program: %w\n%s\n%s", s.name, err, out, s)
		}
		out, _, cut := strings.Cut(out, unknown)
		cells := strings.Split(out, "\x01cell\x01")[1:]
		if cut {
			cells = cells[:len(cells)-1]
		}
		for !cut && len(cells) < len(s.cells) {
			cells = append(cells, "")
		}
		all = append(all, cells)
	}
	return all, nil
}

func runProgram(ctx context.Context, path string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, args...).CombinedOutput()
	return cleaned(string(out)), cmp.Or(ctx.Err(), err)
}

var (
	versionMark = regexp.MustCompile(`ᐧ\d+`)
	address     = regexp.MustCompile(`0x[0-9a-f]{6,}(?:x[0-9a-f]{6,})*`) // or several, one right behind the other
	packageMark = regexp.MustCompile(`\b(example\.com/program/)?script\d+\.`)
)

// cleaned takes out what differs between a program and a session by design: the names of
// packages and versions, and addresses.
func cleaned(text string) string {
	text = address.ReplaceAllString(text, "0xaddress")
	text = packageMark.ReplaceAllString(versionMark.ReplaceAllString(text, ""), "main.")
	for _, where := range []string{" (types from different scopes)", " (types from different packages)"} {
		text = strings.ReplaceAll(text, where, "")
	}
	// The line with the signal is in no answer.
	lines := strings.Split(text, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "[signal ") }), "\n")
}

func writeFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}
