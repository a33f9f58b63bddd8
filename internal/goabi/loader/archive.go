package loader

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/goparallel/goparallel/internal/goabi/loader/goobj"
	"github.com/goparallel/goparallel/internal/goabi/loader/mapped"
)

// An archive is a compiled package: the place of its symbols, for code that
// refers to them by number, and the place of code that the host does not have.
type archive struct {
	path     string
	file     string
	compiler *object // the compiler's object
	objects  []*object
	native   *native               // its code that is not Go's, nil where there is none
	defs     map[string]definition // made when a symbol is first looked for by name
	loaded   bool                  // the process has something of it
}

type definition struct {
	from  *object
	index int
}

// archive opens a package's archive. It stays mapped: names are parts of it.
func (k *link) archive(path string) (*archive, error) {
	file, err := k.file(path)
	there := k.archives[path]
	switch {
	case there != nil && (err != nil || there.file == file):
		return there, nil
	case err != nil:
		return nil, err
	case there != nil && there.loaded:
		return nil, fmt.Errorf("package %s is loaded from %s, and this cell was compiled with %s", path, there.file, file)
	}
	local, err := k.local(file)
	if err != nil {
		return nil, fmt.Errorf("the compiled package %s: %w", path, err)
	}
	data, err := mapped.File(local)
	if err != nil {
		return nil, fmt.Errorf("the compiled package %s: %w", path, err)
	}
	parsed, err := goobj.ReadArchive(data)
	if err != nil {
		return nil, fmt.Errorf("the compiled package %s in %s: %w", path, file, err)
	}
	a := newArchive(path, file, parsed)
	k.archives[path] = a
	return a, nil
}

func newArchive(path, file string, parsed *goobj.Archive) *archive {
	a := &archive{path: path, file: file, native: newNative(file, parsed)}
	for _, o := range parsed.Objects {
		object := newObject(o, a, "")
		if a.objects = append(a.objects, object); !o.Assembly && a.compiler == nil {
			a.compiler = object
		}
	}
	return a
}

// file returns the file of a package's archive, as the unit was compiled with it: for
// another unit it can be another one, of a newer version.
func (k *link) file(path string) (string, error) {
	if !k.read {
		k.read = true
		if err := k.readConfig(); err != nil {
			return "", err
		}
	}
	file, ok := k.files[path]
	if !ok {
		return "", fmt.Errorf("it needs package %s, which was not compiled for it", path)
	}
	return file, nil
}

// readConfig reads where archives are, from a file as the compiler's -importcfg, unless
// it says what the last one said.
func (k *link) readConfig() error {
	var text []byte
	local, err := k.local(k.config)
	if err == nil {
		text, err = os.ReadFile(local)
	}
	if err != nil {
		return fmt.Errorf("the list of compiled packages: %w", err)
	}
	if bytes.Equal(text, k.listed) {
		return nil
	}
	k.listed, k.files = text, make(map[string]string)
	for line := range bytes.Lines(text) {
		if path, file, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(string(line)), "packagefile "), "="); ok {
			k.files[path] = file
		}
	}
	return nil
}

// find returns the definition of a symbol of that name.
func (a *archive) find(name string, abi uint16) (definition, bool) {
	if a.defs == nil {
		a.defs = make(map[string]definition)
		for _, o := range a.objects {
			for i := range o.Defs() {
				if s := o.Sym(i); s.ABI != goobj.Static && s.Name != "" && o.Named(i) {
					k := key(s.Name, s.ABI, classOf(s) == inText)
					if _, ok := a.defs[k]; !ok {
						a.defs[k] = definition{o, i}
					}
				}
			}
		}
	}
	d, ok := a.defs[key(name, abi, true)]
	if !ok {
		d, ok = a.defs[name]
		if ok && classOf(d.from.Sym(d.index)) == inText && d.from.Sym(d.index).ABI != abi {
			ok = false
		}
	}
	return d, ok
}

// prefix begins the names of a package's symbols: its path, in which a few
// characters are escaped (cmd/internal/objabi.PathToPrefix).
func prefix(path string) string {
	slash := strings.LastIndexByte(path, '/')
	var b strings.Builder
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c == '.' && i > slash || c == '%' || c == '"' || c >= 0x7f {
			fmt.Fprintf(&b, "%%%02x", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
