package command

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/live"
)

// headAndBody divides what a cell magic is given: the rest of its first line, and the
// lines below.
func headAndBody(arg string) (head, body string) {
	head, body, _ = strings.Cut(arg, "\n")
	return strings.TrimSpace(head), body
}

// script gives the body to a program as its input.
func script(arg string) error {
	head, body := headAndBody(arg)
	words, err := split(head)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return errors.New("write the program: %%script python3")
	}
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Stdin = strings.NewReader(body + "\n")
	return runStrictly(cmd)
}

// runStrictly runs a program whose exit status has to be zero.
func runStrictly(cmd *exec.Cmd) error {
	exit, err := run(cmd)
	if exit != nil {
		return live.Failure{Name: "CommandError", Value: fmt.Sprintf("the script ended with %s", exit)}
	}
	return err
}

// run runs a program whose output goes where the cell's own goes. An exit status other than
// zero is no error but exit.
func run(cmd *exec.Cmd) (exit *exec.ExitError, err error) {
	ctx := live.Context()
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	err = cmd.Run()
	if ctx.Err() != nil {
		return nil, live.Failure{Name: "Interrupted", Value: "the command was interrupted"}
	}
	if errors.As(err, &exit) {
		return exit, nil
	}
	return nil, err
}

// split divides a line into words as a shell does with quotes.
func split(line string) (words []string, err error) {
	var word strings.Builder
	begun := false
	quote := rune(0)
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, begun = r, true
		case r == ' ' || r == '\t':
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("the quote %c is not closed", quote)
	}
	if begun {
		words = append(words, word.String())
	}
	return words, nil
}

// setArgs sets what programs find behind their name in os.Args.
func setArgs(arg string) error {
	words, err := split(arg)
	if err != nil {
		return err
	}
	os.Args = append(os.Args[:1:1], words...)
	return nil
}

// FileName puts the values of environment variables, $NAME or ${NAME}, into the name of a file, and the home
// folder for ~/. What is not set stays as it is.
func FileName(name string) string {
	if rest, ok := strings.CutPrefix(name, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			name = filepath.Join(home, rest)
		}
	}
	return variable.ReplaceAllStringFunc(name, func(written string) string {
		if value, ok := os.LookupEnv(strings.Trim(written, "${}")); ok {
			return value
		}
		return written
	})
}

// variable is an environment variable in the name of a file.
var variable = regexp.MustCompile(`\$(?:\{\w+\}|\w+)`)

// writeFile writes the body to a file.
func writeFile(arg string) error {
	head, body := headAndBody(arg)
	words, err := split(head)
	if err != nil {
		return err
	}
	mode, did := os.O_TRUNC, "Writing"
	if len(words) > 0 && words[0] == "-a" {
		mode, did, words = os.O_APPEND, "Appending to", words[1:]
	}
	if len(words) != 1 || strings.HasPrefix(words[0], "-") {
		return errors.New("write one file: %%writefile [-a] file")
	}
	name := FileName(words[0])
	if _, err := os.Stat(name); err == nil && mode == os.O_TRUNC {
		did = "Overwriting"
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|mode, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(strings.TrimRight(body, "\n") + "\n")
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	fmt.Println(did, name)
	return nil
}
