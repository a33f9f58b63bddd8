package magic

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/command"
)

func init() {
	register(&definition{
		name: "capture", usage: "%%capture [--no-stdout] [--no-stderr] [--no-display] [variable]", reads: true, takes: File,
		doc: "Run the lines below without showing what they print and show. After the cell the variable, if there is one, has it in its fields Stdout, Stderr and Outputs.\n" +
			"    %capture [-a] file, on a line of a cell, writes what the cell prints on standard output to a file as well; -a appends.",
		options: []option{
			{"--no-stdout", "", "show what is printed on standard output"},
			{"--no-stderr", "", "show what is printed on standard error"},
			{"--no-display", "", "show what is displayed, and the cell's value"},
			{"-a", "", "of %capture file: append to the file"},
		},
		block:   captureBlock,
		act:     captureFile,
		command: "capture", // of programs: the kernel carries out the action
		program: always,
	})
}

// captureBlock leaves the body as it is, so that what it defines belongs to the session.
// The capture ends with the cell, whether or not its end is reached.
func captureBlock(l *line, _ string) (head, tail string, err *Error) {
	stdout, stderr, displays, name := true, true, true, ""
	for _, word := range strings.Fields(l.rest()) {
		switch {
		case word == "--no-stdout":
			stdout = false
		case word == "--no-stderr":
			stderr = false
		case word == "--no-display":
			displays = false
		case strings.HasPrefix(word, "-"):
			return "", "", l.fail(l.arg, "%%%%capture knows --no-stdout, --no-stderr and --no-display, and there is %q", word)
		case name == "" && token.IsIdentifier(word) && word != "_":
			name = word
		default:
			return "", "", l.fail(l.arg, "%%%%capture takes the name of a variable, and there is %q; %%capture file, with one %%, writes to a file", l.rest())
		}
	}
	head = fmt.Sprintf("ᐧcommand.CaptureBegin(%t, %t, %t)", stdout, stderr, displays)
	if name != "" {
		head = name + " := " + head
	}
	return head, "", nil
}

// captureFile has the cell's standard output written to a file, as gonb does.
func captureFile(_ context.Context, k Kernel, arg string, _ cell.Output) error {
	words := strings.Fields(arg)
	adds := len(words) > 0 && words[0] == "-a"
	if adds {
		words = words[1:]
	}
	if len(words) != 1 || strings.HasPrefix(words[0], "-") {
		return errors.New("write one file: %capture [-a] file; %%capture variable, with two %, keeps the output in a variable")
	}
	return k.Capture(inFolder(k, command.FileName(words[0])), adds)
}
