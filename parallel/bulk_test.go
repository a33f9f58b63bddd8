package parallel

import (
	"fmt"
	"io"
	"net"
	"slices"
	"testing"
	"time"
	"unsafe"
)

// loopback moves memory through a bare socket, into memory that is there already,
// and returns how long it took.
type loopback struct {
	client, server net.Conn
	to             []byte
	done           chan struct{}
}

func newLoopback(t testing.TB, network, address string, size int) *loopback {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	b := &loopback{to: make([]byte, size), done: make(chan struct{})}
	if b.client, err = net.Dial(network, l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if b.server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.client.Close(); b.server.Close() })
	return b
}

func (b *loopback) move(from []byte) time.Duration {
	start := time.Now()
	go func() {
		io.ReadFull(b.server, b.to[:len(from)])
		b.done <- struct{}{}
	}()
	b.client.Write(from)
	<-b.done
	return time.Since(start)
}

// median returns the middle one of some times.
func median(times []time.Duration) time.Duration {
	times = slices.Sorted(slices.Values(times))
	return times[len(times)/2]
}

// BenchmarkBulk moves float64 numbers in turns: through bare sockets, and in all
// the ways that views have. Each is reported as a multiple of the bare TCP socket's
// speed, by the medians.
func BenchmarkBulk(b *testing.B) {
	const n = 8 << 20
	rc := start(b, 2)
	xs := ramp(n)
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(&xs[0])), 8*n)
	tcp := newLoopback(b, "tcp", "127.0.0.1:0", 8*n)
	unix := newLoopback(b, "unix", b.TempDir()+"/s", 8*n)
	one, all := rc.Targets(0), rc.All()
	timed := func(f func() error) func() time.Duration {
		return func() time.Duration {
			start := time.Now()
			if err := f(); err != nil {
				b.Fatal(err)
			}
			return time.Since(start)
		}
	}
	to := make([]byte, 8*n)
	ways := []struct {
		name string
		run  func() time.Duration
	}{
		{"tcp", func() time.Duration { return tcp.move(bytes) }},
		{"unix", func() time.Duration { return unix.move(bytes) }},
		{"copy", timed(func() error { copy(to, bytes); return nil })},
		{"push", timed(func() error { return one.Push("xs", xs) })},
		{"get", timed(func() error { return second(one.ApplyErrSync(firstOfXs)) })},
		{"pull", timed(func() error { return second(one.Pull[[]float64]("xs")) })},
		{"push2", timed(func() error { return all.Push("xs", xs) })},
		{"scatter", timed(func() error { return all.Scatter("ys", xs) })},
		{"gather", timed(func() error { return second(all.Gather[float64]("ys")) })},
		{"map", timed(func() error { return second(all.MapSync(half, xs)) })},
	}
	times := make([][]time.Duration, len(ways))
	for range b.N {
		for i, way := range ways {
			times[i] = append(times[i], way.run())
		}
	}
	base := median(times[0])
	b.ReportMetric(float64(8*n)/base.Seconds()/1e6, "tcp-MB/s")
	for i, way := range ways[1:] {
		b.ReportMetric(float64(base)/float64(median(times[i+1])), way.name+"/tcp")
	}
	b.ReportMetric(0, "ns/op")
	if testing.Verbose() {
		for i, way := range ways {
			fmt.Println(way.name, times[i])
		}
	}
}

// firstOfXs is a call that needs what was pushed.
func firstOfXs() (float64, error) {
	xs, err := Get[[]float64]("xs")
	return xs[0], err
}

func init() { Register(firstOfXs) }
