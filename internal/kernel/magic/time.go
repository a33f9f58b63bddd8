package magic

import "strings"

func init() {
	register(&definition{
		name:    "time",
		usage:   "%time statement",
		doc:     "Run a statement once and print the processor time and the wall time it took. Variables that it defines belong to the session. %%time times the lines below.",
		line:    timeLine,
		block:   timeBlock,
		code:    func(l *line) int { return l.arg },
		program: always,
	})
}

func timeLine(l *line) (string, *Error) {
	st, err := parseStatement(l, l.arg)
	if err != nil {
		return "", err
	}
	begin, end := "ᐧcommand.TimeBegin(); ", "; ᐧcommand.TimeEnd()"
	if l.program {
		begin, end = "", ""
	}
	if st.expression && l.last {
		// The session shows the value, and the times are printed before it.
		return begin + st.code(l), nil
	}
	return begin + st.once(l) + end, nil
}

// timeBlock leaves the body as it is, so that what it defines belongs to the
// session. The times are printed at the end of the cell.
func timeBlock(l *line, _ string) (head, tail string, err *Error) {
	if strings.TrimSpace(l.rest()) != "" {
		return "", "", l.fail(l.arg, "Can't use statement directly after '%%%%time'!")
	}
	if l.program {
		return "", "", nil
	}
	return "ᐧcommand.TimeBegin()", "", nil
}
