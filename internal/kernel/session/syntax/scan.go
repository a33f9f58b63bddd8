package syntax

import (
	"bytes"
	"fmt"
	"go/build/constraint"
	"go/scanner"
	"go/token"
	"go/version"
	"maps"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
	"github.com/goparallel/goparallel/internal/kernel/spell"
)

// Scan reads the cell's tokens and returns what is wrong with them: texts that do
// not end, characters that Go does not have, compiler directives that a cell does
// not obey, and names that could meet those of generated code. Magics use some of
// these, but none that code is generated with. Ignored are notes on directives that make
// no difference.
func (c *Cell) Scan() (ignored []string, wrong *diag.Errors) {
	out := &diag.Errors{}
	add := func(offset int, message, hint string) {
		line, column := Position(c.Code, offset)
		out.Add(diag.Diagnostic{Unit: c.Key, Line: line, Column: column, Message: message, Hint: hint})
	}
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(c.Code))
	s.Init(file, c.Code, func(p token.Position, message string) { add(p.Offset, message, "") }, scanner.ScanComments)
	open := -1    // a directive that nothing has followed yet
	knownAt := -1 // a name of ours, which a period must follow
	known := ""   // that name
	for {
		pos, tok, lit := s.Scan()
		offset := file.Offset(pos)
		if knownAt >= 0 && tok != token.PERIOD {
			add(knownAt, known+keptNames, "")
		}
		knownAt = -1
		switch {
		case tok == token.EOF:
			if open >= 0 {
				add(open, MisplacedMessage, MisplacedHint)
			}
			out.Sort()
			if len(out.List) == 0 {
				return ignored, nil
			}
			return ignored, out
		case tok == token.COMMENT && IsDirective(lit):
			if note := Unheeded(lit); note != "" {
				ignored = append(ignored, note)
			} else if line := c.Code[:offset]; len(bytes.TrimSpace(line[bytes.LastIndexByte(line, '\n')+1:])) > 0 {
				add(offset, MisplacedMessage, MisplacedHint)
			} else if message, hint := c.refused(lit); message != "" {
				add(offset, message, hint)
			} else if !strings.HasPrefix(lit, "//go:build ") && !strings.HasPrefix(lit, "//line ") {
				open = offset
			}
		case tok == token.IDENT && strings.Contains(lit, Mark):
			open = -1
			switch lit {
			case "ᐧlive", "ᐧcommand", "ᐧoverhead": // that is how magics call what they need
				knownAt, known = offset, lit
			case "ᐧn", "ᐧt": // variables of magics
			default:
				add(offset, lit+keptNames, "")
			}
		case tok != token.COMMENT && !(tok == token.SEMICOLON && lit == "\n"):
			open = -1
		}
	}
}

// Generated code has names of its own beside the user's. Each of them has the mark
// in it, and a cell's text may not use it in names; strings and comments may. Among
// themselves they differ by how they begin:
//
//	ᐧlive ᐧpoll …        packages that generated code always knows, and the locals ᐧflag, ᐧend1, ᐧstrip1 …
//	ᐧᐧfmt ᐧᐧrandᐧ2       other packages, under names that are the unit's
//	ᐧPow10 ᐧmain ᐧinit   what the user calls Pow10, or a variable main
//	pow10ᐧ2              what the user calls pow10, declared for the second time
//	pow10ᐧ2ᐧ5            the fifth version of what goes by that symbol, as a function of its own
//	pointᐧp_moveᐧ3       the third of a method, of pointers (p) or values (v)
//	ᐧpushᐧ3              the third of a generic method, as a method of its own
//	ᐧmethodsᐧ3ᐧpoint     says that the unit has the third set of methods of a type
//	ᐧƒpow10              the variable through which the newest version is called
//	ᐧrun_ID ᐧrun2_ID ᐧlit1_ID …   what belongs to one unit (to programs main.main, main.main.func1), and pointᐧID, a type local to a function of it
const Mark = "ᐧ"

const keptNames = ": names with " + Mark + " are kept for the code that is made of cells"

