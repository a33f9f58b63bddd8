package userdir

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhoseAFolderIs(t *testing.T) {
	dir := t.TempDir()
	make := func(name string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.Mkdir(path, 0o700), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	mine := make("mine", 0o755)
	link := filepath.Join(dir, "link")
	file := filepath.Join(dir, "file")
	if err := errors.Join(os.Symlink(mine, link), os.WriteFile(file, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	cases := map[string]string{
		mine: "", make("private", 0o700): "", make("of the group", 0o770): "others can write", make("of all", 0o777|os.ModeSticky): "others can write",
		link: "is no folder", file: "is no folder",
	}
	if os.Getuid() == 0 {
		others := make("others", 0o700)
		os.Chown(others, 12345, 12345)
		cases[others] = "belongs to user 12345"
	}
	for path, want := range cases {
		if err := Folder(path); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	if err := Folder(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestACacheThatOthersCanWriteToIsNotTrusted(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	whole := filepath.Join(os.Getenv("XDG_CACHE_HOME"), "goparallel")
	if dir, err := Cache("x"); err != nil || dir != filepath.Join(whole, "x") {
		t.Error(dir, err)
	}
	if err := errors.Join(os.MkdirAll(filepath.Join(whole, "x"), 0o700), os.Chmod(filepath.Join(whole, "x"), 0o722)); err != nil {
		t.Fatal(err)
	}
	if _, err := Cache("x"); err == nil || !strings.Contains(err.Error(), "others can write to the folder "+filepath.Join(whole, "x")) {
		t.Error(err)
	}
	if _, err := Cache("y"); err != nil {
		t.Error(err)
	}
	if err := errors.Join(os.RemoveAll(whole), os.Symlink(t.TempDir(), whole)); err != nil {
		t.Fatal(err)
	}
	if _, err := Cache("y"); err == nil || !strings.Contains(err.Error(), "XDG_CACHE_HOME") {
		t.Error(err)
	}
}

func TestACacheThatOthersCanReplaceIsNotTrusted(t *testing.T) {
	dir := t.TempDir()
	folder := func(name string, uid, gid int, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.Mkdir(path, 0o700), os.Chown(path, uid, gid), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	uid := os.Getuid()
	mine := folder("mine", uid, -1, 0o755)
	below := filepath.Join(folder("open", uid, -1, 0o777), "below")
	link := filepath.Join(dir, "link")
	if err := errors.Join(os.Mkdir(below, 0o700), os.Symlink(below, link)); err != nil {
		t.Fatal(err)
	}
	cases := map[string]string{
		mine: "", filepath.Join(mine, "not", "there", "yet"): "", folder("temporary", uid, -1, 0o777|os.ModeSticky): "",
		filepath.Join(dir, "open"): "others can write", below: "others can write", link: "others can write to the folder " + filepath.Join(dir, "open"),
	}
	if uid == 0 {
		cases[folder("others", 12345, 12345, 0o755)] = "belongs to user 12345"
		inside := filepath.Join(dir, "others", "mine")
		if err := os.Mkdir(inside, 0o700); err != nil {
			t.Fatal(err)
		}
		cases[inside] = "belongs to user 12345"
		cases[folder("group", 0, 12345, 0o775)] = "others can write"
		cases[folder("root's group", 0, 0, 0o775)] = ""
		forged := filepath.Join(dir, "temporary", "link")
		if err := errors.Join(os.Symlink(mine, forged), os.Lchown(forged, 12345, 12345)); err != nil {
			t.Fatal(err)
		}
		cases[forged] = "belongs to user 12345"
	}
	for path, want := range cases {
		t.Setenv("XDG_CACHE_HOME", path)
		_, err := Cache("x")
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "XDG_CACHE_HOME")) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}
