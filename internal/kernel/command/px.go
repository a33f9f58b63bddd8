package command

import (
	"fmt"
	"go/token"
	"strings"

	"github.com/goparallel/goparallel/parallel"
)

// PXOptions are the options of %px.
type PXOptions struct {
	// Targets are the engines: "0,2", "1:3", "::2" or "all". Empty means all.
	Targets string
	// NoBlock does not wait for the engines.
	NoBlock bool
	// Out is the variable that is to have the result.
	Out string
	// Local runs the code in the session as well.
	Local bool
	// Verbose says on which engines it runs.
	Verbose bool
}

// needless are options of ipyparallel that have no counterpart, and why.
var needless = map[string]string{
	"--stream": "what engines print is always shown at once", "--no-stream": "what engines print is always shown at once",
	"--progress-after": "the progress is shown after a second", "--group-outputs": "what engines show is always in the order of the engines",
	"--signal-on-interrupt": "an interrupt stops the code as it stops a cell", "-e": "errors are always grouped", "-r": "results are always shown by engine",
}

// Parse reads options from the beginning of a text, over those that are set already. It returns how many bytes of
// the text they take.
func (o *PXOptions) Parse(text string) (length int, err error) {
	rest := text
	for {
		rest = strings.TrimLeft(rest, " \t")
		if !strings.HasPrefix(rest, "-") {
			return len(text) - len(rest), nil
		}
		end := strings.IndexAny(rest, " \t")
		if end < 0 {
			end = len(rest)
		}
		at := len(text) - len(rest)
		name, value, given := strings.Cut(rest[:end], "=")
		rest = rest[end:]
		argument := func() string {
			if !given {
				rest = strings.TrimLeft(rest, " \t")
				value, _, _ = strings.Cut(rest, " ")
				rest = rest[len(value):]
			}
			return value
		}
		switch name {
		case "-t", "--targets":
			if o.Targets = argument(); o.Targets == "" {
				return at, fmt.Errorf("%s needs engines, such as 0,2 or 1:3 or all", name)
			}
		case "-a", "--noblock":
			o.NoBlock = true
		case "-b", "--block":
			o.NoBlock = false
		case "-o", "--out", "--name":
			if o.Out = argument(); !token.IsIdentifier(o.Out) || o.Out == "_" {
				return at, fmt.Errorf("%s needs the name of a variable, and there is %q", name, o.Out)
			}
		case "--local":
			o.Local = true
		case "-v", "--verbose":
			o.Verbose = true
		case "--no-verbose":
			o.Verbose = false
		default:
			why := "it has -t/--targets, -a/--noblock, -b/--block, -o/--out, --local, -v/--verbose and --no-verbose"
			if reason, ok := needless[name]; ok {
				why = reason
			}
			return at, fmt.Errorf("%%px has no option %s: %s", name, why)
		}
	}
}

var px func(options, source string) (*parallel.AsyncResult[parallel.Executed], error)

// AddPX makes known what runs source on engines, as magics ask for it. The host calls it at its start.
func AddPX(run func(options, source string) (*parallel.AsyncResult[parallel.Executed], error)) {
	px = run
}

// PX runs source on engines and returns the result. It panics with a live.Failure where that fails.
func PX(options, source string) *parallel.AsyncResult[parallel.Executed] {
	r, err := px(options, source)
	fail(err)
	return r
}
