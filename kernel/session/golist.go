package session

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
)

// listFields is what go list is asked for each package.
const listFields = "-json=ImportPath,Name,Export,Imports,CgoFiles,CXXFiles,Standard,Module,Dir,Error,DepsErrors"

// listed is what go list says about a package.
type listed struct {
	ImportPath, Name, Export, Dir string
	Standard                      bool
	Imports, CgoFiles, CXXFiles   []string
	Module                        *listedModule
	Error                         *listedError
	DepsErrors                    []*listedError
}

type listedModule struct {
	Path, Version string
	Replace       *listedModule
	Error         *listedError
}

type listedError struct{ Pos, Err string }

// version says which code of a module is meant: a version, or a folder.
func (m *listedModule) version() string {
	if r := m.Replace; r != nil && r.Version == "" {
		return "in " + r.Path
	} else if r != nil && r.Path == m.Path {
		return r.Version
	} else if r != nil {
		return r.Path + " " + r.Version
	}
	return m.Version
}

func (e *listedError) Error() string {
	msg := strings.TrimSpace(e.Err)
	if e.Pos != "" {
		msg = e.Pos + ": " + msg
	}
	return msg
}

// decodeList reads the output of go list -json.
func decodeList[T any](out []byte) ([]T, error) {
	var list []T
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var v T
		if err := dec.Decode(&v); errors.Is(err, io.EOF) {
			return list, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		list = append(list, v)
	}
}

// pkg is the package as the index keeps it.
func (l listed) pkg() Package {
	p := Package{Name: l.Name, Export: l.Export, Imports: compiledImports(l.Imports), Cgo: len(l.CgoFiles) > 0, CXX: len(l.CXXFiles) > 0}
	if m := l.Module; m != nil {
		p.Module, p.Version = m.Path, m.version()
		if m.Replace != nil && m.Replace.Version == "" && m.Path != modulePath {
			p.Dir = l.Dir
		}
	}
	return p
}

// fetching matches the go command's lines that tell a user what it is doing.
var fetching = regexp.MustCompile(`^go: (finding|downloading|found|added|upgraded|downgraded|removed) `)

// packageLine matches the lines in which the go command names a package that it
// compiles.
var packageLine = regexp.MustCompile(`^[\w.~-]+(/[\w.~-]+)*$`)

// compileProgress tells now and then what is compiled: after a second, and the less
// often the longer it takes.
type compileProgress struct {
	tell       func(line string)
	began, was time.Time
	count      int
}

func newCompileProgress(tell func(string)) *compileProgress {
	now := time.Now()
	return &compileProgress{tell: tell, began: now, was: now}
}

func (p *compileProgress) add(path string, now time.Time) {
	p.count++
	if now.Sub(p.was) < max(time.Second, now.Sub(p.began)/4) {
		return
	}
	p.was = now
	p.tell(fmt.Sprintf("compiling %s (package %d)", path, p.count))
}

// readable leaves of a go command's error what says what is wrong.
func readable(err error) error {
	if err == nil {
		return nil
	}
	_, text, ok := strings.Cut(err.Error(), "\n")
	if !ok {
		return err
	}
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if strings.TrimSpace(line) != "" && !fetching.MatchString(line) && !packageLine.MatchString(line) {
			lines = append(lines, strings.TrimPrefix(line, "go: "))
		}
	}
	if len(lines) == 0 {
		return err
	}
	return errors.New(strings.Join(lines, "\n"))
}
