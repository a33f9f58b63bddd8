package source

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/parallel"
)

// Error says what is wrong with a source text, and where.
type Error struct {
	// Message has a line for each thing that is wrong, its place, the line of the
	// text and a caret under the column.
	Message string
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// failed makes an error of what the session's compiler says.
func (c *Compiler) failed(err error, t *text) error {
	errs, ok := errors.AsType[*diag.Errors](err)
	if !ok {
		return err
	}
	var lines []string
	for _, d := range errs.List {
		if d.Line == 0 {
			lines = append(lines, d.Message)
			continue
		}
		line, column := t.place(d.Line, d.Column)
		source := t.sourceLine(line)
		if undefined := undefinedName.FindStringSubmatch(d.Message); undefined != nil && d.Hint == "" {
			d.Hint = fmt.Sprintf("a text sees what texts declare, not the interpreter's variables and functions; declare %s in the text, or push its value and use parallel.Get", undefined[1])
			if strings.HasPrefix(source[min(max(column-1, 0), len(source)):], undefined[1]+".") {
				d.Hint += fmt.Sprintf("; if %s is a package, begin the text with its import", undefined[1])
			}
		}
		lines = append(lines, fmt.Sprintf("%s:%d:%d: %s", t.label(), line, column, d.Message), "    "+source, "    "+diag.Indent(source, column)+"^")
		if d.Hint != "" {
			lines = append(lines, "hint: "+d.Hint)
		}
	}
	return &Error{Message: strings.Join(lines, "\n")}
}

var undefinedName = regexp.MustCompile(`^undefined: ([\pL_][\pL\pN_]*)$`)

// imports returns import declarations for names that an error calls undefined and
// that can only be packages of the standard library.
func (c *Compiler) imports(err error) string {
	errs, ok := errors.AsType[*diag.Errors](err)
	if !ok {
		return ""
	}
	decls := map[string]bool{}
	for _, d := range errs.List {
		m := undefinedName.FindStringSubmatch(d.Message)
		if m == nil {
			continue
		}
		std := slices.DeleteFunc(c.session.PackagesNamed(m[1]), func(path string) bool { return strings.Contains(path, ".") })
		if len(std) == 1 {
			decls[fmt.Sprintf("\nimport %q", std[0])] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(decls)), "")
}

// literalName is what a literal is called in a stack.
var literalName = regexp.MustCompile(`\b(?:main|session)\.` + literalPrefix + `[0-9a-f]+`)

var cellPosition = regexp.MustCompile(`[^\s"'(]*\bcell-([0-9A-Za-z_]+):(\d+)`)

// Explain writes the names that people know into the stacks of an error that a
// call has returned, and into what an engine printed before it died, and behind the value of a panic the
// line that panicked: an interpreter shows no stack.
func (c *Compiler) Explain(err error) error {
	m, ok := errors.AsType[*parallel.MapError](err)
	if !ok {
		return err
	}
	for _, f := range m.Failures {
		f.Value = c.KnownNames(f.Value)
		stack, where := c.knownNames(f.Stack)
		f.Stack = stack
		f.Value += where
	}
	return err
}

// KnownNames writes the names that people know into a text: into stacks, in what engines print.
func (c *Compiler) KnownNames(text string) string {
	text, _ = c.knownNames(text)
	return text
}

// knownNames is KnownNames; where is the first place that the text names, in brackets.
func (c *Compiler) knownNames(text string) (_, where string) {
	text = cellPosition.ReplaceAllStringFunc(text, func(s string) string {
		parts := cellPosition.FindStringSubmatch(s)
		label := c.label(parts[1])
		if label == "" {
			return s
		}
		if where == "" {
			where = fmt.Sprintf(" (%s, line %s)", label, parts[2])
		}
		return label + ":" + parts[2]
	})
	return literalName.ReplaceAllString(text, "the function"), where
}
