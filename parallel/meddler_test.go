package parallel_test

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/goparallel/goparallel/internal/parallel/launch"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// A meddler stands between an engine of a test and its controller, in the engine's process. It passes on
// what the controller sends, and of what the engine says it repeats some messages, changes the
// order of others, and now and then breaks off in the middle of one.

// configFile is the descriptor on which an engine is told what to do.
const configFile = 3

// meddle puts a meddler in place of the controller's socket, before the engine reads where that is.
func meddle(seed uint64) error {
	parent := os.NewFile(uintptr(must(unix.FcntlInt(configFile, unix.F_DUPFD_CLOEXEC, 10))), "parent")
	told := bufio.NewReader(parent)
	line, err := told.ReadBytes('\n')
	if err != nil {
		return err
	}
	var config launch.Config
	if err := json.Unmarshal(line, &config); err != nil {
		return err
	}
	controller := config.Addresses[0].Path
	folder, err := os.MkdirTemp("", "goparallel-meddler-*")
	if err != nil {
		return err
	}
	socket := filepath.Join(folder, "engines")
	l, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	config.Addresses = []wire.Address{{Network: "unix", Path: socket}}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	if err := unix.Dup3(int(r.Fd()), configFile, 0); err != nil {
		return err
	}
	go func() {
		io.Copy(io.Discard, told) // until the parent is gone
		w.Close()
	}()
	go func() {
		engine, err := l.Accept()
		os.RemoveAll(folder)
		if err == nil {
			err = between(engine, controller, rand.New(rand.NewPCG(seed, uint64(os.Getpid()))))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "meddler:", err)
		}
	}()
	text, err := json.Marshal(config)
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

func must(n int, err error) int {
	if err != nil {
		panic(err)
	}
	return n
}

// between joins the engine and the controller until one of them hangs up.
func between(engine net.Conn, controller string, random *rand.Rand) error {
	c, err := net.Dial("unix", controller)
	if err != nil {
		return err
	}
	go func() {
		io.Copy(engine, c)
		engine.Close()
	}()
	defer c.Close()
	defer engine.Close()
	r := bufio.NewReaderSize(engine, 1<<20)
	// The knock, which comes in one piece; secret and build; the greeting of ZMTP.
	for _, n := range []int{40, 64, 64} {
		part := make([]byte, n)
		if _, err := io.ReadFull(r, part); err != nil {
			return err
		}
		if _, err := c.Write(part); err != nil {
			return err
		}
	}
	var mu sync.Mutex
	var held []byte // a message that the next one overtakes
	release := func() {
		mu.Lock()
		defer mu.Unlock()
		c.Write(held)
		held = nil
	}
	for {
		m, command, err := nextMessage(r)
		if err != nil {
			return nil
		}
		what := random.IntN(100)
		mu.Lock()
		switch {
		case command:
			c.Write(m)
		case what < 10: // twice
			c.Write(append(m, m...))
		case what < 20 && held == nil:
			held = m
			time.AfterFunc(20*time.Millisecond, release)
		case what == 20 && len(m) > 4: // half of it
			c.Write(m[:len(m)/2])
			mu.Unlock()
			return nil
		default:
			c.Write(append(m, held...))
			held = nil
		}
		mu.Unlock()
	}
}

// nextMessage reads the frames of a message as they stand, or of a command.
func nextMessage(r *bufio.Reader) (m []byte, command bool, err error) {
	for more := true; more; {
		flags, err := r.ReadByte()
		if err != nil {
			return nil, false, err
		}
		more, command = flags&1 != 0, flags&4 != 0
		header := make([]byte, 1)
		if flags&2 != 0 {
			header = make([]byte, 8)
		}
		if _, err := io.ReadFull(r, header); err != nil {
			return nil, false, err
		}
		size := uint64(header[0])
		if len(header) == 8 {
			size = binary.BigEndian.Uint64(header)
		}
		body := make([]byte, size)
		if _, err := io.ReadFull(r, body); err != nil {
			return nil, false, err
		}
		m = append(append(append(m, flags), header...), body...)
	}
	return m, command, nil
}
