package magic

import (
	"fmt"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
	"sync"
)

// Cell is a cell whose magics have been taken out of its text.
type Cell struct {
	// Source is Go, with the lines of the cell where the user typed them. It is
	// empty where the cell has no Go code.
	Source string
	// Actions are carried out before the source runs.
	Actions []Action
	// Commands are carried out by the process that runs the cells. There are
	// some only where Source is empty; beside Go code, commands are part of it.
	Commands []Command
	// Remote says that Go code runs on engines.
	Remote bool
}

// Rewrite finds the magics of a cell and replaces them. A line magic may stand
// on any line that begins a statement: not inside a string, a comment or an
// expression. A cell magic stands on the first line that is not blank. Known are the
// names of the session: what begins with the negation of a variable of type bool, or of what
// the cell defines above, is Go and no shell command.
func Rewrite(code string, known ...Name) (*Cell, *Error) {
	code = strings.ReplaceAll(strings.TrimPrefix(code, "\ufeff"), "\r\n", "\n")
	lines := strings.Split(code, "\n")
	if first := firstLine(lines); first < len(lines) {
		if blockBegins(lines, first) {
			return rewriteBlock(lines, first, known)
		}
	}
	if cell, err := rewriteTests(lines, known); cell != nil || err != nil {
		return cell, err
	}
	return rewriteLines(lines, known)
}

// firstLine returns the index of the first line that is not blank.
func firstLine(lines []string) int {
	for i, text := range lines {
		if strings.TrimSpace(text) != "" {
			return i
		}
	}
	return len(lines)
}

// rewriteBlock replaces a cell magic.
func rewriteBlock(lines []string, first int, known []Name) (*Cell, *Error) {
	l := &line{number: first + 1, text: lines[first]}
	d, err := l.definition("%%")
	if err != nil {
		return nil, err
	}
	body := strings.Join(lines[first+1:], "\n")
	if strings.TrimSpace(body) == "" {
		return nil, l.fail(0, "%%%%%s is a cell magic, and the cell has no other line; the line magic is %%%s, with one %%", d.name, d.name)
	}
	if d.cell != nil {
		return d.cell(l, body)
	}
	if d.commandBlock {
		if err := l.takesNothing(d); err != nil {
			return nil, err
		}
		if d.reads {
			body = l.rest() + "\n" + body
		}
		return &Cell{Commands: []Command{{d.command, body}}}, nil
	}
	head, tail, err := d.block(l, body)
	if err != nil {
		return nil, err
	}
	rest := append(make([]string, first+1), lines[first+1:]...)
	inner, err := rewriteLines(rest, known)
	if err != nil {
		return nil, err
	}
	source := inner.Source
	if source == "" { // nothing but commands
		for _, c := range inner.Commands {
			source += "\n" + commandCode(c.Name, c.Arg)
		}
		source = strings.Repeat("\n", first) + head + source
	} else {
		rest = strings.Split(source, "\n")
		rest[first] = head
		source = strings.Join(rest, "\n")
	}
	if tail != "" {
		source += "\n" + tail
	}
	return &Cell{Source: source, Actions: inner.Actions}, nil
}

// rewriteLines replaces the line magics.
func rewriteLines(lines []string, known []Name) (*Cell, *Error) {
	found, plain := findMagics(lines, known)
	c := &Cell{}
	var commands []Command
	end := goLines(strings.Join(plain, "\n"))
	pure := end == 0
	markLast(found, end)
	for _, l := range found {
		if _, asks := query(l.text); asks {
			continue // Queries returns it
		}
		if args, is := mainLine(l.text); is {
			if args != "" {
				pure = false
				plain[l.number-1] = parsedArgs(args)
			}
			continue
		}
		if l.assigns != "" {
			pure = false
			plain[l.number-1] = l.assignCode(known)
			continue
		}
		d, err := l.definition("%")
		if err != nil {
			return nil, err
		}
		if d.act != nil || d.command != "" && !d.commandBlock {
			if err := l.takesNothing(d); err != nil {
				return nil, err
			}
		}
		switch {
		case d.act != nil:
			c.Actions = append(c.Actions, Action{d, strings.TrimSpace(l.rest()), l.number})
		case d.line != nil:
			pure = false
			if plain[l.number-1], err = d.line(l); err != nil {
				return nil, err
			}
		case d.command != "" && !d.commandBlock:
			arg := strings.TrimSpace(l.rest())
			commands = append(commands, Command{d.command, arg})
			plain[l.number-1] = l.commandCode(d, known)
			pure = pure && plain[l.number-1] == commandCode(d.command, arg)
		default:
			return nil, l.fail(0, "%%%s is a cell magic: write %%%%%s on the first line of a cell of its own", d.name, d.name)
		}
	}
	if pure {
		c.Commands = commands
		return c, nil
	}
	c.Source = strings.Join(plain, "\n")
	return c, nil
}

