package magic

func init() {
	register(&definition{
		name: "memit", usage: "%memit statement",
		doc:     "Run a statement once and print what it allocated, in bytes and in objects, and how much of the heap is live afterwards.",
		line:    around("memit"),
		code:    func(l *line) int { return l.arg },
		program: always,
	})
	register(&definition{
		name: "prun", usage: "%prun statement",
		doc:     "Run a statement once under the profiler, which looks 100 times a second which functions run, and print those that took most of the processor's time, with a flame graph. What engines do meanwhile counts, under \"engines\". %%prun runs the lines below.",
		line:    around("prun"),
		block:   prunBlock,
		code:    func(l *line) int { return l.arg },
		program: always,
	})
}

// around returns the code of a magic that measures its statement. Variables that the
// statement defines belong to the session.
func around(name string) func(l *line) (string, *Error) {
	return func(l *line) (string, *Error) {
		st, err := parseStatement(l, l.arg)
		if err != nil {
			return "", err
		}
		if l.program {
			return st.once(l), nil
		}
		return commandCode(name+" begin", "") + "; " + st.once(l) + "; " + commandCode(name+" end", ""), nil
	}
}

func prunBlock(l *line, _ string) (head, tail string, err *Error) {
	if l.rest() != "" {
		return "", "", l.fail(l.arg, "%%%%prun takes no arguments; write the statements below it")
	}
	if l.program {
		return "", "", nil
	}
	return commandCode("prun begin", ""), "", nil // the table is printed at the end of the cell
}
