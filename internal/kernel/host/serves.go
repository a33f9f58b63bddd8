package host

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
)

// serves reports whether an engine on another machine may have a file: what lies beside this program, which is where its
// index and compiled cells are, and the packages that those were compiled with.
func (l *loader) serves(path string) bool {
	program, err := os.Executable()
	if err != nil || !filepath.IsAbs(path) || filepath.Clean(path) != path {
		return false
	}
	if within(path, filepath.Dir(program)) {
		return true
	}
	for _, dir := range l.folders() {
		if filepath.Dir(path) == dir || lists(filepath.Join(dir, "importcfg"), path) {
			return true
		}
	}
	return false
}

// within reports whether a path is in a folder.
func within(path, folder string) bool {
	return strings.HasPrefix(path, folder+string(filepath.Separator))
}

// folders are those of the modules that were loaded.
func (l *loader) folders() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	for dir := range l.dirs {
		all = append(all, dir)
	}
	return all
}

// lists reports whether a file as the compiler's -importcfg names a package's archive.
func lists(config, archive string) bool {
	text, err := os.ReadFile(config)
	return err == nil && bytes.Contains(text, []byte("="+archive+"\n"))
}
