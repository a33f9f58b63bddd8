package kernelspec

import (
	"bytes"
	"errors"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestInstallAndUninstall(t *testing.T) {
	data := filepath.Join(t.TempDir(), "a folder with spaces")
	for range 2 { // the second time replaces the first
		dir, err := Goparallel.Install(data, "bin/goparallel")
		if err != nil {
			t.Fatal(err)
		}
		spec, err := Goparallel.Read(data)
		if err != nil {
			t.Fatal(err)
		}
		if !filepath.IsAbs(spec.Argv[0]) || spec.Argv[1] != "kernel" || spec.Argv[2] != "{connection_file}" {
			t.Errorf("argv %q", spec.Argv)
		}
		if spec.DisplayName != "Go (goparallel)" || spec.Language != "go" || spec.InterruptMode != "message" {
			t.Errorf("%+v", spec)
		}
		for name, size := range map[string]int{"logo-32x32.png": 32, "logo-64x64.png": 64} {
			logo, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if c, err := png.DecodeConfig(bytes.NewReader(logo)); err != nil || c.Width != size || c.Height != size {
				t.Errorf("%s: %v, %v", name, c, err)
			}
		}
		if _, err := os.Stat(filepath.Join(dir, "logo-svg.svg")); err != nil {
			t.Error(err)
		}
	}
	for range 2 {
		if _, err := Goparallel.Uninstall(data); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Goparallel.Read(data); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after uninstall: %v", err)
	}
}

func TestUserDir(t *testing.T) {
	t.Setenv("JUPYTER_DATA_DIR", "/data")
	if dir, err := UserDir(); dir != "/data" || err != nil {
		t.Errorf("%s, %v", dir, err)
	}
}

func TestSysPrefix(t *testing.T) {
	t.Setenv("VIRTUAL_ENV", "/venv")
	if prefix, err := SysPrefix(); prefix != "/venv" || err != nil {
		t.Errorf("%s, %v", prefix, err)
	}
}
