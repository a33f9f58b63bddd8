package magic

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

func init() {
	register(&definition{
		name: "history", usage: "%history [-n] [-l N] [-g PATTERN] [1-5]", reads: true,
		doc: "Show the cells that have run, all of this session or those with some execution counts.",
		options: []option{
			{"-n", "", "show the execution counts"},
			{"-l", "N", "the last N"},
			{"-g", "PATTERN", "those that contain the pattern, with * for any text, of earlier sessions of this machine as well"},
		},
		act: showHistory,
	})
	register(&definition{
		name: "save", usage: "%save [-a] file 1-5", reads: true,
		doc:     "Write the cells with these execution counts to a file, all without any.",
		options: []option{{"-a", "", "append to the file"}},
		act:     save,
	})
	register(&definition{
		name: "load", usage: "%load file", takes: File,
		doc: "Put the text of a file in place of the cell, to be changed and run.",
		act: func(_ context.Context, k Kernel, arg string, _ cell.Output) error {
			text, err := readText(k, "load", arg)
			if err == nil {
				k.Replace("// %load " + arg + "\n" + text)
			}
			return err
		},
	})
	register(&definition{
		name: "run", usage: "%run file", takes: File, program: always,
		doc: "Run a file: of a .go file what it declares, and then its func main; of a notebook its cells, in order. What they declare is there afterwards.",
		act: func(ctx context.Context, k Kernel, arg string, out cell.Output) error {
			if arg == "" || strings.HasPrefix(arg, "-") {
				return errors.New("write the file to run: %run file.go or %run notebook.ipynb")
			}
			return k.RunFile(ctx, inFolder(k, arg), out)
		},
	})
}

func inFolder(k Kernel, path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(k.Folder(), path)
}

// mostFile bounds the size of a file that %load puts into a cell.
const mostFile = 1 << 20

func readText(k Kernel, magic, arg string) (string, error) {
	if arg == "" || strings.HasPrefix(arg, "-") {
		return "", fmt.Errorf("write the file's name: %%%s file", magic)
	}
	path := inFolder(k, arg)
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", err
	case !info.Mode().IsRegular() || info.Size() > mostFile:
		return "", fmt.Errorf("%s is no file of at most %d KB", arg, mostFile>>10)
	}
	text, err := os.ReadFile(path)
	return string(text), err
}

func showHistory(_ context.Context, k Kernel, arg string, out cell.Output) error {
	var numbered bool
	last, pattern := 0, ""
	fields := strings.Fields(arg)
	for len(fields) > 0 && strings.HasPrefix(fields[0], "-") {
		option := fields[0]
		fields = fields[1:]
		switch {
		case option == "-n":
			numbered = true
		case option == "-l" && len(fields) > 0:
			n, err := strconv.Atoi(fields[0])
			if err != nil || n < 1 {
				return fmt.Errorf("%%history -l takes how many cells to show, and there is %q", fields[0])
			}
			last, fields = n, fields[1:]
		case option == "-g" && len(fields) > 0:
			pattern, fields = strings.Join(fields, " "), nil
		case option == "-l":
			return errors.New("%history -l takes how many cells to show, and there is nothing behind it")
		case option == "-g":
			return errors.New("%history -g takes a pattern, and there is nothing behind it")
		default:
			return fmt.Errorf("%%history does not know %q; %%help history lists its options", option)
		}
	}
	list := k.Past()
	var b strings.Builder
	if pattern != "" {
		var err error
		if list, err = k.Earlier(); err != nil {
			return err
		}
		match, err := regexp.Compile("(?s)" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*"))
		if err != nil {
			return err
		}
		list = slices.DeleteFunc(slices.Clone(list), func(p cell.Past) bool { return !match.MatchString(p.Code) })
	} else if ranges, err := parseRanges(strings.Join(fields, " ")); err != nil {
		return err
	} else if ranges != nil {
		list = among(list, ranges)
	}
	if last > 0 && len(list) > last {
		list = list[len(list)-last:]
	}
	for _, p := range list {
		if numbered || pattern != "" {
			fmt.Fprintf(&b, "%4d: ", p.Count)
		}
		b.WriteString(strings.TrimRight(p.Code, "\n") + "\n")
	}
	if b.Len() > 0 {
		out.Stream("stdout", b.String())
	}
	return nil
}

// among returns the cells with these execution counts.
func among(list []cell.Past, ranges []Range) (some []cell.Past) {
	for _, p := range list {
		if slices.ContainsFunc(ranges, func(r Range) bool { return r.First <= p.Count && p.Count <= r.Last }) {
			some = append(some, p)
		}
	}
	return some
}

func save(_ context.Context, k Kernel, arg string, out cell.Output) error {
	fields := strings.Fields(arg)
	mode := os.O_TRUNC
	if len(fields) > 0 && fields[0] == "-a" {
		mode, fields = os.O_APPEND, fields[1:]
	}
	if len(fields) == 0 || strings.HasPrefix(fields[0], "-") {
		return errors.New("write the file and the cells: %save file.go 1-5")
	}
	ranges, err := parseRanges(strings.Join(fields[1:], " "))
	if err != nil {
		return err
	}
	list := k.Past()
	if ranges != nil {
		list = among(list, ranges)
	}
	if len(list) == 0 {
		return errors.New("no such cell has run in this session")
	}
	var texts []string
	for _, p := range list {
		texts = append(texts, strings.TrimRight(p.Code, "\n")+"\n")
	}
	f, err := os.OpenFile(inFolder(k, fields[0]), os.O_WRONLY|os.O_CREATE|mode, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(strings.Join(texts, "\n"))
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	out.Stream("stdout", fmt.Sprintf("The following commands were written to file `%s`:\n%s", fields[0], strings.Join(texts, "\n")))
	return nil
}
