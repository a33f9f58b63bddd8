package modules

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/goparallel/goparallel/internal/kernel/session/golist"
	"github.com/goparallel/goparallel/internal/kernel/session/toolchain"
)

// noNetwork matches what the go command says where it cannot reach a proxy or is
// told not to.
var noNetwork = regexp.MustCompile(`dial tcp|no such host|connection refused|network is unreachable|i/o timeout|TLS handshake timeout|server misbehaving|GOPROXY=off`)

// run runs the go command in the module.
// Where there is no network, the modules that are in the module cache have to
// do: the cache is laid out as a proxy. They were verified when they were
// fetched.
func (m *sessionMod) run(ctx context.Context, progress func(string), args ...string) ([]byte, error) {
	return m.runFor(ctx, m.ws.Tools, progress, args...)
}

// runFor is run with a toolchain for another architecture.
func (m *sessionMod) runFor(ctx context.Context, tools *toolchain.Toolchain, progress func(string), args ...string) ([]byte, error) {
	lines := golist.Progress(progress)
	out, err := tools.Run(ctx, m.dir, lines, args...)
	failed := err != nil && noNetwork.MatchString(err.Error()) || args[0] == "list" && noNetwork.Match(out)
	if !failed || ctx.Err() != nil {
		return out, err
	}
	cache, cacheErr := tools.Run(ctx, m.dir, nil, "env", "GOMODCACHE")
	if cacheErr != nil {
		return out, err
	}
	env := []string{"GOPROXY=file://" + filepath.Join(strings.TrimSpace(string(cache)), "cache", "download"), "GONOPROXY=none", "GOSUMDB=off"}
	cached, cacheErr := tools.RunWith(ctx, env, m.dir, lines, args...)
	if cacheErr != nil || bytes.Contains(cached, []byte(`"Error": {`)) {
		return out, err // which says more
	}
	progress("note: no network, so versions are the newest in the module cache")
	return cached, nil
}

// get is go get, and takes folders that hold a module as well.
func (m *sessionMod) get(ctx context.Context, args []string, progress func(string)) error {
	var rest []string
	for _, arg := range args {
		if !modfile.IsDirectoryPath(arg) {
			rest = append(rest, arg)
			continue
		}
		dir := absolute(m.notebook, arg)
		user, err := readMod(filepath.Join(dir, "go.mod"))
		if err != nil {
			return fmt.Errorf("%s is no module: %w", arg, err)
		}
		f, err := m.read()
		if err != nil {
			return err
		}
		if err := errors.Join(useFolder(f, user.Module.Mod.Path, dir), m.write(f)); err != nil {
			return err
		}
		progress(fmt.Sprintf("go: %s is now the module in %s", user.Module.Mod.Path, dir))
	}
	if len(rest) == 0 {
		return nil
	}
	_, err := m.run(ctx, progress, append([]string{"get"}, rest...)...)
	return golist.Readable(err)
}

// mod is go mod in the session's module; without arguments it returns the go.mod.
func (m *sessionMod) mod(ctx context.Context, args []string, progress func(string)) (string, error) {
	if len(args) == 0 {
		data, err := os.ReadFile(m.file())
		return strings.TrimRight(string(data), "\n") + "\n", err
	}
	switch args[0] {
	case "edit", "graph", "why", "download", "verify":
	default:
		return "", fmt.Errorf("%%mod %s does not apply to a session; there are %%mod, %%mod edit, graph, why, download and verify", args[0])
	}
	args = slices.Clone(args)
	for i, arg := range args {
		// Folders are meant as seen from the notebook.
		if name, rest, ok := strings.Cut(arg, "="); ok && strings.TrimLeft(name, "-") == "replace" {
			if old, target, ok := strings.Cut(rest, "="); ok && modfile.IsDirectoryPath(target) {
				args[i] = name + "=" + old + "=" + absolute(m.notebook, target)
			}
		}
	}
	out, err := m.run(ctx, progress, append([]string{"mod"}, args...)...)
	return string(out), golist.Readable(err)
}
