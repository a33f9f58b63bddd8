package magic

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// testLine is gonb's %test, which stands on any line of a cell.
var testLine = regexp.MustCompile(`^\s*%test(?:[ \t]+(.*?))?\s*$`)

// rewriteTests replaces the line %test of a cell, as gonb has it: the tests that the cell
// declares run when the rest of it has, or else those that the session has. It returns nil for a
// cell without such a line.
func rewriteTests(lines []string, known []Name) (*Cell, *Error) {
	at := slices.IndexFunc(lines, testLine.MatchString)
	if at < 0 {
		return nil, nil
	}
	found, _ := findMagics(lines, known)
	i := slices.IndexFunc(found, func(l *line) bool { return l.number == at+1 })
	if i < 0 {
		return nil, nil // it stands in a comment or a text
	}
	lines = slices.Clone(lines)
	run, bench, wrong := testFlags(testLine.FindStringSubmatch(lines[at])[1])
	if wrong != "" {
		return nil, found[i].fail(0, "%%test knows -test.run and -test.bench, and there is %q", wrong)
	}
	lines[at] = ""
	var names []string
	for _, m := range testFunction.FindAllStringSubmatch(strings.Join(lines, "\n"), -1) {
		names = append(names, m[1])
	}
	if names == nil {
		for _, n := range known {
			if n.Kind == "function" && testFunction.MatchString("func "+n.Name+"(") && testParameter.MatchString(n.Type) {
				names = append(names, n.Name)
			}
		}
	}
	tail := `ᐧcommand.Test(""`
	for _, name := range names {
		wanted := run
		if strings.HasPrefix(name, "Benchmark") && bench != nil {
			wanted = bench
		}
		if wanted == nil || wanted.MatchString(name) {
			tail += fmt.Sprintf(", %q, %s", name, name)
		}
	}
	cell, err := rewriteLines(lines, known)
	if err != nil {
		return nil, err
	}
	for _, c := range cell.Commands {
		cell.Source += commandCode(c.Name, c.Arg) + "\n"
	}
	cell.Commands, cell.Source = nil, cell.Source+"\n"+tail+")"
	return cell, nil
}

// testParameter is the type of a function that go test runs.
var testParameter = regexp.MustCompile(`^func\((?:\w* ?\*testing\.[TB])?\)$`)

// testFlag is an argument of go test: one that says what to run, or one that changes only what
// is printed.
var testFlag = regexp.MustCompile(`^--?(?:test\.)?(?:(run|bench)[= ](.*)|v|v=true|benchmem)$`)

// testFlags reads the arguments of %test: expressions for the names of tests and of benchmarks,
// nil where there is none. Wrong is the first argument that is not known.
func testFlags(args string) (run, bench *regexp.Regexp, wrong string) {
	fields := strings.Fields(args)
	for i := 0; i < len(fields); i++ {
		arg := fields[i]
		if (strings.HasSuffix(arg, "run") || strings.HasSuffix(arg, "bench")) && i+1 < len(fields) {
			i++
			arg += " " + fields[i]
		}
		if strings.Trim(arg, `"'`) == "" {
			continue
		}
		m := testFlag.FindStringSubmatch(arg)
		if m == nil {
			return nil, nil, arg
		}
		pattern, err := regexp.Compile(strings.Trim(m[2], `"'`))
		switch {
		case err != nil:
			return nil, nil, arg
		case m[1] == "run":
			run = pattern
		case m[1] == "bench":
			bench = pattern
		}
	}
	return run, bench, ""
}
