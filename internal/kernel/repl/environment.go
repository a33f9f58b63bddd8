package repl

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// environment is that of cells: "go" in their commands is the release that compiles them, since another
// one may refuse to build what they import, and may not fetch this one (GOTOOLCHAIN=local).
func (r *Interpreter) environment() []string {
	env := slices.Clone(r.options.Env)
	if env == nil {
		env = os.Environ()
	}
	path := ""
	for _, variable := range env {
		if value, is := strings.CutPrefix(variable, "PATH="); is {
			path = value // the last one counts
		}
	}
	folders := append([]string{r.session.GoFolder()}, filepath.SplitList(path)...)
	return append(env, "PATH="+strings.Join(folders, string(filepath.ListSeparator)))
}
