package launchers

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"runtime"
)

// program is an executable that is to be carried to other machines, open, so that it stays the same.
type program struct {
	file *os.File
	size int64
	hash string // of its content
}

// openProgram opens an executable. The caller closes it.
func openProgram(path string) (*program, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the program that engines are cannot be read: %w", err)
	}
	hash := sha256.New()
	size, err := io.Copy(hash, f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("the program that engines are cannot be read: %w", err)
	}
	return &program{f, size, hex.EncodeToString(hash.Sum(nil))[:32]}, nil
}

// content reads the executable from its beginning.
func (p *program) content() io.Reader { return io.NewSectionReader(p.file, 0, p.size) }

// machines are what uname -m says, by GOARCH; others nobody has looked at.
var machines = map[string]string{"amd64": "x86_64", "arm64": "aarch64", "riscv64": "riscv64", "ppc64le": "ppc64le", "s390x": "s390x"}

// thisMachine is what uname says of machines for which this program is built: system and processor; "" where that
// is not known.
func thisMachine() string {
	if m := machines[runtime.GOARCH]; m != "" {
		return "Linux " + m
	}
	return ""
}

// archOf is the architecture of a processor as uname -m names it, "" where that is not known.
func archOf(processor string) string {
	for arch, m := range machines {
		if m == processor {
			return arch
		}
	}
	return ""
}
