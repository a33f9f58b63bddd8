package display

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

type verbose struct{ Code int }

func (v *verbose) Error() string { return fmt.Sprint("code ", v.Code) }

type failed struct{ err error }

func (f failed) Failure() error { return f.err }
func (f failed) String() string { return "a call" }

type withStack struct{}

func (withStack) Error() string { return "deep down" }
func (withStack) Format(s fmt.State, _ rune) {
	fmt.Fprint(s, "deep down")
	if s.Flag('+') {
		fmt.Fprint(s, "\n\tat line 7")
	}
}

func TestErrorsAmongValuesAreMarked(t *testing.T) {
	_, err := os.Open("/none")
	var none *verbose
	const maxText = 64 << 10
	for _, c := range []struct {
		name       string
		values     []any
		text, mark string
	}{
		{"error", []any{err}, "error: *fs.PathError: open /none: no such file or directory", "*fs.PathError: open /none: no such file or directory"},
		{"tuple", []any{nil, err}, "error: *fs.PathError: open /none: no such file or directory\n<nil>", "*fs.PathError: open /none: no such file or directory"},
		{"in front", []any{errors.New("a"), 1, "x"}, "error: *errors.errorString: a\n1 x", "*errors.errorString: a"},
		{"two", []any{errors.New("a"), 1, &verbose{2}}, "error: *errors.errorString: a\nerror: *display.verbose: code 2\n1", "*errors.errorString: a\n*display.verbose: code 2"},
		{"stack", []any{withStack{}}, "error: display.withStack: deep down\n\tat line 7", "display.withStack: deep down"},
		{"markup", []any{errors.New("<b> & c")}, "error: *errors.errorString: <b> & c", "*errors.errorString: <b> & c"},
		{"long", []any{errors.New(strings.Repeat("x", maxText+1))}, "error: *errors.errorString: xxxx", "*errors.errorString: xxxx"},
		{"failing", []any{failed{errors.New("no")}}, "error: *errors.errorString: no\na call", "*errors.errorString: no"},
		{"endless", []any{endlessError{}}, "(Error of display.endlessError calls itself without end)", "display.endlessError: (display.endlessError) whose text"},
		{"done", []any{failed{}}, "a call", ""},
		{"nil error", []any{1, nil}, "1 <nil>", ""},
		{"nil pointer", []any{1, none}, "1 <nil>", ""},
		{"inside", []any{[]error{err}}, "[open /none: no such file or directory]", ""},
		{"nothing", nil, "", ""},
	} {
		data, metadata := Result(c.values...)
		text, _ := data["text/plain"].(string)
		page, _ := data["text/html"].(string)
		mark, _ := metadata[cell.ErrorValue].(string)
		if !strings.Contains(text, c.text) || !strings.HasPrefix(mark, c.mark) || (mark == "") != (c.mark == "") || (page == "") != (c.mark == "") {
			t.Errorf("%s: %.300q, marked %.100q, %.100q", c.name, text, mark, page)
		}
		if strings.Contains(page, "<b> &") || len(page) > 4*maxText {
			t.Errorf("%s: %.300q", c.name, page)
		}
	}
	// A value that has HTML of its own keeps it below.
	if data, _ := Result(page{"T"}, err); !strings.Contains(data["text/html"].(string), "</div>\n<h1>T</h1>") {
		t.Error(data)
	}
	if data, _ := Render(err); data["text/html"] != nil {
		t.Error("what a cell shows by itself is marked")
	}
}

type endlessError struct{}

func (e endlessError) Error() string { look(); return fmt.Sprint([]any{e}...) }
