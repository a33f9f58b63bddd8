package command

import (
	"fmt"
	"github.com/goparallel/goparallel/internal/kernel/live"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/kernel/display"
	"github.com/goparallel/goparallel/parallel"
)

// TimeitArgs are the options of %timeit, as IPython has them.
type TimeitArgs struct {
	// Loops (-n), Repeat (-r) and Precision (-p): zero means the default.
	Loops, Repeat, Precision int
	// CPU (-c) counts the processor time of the whole process instead of the
	// time that passed. The setup of a %%timeit is then counted too.
	CPU bool
	// Quiet (-q) prints nothing.
	Quiet bool
	// Result (-o) makes the measurement the cell's value.
	Result bool
	// Variable (-v) is the session variable that holds the measurement.
	Variable string
}

// ParseTimeit splits a line behind %timeit into options and the offset at
// which the statement begins. Options come first, and their values may be
// glued to them: -n10 -r 3.
func ParseTimeit(line string) (args TimeitArgs, statement int, err error) {
	pos := 0
	word := func() string {
		for pos < len(line) && (line[pos] == ' ' || line[pos] == '\t') {
			pos++
		}
		end := pos
		for end < len(line) && line[end] != ' ' && line[end] != '\t' {
			end++
		}
		return line[pos:end]
	}
	for {
		flags := word()
		if flags == "--" {
			pos += 2
			word()
			return args, pos, nil
		}
		if len(flags) < 2 || flags[0] != '-' || !isLetter(flags[1]) {
			return args, pos, nil
		}
		pos += len(flags)
	letters:
		for i := 1; i < len(flags); i++ {
			letter := flags[i]
			switch letter {
			case 't': // wall time, which is the default
			case 'c':
				args.CPU = true
			case 'q':
				args.Quiet = true
			case 'o':
				args.Result = true
			case 'n', 'r', 'p', 'v':
				text := flags[i+1:]
				if text == "" {
					text = word()
					pos += len(text)
				}
				if text == "" {
					return args, pos, fmt.Errorf("option -%c needs a value", letter)
				}
				if letter == 'v' {
					args.Variable = text
					break letters
				}
				n, err := strconv.Atoi(text)
				if err != nil || n < 0 {
					return args, pos, fmt.Errorf("option -%c needs a whole number, not %q", letter, text)
				}
				*map[byte]*int{'n': &args.Loops, 'r': &args.Repeat, 'p': &args.Precision}[letter] = n
				break letters
			default:
				return args, pos, fmt.Errorf("%%timeit has no option -%c; it has -n LOOPS, -r RUNS, -p DIGITS, -t, -c, -q, -o and -v NAME", letter)
			}
		}
	}
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// Timeit is TimeitValue for a %timeit magic whose measurement nobody is given.
func Timeit(options string, loop func(n int) live.Duration) {
	TimeitValue(options, loop)
}

// TimeitValue runs a %timeit magic: it measures loop, which executes the statement
// n times and returns how long that took. It prints what IPython prints, unless -q is set,
// and makes the measurement the cell's value with -o; it returns it for -v, which
// assigns it. The options are those of ParseTimeit, which has checked them.
func TimeitValue(options string, loop func(n int) live.Duration) *parallel.TimeitResult {
	args, _, err := ParseTimeit(options)
	if err != nil {
		panic(live.Failure{Name: "UsageError", Value: err.Error()})
	}
	if args.CPU {
		loop = onCPU(loop)
	}
	result := parallel.TimeLoop(parallel.TimeitOptions{
		Loops: args.Loops, Repeat: args.Repeat, Precision: args.Precision,
	}, loop)
	if !args.Quiet {
		fmt.Println(strings.TrimSuffix(result.Report(), "\n"))
	}
	if args.Result {
		live.Show(display.Data{"text/plain": result.GoString()})
	}
	return result
}

// onCPU makes loop return the processor time that it used.
func onCPU(loop func(n int) live.Duration) func(n int) live.Duration {
	return func(n int) live.Duration {
		before := processTimes()
		loop(n)
		after := processTimes()
		return after.user + after.system - before.user - before.system
	}
}
