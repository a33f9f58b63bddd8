package contest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// Server is this executable, started again to serve the contestant in this
// process: its arguments say what it is to be.
type Server struct {
	// Address is where it listens.
	Address string
	cmd     *exec.Cmd
	in      io.Closer
}

// StartServer starts one and waits until it calls [Listening]. Like an engine it
// has one processor for Go code.
func StartServer(args ...string) (*Server, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(exe, args...)
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &Server{cmd: cmd, in: in}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the server %v did not say where it listens: %w", args, err), s.Close())
	}
	s.Address = strings.TrimSpace(line)
	return s, nil
}

// Close ends the server.
func (s *Server) Close() error {
	s.in.Close()
	return s.cmd.Wait()
}

// Listening tells the process that started this one as a server where it
// listens, and ends it when that process has closed it or has ended itself.
func Listening(address string) {
	fmt.Println(address)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
}
