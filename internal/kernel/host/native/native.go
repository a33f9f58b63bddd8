//go:build !cgo

// Package native opens shared objects: the code in C of packages that cells use.
package native

import "errors"

// Open says why there is none: a program that was linked without a C compiler has no
// dynamic linker in it.
func Open(string) (symbol func(name string) uintptr, err error) {
	return nil, errors.New("code in C cannot be loaded by a host that was built without a C compiler: apt-get install -y gcc libc6-dev, then restart the kernel")
}
