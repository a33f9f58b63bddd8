package rewrite

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/module"

	"github.com/goparallel/goparallel/internal/kernel/session/check"
	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// An Embedding is what one variable of a unit is filled with.
type Embedding struct {
	patterns []string
	matches  map[string][]string // by pattern
	files    []string            // by path below the notebook's folder, sorted
	hash     string              // of the files
}

// FindEmbeddings looks for the directives of a cell's variables, and for the
// files that they mean, below a folder.
func FindEmbeddings(c *check.Cell, dir string) (map[*ast.ValueSpec]*Embedding, *diag.Errors) {
	found := make(map[*ast.ValueSpec]*Embedding)
	file := c.Parsed.File
	met := make(map[*ast.Comment]bool)
	for i, d := range file.Decls {
		gen, ok := d.(*ast.GenDecl)
		if !ok || gen.Tok != token.VAR {
			continue
		}
		after := file.Name.End()
		if i > 0 {
			after = file.Decls[i-1].End()
		}
		for j, spec := range gen.Specs {
			spec := spec.(*ast.ValueSpec)
			before := spec.Pos()
			if !gen.Lparen.IsValid() {
				before = gen.Pos()
			} else if j == 0 {
				after = gen.Lparen
			}
			for _, comment := range syntax.DirectivesBetween(file, after, before) {
				if rest, ok := strings.CutPrefix(comment.Text, syntax.Embeds); ok && syntax.DirectiveName(comment.Text) == syntax.Embeds {
					met[comment] = true
					e := cmp.Or(found[spec], &Embedding{})
					found[spec] = e
					if err := e.embed(c, spec, rest, dir); err != nil {
						return nil, c.Wrong(comment.Pos(), err.Error())
					}
				}
			}
			after = spec.End()
		}
	}
	return found, misplaced(c, met)
}

// embed adds the patterns of a directive to those of a variable.
func (e *Embedding) embed(c *check.Cell, spec *ast.ValueSpec, patterns, dir string) error {
	switch {
	case len(spec.Names) > 1:
		return errors.New("go:embed cannot apply to multiple vars")
	case spec.Values != nil:
		return errors.New("go:embed cannot apply to var with initializer")
	}
	list, err := embedPatterns(patterns)
	if err != nil {
		return err
	}
	e.patterns = append(e.patterns, list...)
	t := c.Result.Info.Defs[spec.Names[0]].Type()
	if embedsInto(t) == "" {
		return fmt.Errorf("go:embed cannot apply to var of type %s", types.TypeString(t, types.RelativeTo(c.State.Pkg)))
	}
	if err := e.find(dir); err != nil {
		return err
	}
	if embedsInto(t) != "embed.FS" && len(e.files) > 1 {
		return fmt.Errorf("invalid go:embed: multiple files for type %s", types.TypeString(t, types.RelativeTo(c.State.Pkg)))
	}
	e.hash, err = e.sum(dir)
	return err
}

// embedsInto says how files get into a variable: "string", "[]byte" or "embed.FS";
// "" means that they cannot.
func embedsInto(t types.Type) string {
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "embed" && named.Obj().Name() == "FS" {
		return "embed.FS"
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Kind() == types.String {
			return "string"
		}
	case *types.Slice:
		if b, ok := u.Elem().Underlying().(*types.Basic); ok && b.Kind() == types.Byte {
			return "[]byte"
		}
	}
	return ""
}

// embedPatterns reads the patterns of a directive: words, or Go strings.
func embedPatterns(text string) (list []string, err error) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimLeft(text, " \t") {
		word := text
		if text[0] == '"' || text[0] == '`' {
			quoted, err := strconv.QuotedPrefix(text)
			if err != nil {
				return nil, fmt.Errorf("invalid quoted string in //go:embed: %s", text)
			}
			if rest := text[len(quoted):]; rest != "" && rest[0] != ' ' && rest[0] != '\t' {
				return nil, fmt.Errorf("invalid quoted string in //go:embed: %s", text)
			}
			word = quoted
		} else if i := strings.IndexAny(text, " \t"); i >= 0 {
			word = text[:i]
		}
		text = text[len(word):]
		if word[0] == '"' || word[0] == '`' {
			word, _ = strconv.Unquote(word)
		}
		list = append(list, word)
	}
	if len(list) == 0 {
		//lint:ignore ST1005 these are the compiler's words
		return nil, errors.New("usage: //go:embed pattern...")
	}
	return list, nil
}

// find looks for the files that the patterns mean.
func (e *Embedding) find(dir string) error {
	found := make(map[string]bool)
	e.matches = make(map[string][]string)
	for _, pattern := range e.patterns {
		files, err := match(dir, pattern)
		if err != nil {
			return fmt.Errorf("pattern %s: %w", pattern, err)
		}
		e.matches[pattern] = files
		for _, file := range files {
			found[file] = true
		}
	}
	e.files = slices.Sorted(maps.Keys(found))
	return nil
}

