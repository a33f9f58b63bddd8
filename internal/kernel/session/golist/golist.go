// Package golist reads what the go command prints: its lists of packages and modules,
// its lines on what it fetches and compiles, and what is an error among them.
//
// Whoever asks runs go list with [Fields], for packages, or with Path, Version, Replace
// and Error, for modules, and hands what it prints to [Decode]. While it runs, [Progress]
// takes its lines, of which a person who waits gets those on fetching, and now and then
// the package that is compiled. Of an error [Readable] leaves what says what is wrong.
package golist

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

// Fields is what go list is asked for each package.
const Fields = "-json=ImportPath,Name,Export,Imports,CgoFiles,CXXFiles,EmbedPatterns,Standard,Module,Dir,Error,DepsErrors"

// A Package is what go list says about a package.
type Package struct {
	ImportPath, Name, Export, Dir string
	Standard                      bool
	Imports, CgoFiles, CXXFiles   []string
	EmbedPatterns                 []string
	Module                        *Module
	Error                         *Error
	DepsErrors                    []*Error
}

// A Module is what go list says about a module; Replace is what stands in for it.
type Module struct {
	Path, Version string
	Replace       *Module
	Error         *Error
}

// An Error is what is wrong with a package or module, and where.
type Error struct{ Pos, Err string }

// Selected says which code of a module is meant: a version, or a folder.
func (m *Module) Selected() string {
	if r := m.Replace; r != nil && r.Version == "" {
		return "in " + r.Path
	} else if r != nil && r.Path == m.Path {
		return r.Version
	} else if r != nil {
		return r.Path + " " + r.Version
	}
	return m.Version
}

// Error returns the text, behind its place where it has one.
func (e *Error) Error() string {
	msg := strings.TrimSpace(e.Err)
	if e.Pos != "" {
		msg = e.Pos + ": " + msg
	}
	return msg
}

// Decode reads the output of go list -json: one value after another.
func Decode[T any](out []byte) ([]T, error) {
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

// Progress returns what takes the lines that the go command prints on standard error:
// those on fetching are told, and some of those on packages that it compiles.
func Progress(tell func(line string)) func(line string) {
	compiling := newCompileProgress(tell)
	return func(line string) {
		switch {
		case fetching.MatchString(line):
			tell(line)
		case packageLine.MatchString(line):
			compiling.add(line, time.Now())
		}
	}
}

func (p *compileProgress) add(path string, now time.Time) {
	p.count++
	if now.Sub(p.was) < max(time.Second, now.Sub(p.began)/4) {
		return
	}
	p.was = now
	p.tell(fmt.Sprintf("compiling %s (package %d)", path, p.count))
}

// Readable leaves of a go command's error what says what is wrong.
func Readable(err error) error {
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
