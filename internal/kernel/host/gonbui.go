package host

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/parallel/registry"
	"github.com/goparallel/goparallel/kernel/display"
)

// Notebooks of gonb show things with its package gonbui, which sends them through a named pipe
// to the kernel, as values of encoding/gob. The kernel process reads them, not the host: there the
// package itself has registered the same names for gob's types.

const (
	gonbuiPath = "github.com/janpfeifer/gonb/gonbui"
	// gonbuiPipe and gonbuiBack name the pipes to programs.
	gonbuiPipe = "GONB_PIPE"
	gonbuiBack = "GONB_PIPE_BACK"
	// gonbuiWait bounds how long what a cell has sent may take to be shown.
	gonbuiWait = time.Second
)

// The messages, which gob knows by the names of their fields.
type (
	gonbuiDisplay struct {
		Data      map[string]any
		DisplayID string
	}
	gonbuiInput struct {
		Prompt   string
		Password bool
	}
	gonbuiComm struct {
		Address string
		Request bool
		Value   any
	}
	gonbuiSubscription struct {
		Address     string
		Unsubscribe bool
	}
)

var registerGonbui = sync.OnceFunc(func() {
	for name, value := range map[string]any{"InputRequest": gonbuiInput{}, "CommValue": gonbuiComm{}, "CommSubscription": gonbuiSubscription{}} {
		gob.RegisterName(gonbuiPath+"/protocol."+name, value)
	}
	for _, value := range []any{[]int{}, []float64{}, []string{}, map[string]int{}, map[string]float64{}, map[string]string{}} {
		gob.Register(value)
	}
})

// gonbui serves the pipes of one host process.
type gonbui struct {
	p          *Process
	dir        string
	pipe, back *os.File
	ended      chan struct{}
	waits      atomic.Bool // all that was read is shown, and nothing more has come

	acknowledge *gob.Encoder    // by the reader
	shown       map[string]bool // ids of displays; by the reader
	told        bool            // that widgets are not served; by the reader

	mu    sync.Mutex
	asked *gonbuiInput // what the next question is, nil where nothing was said
}

// serveGonbui makes the pipes, if modules bring package gonbui and there are none yet. It
// returns the variables of the environment by which the package finds them.
func (p *Process) serveGonbui(load []registry.Module) ([]string, error) {
	brings := slices.ContainsFunc(load, func(m registry.Module) bool { return slices.Contains(m.Packages, gonbuiPath) })
	p.mu.Lock()
	defer p.mu.Unlock()
	if !brings || p.gonbui != nil {
		return nil, nil
	}
	dir, err := os.MkdirTemp("", "goparallel-gonbui-")
	if err != nil {
		return nil, err
	}
	g := &gonbui{p: p, dir: dir, ended: make(chan struct{}), shown: make(map[string]bool)}
	open := func(name string) (f *os.File) {
		path := filepath.Join(dir, name)
		if err == nil {
			err = unix.Mkfifo(path, 0o600)
		}
		if err == nil { // with both ends here, neither side waits for the other
			f, err = os.OpenFile(path, os.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		}
		return f
	}
	g.pipe, g.back = open("pipe"), open("back")
	if err != nil {
		close(g.ended)
		g.close()
		return nil, err
	}
	registerGonbui()
	g.acknowledge = gob.NewEncoder(g.back)
	p.gonbui = g
	go g.serve()
	return []string{gonbuiPipe + "=" + g.pipe.Name(), gonbuiBack + "=" + g.back.Name()}, nil
}

// close ends the reader and removes the pipes.
func (g *gonbui) close() {
	for _, f := range []*os.File{g.pipe, g.back} {
		if f != nil {
			_ = f.Close()
		}
	}
	<-g.ended
	_ = os.RemoveAll(g.dir)
}

// Read notes that the reader waits for more.
func (g *gonbui) Read(b []byte) (int, error) {
	g.waits.Store(true)
	n, err := g.pipe.Read(b)
	g.waits.Store(false)
	return n, err
}

// serve shows what comes until the pipe is closed.
func (g *gonbui) serve() {
	defer close(g.ended)
	messages := gob.NewDecoder(g)
	for {
		var d gonbuiDisplay
		if err := messages.Decode(&d); err != nil {
			g.waits.Store(true)
			if !errors.Is(err, os.ErrClosed) {
				g.tell(fmt.Sprintf("what gonbui shows can no longer be read: %v", err))
			}
			return
		}
		g.show(d)
	}
}

func (g *gonbui) tell(note string) { cell.Note(g.p.output(), note) }

// show does what a message asks for.
func (g *gonbui) show(d gonbuiDisplay) {
	data := make(display.Data)
	for kind, value := range d.Data {
		switch v := value.(type) {
		case gonbuiInput:
			g.mu.Lock()
			g.asked = &v
			g.mu.Unlock()
		case gonbuiComm:
			if v.Address != "#gonbui/sync" {
				g.noWidgets()
				break
			}
			_ = g.back.SetWriteDeadline(time.Now().Add(gonbuiWait))
			if err := g.acknowledge.Encode(gonbuiComm{Address: "#gonbui/sync_ack", Value: v.Value}); err != nil {
				g.tell(fmt.Sprintf("gonbui.Sync cannot be answered: %v", err))
			}
		case gonbuiSubscription:
			g.noWidgets()
		default:
			if kind == "text/javascript" {
				kind = "application/javascript"
			}
			data[kind] = v
		}
	}
	if len(data) == 0 {
		return
	}
	g.p.streams.drain()
	bundle, metadata := display.Render(data)
	if metadata == nil {
		metadata = map[string]any{}
	}
	if d.DisplayID != "" && g.shown[d.DisplayID] {
		g.p.output().Update(bundle, metadata, d.DisplayID)
		return
	}
	g.shown[d.DisplayID] = d.DisplayID != ""
	g.p.output().Display(bundle, metadata, d.DisplayID)
}

// noWidgets says once what is not served.
func (g *gonbui) noWidgets() {
	if !g.told {
		g.told = true
		g.tell("gonbui's widgets and comms need JavaScript of gonb's kernel, which is not here; package widgets has sliders, buttons and lists")
	}
}

// drainGonbui waits until all that was sent by now is shown.
func (p *Process) drainGonbui() {
	p.mu.Lock()
	g := p.gonbui
	p.mu.Unlock()
	if g == nil {
		return
	}
	for end := time.Now().Add(gonbuiWait); time.Now().Before(end) && !(g.waits.Load() && !g.unread() && g.waits.Load()); {
		time.Sleep(100 * time.Microsecond)
	}
}

// unread reports whether something lies in the pipe.
func (g *gonbui) unread() bool {
	n := int32(0)
	if raw, err := g.pipe.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { // of a closed one, nothing is unread
			_, _, _ = unix.Syscall(unix.SYS_IOCTL, fd, unix.TIOCINQ, uintptr(unsafe.Pointer(&n)))
		})
	}
	return n > 0
}

// ask asks the user, as gonbui.RequestInput has said where the program does not say how.
func (p *Process) ask(ctx context.Context, out cell.Output, prompt string, password bool) (string, error) {
	p.drainGonbui()
	p.mu.Lock()
	g := p.gonbui
	p.mu.Unlock()
	if g != nil && prompt == "" && !password {
		g.mu.Lock()
		if g.asked != nil {
			prompt, password = g.asked.Prompt, g.asked.Password
		}
		g.asked = nil
		g.mu.Unlock()
	}
	return out.Input(ctx, prompt, password)
}
