package fetch

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Without a node files are where the controller has them; with one they are where it says, and it is asked for values by
// their number and size. What it does not have is an error that names the file.
func TestFilesAreWhereTheNodeSays(t *testing.T) {
	if path, err := Local("/a"); path != "/a" || err != nil || Elsewhere() {
		t.Errorf("%s: %v", path, err)
	}
	folder := t.TempDir()
	socket := filepath.Join(folder, "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	value := filepath.Join(folder, "value")
	os.WriteFile(value, []byte("value"), 0o600)
	go Serve(l, func(path string) (string, error) {
		if path == "/none" {
			return "", errors.New("nobody has it")
		}
		return "/copy/of" + path, nil
	}, func(number uint64, size int) (string, error) {
		if number != 7 || size != 5 {
			return "", errors.New("another value")
		}
		return value, nil
	})
	From(socket)
	defer source.Store("")
	if path, err := Local("/a \"b\"\n"); path != "/copy/of/a \"b\"\n" || err != nil || !Elsewhere() {
		t.Errorf("%s: %v", path, err)
	}
	if _, err := Local("/none"); err == nil || err.Error() != "fetch /none from the controller's machine: nobody has it" {
		t.Error(err)
	}
	if _, err := Local("/" + strings.Repeat("x", maxPath)); err == nil || !strings.Contains(err.Error(), "buffer full") {
		t.Errorf("a path that is too long: %v", err)
	}
	f, err := Block(7, 5)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if text, _ := os.ReadFile(f.Name()); string(text) != "value" {
		t.Errorf("%q", text)
	}
	if _, err := Block(7, 6); err == nil || err.Error() != "another value" {
		t.Error(err)
	}
	l.Close()
	if _, err := Local("/a"); err == nil || !strings.Contains(err.Error(), "the node cannot be asked") {
		t.Error(err)
	}
}
