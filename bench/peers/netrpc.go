package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/rpc"
	"os"
	"path/filepath"

	"github.com/goparallel/goparallel/bench/internal/contest"
	"github.com/goparallel/goparallel/bench/internal/spin"
)

// remote is a contestant that has a connection to each of two processes and
// makes a call for each item: net/rpc here, gRPC in a program of its own.
type remote struct {
	folder  string
	servers []*contest.Server
	clients []*rpc.Client
}

func openNetRPC(context.Context) (contest.Contestant, error) {
	r := &remote{}
	var err error
	if r.folder, err = os.MkdirTemp("", "bench-"); err != nil {
		return nil, err
	}
	for i := range engines {
		s, err := contest.StartServer("serve", "netrpc", filepath.Join(r.folder, fmt.Sprint(i)))
		if err != nil {
			return nil, errors.Join(err, r.Close())
		}
		r.servers = append(r.servers, s)
		c, err := rpc.Dial("unix", s.Address)
		if err != nil {
			return nil, errors.Join(err, r.Close())
		}
		r.clients = append(r.clients, c)
	}
	return r, nil
}

func (r *remote) Close() error {
	var errs []error
	for _, c := range r.clients {
		errs = append(errs, c.Close())
	}
	for _, s := range r.servers {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(r.folder))...)
}

func (r *remote) Do(_ context.Context, t contest.Task) ([]float64, error) {
	switch t.Kind {
	case contest.Empty:
		return t.Time(func() error {
			var result int
			return r.clients[0].Call("Functions.Work", 0, &result)
		})
	case contest.Post:
		return t.Calls(engines, t.Numbers(), caller[float64]{r, "Functions.Pow10"}.call)
	case contest.Spin:
		return t.Calls(engines, t.Rounds(), caller[int]{r, "Functions.Work"}.call)
	}
	return nil, fmt.Errorf("net/rpc knows no task %q", t.Kind)
}

// caller calls a method that returns an R.
type caller[R any] struct {
	*remote
	method string
}

func (c caller[R]) call(server, item int) (R, error) {
	var result R
	err := c.clients[server].Call(c.method, item, &result)
	return result, err
}

// Functions are what a server of net/rpc offers.
type Functions struct{}

func (Functions) Work(n int, result *int) error {
	*result = spin.Work(n)
	return nil
}

func (Functions) Pow10(x int, result *float64) error {
	*result = contest.Pow10(x)
	return nil
}

// serveNetRPC is the other process.
func serveNetRPC(path string) error {
	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	if err := rpc.Register(Functions{}); err != nil {
		return err
	}
	contest.Listening(path)
	rpc.Accept(l)
	return nil
}
