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

// machine is what uname -m says on machines for which this program is built; "" where nobody has looked.
var machine = map[string]string{"amd64": "x86_64", "arm64": "aarch64", "riscv64": "riscv64", "ppc64le": "ppc64le", "s390x": "s390x"}[runtime.GOARCH]
