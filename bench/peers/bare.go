package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"

	"github.com/goparallel/goparallel/bench/internal/contest"
)

// bare is a connection to each of two processes and nothing else: what any
// transport is limited by. A request is eight bytes, the length of what follows;
// with the highest bit it asks for so many bytes instead. Everything is read
// into memory that is there already.
type bare struct {
	folder  string
	servers []*contest.Server
	conns   []net.Conn
	memory  [][]byte
}

const wanted = 1 << 63

func openBare(network string) (contest.Contestant, error) {
	b := &bare{}
	var err error
	if b.folder, err = os.MkdirTemp("", "bench-"); err != nil {
		return nil, err
	}
	for i := range engines {
		address := "127.0.0.1:0"
		if network == "unix" {
			address = filepath.Join(b.folder, fmt.Sprint(i))
		}
		s, err := contest.StartServer("serve", "bare", network, address)
		if err != nil {
			return nil, errors.Join(err, b.Close())
		}
		b.servers = append(b.servers, s)
		c, err := net.Dial(network, s.Address)
		if err != nil {
			return nil, errors.Join(err, b.Close())
		}
		b.conns = append(b.conns, c)
	}
	b.memory = make([][]byte, engines)
	return b, nil
}

func (b *bare) Close() error {
	var errs []error
	for _, c := range b.conns {
		errs = append(errs, c.Close())
	}
	for _, s := range b.servers {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(b.folder))...)
}

func (b *bare) Do(_ context.Context, t contest.Task) ([]float64, error) {
	for i := range b.memory {
		if len(b.memory[i]) < max(t.Bytes, 8) {
			b.memory[i] = touched(max(t.Bytes, 8))
		}
	}
	var run func() error
	switch t.Kind {
	case contest.Empty:
		run = func() error { return b.send(0, 8) }
	case contest.Push:
		run = func() error { return b.send(0, t.Bytes) }
	case contest.Pull:
		run = func() error { return b.receive(0, t.Bytes) }
	case contest.Scatter:
		run = func() error { return b.halves(b.send, t.Bytes) }
	case contest.Gather:
		run = func() error { return b.halves(b.receive, t.Bytes) }
	default:
		return nil, fmt.Errorf("a bare connection knows no task %q", t.Kind)
	}
	return t.Time(run)
}

// touched returns memory that is really there.
func touched(n int) []byte {
	memory := make([]byte, n)
	for i := range memory {
		memory[i] = byte(i)
	}
	return memory
}

// halves does the same with both processes at a time.
func (b *bare) halves(do func(i, n int) error, n int) error {
	errs := make([]error, engines)
	var g sync.WaitGroup
	for i := range errs {
		g.Go(func() { errs[i] = do(i, n/engines) })
	}
	g.Wait()
	return errors.Join(errs...)
}

// send sends n bytes and waits until they have arrived.
func (b *bare) send(i, n int) error {
	header := binary.BigEndian.AppendUint64(nil, uint64(n))
	if _, err := (&net.Buffers{header, b.memory[i][:n]}).WriteTo(b.conns[i]); err != nil {
		return err
	}
	_, err := io.ReadFull(b.conns[i], header)
	return err
}

// receive asks for n bytes.
func (b *bare) receive(i, n int) error {
	header := binary.BigEndian.AppendUint64(nil, wanted|uint64(n))
	if _, err := b.conns[i].Write(header); err != nil {
		return err
	}
	_, err := io.ReadFull(b.conns[i], b.memory[i][:n])
	return err
}

// serveBare is the other process.
func serveBare(network, address string) error {
	l, err := net.Listen(network, address)
	if err != nil {
		return err
	}
	contest.Listening(l.Addr().String())
	c, err := l.Accept()
	if err != nil {
		return err
	}
	var memory []byte
	header := make([]byte, 8)
	for {
		if _, err := io.ReadFull(c, header); err != nil {
			return nil // the contestant has closed it
		}
		request := binary.BigEndian.Uint64(header)
		n := int(request &^ wanted)
		if len(memory) < n {
			memory = touched(n)
		}
		if request&wanted != 0 {
			_, err = c.Write(memory[:n])
		} else if _, err = io.ReadFull(c, memory[:n]); err == nil {
			_, err = c.Write(header)
		}
		if err != nil {
			return err
		}
	}
}
