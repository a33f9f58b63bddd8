package magic

import (
	"fmt"
	"go/parser"
	"strings"
)

func init() {
	register(&definition{
		name:  "overhead",
		usage: "%overhead [-on VIEW] function items",
		doc: "Measure what mapping a function over a slice costs: in a loop, on the engines with chunk sizes from 1 on and with the view's own choice, and with rc.Auto(). " +
			"It shows a table, from how many items on engines pay, and a figure, within about four seconds. The function runs many times for each item, here and on the engines.",
		options: []option{{"-on", "VIEW", "measure with this view or client instead of the engines that were started last"}},
		line:    overheadLine,
		code:    overheadCode,
	})
}

func overheadLine(l *line) (string, *Error) {
	on, at, err := overheadOn(l)
	if err != nil {
		return "", err
	}
	code := withoutComment(l.text[at:])
	if code == "" {
		return "", l.fail(at, "write a function and a slice of items for it: %%overhead f xs")
	}
	end, next := split(code)
	if end == 0 {
		return "", l.fail(at, "these are no two Go expressions: write a function and a slice of items for it, as in %%overhead f xs")
	}
	return fmt.Sprintf("ᐧoverhead.Run(%s, /*line :%d:%d*/%s, /*line :%d:%d*/%s)", on, l.number, at+1, code[:end], l.number, at+next+1, code[next:]), nil
}

// overheadOn reads the option. It returns the code of the view, and where what
// follows begins in the line.
func overheadOn(l *line) (view string, at int, err *Error) {
	rest, given := strings.CutPrefix(l.rest(), "-on")
	if !given || rest != "" && !strings.ContainsRune(" \t", rune(rest[0])) {
		if strings.HasPrefix(l.rest(), "-") {
			return "", l.arg, l.fail(l.arg, "%%overhead has one option, -on VIEW")
		}
		return "ᐧoverhead.Last()", l.arg, nil
	}
	begin := len(l.text) - len(strings.TrimLeft(rest, " \t"))
	end := begin
	for end < len(l.text) && !strings.ContainsRune(" \t", rune(l.text[end])) {
		end++
	}
	if !isExpression(l.text[begin:end]) {
		return "", end, l.fail(begin, "-on needs a view or a client, written without spaces, such as -on rc.All()")
	}
	at = len(l.text) - len(strings.TrimLeft(l.text[end:], " \t"))
	return fmt.Sprintf("ᐧoverhead.On(/*line :%d:%d*/%s)", l.number, begin+1, l.text[begin:end]), at, nil
}

// overheadCode is where Go code begins, the view's if there is one.
func overheadCode(l *line) int {
	rest, _ := strings.CutPrefix(l.rest(), "-on")
	return len(l.text) - len(strings.TrimLeft(rest, " \t"))
}

// split divides code into two expressions at the first place where both sides are
// one, a space or, for those who write calls, a comma: it returns where the first one ends, and
// where the second begins. Both are 0 if there is no such place.
func split(code string) (end, next int) {
	for i, r := range code {
		if !strings.ContainsRune(" \t,", r) {
			continue
		}
		rest := strings.TrimLeft(code[i:], " \t,")
		if isExpression(code[:i]) && isExpression(rest) {
			return i, len(code) - len(rest)
		}
	}
	return 0, 0
}

func isExpression(code string) bool {
	_, err := parser.ParseExpr(code)
	return err == nil
}
