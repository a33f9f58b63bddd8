package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/goparallel/goparallel/bench/internal/contest"
	"github.com/goparallel/goparallel/bench/internal/spin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// gRPC is a contestant: messages are protobuf's own wrappers of numbers, and the service is described by hand, so that no code has to be
// generated.

// servers is the number of processes that are called.
const servers = 2

// competeGRPC does the benchmark's tasks.
func competeGRPC() error {
	c := &calls{}
	if err := c.open(); err != nil {
		return errors.Join(err, c.Close())
	}
	return contest.Serve(context.Background(), os.Stdin, os.Stdout, contest.Hello{Version: grpc.Version}, c)
}

// calls has a connection to each of the servers.
type calls struct {
	folder  string
	servers []*contest.Server
	conns   []*grpc.ClientConn
}

func (c *calls) open() error {
	var err error
	if c.folder, err = os.MkdirTemp("", "bench-"); err != nil {
		return err
	}
	for i := range servers {
		s, err := contest.StartServer("serve", filepath.Join(c.folder, fmt.Sprint(i)))
		if err != nil {
			return err
		}
		c.servers = append(c.servers, s)
		conn, err := grpc.NewClient("unix://"+s.Address, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return err
		}
		c.conns = append(c.conns, conn)
	}
	return nil
}

// Close ends the servers.
func (c *calls) Close() error {
	var errs []error
	for _, conn := range c.conns {
		errs = append(errs, conn.Close())
	}
	for _, s := range c.servers {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(c.folder))...)
}

// Do does a task.
func (c *calls) Do(_ context.Context, t contest.Task) ([]float64, error) {
	switch t.Kind {
	case contest.Empty:
		return t.Time(func() error { _, err := c.work(0, 0); return err })
	case contest.Post:
		return t.Calls(servers, t.Numbers(), c.pow10)
	case contest.Spin:
		return t.Calls(servers, t.Rounds(), c.work)
	}
	return nil, fmt.Errorf("gRPC knows no task %q", t.Kind)
}

func (c *calls) work(server, n int) (int, error) {
	var result wrapperspb.Int64Value
	err := c.conns[server].Invoke(context.Background(), "/Functions/Work", wrapperspb.Int64(int64(n)), &result)
	return int(result.Value), err
}

func (c *calls) pow10(server, x int) (float64, error) {
	var result wrapperspb.DoubleValue
	err := c.conns[server].Invoke(context.Background(), "/Functions/Pow10", wrapperspb.Int64(int64(x)), &result)
	return result.Value, err
}

// serve is the other process.
func serve(path string) error {
	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	s := grpc.NewServer()
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: "Functions",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{
			method("Work", func(n int64) any { return wrapperspb.Int64(int64(spin.Work(int(n)))) }),
			method("Pow10", func(x int64) any { return wrapperspb.Double(contest.Pow10(int(x))) }),
		},
	}, nil)
	contest.Listening(path)
	return s.Serve(l)
}

// method describes a function of the service, as generated code would.
func method(name string, f func(int64) any) grpc.MethodDesc {
	return grpc.MethodDesc{MethodName: name, Handler: func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		var x wrapperspb.Int64Value
		if err := decode(&x); err != nil {
			return nil, err
		}
		return f(x.Value), nil
	}}
}
