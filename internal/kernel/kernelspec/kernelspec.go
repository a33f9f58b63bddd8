// Package kernelspec tells Jupyter about kernels: it writes and removes the folder
// with kernel.json and the logos.
package kernelspec

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Kernel is a kernel that can be installed.
type Kernel struct {
	// Name is that of the kernelspec, as in "jupyter console --kernel NAME",
	// DisplayName what front ends show.
	Name, DisplayName string
	// Command stands between the program and the connection file.
	Command []string
	// InterruptMode is "message" or "signal".
	InterruptMode string
}

// Goparallel is the kernel of this module.
var Goparallel = Kernel{"goparallel", "Go (goparallel)", []string{"kernel"}, "message"}

// Gophernotes is the interpreter that package gophernotes extends.
var Gophernotes = Kernel{"gophernotes-parallel", "Go (gophernotes + parallel)", nil, "signal"}

//go:embed logos
var logos embed.FS

// Spec is the content of kernel.json.
type Spec struct {
	Argv          []string       `json:"argv"`
	DisplayName   string         `json:"display_name"`
	Language      string         `json:"language"`
	InterruptMode string         `json:"interrupt_mode"`
	Metadata      map[string]any `json:"metadata"`
}

// Install writes the kernelspec below the data folder of a Jupyter
// installation and returns its folder; binary is the kernel's program. The binary is named by its absolute
// path: the server that starts kernels often has another PATH than the user's
// shell. An earlier kernelspec of the same name is replaced.
func (k Kernel) Install(dataDir, binary string) (string, error) {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return "", fmt.Errorf("kernelspec: %w", err)
	}
	dir := k.Folder(dataDir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("kernelspec: %w", err)
	}
	spec, err := json.MarshalIndent(Spec{
		Argv:          slices.Concat([]string{binary}, k.Command, []string{"{connection_file}"}),
		DisplayName:   k.DisplayName,
		Language:      "go",
		InterruptMode: k.InterruptMode,
		Metadata:      map[string]any{"debugger": false},
	}, "", "  ")
	if err != nil {
		return "", fmt.Errorf("kernelspec: %w", err)
	}
	files := map[string][]byte{"kernel.json": append(spec, '\n')}
	names, err := fs.Glob(logos, "logos/*")
	if err != nil {
		return "", fmt.Errorf("kernelspec: %w", err)
	}
	for _, name := range names {
		if files[filepath.Base(name)], err = logos.ReadFile(name); err != nil {
			return "", fmt.Errorf("kernelspec: %w", err)
		}
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return "", fmt.Errorf("kernelspec: %w", err)
		}
	}
	return dir, nil
}

// Uninstall removes the kernelspec below the data folder and returns its
// folder. That there was none is no error.
func (k Kernel) Uninstall(dataDir string) (string, error) {
	dir := k.Folder(dataDir)
	if err := os.RemoveAll(dir); err != nil {
		return dir, fmt.Errorf("kernelspec: %w", err)
	}
	return dir, nil
}

// Read returns the kernelspec installed below the data folder; its error
// satisfies errors.Is(err, fs.ErrNotExist) where there is none.
func (k Kernel) Read(dataDir string) (Spec, error) {
	var spec Spec
	path := filepath.Join(k.Folder(dataDir), "kernel.json")
	data, err := os.ReadFile(path)
	if err != nil {
		return spec, err
	}
	if err := json.Unmarshal(data, &spec); err != nil {
		return spec, fmt.Errorf("%s: %w", path, err)
	}
	return spec, nil
}

// Folder returns where the kernelspec is, or would be, below the data folder.
func (k Kernel) Folder(dataDir string) string { return filepath.Join(dataDir, "kernels", k.Name) }

// UserDir returns the data folder of the user's Jupyter: JUPYTER_DATA_DIR, or
// where Jupyter looks without it.
func UserDir() (string, error) {
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find Jupyter's data folder: %w", err)
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Jupyter"), nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "jupyter"), nil
	}
	return filepath.Join(home, ".local", "share", "jupyter"), nil
}

// PrefixDir returns the data folder of a Jupyter installed below a prefix.
func PrefixDir(prefix string) string { return filepath.Join(prefix, "share", "jupyter") }

// SysPrefix returns the prefix of the Python environment in use: that of an
// active virtual or conda environment, or what python3 says.
func SysPrefix() (string, error) {
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if prefix := os.Getenv(name); prefix != "" {
			return prefix, nil
		}
	}
	out, err := exec.Command("python3", "-c", "import sys; print(sys.prefix)").Output()
	if err != nil {
		return "", fmt.Errorf("ask python3 for its prefix (use --prefix instead): %w", err)
	}
	if prefix := strings.TrimSpace(string(out)); prefix != "" {
		return prefix, nil
	}
	return "", errors.New("python3 names no prefix: use --prefix instead")
}
