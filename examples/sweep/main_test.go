package main

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/goparallel/goparallel/parallel"
)

func TestMain(m *testing.M) { parallel.TestMain(m) }

func TestSweep(t *testing.T) {
	if c := follow(Epidemic{Contagion: 0.4, Recovery: 0.2}); c.Total < 0.79 || c.Total > 0.81 { // 1 - exp(-2 · 0.797)
		t.Errorf("%+v", c)
	}
	if slow := follow(Epidemic{Contagion: 0.4, Recovery: 0.3}); slow.Peak >= follow(Epidemic{Contagion: 0.4, Recovery: 0.2}).Peak {
		t.Errorf("who recovers sooner infects as many: %+v", slow)
	}
	file := filepath.Join(t.TempDir(), "sweep.png")
	if err := sweep(file, 6); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if img, err := png.Decode(f); err != nil || img.Bounds().Empty() {
		t.Error(img, err)
	}
}
