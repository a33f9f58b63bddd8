package notebook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// object is a JSON object whose unknown members are kept as they are.
type object = map[string]any

// document is a notebook in nbformat 4.
type document struct {
	root  object
	cells []object
}

// read parses a notebook file and checks what running it relies on.
func read(path string) (*document, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	d := &document{root: object{}}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // numbers keep the form in which they were written
	if err := decoder.Decode(&d.root); err != nil {
		return nil, fmt.Errorf("%s is not a notebook: %w", path, err)
	}
	if version, _ := d.root["nbformat"].(json.Number); version != "4" {
		return nil, fmt.Errorf("%s has notebook format %q; open it in Jupyter and save it, which makes it format 4", path, version)
	}
	cells, ok := d.root["cells"].([]any)
	if !ok {
		return nil, fmt.Errorf("%s has no list of cells", path)
	}
	for i, c := range cells {
		cell, ok := c.(object)
		if !ok {
			return nil, fmt.Errorf("%s: cell %d is not an object", path, i+1)
		}
		if _, err := joined(cell["source"]); err != nil {
			return nil, fmt.Errorf("%s: the source of cell %d %w", path, i+1, err)
		}
		d.cells = append(d.cells, cell)
	}
	return d, nil
}

// write puts the notebook into a file as Jupyter's nbformat does: keys in
// order, an indentation of one. The file is replaced as a whole or not at all.
func (d *document) write(path string) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(d.root); err != nil {
		return err
	}
	mode := os.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // does nothing once it is renamed
	_, err = temporary.Write(text.Bytes())
	for _, step := range []func() error{
		func() error { return temporary.Chmod(mode) },
		temporary.Close,
		func() error { return os.Rename(temporary.Name(), path) },
	} {
		if stepErr := step(); err == nil {
			err = stepErr
		}
	}
	return err
}

// part returns the object with this name inside o, which is made where it is
// missing.
func part(o object, name string) object {
	inner, ok := o[name].(object)
	if !ok {
		inner = object{}
		o[name] = inner
	}
	return inner
}

// source returns a cell's text.
func source(cell object) string {
	text, _ := joined(cell["source"]) // read has checked it
	return text
}

// hasTag reports whether a cell carries a tag.
func hasTag(cell object, tag string) bool {
	tags, _ := part(cell, "metadata")["tags"].([]any)
	for _, t := range tags {
		if t == tag {
			return true
		}
	}
	return false
}

// joined returns a text that a notebook holds as one string or as a list of
// lines.
func joined(text any) (string, error) {
	switch text := text.(type) {
	case string:
		return text, nil
	case []any:
		var b strings.Builder
		for _, line := range text {
			s, ok := line.(string)
			if !ok {
				return "", fmt.Errorf("has a line that is no text: %v", line)
			}
			b.WriteString(s)
		}
		return b.String(), nil
	default:
		return "", fmt.Errorf("is no text: %v", text)
	}
}

// lines splits a text as a notebook holds it, each line with its end.
func lines(text string) []any {
	list := []any{}
	for line := range strings.Lines(text) {
		list = append(list, line)
	}
	return list
}
