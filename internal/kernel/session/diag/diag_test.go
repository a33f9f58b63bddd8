package diag

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// Of what two stages say of one line, the same is said once; another line, cell or message is another mistake.
func TestErrorsAreSaidOnce(t *testing.T) {
	said := Diagnostic{Unit: "a", Line: 2, Column: 3, Message: "undefined: x"}
	for _, test := range []struct {
		name    string
		another func(*Diagnostic)
		count   int
	}{
		{"the same", func(*Diagnostic) {}, 1},
		{"elsewhere in the line", func(d *Diagnostic) { d.Column = 9 }, 1},
		{"with a hint", func(d *Diagnostic) { d.Hint = "did you mean y?" }, 1},
		{"another line", func(d *Diagnostic) { d.Line = 3 }, 2},
		{"another cell", func(d *Diagnostic) { d.Unit = "b" }, 2},
		{"another message", func(d *Diagnostic) { d.Message = "undefined: y" }, 2},
	} {
		var errs Errors
		errs.Add(said)
		another := said
		test.another(&another)
		errs.Add(another)
		if len(errs.List) != test.count || errs.List[0] != said {
			t.Errorf("%s: %+v", test.name, errs.List)
		}
	}
}

// Mistakes are in the order of the text; those of one place stay in the order in which they were found.
func TestErrorsAreInTheOrderOfTheText(t *testing.T) {
	var errs Errors
	var want []string
	for _, place := range [][2]int{{1, 2}, {1, 9}, {3, 1}} {
		for i := range 20 {
			want = append(want, fmt.Sprintf("%d:%d: mistake %02d of %d", place[0], place[1], i, place[1]))
		}
	}
	for i := range 20 {
		for _, place := range [][2]int{{3, 1}, {1, 9}, {1, 2}} {
			errs.Add(Diagnostic{Line: place[0], Column: place[1], Message: fmt.Sprintf("mistake %02d of %d", i, place[1])})
		}
	}
	errs.Sort()
	if got, want := errs.Error(), strings.Join(want, "\n"); got != want {
		t.Errorf("%s\ninstead of\n%s", got, want)
	}
}

// A mistake of ours has what a report needs, and stands at no place of the cell.
func TestBugHasTheCell(t *testing.T) {
	errs := Bug("x := 1", "%d is %s", 7, "odd")
	if d := errs.List[0]; len(errs.List) != 1 || d.Line != 0 || !strings.Contains(d.Message, "7 is odd\n") || !strings.HasSuffix(d.Message, "\nx := 1") {
		t.Errorf("%+v", errs.List)
	}
}

func TestUnitOfAFileName(t *testing.T) {
	for name, unit := range map[string]string{
		FilePrefix + "5d8a": "5d8a", "/home/a/" + FilePrefix + "5d8a": "5d8a",
		"gen.y": "gen.y", "/home/" + FilePrefix + "a/gen.y": "gen.y", "": "",
	} {
		if got := UnitOf(name); got != unit {
			t.Errorf("UnitOf(%q) = %q instead of %q", name, got, unit)
		}
	}
}

// The parser's mistakes are those of the cells that line directives name, all of them; what is no list of
// mistakes has no place.
func TestMistakesOfTheParser(t *testing.T) {
	text := "package p\n//line " + FilePrefix + "one:4:2\nvar a = )\n//line " + FilePrefix + "two:1:1\nvar b = ]\n"
	_, err := parser.ParseFile(token.NewFileSet(), "", text, parser.AllErrors)
	list := OfParser(err)
	for _, want := range []Diagnostic{{Unit: "one", Line: 4, Column: 10, Message: "expected operand, found ')'"}, {Unit: "two", Line: 1, Column: 9, Message: "expected operand, found ']'"}} {
		if !slices.Contains(list, want) {
			t.Errorf("%+v is not in %+v", want, list)
		}
	}
	if list := OfParser(errors.New("no file")); len(list) != 1 || list[0] != (Diagnostic{Message: "no file"}) {
		t.Errorf("%+v", list)
	}
}

// What stands before a caret is as wide as the text before the column, whatever a tab is.
func TestIndent(t *testing.T) {
	for _, test := range []struct {
		text   string
		column int
		before string
	}{
		{"x := y", 1, ""}, {"x := y", 6, "     "}, {"\tx\t= y", 4, "\t \t"}, {"é := y", 6, "    "},
		{"x", 0, ""}, {"x", -3, ""}, {"x\t", 9, " \t"}, {"", 5, ""},
	} {
		if got := Indent(test.text, test.column); got != test.before {
			t.Errorf("Indent(%q, %d) = %q instead of %q", test.text, test.column, got, test.before)
		}
	}
}
