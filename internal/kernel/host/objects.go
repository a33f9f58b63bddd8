package host

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/goparallel/goparallel/internal/parallel/fetch"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// A Loader loads an object that the compiler wrote for a package of that path, and
// calls its function entry. Config is a file as the compiler's -importcfg.
type Loader interface {
	Load(file, path, config, entry string) error
}

// A NewLoader makes the loader of this process, which was started from program.
// Rename returns what stacks call a function of that symbol.
type NewLoader func(program string, rename func(symbol string) string) (Loader, error)

// Check loads an object as that of a unit, and ends the process with an error where
// that fails: to see whether it can be done at all.
func Check(newLoader NewLoader, file, config, entry string) {
	o := &objects{newLoader: newLoader}
	if err := o.start(); err != nil {
		fail(err)
	}
	if err := o.loader.Load(file, unitPath, config, entry); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// objects loads the objects of cells' units into this process.
type objects struct {
	newLoader NewLoader

	once   sync.Once
	loader Loader
	err    error
}

// unitPath is the package path that all units are compiled with.
const unitPath = "session"

// load loads the object of a module's unit, whose initialisation announces its
// functions and variables.
func (o *objects) load(m registry.Module) error {
	if err := o.start(); err != nil {
		return err
	}
	return o.loader.Load(m.Path, unitPath, filepath.Join(filepath.Dir(m.Path), "importcfg"), unitPath+".ᐧbind_"+m.ID)
}

// start makes the loader.
func (o *objects) start() error {
	o.once.Do(func() {
		program, err := os.Executable()
		if fetch.Elsewhere() {
			program = os.Args[0] // where it lies on the controller's machine
		}
		if err == nil {
			o.loader, err = o.newLoader(program, userName)
		}
		o.err = err
	})
	return o.err
}

var (
	numbered = regexp.MustCompile(`ᐧ[0-9]+\b`)
	marked   = regexp.MustCompile(`^main\.ᐧ(main\b|\p{Lu})`)
	method   = regexp.MustCompile(`^main\.([^.]+)ᐧ([pv])_`) // a version of one

	// What belongs to one unit: its statements, its literals and its init functions.
	ofUnit = regexp.MustCompile(`^main\.ᐧ(run|lit|init)([0-9]*)_[0-9a-f]+`)
)

// userName is what the user calls a function of a unit, which stands in stacks and
// in what the runtime package tells of callers. The statements of a cell are main, as
// they would be in a program.
func userName(symbol string) string {
	rest, ok := strings.CutPrefix(symbol, unitPath+".")
	if !ok {
		return symbol
	}
	name := marked.ReplaceAllString("main."+strings.ReplaceAll(numbered.ReplaceAllString(rest, ""), ".ᐧ", "."), "main.$1")
	if m := ofUnit.FindStringSubmatch(name); m != nil {
		name = name[len(m[0]):]
		switch m[1] {
		case "run": // with a number where the statements are many
			return "main.main" + name
		case "lit":
			return "main.main.func" + m[2] + name
		}
		return "main.init." + m[2] + name
	}
	if m := method.FindStringSubmatch(name); m != nil {
		receiver := m[1]
		if m[2] == "p" {
			receiver = "(*" + receiver + ")"
		}
		name = "main." + receiver + "." + name[len(m[0]):]
	}
	return name
}
