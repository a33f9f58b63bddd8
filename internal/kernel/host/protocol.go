package host

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// The kernel side and the host side talk over a socket pair that the host
// inherits as descriptor 3: JSON messages, each behind its length in four
// bytes. Text that cells print does not travel here but through pipes, since
// whatever the host process and its children print belongs to the cell.

const (
	connectionFD = 3
	crashFD      = 4
	// maxMessage bounds one message: a display of more than that is refused
	// by the host, and a peer that announces more is not believed.
	maxMessage = 256 << 20
)

// kind says what a message is.
type kind string

const (
	// From the host.
	kindReady   kind = "ready"   // the host can run units
	kindDisplay kind = "display" // Data, Metadata, ID, and Run for what engines show; answered by an answer
	kindUpdate  kind = "update"  // the same
	kindResult  kind = "result"  // the same
	kindClear   kind = "clear"   // Wait; answered
	kindStream  kind = "stream"  // Name, Text, Run: what engines print; answered
	kindInput   kind = "input"   // Prompt, Password; answered
	kindCompile kind = "compile" // Text, for engines; answered by Load, Unit, Reads and Keeps, or a Failure
	kindFile    kind = "file"    // Text, a path, and Name, an architecture; answered by Text, the path of what engines there get
	kindDone    kind = "done"    // the run has ended: Failure
	kindExit    kind = "exit"    // the process calls os.Exit: Failure
	kindHandled kind = "handled" // the comm message of that number has been: Failure
	// From either side.
	kindComm kind = "comm" // Comm; answered, by the host when it has been handled
	// From the kernel side.
	kindRun       kind = "run"       // Env, Load, then Unit or Commands; Count
	kindInterrupt kind = "interrupt" // stop the run
	kindAnswer    kind = "answer"    // to the call of that number: Text, Error
)

// message is one message in either direction; which fields are set depends on
// its kind.
type message struct {
	Kind kind `json:"kind"`
	// Call numbers what the other side answers; an answer repeats it.
	Call int `json:"call,omitempty"`

	Data     cell.Bundle    `json:"data,omitempty"`
	Metadata map[string]any `json:"metadata,omitempty"`
	ID       string         `json:"id,omitempty"`
	Wait     bool           `json:"wait,omitempty"`
	Prompt   string         `json:"prompt,omitempty"`
	Password bool           `json:"password,omitempty"`
	Failure  *failure       `json:"failure,omitempty"`
	Comm     *cell.Comm     `json:"comm,omitempty"`

	Env      []string          `json:"env,omitempty"`
	Load     []registry.Module `json:"load,omitempty"`
	Unit     string            `json:"unit,omitempty"`
	Count    int               `json:"count,omitempty"` // the cell's, where its value is kept
	Run      int               `json:"run,omitempty"`
	Name     string            `json:"name,omitempty"`
	Reads    []string          `json:"reads,omitempty"`
	Keeps    []string          `json:"keeps,omitempty"`
	Commands []Command         `json:"commands,omitempty"`
	// AllowInput says that the run may ask the user.
	AllowInput bool   `json:"allow_input,omitempty"`
	Text       string `json:"text,omitempty"`
	Error      string `json:"error,omitempty"`
}

// conn sends and receives messages. Sending may be done by several goroutines.
type conn struct {
	rw io.ReadWriteCloser
	r  *bufio.Reader
	mu sync.Mutex // guards writes
}

func newConn(rw io.ReadWriteCloser) *conn {
	return &conn{rw: rw, r: bufio.NewReader(rw)}
}

// unread reports whether something has come that nobody has received yet.
func (c *conn) unread() bool {
	n := int32(0)
	if raw, err := c.rw.(syscall.Conn).SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { // of a closed one, nothing is unread
			// In another call than a raw one the goroutine could lose its processor,
			// and be the last in the line for it.
			unix.RawSyscall(unix.SYS_IOCTL, fd, unix.TIOCINQ, uintptr(unsafe.Pointer(&n)))
		})
	}
	return n > 0
}

func (c *conn) send(m *message) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if len(body) > maxMessage {
		return fmt.Errorf("a message of %d bytes exceeds the limit of %d", len(body), maxMessage)
	}
	frame := make([]byte, 4, 4+len(body))
	binary.BigEndian.PutUint32(frame, uint32(len(body)))
	frame = append(frame, body...)
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err = c.rw.Write(frame)
	return err
}

func (c *conn) receive() (*message, error) {
	var size [4]byte
	if _, err := io.ReadFull(c.r, size[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > maxMessage {
		return nil, fmt.Errorf("the other side announced a message of %d bytes, more than the limit of %d", n, maxMessage)
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(c.r, body); err != nil {
		return nil, err
	}
	m := new(message)
	if err := json.Unmarshal(body, m); err != nil {
		return nil, fmt.Errorf("malformed message: %w", err)
	}
	return m, nil
}

func (c *conn) close() error { return c.rw.Close() }
