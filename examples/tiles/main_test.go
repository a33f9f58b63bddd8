package main

import (
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/goparallel/goparallel/parallel"
)

func TestMain(m *testing.M) { parallel.TestMain(m) }

func TestTiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mandelbrot.png")
	if err := save(file, 100, 32); err != nil { // the last tiles are smaller
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	// The point -0.25 belongs to the set, the corner does not.
	if img.At(65, 50) != (color.Gray{0}) || img.At(0, 0) == (color.Gray{0}) || img.At(99, 99) == (color.Gray{0}) {
		t.Error(img.At(65, 50), img.At(0, 0), img.At(99, 99))
	}
}
