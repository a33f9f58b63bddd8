package magic

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/command"
)

func init() {
	register(&definition{
		name:  "timeit",
		usage: "%timeit [-n LOOPS] [-r RUNS] [-t|-c] [-q] [-p DIGITS] [-o] [-v NAME] statement",
		doc: "Time a statement as IPython does: 7 runs of so many loops that a run takes 0.2 s. " +
			"%%timeit times the lines below; what stands behind it prepares each run and is not counted.",
		options: []option{
			{"-n", "LOOPS", "run the statement so many times in each run"},
			{"-r", "RUNS", "repeat the measurement so many times"},
			{"-t", "", "measure wall time, as without it"},
			{"-c", "", "measure processor time"},
			{"-p", "DIGITS", "print so many significant digits"},
			{"-q", "", "print nothing"},
			{"-o", "", "make the measurement the cell's value"},
			{"-v", "NAME", "assign the measurement to a variable"},
		},
		line:  timeitLine,
		block: timeitBlock,
		code: func(l *line) int {
			_, length, _ := command.ParseTimeit(l.rest())
			return l.arg + length
		},
		program: func(l *line) bool {
			args, _, _ := command.ParseTimeit(l.rest())
			return args.Variable != ""
		},
	})
}

func timeitLine(l *line) (string, *Error) {
	open, offset, err := timeitOpen(l)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(l.text[offset:]) == "" {
		return "", nil
	}
	st, err := parseStatement(l, offset)
	if err != nil {
		return "", err
	}
	return open + "ᐧt := ᐧlive.Now(); for range ᐧn { " + st.code(l) + " }; return ᐧlive.Since(ᐧt) })", nil
}

func timeitBlock(l *line, _ string) (head, tail string, err *Error) {
	head, offset, err := timeitOpen(l)
	if err != nil {
		return "", "", err
	}
	if strings.TrimSpace(l.text[offset:]) != "" {
		setup, err := parseStatement(l, offset)
		if err != nil {
			return "", "", err
		}
		head += setup.code(l) + "; "
	}
	return head + "ᐧt := ᐧlive.Now(); for range ᐧn {", "}; return ᐧlive.Since(ᐧt) })", nil
}

// timeitOpen checks the options and begins the call. It returns where the
// statement begins in the line.
func timeitOpen(l *line) (open string, offset int, err *Error) {
	args, length, wrong := command.ParseTimeit(l.rest())
	if wrong != nil {
		return "", 0, l.fail(l.arg+length, "%v", wrong)
	}
	call := "ᐧcommand.Timeit"
	if args.Variable != "" {
		call = args.Variable + " := ᐧcommand.TimeitValue"
	}
	options := strings.TrimSpace(l.rest()[:length])
	return fmt.Sprintf("%s(%s, func(ᐧn int) ᐧlive.Duration { ", call, strconv.Quote(options)), l.arg + length, nil
}