// match lists the files that a pattern means, by the go command's rules (go doc
// embed): regular files of the folder's module, and of a folder those whose names
// do not begin with a dot or an underscore, or with all: before the pattern, all.
func match(dir, pattern string) (files []string, err error) {
	glob, all := strings.CutPrefix(pattern, "all:")
	if _, err := path.Match(glob, ""); err != nil || glob == "." || !fs.ValidPath(glob) {
		return nil, errors.New("invalid pattern syntax")
	}
	tree := os.DirFS(dir)
	names, err := fs.Glob(tree, glob)
	if err != nil {
		return nil, err
	}
	isModule := func(name string) bool {
		_, err := fs.Stat(tree, path.Join(name, "go.mod"))
		return err == nil
	}
	for _, name := range names {
		for at := name; at != "."; at = path.Dir(at) {
			info, err := os.Lstat(filepath.Join(dir, at))
			switch {
			case err != nil:
				return nil, err
			case badName(path.Base(at)):
				return nil, fmt.Errorf("cannot embed %s: invalid name %s", name, path.Base(at))
			case info.IsDir() && isModule(at):
				return nil, fmt.Errorf("cannot embed %s: in different module", name)
			case !info.IsDir() && !info.Mode().IsRegular():
				return nil, fmt.Errorf("cannot embed irregular file %s", at)
			}
		}
		n := len(files)
		err := fs.WalkDir(tree, name, func(at string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			base := path.Base(at)
			skip := at != name && (badName(base) || !all && strings.ContainsRune("._", rune(base[0])) || entry.IsDir() && isModule(at))
			switch {
			case skip && entry.IsDir():
				return fs.SkipDir
			case !skip && entry.Type().IsRegular():
				files = append(files, at)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if len(files) == n {
			return nil, fmt.Errorf("cannot embed directory %s: contains no embeddable files", name)
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no matching files found in %s", dir)
	}
	return files, nil
}

// badName reports whether a name keeps a file out of modules, and so out of
// programs.
func badName(name string) bool {
	return module.CheckFilePath(name) != nil || slices.Contains([]string{".bzr", ".hg", ".git", ".svn"}, name)
}

// sum is a hash of the files and of what they hold.
func (e *Embedding) sum(dir string) (string, error) {
	hash := sha256.New()
	for _, name := range e.files {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return "", err
		}
		fmt.Fprintln(hash, name, len(data))
		hash.Write(data)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// embedded declares the unit's own variable with the files of one of the
// session's, and returns the expression for its value.
func (w *runWriter) embedded(e *Embedding, t types.Type) string {
	w.g.code.embeddings = append(w.g.code.embeddings, e)
	name := fmt.Sprintf("ᐧembed%d_%s", w.g.nextLiteral(), idMark)
	text, value := "string", name
	switch embedsInto(t) {
	case "embed.FS":
		text = w.g.printer(nil).Text(t)
	case "[]byte": // each run has bytes of its own
		value = fmt.Sprintf("(%s)(%s)", w.g.printer(nil).Text(t), name)
	default:
		value = fmt.Sprintf("%s(%s)", w.g.printer(nil).Text(t), name)
	}
	var patterns []string
	for _, p := range e.patterns {
		patterns = append(patterns, strconv.Quote(p))
	}
	fmt.Fprintf(&w.g.vars, "// %s\n%s %s\nvar %s %s\n", e.hash, syntax.Embeds, strings.Join(patterns, " "), name, text)
	return value
}

// FilesAreCurrent reports whether the files that a unit was made with are what they
// were.
func (u *Code) FilesAreCurrent(dir string) bool {
	for _, e := range u.embeddings {
		now := &Embedding{patterns: e.patterns}
		if now.find(dir) != nil {
			return false
		}
		if hash, err := now.sum(dir); err != nil || hash != e.hash {
			return false
		}
	}
	return true
}

// EmbedConfig writes the file that tells the compiler where the files are, and
// returns the flag for it.
func (u *Code) EmbedConfig(file, dir string) ([]string, error) {
	if len(u.embeddings) == 0 {
		return nil, nil
	}
	var config struct{ Patterns, Files any }
	patterns, files := make(map[string][]string), make(map[string]string)
	for _, e := range u.embeddings {
		maps.Copy(patterns, e.matches)
		for _, name := range e.files {
			files[name] = filepath.Join(dir, name)
		}
	}
	config.Patterns, config.Files = patterns, files
	data, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	return []string{"-embedcfg", file}, os.WriteFile(file, data, 0o600)
}

// misplaced is an error where a directive stands above nothing that it is for. Met
// are those that were obeyed, beside those of functions.
func misplaced(c *check.Cell, met map[*ast.Comment]bool) *diag.Errors {
	for _, d := range c.Parsed.File.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f != c.Parsed.Run {
			for _, comment := range syntax.PragmaComments(f) {
				met[comment] = true
			}
		}
	}
	for _, group := range c.Parsed.File.Comments {
		for _, comment := range group.List {
			if text := comment.Text; syntax.IsDirective(text) && syntax.Unheeded(text) == "" && !met[comment] && !strings.HasPrefix(text, "//go:build ") && !strings.HasPrefix(text, "//line ") {
				return c.Wrong(comment.Pos(), syntax.MisplacedMessage)
			}
		}
	}
	return nil
}
