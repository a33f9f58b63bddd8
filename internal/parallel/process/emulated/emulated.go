// Package emulated lets tests start programs of another architecture as they start any: Linux has
// an emulator run them, which it knows by the first bytes of their files (binfmt_misc). Nothing is
// changed for other processes of the machine, since the tests run in namespaces of their own.
package emulated

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// An emulator runs programs of an architecture.
type emulator struct {
	command     string
	magic, mask string // of the beginning of the programs' files
}

// emulators are by GOARCH. A file is meant by its class, byte order and machine, whatever system
// it names, and by that it is a program or a shared object.
var emulators = map[string]emulator{
	"arm64": {
		command: "qemu-aarch64",
		magic:   `\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00`,
		mask:    `\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff`,
	},
}

// formats is where Linux is told of emulators, which it is for all processes in the user namespace of
// the one that has mounted it (since Linux 6.7).
const formats = "/proc/sys/fs/binfmt_misc"

// insideVariable is set in the process that has the namespaces.
const insideVariable = "GOPARALLEL_TEST_EMULATED"

// Arm64 is a flag of the tests of packages that import this one.
var Arm64 = flag.Bool("arm64", false, "compile for arm64, and have hosts run by qemu-aarch64: packages are compiled for it, which takes minutes at first")

// Main is called by a TestMain: it runs the tests of m, with [Arm64] where programs for arm64 can be
// started, and returns the exit status.
func Main(m *testing.M) int {
	flag.Parse()
	if *Arm64 {
		return run(m, "arm64")
	}
	return m.Run()
}

// run runs the tests of m where programs of an architecture can be started, as GOARCH names it.
func run(m *testing.M, arch string) int {
	e, ok := emulators[arch]
	if !ok {
		return fail(fmt.Errorf("there is no emulator for %q here", arch))
	}
	path, err := exec.LookPath(e.command)
	if err != nil {
		return fail(fmt.Errorf("apt-get install -y qemu-user: %w", err))
	}
	if os.Getenv(insideVariable) == "" {
		return runInNamespaces()
	}
	if err := e.register(path); err != nil {
		return fail(fmt.Errorf("%s cannot be made the emulator of these tests: %w", path, err))
	}
	return m.Run()
}

// runInNamespaces runs this test binary in namespaces of its own, in which it may mount.
func runInNamespaces() int {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), insideVariable+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	err := cmd.Run()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && failed.Exited() {
		return failed.ExitCode()
	}
	if err != nil {
		return fail(err)
	}
	return 0
}

// register tells Linux of the emulator, which it opens now (F), and which learns the name that a
// program was given (P).
func (e emulator) register(path string) error {
	if err := unix.Mount("binfmt_misc", formats, "binfmt_misc", 0, ""); err != nil {
		return &os.PathError{Op: "mount", Path: formats, Err: err}
	}
	return os.WriteFile(formats+"/register", fmt.Appendf(nil, ":%s:M::%s:%s:%s:FP", e.command, e.magic, e.mask, path), 0)
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}
