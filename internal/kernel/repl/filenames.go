package repl

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// currentFolder is where the cells run now, which they can change.
func (r *Interpreter) currentFolder() string {
	r.mu.Lock()
	p := r.process
	r.mu.Unlock()
	if p != nil {
		if dir, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", p.Pid())); err == nil {
			return dir
		}
	}
	return r.options.Dir
}

// nameUse says where a file's name is written.
type nameUse int

const (
	inString nameUse = iota // in a string of Go
	inScript                // in a line for the shell
	folders                 // behind %cd
)

// mostNames bounds what is listed of a folder.
const mostNames = 500

// fileNames lists the files whose names begin with what is typed, relative to a
// folder. Folders end in "/", and hidden files are left out unless the dot is
// typed.
func fileNames(dir, typed string, use nameUse) (items []cell.Completion) {
	plain := typed
	if use == inScript {
		plain = strings.ReplaceAll(typed, `\ `, " ")
	}
	parent, prefix := filepath.Split(plain)
	in := parent
	if rest, ok := strings.CutPrefix(parent, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil
		}
		in = filepath.Join(home, rest)
	}
	if !filepath.IsAbs(in) {
		in = filepath.Join(dir, in)
	}
	entries, err := os.ReadDir(in)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, prefix) || strings.HasPrefix(name, ".") && prefix == "" || len(items) == mostNames {
			continue
		}
		info, err := os.Stat(filepath.Join(in, name)) // what a link leads to
		isDir := err == nil && info.IsDir()
		if use == folders && !isDir || use == inString && strings.ContainsAny(name, "\"\\`") {
			continue
		}
		one := cell.Completion{Text: typed[:len(typed)-len(quoted(prefix, use))] + quoted(name, use), Kind: "path", Signature: "file"}
		if isDir {
			one.Text, one.Signature = one.Text+"/", "folder"
		}
		items = append(items, one)
	}
	return items
}

// quoted writes a name as it is typed.
func quoted(name string, use nameUse) string {
	if use == inScript {
		return strings.ReplaceAll(name, " ", `\ `)
	}
	return name
}
