// Package fetch gives engines on other machines the files of their controller's machine: objects of cells, packages
// that those were compiled with. A file is known by its path there; what is opened is a copy by its content.
package fetch

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
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
	if !Elsewhere() {
		return path, nil
	}
	local, err := ask(question{Path: path})
	if err != nil {
		return "", fmt.Errorf("fetch %s from the controller's machine: %w", path, err)
	}
	return local, nil
}

// Block opens the shared memory that has a block of the controller's, by its number in the depot there.
func Block(number uint64, size int) (*os.File, error) {
	path, err := ask(question{Block: number, Size: size})
	if err != nil {
		return nil, err
	}
	return os.Open(path)
}

// ask asks the node.
func ask(q question) (string, error) {
	c, err := net.Dial("unix", source.Load().(string))
	if err != nil {
		return "", fmt.Errorf("the node cannot be asked: %w", err)
	}
	defer c.Close()
	var a answer
	if err = json.NewEncoder(c).Encode(q); err == nil {
		err = json.NewDecoder(c).Decode(&a)
	}
	if err == nil && a.Err != "" {
		err = errors.New(a.Err)
	}
	return a.Path, err
}

// question is what a node is asked, in a line of JSON: for a file, or for a block.
type question struct {
	Path  string
	Block uint64
	Size  int
}

// answer is what it says, in another line.
type answer struct{ Path, Err string }

// maxPath limits the bytes of a path.
const maxPath = 8 << 10

// Serve answers those who connect to a listener until that is closed. It has get find each path, and block each
// block; both are called from many goroutines.
func Serve(l net.Listener, get func(path string) (string, error), block func(number uint64, size int) (string, error)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			line, err := bufio.NewReaderSize(c, maxPath).ReadSlice('\n')
			var q question
			if err == nil {
				err = json.Unmarshal(line, &q)
			}
			var a answer
			switch {
			case err != nil:
			case q.Block != 0:
				a.Path, err = block(q.Block, q.Size)
			default:
				a.Path, err = get(q.Path)
			}
			if err != nil {
				a.Err = err.Error()
			}
			json.NewEncoder(c).Encode(a) // who asked is told, or gone
		}()
	}
}
