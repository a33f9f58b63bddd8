package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-zeromq/zmq4"
	"github.com/goparallel/goparallel/bench/internal/contest"
)

// pingPong is zmq4's own sockets, REQ and REP, between two processes. The
// settings are "ipc", a unix socket, and "tcp".
type pingPong struct {
	folder  string
	servers map[string]*contest.Server
	sockets map[string]zmq4.Socket
}

func openZmq4(ctx context.Context) (contest.Contestant, error) {
	p := &pingPong{servers: map[string]*contest.Server{}, sockets: map[string]zmq4.Socket{}}
	var err error
	if p.folder, err = os.MkdirTemp("", "bench-"); err != nil {
		return nil, err
	}
	for setting, endpoint := range map[string]string{"ipc": "ipc://" + filepath.Join(p.folder, "zmq4"), "tcp": "tcp://127.0.0.1:0"} {
		s, err := contest.StartServer("serve", "zmq4", endpoint)
		if err != nil {
			return nil, errors.Join(err, p.Close())
		}
		p.servers[setting] = s
		socket := zmq4.NewReq(ctx)
		p.sockets[setting] = socket
		if err := socket.Dial(s.Address); err != nil {
			return nil, errors.Join(err, p.Close())
		}
	}
	return p, nil
}

func (p *pingPong) Close() error {
	for _, s := range p.sockets {
		s.Close() // its error is that the other side has hung up
	}
	var errs []error
	for _, s := range p.servers {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(p.folder))...)
}

func (p *pingPong) Do(_ context.Context, t contest.Task) ([]float64, error) {
	if t.Kind != contest.Empty {
		return nil, fmt.Errorf("a bare zmq4 socket knows no task %q", t.Kind)
	}
	socket, ping := p.sockets[t.Setting], zmq4.NewMsg(make([]byte, 8))
	return t.Time(func() error {
		if err := socket.Send(ping); err != nil {
			return err
		}
		_, err := socket.Recv()
		return err
	})
}

// serveZmq4 is the other process.
func serveZmq4(endpoint string) error {
	socket := zmq4.NewRep(context.Background())
	if err := socket.Listen(endpoint); err != nil {
		return err
	}
	if socket.Addr().Network() == "tcp" {
		endpoint = "tcp://" + socket.Addr().String()
	}
	contest.Listening(endpoint)
	for {
		m, err := socket.Recv()
		if err != nil {
			return err
		}
		if err := socket.Send(m); err != nil {
			return err
		}
	}
}
