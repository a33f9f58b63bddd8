package magic

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

func init() {
	register(&definition{
		name: "test", usage: "%%test [-run REGEXP]",
		doc:     "Run the functions Test…, Benchmark… and Example… that the lines below declare, as go test does; the cell fails where a test does.",
		options: []option{{"-run", "REGEXP", "those whose names match"}},
		block:   testBlock,
		program: always,
	})
}

// testFunction is the declaration of what go test runs.
var testFunction = regexp.MustCompile(`(?m)^func ((?:Test|Benchmark|Example)(?:[^a-z(]\w*)?)\(`)

func testBlock(l *line, body string) (head, tail string, err *Error) {
	pattern := ""
	switch fields := strings.Fields(l.rest()); {
	case len(fields) == 0:
	case len(fields) == 2 && fields[0] == "-run":
		pattern = fields[1]
	default:
		return "", "", l.fail(l.arg, "%%%%test has one option, -run REGEXP, and there is %q", l.rest())
	}
	if l.program {
		return "", "", nil // it has the functions, and go test runs those of other files
	}
	tail = "ᐧcommand.Test(" + strconv.Quote(pattern)
	for _, m := range testFunction.FindAllStringSubmatch(body, -1) {
		tail += fmt.Sprintf(", %q, %s", m[1], m[1])
	}
	return "", tail + ")", nil
}
