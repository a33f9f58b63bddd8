package magic

import "strings"

func init() {
	register(&definition{
		name:  "time",
		usage: "%time statement",
		doc:   "Run a statement once and print the processor time and the wall time it took. Variables that it defines belong to the session. %%time times the lines below.",
		line:  timeLine,
		block: timeBlock,
		code:  func(l *line) int { return l.arg },
	})
}

func timeLine(l *line) (string, *Error) {
	st, err := parseStatement(l, l.arg)
	if err != nil {
		return "", err
	}
	switch {
	case st.expression && l.last:
		// The session shows the value, and the times are printed before it.
		return "ᐧcommand.TimeBegin(); " + st.code(l), nil
	case st.expression:
		return "ᐧcommand.TimeBegin(); { ᐧn := 1; for range ᐧn { " + st.code(l) + " } }; ᐧcommand.TimeEnd()", nil
	}
	return "ᐧcommand.TimeBegin(); " + st.code(l) + "; ᐧcommand.TimeEnd()", nil
}

// timeBlock leaves the body as it is, so that what it defines belongs to the
// session. The times are printed at the end of the cell.
func timeBlock(l *line, _ string) (head, tail string, err *Error) {
	if strings.TrimSpace(l.rest()) != "" {
		return "", "", l.fail(l.arg, "Can't use statement directly after '%%%%time'!")
	}
	return "ᐧcommand.TimeBegin()", "", nil
}
