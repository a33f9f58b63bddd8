// Package mapped reads files that stay: indexes and archives are looked into at a few places of many, for
// as long as the process runs.
package mapped

import (
	"os"

	"golang.org/x/sys/unix"
)

// File returns the content of a file. It is mapped for good, and writing to it is a fault.
func File(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	data, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_PRIVATE)
	return data, os.NewSyscallError("mmap", err)
}