// markLast says of each line whether Go follows, in a cell whose other lines end with this one.
func markLast(found []*line, end int) {
	last := true
	for _, l := range slices.Backward(found) {
		l.last = last && l.number >= end
		if _, asks := query(l.text); asks {
			continue
		}
		if l.assigns != "" {
			last = false
		} else if d, err := l.definition("%"); err == nil && d.act == nil {
			last = false
		}
	}
}

// findMagics returns the lines that are line magics or questions, and the cell with these
// lines left empty.
func findMagics(lines []string, known []Name) (found []*line, plain []string) {
	plain = append([]string(nil), lines...)
	above := &above{defined: make(map[string]bool)}
	var bools []string
	for _, n := range known {
		if n.Kind == "variable" && n.Type == "bool" {
			bools = append(bools, n.Name)
		}
	}
	words := sync.OnceValue(func() map[string]int { return countWords(lines) })
	for i := 0; i < len(lines); i++ {
		text := lines[i]
		trimmed := strings.TrimLeft(text, " \t")
		if command, ok := assignment(text, words, known); ok {
			if above.read(plain[:i]); above.allows(trimmed) {
				found = append(found, &line{number: i + 1, text: text, assigns: command, values: above.values(text)})
				plain[i] = ""
				continue
			}
		}
		if _, asks := query(text); !asks && (trimmed == "" || !strings.Contains("%!$", trimmed[:1])) {
			continue
		}
		above.read(plain[:i])
		if !above.allows(trimmed) || above.isNegation(trimmed, bools) {
			continue
		}
		l := &line{number: i + 1, text: text}
		found = append(found, l)
		plain[i] = ""
		if !strings.Contains("!$", trimmed[:1]) {
			continue
		}
		for strings.HasSuffix(l.text, "\\") && i+1 < len(lines) {
			i++ // the command goes on
			l.text += "\n" + lines[i]
			plain[i] = ""
		}
		l.values = above.values(l.text)
	}
	return found, plain
}

// commandCode is the code of a line that is a command.
func (l *line) commandCode(d *definition, known []Name) string {
	arg := strings.TrimSpace(l.rest())
	if d.takes == Script {
		return fmt.Sprintf("ᐧcommand.Run(%q, %s)", d.command, l.interpolated(arg, known))
	}
	return commandCode(d.command, arg)
}

// definition looks up the magic of a line and sets where its argument begins.
func (l *line) definition(prefix string) (*definition, *Error) {
	at := len(l.text) - len(strings.TrimLeft(l.text, " \t"))
	if l.text[at] == '!' || l.text[at] == '$' {
		l.arg = at + 1
		return table["!"], nil
	}
	begin := at + len(prefix)
	end := begin
	for end < len(l.text) && !strings.ContainsRune(" \t", rune(l.text[end])) {
		end++
	}
	name := l.text[begin:end]
	if prefix == "%%" && name == "" {
		name = "main" // as gonb has it
	}
	l.arg = end
	for l.arg < len(l.text) && (l.text[l.arg] == ' ' || l.text[l.arg] == '\t') {
		l.arg++
	}
	lines, cells := Names()
	d := table[name]
	if prefix == "%%" {
		if d == nil || d.block == nil && !d.commandBlock && d.cell == nil {
			return nil, l.fail(at, "there is no cell magic %%%%%s; %s", name, nearest(name, cells))
		}
		return d, nil
	}
	if d == nil {
		if strings.HasPrefix(name, "%") {
			return nil, l.fail(at, "a cell magic such as %%%s stands on the first line of its cell", name)
		}
		return nil, l.fail(at, "there is no magic %%%s; %s", name, nearest(name, lines))
	}
	return d, nil
}

// goLines returns the number of lines up to the last one that holds anything but comments
// that end.
func goLines(source string) int {
	var s scanner.Scanner
	end := 0
	file := token.NewFileSet().AddFile("", -1, len(source))
	s.Init(file, []byte(source), func(p token.Position, _ string) { end = max(end, p.Line) }, 0)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return end
		}
		if tok != token.SEMICOLON || lit == ";" {
			end = max(end, file.Line(pos))
		}
	}
}
