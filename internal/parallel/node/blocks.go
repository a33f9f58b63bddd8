package node

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/memory"
)

// A large value that all engines of a node are to have goes to the node once. Engines are told its number by
// the controller and ask the node, which fetches it into shared memory that they then map.

// blocks are what a node has of such values.
type blocks struct {
	files *files

	mu   sync.Mutex
	held map[uint64]*held
	gone bool
}

// held is a value that is here, or on its way.
type held struct {
	arrived chan struct{}
	file    *os.File
	err     error
	end     *time.Timer
}

// blockTime is how long a value is held after an engine has asked for it. Engines that have it keep it by themselves, and others
// ask at about the same time.
const blockTime = 10 * time.Second

// get returns the path of the file that has the value with a number.
func (b *blocks) get(number uint64, size int) (string, error) {
	b.mu.Lock()
	if b.gone {
		b.mu.Unlock()
		return "", errors.New("the node ends")
	}
	h := b.held[number]
	first := h == nil
	if first {
		h = &held{arrived: make(chan struct{})}
		b.held[number] = h
		h.end = time.AfterFunc(blockTime, func() { b.drop(number, h) })
	}
	h.end.Reset(blockTime)
	b.mu.Unlock()
	if first { // others wait for it
		h.file, h.err = b.bring(number, size)
		close(h.arrived)
	}
	<-h.arrived
	if h.err != nil {
		b.drop(number, h)
		return "", h.err
	}
	h.end.Reset(blockTime)
	return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), h.file.Fd()), nil
}

// drop gives up a value.
func (b *blocks) drop(number uint64, h *held) {
	select {
	case <-h.arrived:
	default: // it is still coming: large ones may take long
		h.end.Reset(blockTime)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held[number] != h {
		return
	}
	delete(b.held, number)
	h.end.Stop()
	if h.file != nil {
		h.file.Close()
	}
}

// close gives up all values.
func (b *blocks) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gone = true
	for _, h := range b.held {
		h.end.Stop()
	}
}

// inFlight is how many pieces of a value are asked for ahead: enough to fill a connection, and little enough for a node's beat to
// come through between them.
const inFlight = 4

// bring fetches a value.
func (b *blocks) bring(number uint64, size int) (*os.File, error) {
	f, err := memory.NewFile(size)
	if err != nil {
		return nil, err
	}
	pieces := (size + pieceSize - 1) / pieceSize
	next, errs := make(chan int), make(chan error, inFlight)
	var asking sync.WaitGroup
	for range inFlight {
		asking.Go(func() {
			for i := range next {
				at := int64(i) * pieceSize
				err := b.files.ask(want{Block: number, From: at}, func(p piece) error {
					if len(p.Data) != min(pieceSize, size-int(at)) {
						return errors.New("it is not as large as was said")
					}
					_, err := f.WriteAt(p.Data, at)
					return err
				})
				if err != nil {
					select {
					case errs <- err:
					default:
					}
					return
				}
			}
		})
	}
	for i := 0; i < pieces && err == nil; i++ {
		select {
		case next <- i:
		case err = <-errs:
		}
	}
	close(next)
	asking.Wait()
	select {
	case another := <-errs:
		err = another
	default:
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("a value of %d bytes could not be fetched: %w", size, err)
	}
	return f, nil
}

// serveBlock sends a piece of a value that a node wants.
func (n *Node) serveBlock(w want) {
	p := piece{Number: w.Number, Last: true}
	var view []byte
	err := errors.New("nobody has it any more")
	if b := n.depot.Find(w.Block); b != nil {
		view, err = b.View()
	}
	if err == nil && (w.From < 0 || w.From >= int64(len(view))) {
		err = errors.New("it is not as large as was said")
	}
	if err != nil {
		p.Err = err.Error()
	} else {
		p.Data = view[w.From:min(int64(len(view)), w.From+pieceSize)]
	}
	n.channel.send(order{Piece: &p})
}