// IsDirective reports whether a comment tells the compiler or the go command
// something.
func IsDirective(comment string) bool {
	name, ok := strings.CutPrefix(comment, "//go:")
	return ok && name != "" && 'a' <= name[0] && name[0] <= 'z' || strings.HasPrefix(comment, "//export ") || lineComment.MatchString(comment)
}

// lineComment is a comment that says of which file and line the next line is. It
// holds up to the end of the declaration or statement.
var lineComment = regexp.MustCompile(`^//line .*:[0-9]+$`)

// advice says what to do instead of the directives that cells do not obey: all
// that the compiler and the go command know but for those that are obeyed, and those that
// go run does not heed either.
var advice = map[string]string{
	"//export":                "a cell cannot use cgo itself; import a package that does",
	"//go:cgo_export_dynamic": "", "//go:cgo_export_static": "", "//go:cgo_import_dynamic": "", "//go:cgo_import_static": "",
	"//go:cgo_dynamic_linker": "", "//go:cgo_ldflag": "", "//go:cgo_unsafe_args": "",
	"//go:debug":          "set it with %env GODEBUG=…",
	"//go:linkname":       "import a package that does this",
	"//go:linknamestd":    "",
	"//go:noescape":       "",
	"//go:nointerface":    "",
	"//go:nosplit":        "",
	"//go:nowritebarrier": "", "//go:nowritebarrierrec": "", "//go:yeswritebarrierrec": "",
	"//go:systemstack":      "",
	"//go:uintptrkeepalive": "",
	"//go:wasmexport":       "", "//go:wasmimport": "",
}

// otherTools are the directives that tell other tools something.
var otherTools = map[string]string{
	"//go:fix":      "it is for go fix, which does not see cells",
	"//go:generate": "it is for go generate, which does not see cells: write the command behind an ! on a line of its own",
}

// DirectiveName is a directive without what follows its name.
func DirectiveName(comment string) string {
	name, _, _ := strings.Cut(strings.ReplaceAll(comment, "\t", " "), " ")
	return name
}

// Unheeded returns a note for a directive that makes no difference, as it makes none to go
// run: one for another tool, or one that the compiler does not know, which may be mistyped.
func Unheeded(comment string) string {
	name := DirectiveName(comment)
	if why := otherTools[name]; why != "" {
		return name + " makes no difference: " + why
	}
	obeyed := slices.Concat(passed, []string{Embeds, "//go:build", "//line"})
	if _, known := advice[name]; known || slices.Contains(obeyed, name) {
		return ""
	}
	note := name + " makes no difference: the compiler does not know it"
	if hint := spell.Suggest("", name, slices.Concat(slices.Sorted(maps.Keys(advice)), obeyed)); hint != "" {
		note += "; " + hint
	}
	return note
}

// refused returns an error for a directive that a cell does not obey, and what to
// do about it.
func (c *Cell) refused(comment string) (message, hint string) {
	name := DirectiveName(comment)
	if slices.Contains(passed, name) || name == Embeds || name == "//line" {
		return "", ""
	}
	if name == "//go:build" {
		return unmet(comment, c.Arch)
	}
	if hint = advice[name]; hint == "" {
		hint = "a package can have it, which the cell imports"
	}
	return fmt.Sprintf("a cell does not obey %s; take the line out", name), hint
}

// unmet is an error where a build constraint keeps the cell out of builds for the
// host's machine. The tag ignore stands for files that go run is given by name, as cells
// are.
func unmet(comment, arch string) (message, hint string) {
	expr, err := constraint.Parse(comment)
	if err != nil {
		return err.Error(), ""
	}
	holds := expr.Eval(func(tag string) bool {
		if version.IsValid(tag) {
			return version.Compare(tag, toolchain.Version) <= 0
		}
		return slices.Contains([]string{runtime.GOOS, arch, "unix", "gc", "cgo", "ignore"}, tag)
	})
	if holds {
		return "", ""
	}
	return fmt.Sprintf("%s does not hold for %s/%s; take the line out to run the cell all the same", comment, runtime.GOOS, arch), ""
}
