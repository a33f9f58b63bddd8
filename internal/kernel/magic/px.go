package magic

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/command"
)

func init() {
	register(&definition{
		name:  "px",
		usage: "%px [-t ENGINES] [-a|-b] [-o NAME] [--local] [-v] statement",
		doc: "Run a statement on engines, those of the client that was started last. %%px runs the lines below. Variables are each engine's own and stay there.\n" +
			"    What engines print and show has their number.",
		options: []option{
			{"-t", "ENGINES", "on these engines: 0,2 or 1:3 or ::2 or all (--targets)"},
			{"-a", "", "do not wait; %pxresult does (--noblock)"},
			{"-b", "", "wait, as without it (--block)"},
			{"-o", "NAME", "assign the result to a variable (--out)"},
			{"--local", "", "run it in the session as well"},
			{"-v", "", "say on which engines (--verbose)"},
		},
		line: func(l *line) (string, *Error) {
			options, at, err := pxOptions(l)
			if err != nil {
				return "", err
			}
			code := l.text[at:]
			if strings.TrimSpace(code) == "" {
				return "", l.fail(at, "write a statement behind %%px, or %%%%px and the statements below it")
			}
			return pxCode(options, l.text[l.arg:at], strings.Repeat("\n", l.number-1)+strings.Repeat(" ", at)+code), nil
		},
		cell: func(l *line, body string) (*Cell, *Error) {
			options, at, err := pxOptions(l)
			if err != nil {
				return nil, err
			}
			if strings.TrimSpace(l.text[at:]) != "" {
				return nil, l.fail(at, "%%%%px takes options only; write the statements below it")
			}
			source := strings.Repeat("\n", l.number) + body
			if options.Out != "" {
				return &Cell{Source: strings.Repeat("\n", l.number-1) + pxCode(options, l.rest(), source), Remote: true}, nil
			}
			return &Cell{Commands: []Command{{"px", l.rest() + "\n" + source}}, Remote: true}, nil
		},
		code: func(l *line) int {
			n, _ := new(command.PXOptions).Parse(l.rest())
			return l.arg + n
		},
	})
	register(&definition{
		name: "pxresult", usage: "%pxresult", command: "pxresult",
		doc: "Wait for the last %px that did not wait, and show what its engines show.",
	})
	register(&definition{
		name: "pxconfig", usage: "%pxconfig [-t ENGINES] [-a|-b] [-v]", command: "pxconfig", reads: true,
		doc: "Set what %px does where its options do not say otherwise.",
	})
	register(&definition{
		name: "autopx", usage: "%autopx", program: always, doc: "Run all cells on engines from now on, as %%px does; the second time, no longer.",
		act: func(_ context.Context, k Kernel, _ string, out cell.Output) error {
			if k.AutoPX() {
				cell.Note(out, "cells run on engines from now on; %autopx ends that")
			} else {
				cell.Note(out, "cells run in the session again")
			}
			return nil
		},
	})
}

// pxOptions reads the options, and returns where the code begins in the line.
func pxOptions(l *line) (options command.PXOptions, at int, err *Error) {
	n, wrong := options.Parse(l.rest())
	if wrong != nil {
		return options, 0, l.fail(l.arg+n, "%v", wrong)
	}
	return options, l.arg + n, nil
}

// pxCode is the Go code that runs source on engines.
func pxCode(options command.PXOptions, text, source string) string {
	if options.Out != "" {
		return fmt.Sprintf("%s := ᐧcommand.PX(%s, %s)", options.Out, strconv.Quote(text), strconv.Quote(source))
	}
	return commandCode("px", text+"\n"+source)
}

// Remotely is what a cell without magic for the whole of it becomes under %autopx.
func Remotely(code string) *Cell {
	return &Cell{Commands: []Command{{"px", "\n" + code}}, Remote: true}
}

// RewriteRemote is [Rewrite] for source that runs on engines. Magics that act on the kernel are errors.
func RewriteRemote(source string, known ...Name) (string, *Error) {
	c, err := rewriteLines(strings.Split(source, "\n"), known)
	if err != nil {
		return "", err
	}
	if len(c.Actions) > 0 {
		return "", &Error{Name: "UsageError", Line: c.Actions[0].line, Column: 1, Message: fmt.Sprintf("%%%s is for the kernel, and not for engines", c.Actions[0].magic.name)}
	}
	text := c.Source
	if text == "" {
		for _, command := range c.Commands {
			text += commandCode(command.Name, command.Arg) + "\n"
		}
	}
	return text, nil
}
