package gophernotes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/kernelspec"
)

func TestInstall(t *testing.T) {
	if _, err := built(); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	for range 2 { // the second time replaces the first
		where, err := Install(t.Context(), data, nil)
		if err != nil {
			t.Fatal(err)
		}
		spec, err := kernelspec.Gophernotes.Read(data)
		if err != nil {
			t.Fatal(err)
		}
		if spec.DisplayName != "Go (gophernotes + parallel)" || len(spec.Argv) != 2 || spec.Argv[0] != filepath.Join(where, "gophernotes") || spec.Argv[1] != "{connection_file}" {
			t.Errorf("%+v", spec)
		}
		if info, err := os.Stat(spec.Argv[0]); err != nil || info.Mode()&0o111 == 0 {
			t.Error(info, err)
		}
	}
	if _, err := kernelspec.Gophernotes.Uninstall(data); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(filepath.Join(data, "kernels")); len(left) > 0 {
		t.Error(left)
	}
}

func TestWithoutModulesAndNetworkItSaysSoInOneLine(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GOPROXY", "off")
	where, err := Install(t.Context(), t.TempDir(), nil)
	if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "build.log") {
		t.Errorf("%s, %v", where, err)
	}
	t.Log(err)
}
