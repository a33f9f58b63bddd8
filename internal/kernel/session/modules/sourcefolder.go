package modules

import (
	"context"
	"path/filepath"
	"strings"
)

// SourceFolder asks the go command where the source of a package is that is not of the
// standard library; it returns "" where that is not to be had.
func (x *Index) SourceFolder(ctx context.Context, path string) string {
	module, args, rest := x.mod.dir, []string{"-find", "--", path}, ""
	made, isMade := x.ws.Packages[path]
	switch p := x.Package(path); {
	case strings.HasPrefix(p.Version, "v") && !strings.Contains(p.Version, " "): // as it is compiled, whatever the go.mod says now
		args, rest = []string{"-m", "--", p.Module + "@" + p.Version}, strings.TrimPrefix(path, p.Module)
	case isMade && p.Version == made.Version:
		module = x.ws.Dir
	}
	out, err := x.ws.Tools.Run(ctx, module, nil, append([]string{"list", "-f", "{{.Dir}}"}, args...)...)
	if err != nil {
		return ""
	}
	return filepath.Join(strings.TrimSpace(string(out)), filepath.FromSlash(rest))
}
