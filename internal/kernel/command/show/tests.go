package show

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/live"
	"github.com/goparallel/goparallel/internal/parallel/poll"
)

// prepare sets up package testing once.
var prepare = sync.OnceValue(func() error {
	testing.Init()
	if !flag.Parsed() { // testing.Short wants it
		if err := flag.CommandLine.Parse(nil); err != nil {
			return err
		}
	}
	return errors.Join(flag.Set("test.v", "true"), flag.Set("test.bench", "."), flag.Set("test.benchmem", "true"))
})

// runTests runs the tests, benchmarks and examples of a cell whose names match a
// pattern, and prints what go test -v -bench=. -benchmem prints.
func runTests(pattern string, names []string, functions []any) error {
	match, err := regexp.Compile(pattern)
	if err != nil {
		return err
	}
	if err := prepare(); err != nil {
		return err
	}
	var tests []testing.InternalTest
	var benchmarks []testing.InternalBenchmark
	var examples []func()
	for i, name := range names {
		if !match.MatchString(name) {
			continue
		}
		switch f := functions[i].(type) {
		case func(*testing.T):
			tests = append(tests, testing.InternalTest{Name: name, F: func(t *testing.T) {
				defer poll.IfEnding(t.FailNow)
				f(t)
			}})
		case func(*testing.B):
			benchmarks = append(benchmarks, testing.InternalBenchmark{Name: name, F: f})
		case func():
			examples = append(examples, func() { fmt.Printf("=== RUN   %s\n", name); f() })
		default:
			return fmt.Errorf("%s has not the parameter of a test: func %s(t *testing.T)", name, name)
		}
	}
	if len(tests)+len(benchmarks)+len(examples) == 0 {
		return fmt.Errorf("the lines below declare no test, benchmark or example that matches %q", pattern)
	}
	for _, run := range examples {
		run()
	}
	if len(tests)+len(benchmarks) == 0 {
		return nil
	}
	if testing.MainStart(deps{}, tests, benchmarks, nil, nil).Run() != 0 {
		return live.Failure{Name: "TestFailure", Value: "a test of the cell has failed"}
	}
	return nil
}

// deps is what package testing wants of the programs that go test makes; the form of one
// release.
type deps struct{}

// corpusEntry is one input of a fuzz test, as package testing has it.
type corpusEntry = struct {
	Parent     string
	Path       string
	Data       []byte
	Values     []any
	Generation int
	IsSeed     bool
}

func (deps) ImportPath() string                                       { return "" }
func (deps) ModulePath() string                                       { return "" }
func (deps) MatchString(pattern, name string) (bool, error)           { return regexp.MatchString(pattern, name) }
func (deps) SetPanicOnExit0(bool)                                     {}
func (deps) StartCPUProfile(io.Writer) error                          { return nil }
func (deps) StopCPUProfile()                                          {}
func (deps) StartTestLog(io.Writer)                                   {}
func (deps) StopTestLog() error                                       { return nil }
func (deps) WriteProfileTo(string, io.Writer, int) error              { return nil }
func (deps) RunFuzzWorker(func(corpusEntry) error) error              { return nil }
func (deps) CheckCorpus([]any, []reflect.Type) error                  { return nil }
func (deps) ResetCoverage()                                           {}
func (deps) SnapshotCoverage()                                        {}
func (deps) ReadCorpus(string, []reflect.Type) ([]corpusEntry, error) { return nil, nil }
func (deps) CoordinateFuzzing(time.Duration, int64, time.Duration, int64, int, []corpusEntry, []reflect.Type, string, string) error {
	return nil
}
func (deps) InitRuntimeCoverage() (mode string, tearDown func(coverprofile, gocoverdir string) (string, error), snapcov func() float64) {
	return "", nil, nil
}
