package gophernotes

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/goparallel/goparallel/internal/kernel/kernelspec"
)

// Install builds the extended gophernotes and installs it below the data folder of
// a Jupyter installation, with its program in the kernelspec's folder, which it
// returns. A build that fails is an error of one line.
func Install(ctx context.Context, dataDir string, progress func(string)) (string, error) {
	program, err := Build(ctx, progress)
	if err != nil {
		return "", err
	}
	binary := filepath.Join(kernelspec.Gophernotes.Folder(dataDir), "gophernotes")
	where, err := kernelspec.Gophernotes.Install(dataDir, binary)
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(program)
	if err != nil {
		return "", fmt.Errorf("install gophernotes: %w", err)
	}
	// A kernel that runs keeps its file.
	if err := os.WriteFile(binary+".new", data, 0o755); err != nil {
		return "", fmt.Errorf("install gophernotes: %w", err)
	}
	return where, os.Rename(binary+".new", binary)
}
