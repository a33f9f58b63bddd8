package magic

import "strings"

// Plain returns a cell as a Go program can have it, and the actions among its magics that say what
// cells mean, such as %run and %get. A magic that measures a statement leaves the statement; one that
// acts on the process is a call of package command; others are comments, and so is what stands
// below a cell magic that is no Go. Known are the names of the session, as in Rewrite.
func Plain(code string, known ...Name) (source string, actions []Action, err *Error) {
	code = strings.ReplaceAll(strings.TrimPrefix(code, "\ufeff"), "\r\n", "\n")
	lines := strings.Split(code, "\n")
	tail := ""
	if first := firstLine(lines); first < len(lines) && blockBegins(lines, first) {
		l := &line{number: first + 1, text: lines[first], program: true}
		d, err := l.definition("%%")
		if err != nil {
			return "", nil, err
		}
		body := strings.Join(lines[first+1:], "\n")
		if d.program == nil || !d.program(l) {
			return comment(code), nil, nil
		}
		if d.commandBlock {
			if d.reads {
				body = l.rest() + "\n" + body
			}
			return strings.Repeat("\n", first) + commandCode(d.command, body), nil, nil
		}
		head, end, err := d.block(l, body)
		if err != nil {
			return "", nil, err
		}
		if lines[first], tail = head, end; head == "" {
			lines[first] = "// " + l.text
		}
	}
	found, plain := findMagics(lines, known)
	markLast(found, goLines(strings.Join(plain, "\n")))
	for _, l := range found {
		l.program = true
		code, action, err := l.plain(known)
		if err != nil {
			return "", nil, err
		}
		if action != nil {
			actions = append(actions, *action)
		}
		if plain[l.number-1] = code; code != "" {
			continue
		}
		for i, text := range strings.Split(l.text, "\n") {
			plain[l.number-1+i] = "// " + text
		}
	}
	if tail != "" {
		plain = append(plain, tail)
	}
	return strings.Join(plain, "\n"), actions, nil
}

// plain returns what a program has for a line with a magic: code, or an action that says what cells
// mean, or neither.
func (l *line) plain(known []Name) (code string, action *Action, err *Error) {
	if _, asks := query(l.text); asks {
		return "", nil, nil
	}
	if args, is := mainLine(l.text); is {
		if args != "" {
			code = parsedArgs(args)
		}
		return code, nil, nil
	}
	if l.assigns != "" {
		return l.assignCode(known), nil, nil
	}
	d, err := l.definition("%")
	switch {
	case err != nil:
		return "", nil, err
	case d.program == nil || !d.program(l):
		return "", nil, nil
	case d.command != "" && !d.commandBlock:
		return l.commandCode(d, known), nil, nil
	case d.act != nil:
		return "", &Action{d, strings.TrimSpace(l.rest()), l.number}, nil
	case d.line != nil:
		code, err = d.line(l)
	}
	return code, nil, err
}

func comment(code string) string {
	return "// " + strings.ReplaceAll(strings.TrimRight(code, "\n"), "\n", "\n// ") + "\n"
}
