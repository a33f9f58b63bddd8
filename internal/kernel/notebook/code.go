package notebook

import (
	"fmt"
	"os"
	"path/filepath"
)

// Code returns the texts of a notebook's code cells, in order.
func Code(path string) ([]string, error) {
	d, err := read(path)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, c := range d.cells {
		if c["cell_type"] == "code" {
			list = append(list, source(c))
		}
	}
	return list, nil
}

// Runnable returns the cells that %run runs of a file: those of a notebook, or a Go file as one.
func Runnable(path string) ([]string, error) {
	switch filepath.Ext(path) {
	case ".ipynb":
		return Code(path)
	case ".go":
		text, err := os.ReadFile(path)
		return []string{"%%main\n" + string(text)}, err
	}
	return nil, fmt.Errorf("%s is neither a .go file nor a notebook", filepath.Base(path))
}
