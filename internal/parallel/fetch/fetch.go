// Package fetch gives engines on other machines the files of their controller's machine: objects of cells, packages
// that those were compiled with. A file is known by its path there; what is opened is a copy by its content.
package fetch

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
)

// source is the socket of the node, or "" where the controller's files are this machine's.
var source atomic.Value

// From makes [Local] ask the node that listens at a unix socket.
func From(socket string) { source.Store(socket) }

// Elsewhere reports whether the controller's files are not this machine's.
func Elsewhere() bool { return source.Load() != nil }

// Local returns the path at which this process finds what lies at a path of the controller's machine.
// Any goroutine may call it.
func Local(path string) (string, error) {
	socket := source.Load()
	if socket == nil {
		return path, nil
	}
	c, err := net.Dial("unix", socket.(string))
	if err != nil {
		return "", fmt.Errorf("the node that has %s cannot be asked: %w", path, err)
	}
	defer c.Close()
	var a answer
	if err = json.NewEncoder(c).Encode(path); err == nil {
		err = json.NewDecoder(c).Decode(&a)
	}
	if err == nil && a.Err != "" {
		err = errors.New(a.Err)
	}
	if err != nil {
		return "", fmt.Errorf("fetch %s from the controller's machine: %w", path, err)
	}
	return a.Path, nil
}

// answer is what a node says: a line of JSON to a line of JSON with a path.
type answer struct{ Path, Err string }

// maxPath limits the bytes of a path.
const maxPath = 8 << 10

// Serve answers those who connect to a listener until that is closed. It has get find each path; get is
// called from many goroutines.
func Serve(l net.Listener, get func(path string) (string, error)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			line, err := bufio.NewReaderSize(c, maxPath).ReadSlice('\n')
			var path string
			if err == nil {
				err = json.Unmarshal(line, &path)
			}
			var a answer
			if err == nil {
				a.Path, err = get(path)
			}
			if err != nil {
				a.Err = err.Error()
			}
			json.NewEncoder(c).Encode(a) // who asked is told, or gone
		}()
	}
}
