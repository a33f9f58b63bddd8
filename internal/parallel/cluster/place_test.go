package cluster

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is written down of a cluster is read again by its name, and a client's key by its path; none but this user may read
// either.
func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	if list, err := List(); len(list) != 0 || err != nil {
		t.Errorf("%v: %v", list, err)
	}
	for _, c := range []*Connection{{Name: "b", Pid: 2, Engines: 3}, {Name: "a", Pid: 1}, {Name: "a", Client: "ada", Pid: 1}, {Name: "a", Client: "alan", Pid: 1}} {
		if err := c.Write(); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Read("b")
	if err != nil || c.Pid != 2 || c.Engines != 3 || c.Client != "" {
		t.Errorf("%+v: %v", c, err)
	}
	path, err := KeyPath("a", "ada")
	if err != nil {
		t.Fatal(err)
	}
	if c, err = Read(path); err != nil || c.Client != "ada" || c.Name != "a" {
		t.Errorf("%+v: %v", c, err)
	}
	for _, of := range []string{path, filepath.Join(filepath.Dir(path), "..", file)} {
		if info, err := os.Stat(of); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: %v: %v", of, info, err)
		}
	}
	list, err := List()
	if err != nil || len(list) != 2 || list[0].Name != "a" || list[1].Name != "b" {
		t.Errorf("%v: %v", list, err)
	}
	keys, err := Keys("a")
	if err != nil || len(keys) != 2 || keys[0].Client != "ada" || keys[1].Client != "alan" {
		t.Errorf("%v: %v", keys, err)
	}
	if keys, err := Keys("b"); len(keys) != 0 || err != nil {
		t.Errorf("%v: %v", keys, err)
	}
	list[1].Remove()
	var missing *Missing
	if _, err := Read("b"); !errors.As(err, &missing) || missing.Name != "b" || missing.Pid != 0 {
		t.Error(err)
	}
	if list, err := List(); len(list) != 1 || err != nil {
		t.Errorf("%v: %v", list, err)
	}
}

// What others may know or have changed, or is about something else, is not taken; what is all right is listed beside it.
func TestWhatIsNotTrusted(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	for _, name := range []string{"good", "bad"} {
		for _, client := range []string{"", "ada"} {
			if err := (&Connection{Name: name, Client: client}).Write(); err != nil {
				t.Fatal(err)
			}
		}
	}
	folder, err := Folder("bad")
	if err != nil {
		t.Fatal(err)
	}
	path, key := filepath.Join(folder, file), filepath.Join(folder, "keys", "ada.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for why, spoil := range map[string]func(){
		"so others may know its key":     func() { os.Chmod(path, 0o644) },
		"cannot be read: ":               func() { os.WriteFile(path, []byte("{"), 0o600) },
		`it is about the cluster "good"`: func() { os.WriteFile(path, []byte(strings.ReplaceAll(string(text), "bad", "good")), 0o600) },
		"others can write to the folder": func() { os.Chmod(folder, 0o777) },
	} {
		spoil()
		if c, err := Read("bad"); c != nil || err == nil || !strings.Contains(err.Error(), why) || !strings.Contains(err.Error(), `"bad"`) {
			t.Errorf("%s: %v", why, err)
		}
		if list, err := List(); len(list) != 1 || list[0].Name != "good" || err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v: %v", why, list, err)
		}
		os.Chmod(folder, 0o700)
		os.WriteFile(path, text, 0o600)
		os.Chmod(path, 0o600)
	}
	if err := os.Rename(key, filepath.Join(folder, "keys", "eve.json")); err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(folder, "keys", "half.json.1"), nil, 0o600) // written when the controller ended
	if keys, err := Keys("bad"); len(keys) != 0 || err == nil || err.Error() != `the key of eve is that of ada for the cluster "bad"` {
		t.Errorf("%v: %v", keys, err)
	}
}

// Names are file names, and nothing that leads elsewhere.
func TestNamesOfClustersAndClients(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	for name, good := range map[string]bool{
		"a": true, "A-1_b.c": true, strings.Repeat("x", 40): true, "": false, strings.Repeat("x", 41): false,
		".": false, "..": false, ".a": false, "-a": false, "a/b": false, "../a": false, "a b": false, "é": false, "a\n": false,
	} {
		_, ofCluster := Folder(name)
		_, ofClient := KeyPath("a", name)
		_, read := Read(name)
		if missing := new(Missing); (ofCluster == nil) != good || (ofClient == nil) != good || errors.As(read, &missing) != good {
			t.Errorf("%q: %v, %v, %v", name, ofCluster, ofClient, read)
		}
	}
}
